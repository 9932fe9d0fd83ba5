"""What others take for the same creates: run as a script by an interpreter that has their package,
with WHAT and the arguments as JSON; prints seconds of processor time and how many were made.

Everything runs in one thread, with a token at hand and one calendar, after a few that are not
counted.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

WARM = 20
START = datetime.now(ZoneInfo("UTC")).replace(microsecond=0) + timedelta(days=10)
END = START + timedelta(minutes=45)
Create = Callable[[int], object]


def by_gcsa(url: str, token: str, title: str, text: str, **_: Any) -> Create:
    """gcsa's `add_event`; it has no setting for another server than Google's."""
    credentials = import_module("google.oauth2.credentials").Credentials(token=token)
    calendar = import_module("gcsa.google_calendar").GoogleCalendar(credentials=credentials)
    event = import_module("gcsa.event").Event
    calendar.service._baseUrl = f"{url}/calendar/v3/"

    def create(n: int) -> object:
        return calendar.add_event(
            event(f"{title} {n}", start=START, end=END, description=text, location="Zoom")
        )

    return create


def by_o365(url: str, token: str, title: str, text: str, **_: Any) -> Create:
    """O365's `save` of a new event."""
    library, calendars = import_module("O365"), import_module("O365.calendar")
    backend = import_module("O365.utils.token").MemoryTokenBackend()

    class Here(library.MSGraphProtocol):  # type: ignore[misc, name-defined]  # read where it is
        _protocol_url = f"{url}/"

    class Strict(calendars.Event):  # type: ignore[misc, name-defined]  # read where it is
        """It writes a word for a truth value, which the sandbox refuses."""

        def to_api_data(self, restrict_keys: Any = None) -> dict[str, Any]:
            return {**super().to_api_data(restrict_keys), "isOnlineMeeting": False}

    account = library.Account(
        ("client", "secret"), protocol=Here(), token_backend=backend, requests_delay=0
    )
    session = account.con.get_session()
    session.headers["Authorization"] = f"Bearer {token}"
    account.con.session = session
    calendar = account.schedule()

    def create(n: int) -> object:
        event = Strict(parent=calendar, subject=f"{title} {n}")
        event.start, event.end, event.body, event.location = START, END, text, "Zoom"
        assert event.save()
        return event

    return create


def by_requests(
    path: str, token: str, title: str, text: str, field: str, provider: str, **_: Any
) -> Create:
    """One POST by requests, its answer read as JSON. `field` is another each time."""
    requests = import_module("requests")
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {token}"
    google = provider == "google"
    times = {
        name: {"dateTime": f"{at:%Y-%m-%dT%H:%M:%S}{'Z' if google else ''}", "timeZone": "UTC"}
        for name, at in (("start", START), ("end", END))
    }
    words = {"summary": title, "description": text, "location": "Zoom"}
    if not google:
        body = {"contentType": "text", "content": text}
        words = {"subject": title, "body": body, "location": {"displayName": "Zoom"}}

    def create(_: int) -> object:
        answer = session.post(path, json={**words, **times, field: uuid4().hex}, timeout=30)
        answer.raise_for_status()
        return answer.json()

    return create


def main() -> None:
    what, arguments = sys.argv[1], json.loads(sys.stdin.read())
    create = {"gcsa": by_gcsa, "O365": by_o365, "requests": by_requests}[what](**arguments)
    calls = arguments["calls"]
    for n in range(min(WARM, calls)):
        create(n)
    wall, cpu = time.perf_counter(), time.process_time()
    for n in range(calls):
        create(WARM + n)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    sys.stdout.write(json.dumps({"cpu": cpu, "wall": wall}))


if __name__ == "__main__":
    main()
