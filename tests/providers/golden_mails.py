"""One mail of every cause in every language, as calsync writes it: tests/golden/mails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from calsync.core.booked import (
    Agenda,
    BookedSession,
    InPerson,
    Online,
    Participant,
    Program,
    Status,
)
from calsync.core.content.event import CalendarObstacle, DesiredEvent, MailCause, Told
from calsync.core.content.notices import AccountFact, AccountNews, Cause
from calsync.core.content.render import desired_events
from calsync.core.ledger import MAIL, Copy, CopyState, Do, mail_destination
from calsync.messages.catalogue import languages
from calsync.text import agenda_html
from providers.mail.brand import Brand
from providers.mail.mapping import MailWriter
from tests.make import NOW, a_copy
from tests.providers.written_mails import some_settings

GOLDEN = Path(__file__).parents[1] / "golden/mails"
C = MailCause
ZONES = {
    "en": "America/New_York",
    "de": "Europe/Berlin",
    "fr": "Europe/Paris",
    "es": "Europe/Madrid",
}
ZOOM = Online(
    "https://zoom.us/j/123456789?pwd=abcdefghijklmnopqrstuvwxyz0123", "Zoom", passcode="4711"
)
ROOM = InPerson("Room 4", "1 Main Street, Springfield", "Ring twice.")
AGENDA = agenda_html("1. Introductions\n2. Goals\n3. Next *steps*", "markdown")
WITHDRAWN = (C.CANCELLED, C.REMOVED, C.REPLACED, C.IN_CALENDAR, C.OLD_ADDRESS)
INVITED = (C.BOOKED, C.BOOKED_AGAIN, C.NEW_ADDRESS, C.BY_MAIL)
CHANGED = (C.MOVED, C.LINK, C.VENUE, C.PEOPLE, C.UPDATED, C.RESENT)
OF_SESSION = (*INVITED[:2], *CHANGED[:5], *WITHDRAWN, *INVITED[2:], C.RESENT)
NOTICES = {
    C.UNSHOWN: ("unreachable", CalendarObstacle.REFUSED),
    C.OUTDATED: ("could_not_update", CalendarObstacle.GUESTS),
    C.STILL_THERE: ("entry_may_remain", CalendarObstacle.LOST),
    C.STILL_THERE_REMOVED: ("could_not_remove", CalendarObstacle.REFUSED),
}
NOT_READ = "not_read"  # an invitation where nobody reads the answers (mail.answers_read)
FILE = "https://calsync.platform.example/event/c2Vzc2lvbiAxMDAxIG9mIG1heWE.ics"
ACCOUNTS = ("account_connected", "account_disconnected", "account_lost")


def mails(code: str) -> Iterator[tuple[str, bytes]]:
    """(name, mail) of everything that people are sent in this language."""
    for cause in OF_SESSION:
        yield cause, _of_session(code, cause)
    yield NOT_READ, _of_session(code, C.BOOKED, answers_read=False)
    for cause, (kind, obstacle) in NOTICES.items():
        yield cause, _notice(code, cause, kind, obstacle)
    for kind in ACCOUNTS:
        yield kind, _account(code, kind)
    events = [_event(code), replace(_event(code, days=2), title="Session 2")]
    link = "https://calsync.platform.example/unsubscribe/upcoming/bWF5YSBhbmQgMSB0b2tlbg"
    event = _event(code)
    yield "upcoming", _writer().upcoming("maya@example.org", "upcoming", event, NOW, link)
    yield "digest", _writer().digest("maya@example.org", "digest", events, NOW)


def every() -> Mapping[str, bytes]:
    """Every mail, by the name of its golden file."""
    return {f"{name}.{code}": data for code in languages() for name, data in mails(code)}


def _writer(*, answers_read: bool = True) -> MailWriter:
    brand = Brand(
        name="Mentoring Platform",
        support="Questions? Write to help@platform.example.",
        connect_url="https://app.platform.example/calendar",
        answers_read=answers_read,
    )
    return MailWriter(some_settings(brand=brand, sender_name="{partner} via {brand}"))


def _event(
    code: str, *, place: Online | InPerson = ZOOM, days: int = 0, other: str = "Sam Okafor"
) -> DesiredEvent:
    zone = ZONES.get(code, "UTC")
    start = NOW.replace(month=12, day=3, hour=20) + timedelta(days=days)
    maya = Participant("u-1", "Maya Chen", "maya@example.org", "mentee", zone, code)
    session = BookedSession(
        id="ses-1001",
        tenant="default",
        updated_at=NOW,
        status=Status.BOOKED,
        title="Session 1: Getting to know each other",
        program=Program("prog-7", "Women in Engineering"),
        starts_at=start,
        ends_at=start + timedelta(minutes=45),
        place=place,
        agenda=Agenda(AGENDA, "https://app.platform.example/sessions/1001/agenda"),
        participants=(maya, Participant("u-2", other, "sam@example.org", "mentor")),
    )
    return desired_events(session)["u-1"]


BEFORE: dict[MailCause, Callable[[str], DesiredEvent]] = {
    C.MOVED: lambda code: _event(code, days=-1),
    C.LINK: lambda code: _event(code, place=replace(ZOOM, url="https://zoom.us/j/1", passcode="1")),
    C.VENUE: lambda code: _event(code, place=replace(ROOM, name="Room 1")),
    C.PEOPLE: lambda code: _event(code, other="Zoë Braun"),
    C.OUTDATED: lambda code: _event(code, days=-1),
}


def _of_session(code: str, cause: MailCause, *, answers_read: bool = True) -> bytes:
    do = Do.WITHDRAW if cause in WITHDRAWN else Do.CREATE if cause in INVITED else Do.CHANGE
    place = ROOM if cause is C.VENUE else ZOOM
    before = BEFORE[cause](code) if cause in BEFORE else None
    told = Told(cause, before, older_entry=cause is C.BY_MAIL)
    copy = _copy(0 if do is Do.CREATE else 1)
    event = replace(_event(code, place=place), told=told)
    return _writer(answers_read=answers_read).write(do, copy, event, NOW)


def _copy(sequence: int) -> Copy:
    return a_copy(
        channel=MAIL,
        account=None,
        destination=mail_destination("maya@example.org"),
        state=CopyState.LIVE,
        sequence=sequence,
        message_id="<first@mail.platform.example>" if sequence else None,
    )


def _notice(code: str, cause: MailCause, kind: str, obstacle: CalendarObstacle) -> bytes:
    before = BEFORE[cause](code) if cause in BEFORE else None
    told = Told(cause, before, obstacle=obstacle, channel="google", address="maya@gmail.example")
    told = replace(told, file_url=FILE if cause is C.UNSHOWN else "")
    event = replace(_event(code), told=told)
    return _writer().notice(kind, "maya@example.org", cause, event, NOW)


def _account(code: str, kind: str) -> bytes:
    why = Cause.REFUSED if kind == "account_lost" else Cause.PERSON
    fact = AccountFact("google", "maya@gmail.example", "", "maya@example.org", NOW, why)
    news = AccountNews(fact, ZONES.get(code, "UTC"), code)
    link = "https://app.platform.example/calendar"
    return _writer().account(kind, "maya@example.org", kind, news, link)
