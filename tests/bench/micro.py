"""Pieces of a delivery, each beside what it replaced or what others take for it, in one process and
in turns: `python -m tests.bench.micro ROUNDS` prints CPU microseconds of each, one line of JSON."""

from __future__ import annotations

import asyncio
import http.client
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from functools import partial
from typing import Any

import requests
from icalendar.parser import Contentline

from calsync.core.content.event import MailCause, Told
from calsync.core.content.folding import folded
from calsync.core.content.icalendar import calendar_object
from calsync.core.content.render import desired_events
from calsync.core.ledger import MAIL, Do
from calsync.ports import Access
from calsync.text.parse import parse, parsed
from providers.google.client import GoogleClient
from providers.google.description import normal_description, parsed_words
from providers.google.mapping import FIELDS
from providers.google.templates import built, template
from providers.http.transport import Transport
from providers.http.watchdog import Watchdog
from providers.mail.mapping import MailWriter
from tests.bench.canned import BODY
from tests.bench.figures import Figures, table
from tests.bench.pieces import Bench
from tests.bench.section import Section
from tests.core.booking import a_session
from tests.make import NOW, a_copy
from tests.providers.written_mails import some_settings

WORKERS = 16
PATH = "/calendar/v3/calendars/maya%40example.org/events"
HEADERS = {"Authorization": "Bearer a-token", "Content-Type": "application/json"}
ACCESS = Access("acc-1", "a-token", calendar="maya@example.org")
Work = Callable[[], object]


def main() -> None:
    with answering() as port:
        pieces = {**texts(), **mails(), **calls(port)}
        for work in pieces.values():
            work()
        found: dict[str, list[float]] = {name: [] for name in pieces}
        for _ in range(int(sys.argv[1])):
            for name, work in pieces.items():
                found[name].append(spent(work))
    sys.stdout.write(json.dumps(found))


def spent(work: Work, seconds: float = 0.2) -> float:
    """CPU microseconds of one time, all threads, as a mean over this long."""
    times, began, cpu = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - began < seconds:
        times += int(work() or 1)  # type: ignore[call-overload]  # how often, where it says so
    return 1e6 * (time.process_time() - cpu) / times


@contextmanager
def answering() -> Iterator[int]:
    """The port of `canned`, in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.canned"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def texts() -> Mapping[str, Work]:
    session = a_session()
    event = desired_events(session)["u-1"]
    agenda = session.agenda.html if session.agenda else ""
    lines = calendar_object(a_copy(), event, NOW).replace(b"\r\n ", b"").decode().splitlines()
    body: dict[str, Any] = {"summary": "x"}
    asked = {"calendarId": "maya@example.org", "sendUpdates": "none", "fields": FIELDS}
    return {
        "words": no_count(normal_description.__wrapped__, event.html),
        "words by html.parser": no_count(parsed_words, event.html),
        "agenda": no_count(parse.__wrapped__, agenda),
        "agenda by html.parser": no_count(parsed, agenda),
        "folding": lambda: [folded(line) for line in lines] and 1,
        "folding by icalendar": lambda: [Contentline(line).to_ical() for line in lines] and 1,  # type: ignore[no-untyped-call]  # theirs
        "request": no_count(template("insert").filled, ACCESS),
        "request by the library": no_count(partial(built, "insert", body=body, **asked)),
    }


def mails() -> Mapping[str, Work]:
    event = replace(desired_events(a_session())["u-1"], told=Told(MailCause.BOOKED))
    copy, writer = a_copy(channel=MAIL, account=None), MailWriter(some_settings())
    written = message_from_bytes(writer.write(Do.CREATE, copy, event, NOW), policy=SMTP)
    texts = [
        (part.get_content_subtype(), part.get_content())
        for part in written.walk()
        if part.get_content_type() in ("text/plain", "text/html", "text/calendar")
    ]

    def by_email() -> int:
        mail = EmailMessage(policy=SMTP)
        for name in ("From", "To", "Subject"):
            mail[name] = str(written[name])
        for subtype, text in texts:
            mail.add_alternative(text, subtype=subtype, cte="quoted-printable")
        mail.add_attachment(texts[-1][1].encode(), "application", "ics", filename="invite.ics")
        return len(bytes(mail)) and 1

    return {
        "invitation": no_count(writer.write, Do.CREATE, copy, event, NOW),
        "mime by email": by_email,
    }


def no_count(work: Callable[..., object], *arguments: object) -> Work:
    return lambda: (work(*arguments), 1)[1]


def calls(port: int) -> Mapping[str, Work]:
    url, session = f"http://127.0.0.1:{port}", requests.Session()
    session.trust_env = False
    transport = Transport(Watchdog())
    google, bare = GoogleClient(transport, url), http.client.HTTPConnection("127.0.0.1", port)
    pool = ThreadPoolExecutor(WORKERS)
    loop = asyncio.new_event_loop()

    def by_client() -> int:
        bare.request("POST", PATH, BODY, HEADERS)
        bare.getresponse().read()
        return 1

    def by_requests() -> int:
        _ = session.post(url + PATH, data=BODY, headers=HEADERS).content
        return 1

    def by_transport() -> int:
        until = time.monotonic() + 30
        transport.call("POST", url + PATH, headers=HEADERS, body=BODY, until=until)
        return 1

    def by_google() -> int:
        google.insert(BODY, ACCESS, time.monotonic() + 30)
        return 1

    def by_threads() -> int:
        list(pool.map(lambda _: by_transport(), range(4 * WORKERS)))
        return 4 * WORKERS

    streams = loop.run_until_complete(opened(port))
    return {
        "http.client": by_client,
        "requests": by_requests,
        "transport": by_transport,
        "google": by_google,
        "threads": by_threads,
        "event loop": lambda: loop.run_until_complete(by_loop(streams)),
    }


Streams = list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]


async def opened(port: int) -> Streams:
    return [await asyncio.open_connection("127.0.0.1", port) for _ in range(WORKERS)]


async def by_loop(streams: Streams) -> int:
    """The same bytes by streams of the standard library, with a deadline for each call."""
    head = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
    start = f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}Content-Length: {len(BODY)}\r\n\r\n"
    request = start.encode() + BODY

    async def call(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(4):
            async with asyncio.timeout(30):
                writer.write(request)
                answer = await reader.readuntil(b"\r\n\r\n")
                length = answer.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
                json.loads(await reader.readexactly(int(length)))

    await asyncio.gather(*(call(*one) for one in streams))
    return 4 * len(streams)


# What a piece is called, its figure, and that of what it stands beside.
ROWS = (
    ("words of a description, html.parser beside it", "words", "words by html.parser"),
    ("paragraphs of an agenda, html.parser beside it", "agenda", "agenda by html.parser"),
    ("folding an iCalendar object, icalendar beside it", "folding", "folding by icalendar"),
    (
        "an invitation composed: words, HTML, calendar, MIME; the MIME alone by `email` beside it",
        "invitation",
        "mime by email",
    ),
    (
        "an insert's request, google-api-python-client beside it",
        "request",
        "request by the library",
    ),
    ("one POST, `requests.Session` beside it", "transport", "requests"),
    ("one POST, `http.client` beside it", "transport", "http.client"),
    ("an insert at Google, `requests.Session` beside it", "google", "requests"),
    ("a POST from 16 threads, an event loop with 16 tasks beside it", "threads", "event loop"),
)


def measure(bench: Bench) -> None:
    bench.say("pieces of a delivery")
    command = [sys.executable, "-m", "tests.bench.micro", str(bench.rounds)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=400, check=True)
    for name, runs in json.loads(done.stdout).items():
        for one in runs:
            bench.figures.add(name, one)


def write(figures: Figures) -> list[str]:
    return [
        "CPU microseconds of one, in one process and in turns. A server in a process of its own "
        "answers at once. Only the figures of one row can be compared.",
        "",
        *table("", "calsync", "beside it"),
        *(
            f"| {what} | {figures[one].text()} | {figures[other].text()} |"
            for what, one, other in ROWS
        ),
        "",
        *decision(figures).splitlines(),
    ]


def decision(figures: Figures) -> str:
    """Whether calls are to be made by an event loop."""
    saved = figures["threads"].median - figures["event loop"].median
    return f"""\
An event loop would save up to {saved / 1000:.2f} ms of a plain call. It is not worth a second
style of code yet: the channels, the opening of accounts, the deadlines and their tests would exist
twice, while mail, MSAL and the ledger stay as they are. The loop of the last row does less as well:
it checks no certificate and no address, replaces no connection that died, reads one kind of body.
Most of the difference is requests and urllib3 and not the threads, as `http.client` alone shows, so
that a leaner client comes first. The question comes up again when calls are most of a delivery.
"""


SECTION = Section(name="pieces", title="Pieces of a delivery", measure=measure, write=write)


if __name__ == "__main__":
    main()
