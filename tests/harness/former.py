"""What another system wrote into people's calendars before calsync came."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import requests

from calsync.sandbox import RemoteSandbox, Sandbox

GRAPH = {"Prefer": 'IdType="ImmutableId", outlook.timezone="UTC"'}


def google_event(
    sandbox: Sandbox | RemoteSandbox,
    person: str,
    start: datetime,
    end: datetime,
    guests: Sequence[str] = (),
) -> dict[str, str]:
    """An event in the person's primary calendar, from and to these instants without a zone, in UTC;
    gives what a baseline's line says of it."""
    body: dict[str, Any] = {
        "summary": "Mentoring",
        "start": {"dateTime": f"{start.isoformat()}Z"},
        "end": {"dateTime": f"{end.isoformat()}Z"},
        "attendees": [{"email": one} for one in (person, *guests)] if guests else [],
    }
    answer = requests.post(
        f"{sandbox.url}/calendar/v3/calendars/primary/events?sendUpdates=none",
        json=body,
        headers={"Authorization": f"Bearer {sandbox.access_token(person)}"},
        timeout=10,
    )
    answer.raise_for_status()
    return {"calendar": person, "event": str(answer.json()["id"])}


def outlook_event(
    sandbox: Sandbox | RemoteSandbox, person: str, start: datetime, end: datetime
) -> dict[str, str]:
    """The same in the person's Outlook calendar."""
    times = {
        name: {"dateTime": at.isoformat(), "timeZone": "UTC"}
        for name, at in (("start", start), ("end", end))
    }
    answer = requests.post(
        f"{sandbox.url}/v1.0/me/events",
        json={"subject": "Mentoring", "transactionId": start.isoformat(), **times},
        headers={"Authorization": f"Bearer {sandbox.outlook_token(person)}", **GRAPH},
        timeout=10,
    )
    answer.raise_for_status()
    return {"event": str(answer.json()["id"])}
