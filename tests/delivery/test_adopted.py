"""Cut-over: events that another system put into calendars become calsync's own, and nobody's
calendar shows a session twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
from icalendar import Calendar

from calsync.daemon import single_pass
from calsync.errors import InputError
from calsync.ops import adoption, baseline, commands, queries
from calsync.ops.adoption import NotAdoptedError
from calsync.ops.results.orders import RecordedBaseline
from calsync.store.queue import pauses
from tests.caldav_servers.server import USERS, CalendarServer
from tests.harness.former import google_event, outlook_event
from tests.harness.installation import MAYA, Installation, installed
from tests.radicale_server import caldav_server  # noqa: F401 - a fixture

LOGIN = ("carol", USERS["carol"])
OBJECT = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//former//EN\r
BEGIN:VEVENT\r
UID:{uid}\r
DTSTAMP:20261101T120000Z\r
DTSTART:{start:%Y%m%dT%H%M%SZ}\r
DTEND:{end:%Y%m%dT%H%M%SZ}\r
SUMMARY:Mentoring\r
COLOR:teal\r
{more}END:VEVENT\r
END:VCALENDAR\r
"""
GUEST = "friend@else.example"


@pytest.fixture
def calsync(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as made:
        yield made


@dataclass
class Former:
    """One of Maya's calendars, into which the former system writes.

    make    puts an event there, for so many hours later than the session and with or without a
            guest; gives the keys of a baseline's line
    shown   (title, start) of everything there
    """

    connect: Callable[[], object]
    make: Callable[[int, bool], dict[str, Any]]
    shown: Callable[[], list[tuple[str, datetime]]]


def times(calsync: Installation, hours: int) -> tuple[datetime, datetime]:
    start = calsync.began + timedelta(days=9, hours=hours)
    return start, start + timedelta(hours=1)


def google(calsync: Installation) -> Former:
    def make(hours: int, guest: bool) -> dict[str, Any]:
        guests = [GUEST] if guest else []
        return {"google": google_event(calsync.sandbox, MAYA, *times(calsync, hours), guests)}

    return Former(lambda: calsync.connect("google"), make, lambda: in_sandbox(calsync))


def outlook(calsync: Installation) -> Former:
    def make(hours: int, guest: bool) -> dict[str, Any]:
        made = outlook_event(calsync.sandbox, MAYA, *times(calsync, hours))
        if guest:
            calsync.sandbox.user_adds_guest(MAYA, made["event"], GUEST)
        return {"outlook": made}

    return Former(lambda: calsync.connect("outlook"), make, lambda: in_sandbox(calsync))


def in_sandbox(calsync: Installation) -> list[tuple[str, datetime]]:
    return [(one.title, one.starts_at.replace(tzinfo=None)) for one in calsync.sandbox.shown(MAYA)]


def caldav(calsync: Installation, server: CalendarServer) -> Former:
    calendar = server.new_calendar(LOGIN[0])

    def make(hours: int, guest: bool) -> dict[str, Any]:
        start, end = times(calsync, hours)
        more = f"ATTENDEE:mailto:{GUEST}\r\n" if guest else ""
        url = f"{calendar}former.ics"
        text = OBJECT.format(uid=uuid4(), start=start, end=end, more=more)
        requests.put(url, data=text.encode(), auth=LOGIN, timeout=10).raise_for_status()
        return {"caldav": {"href": url}}

    def shown() -> list[tuple[str, datetime]]:
        texts = server.objects(calendar, LOGIN[0]).values()
        events = [event for text in texts for event in Calendar.from_ical(text).events]
        return sorted((str(one["SUMMARY"]), one.start.replace(tzinfo=None)) for one in events)

    return Former(lambda: calsync.connect_caldav(calendar, *LOGIN), make, shown)


@pytest.fixture(params=["google", "outlook", "caldav"])
def former(
    request: pytest.FixtureRequest,
    calsync: Installation,
    caldav_server: CalendarServer,  # noqa: F811 - the fixture
) -> Former:
    """Connected, with a session booked that nothing was sent for."""
    makers = {"google": google, "outlook": outlook}
    is_caldav = request.param == "caldav"
    made = caldav(calsync, caldav_server) if is_caldav else makers[request.param](calsync)
    made.connect()
    calsync.book(time_zone="UTC")
    return made


def read_in(calsync: Installation, *lines: dict[str, Any], allow: bool = False) -> RecordedBaseline:
    """`calsync baseline` with these lines, for ses-1 and Maya unless they say otherwise."""
    file = calsync.folder / "baseline.jsonl"
    whole = [{"session": "ses-1", "participant": MAYA, **line} for line in lines]
    file.write_text("".join(json.dumps(one) + "\n" for one in whole), encoding="utf-8")
    made = calsync.open()
    known = baseline.read(file)
    return single_pass.record_baseline(made.context, made.pollers, known, allow_unmatched=allow)


def test_day_one_changes_nothing_that_a_calendar_shows(
    calsync: Installation, former: Former
) -> None:
    line = former.make(0, False)
    before = former.shown()
    assert read_in(calsync, line) == RecordedBaseline(0, adopted=1)
    calsync.sync()
    assert former.shown() == before == [("Mentoring", times(calsync, 0)[0])]
    assert [state for _, state in calsync.copies()] == ["live"]
    assert calsync.mails() == []


def test_what_was_taken_over_moves_and_goes_with_its_session(
    calsync: Installation, former: Former
) -> None:
    read_in(calsync, former.make(0, False))
    calsync.began += timedelta(hours=3)
    calsync.book(time_zone="UTC")
    calsync.sync()
    ((title, start),) = former.shown()
    assert (title, start) == ("Title of ses-1", times(calsync, 0)[0])
    calsync.book(time_zone="UTC", status="cancelled")
    calsync.sync()
    assert former.shown() == []
    assert [state for _, state in calsync.copies()] == ["gone"]
    assert calsync.mails() == []


def test_an_event_at_a_wrong_time_is_corrected(calsync: Installation, former: Former) -> None:
    read_in(calsync, former.make(5, False))
    calsync.sync()
    ((_, start),) = former.shown()
    assert start == times(calsync, 0)[0]


def test_an_event_with_guests_is_left_alone_and_said_so(
    calsync: Installation, former: Former
) -> None:
    done = read_in(calsync, former.make(0, True))
    assert (done.adopted, done.with_guests) == (0, ("ses-1 u-1",))
    calsync.sync()
    assert calsync.mails() == [], "what it shows is right"
    calsync.began += timedelta(hours=3)
    calsync.book(time_zone="UTC")
    calsync.sync()
    assert calsync.mails() == [""], "a plain mail tells that it shows the old time"
    calsync.book(time_zone="UTC", status="cancelled")
    calsync.sync()
    assert len(former.shown()) == 1
    assert [state for _, state in calsync.copies()] == ["taken"]


def test_an_event_with_guests_at_a_wrong_time_is_told_of(
    calsync: Installation, former: Former
) -> None:
    read_in(calsync, former.make(5, True))
    calsync.sync()
    assert len(former.shown()) == 1
    assert calsync.mails() == [""]


def test_reading_the_file_again_changes_nothing(
    calsync: Installation, former: Former, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = former.make(0, False)
    with monkeypatch.context() as broken:  # it ends between the mark and the record of it
        broken.setattr(adoption, "_store", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            read_in(calsync, line)
    calsync.sync()
    assert len(former.shown()) == 1, "sending stays paused"
    for _ in range(2):
        assert read_in(calsync, line).adopted == 1
    assert [state for _, state in calsync.copies()] == ["live"]


def test_a_line_that_names_no_event_keeps_sending_paused(
    calsync: Installation, former: Former
) -> None:
    line = former.make(0, False)
    ((provider, names),) = line.items()
    last = list(names)[-1]
    wrong = {provider: {**names, last: f"{names[last]}-nothing"}}
    with pytest.raises(NotAdoptedError, match=r"ses-1 u-1: there is no such event"):
        read_in(calsync, wrong)
    calsync.sync()
    assert len(former.shown()) == 1
    done = read_in(calsync, wrong, allow=True)
    assert done.recorded == 1
    assert done.left_out == ("ses-1 u-1: there is no such event in the calendar",)
    assert read_in(calsync, line) == RecordedBaseline(0), "it is known as existing elsewhere"


# --- lines that cannot be right -------------------------------------------------------------------


def test_an_event_in_a_calendar_that_is_not_connected_is_a_wrong_line(
    calsync: Installation,
) -> None:
    calsync.open()
    calsync.book()
    with pytest.raises(NotAdoptedError, match="the person has no outlook calendar connected"):
        read_in(calsync, {"outlook": {"event": "x"}})


def test_a_series_is_never_taken_over(calsync: Installation, caldav_server: CalendarServer) -> None:  # noqa: F811
    calendar = caldav_server.new_calendar(LOGIN[0])
    start, end = times(calsync, 0)
    text = OBJECT.format(uid=uuid4(), start=start, end=end, more="RRULE:FREQ=WEEKLY\r\n")
    url = f"{calendar}former.ics"
    requests.put(url, data=text.encode(), auth=LOGIN, timeout=10).raise_for_status()
    calsync.connect_caldav(calendar, *LOGIN)
    calsync.book()
    with pytest.raises(NotAdoptedError, match="the event is a series"):
        read_in(calsync, {"caldav": {"href": url}})


def test_an_event_that_was_taken_over_for_one_session_is_no_other_ones(
    calsync: Installation,
) -> None:
    former = google(calsync)
    former.connect()
    calsync.book()
    calsync.book("ses-2")
    line = former.make(0, False)
    with pytest.raises(NotAdoptedError, match=r"ses-2 u-1: the event is a series"):
        read_in(calsync, line, {"session": "ses-2", **line})


def test_nothing_is_marked_while_nothing_may_be_written(calsync: Installation) -> None:
    calsync.deliver = "dry_run = true"
    calsync.open()
    calsync.book()
    with pytest.raises(InputError, match=r"deliver\.dry_run"):
        read_in(calsync, {"google": {"calendar": "primary", "event": "x"}})


def test_who_is_left_out_by_only_to_keeps_their_event_as_it_is(calsync: Installation) -> None:
    calsync.deliver = 'only_to = ["*@corp.example"]'
    former = google(calsync)
    former.connect()
    calsync.book()
    with pytest.raises(NotAdoptedError, match=r"deliver\.only_to leaves this person out"):
        read_in(calsync, former.make(0, False))


def test_a_held_batch_is_empty_once_its_events_are_taken_over(calsync: Installation) -> None:
    former = google(calsync)
    former.connect()
    calsync.book()
    line = former.make(0, False)
    commands.pause(calsync.open().context, pauses.ALL, pauses.ALL)
    calsync.sync()
    read_in(calsync, line)
    assert queries.status(calsync.open().context).held == []
