"""What the CalDAV channel does beyond the contract, against a real Radicale."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from calsync.core.calls import Receipt, Seen, Sighting
from calsync.core.content.event import DesiredEvent
from calsync.core.content.icalendar import owned_hashes
from calsync.core.ledger import Copy, Do
from calsync.errors import AccessLost, Changed, ChannelError, Refused, TryLater, Unusable
from tests import second_reader
from tests.caldav_servers.proxy import Canned, Trick
from tests.channel_contract import lived, soon
from tests.harness.zone_data import SUMMER_IN_MEXICO, folder_of, in_use
from tests.make import NOW, an_event
from tests.providers.test_caldav_contract import INVITED, CaldavPlace, place
from tests.radicale_server import caldav_server, proxy

__all__ = ["caldav_server", "place", "proxy"]  # fixtures

START = "DTSTART;TZID=America/Toronto:20261203T150000"
END = "DTEND;TZID=America/Toronto:20261203T154500"
MOVED = an_event(title="Moved", location="Room 2", material_fp="1.moved", quiet_fp="1.moved")


def create(place: CaldavPlace, event: DesiredEvent | None = None, n: int = 1) -> Copy:
    copy, event = place.a_copy(n), event or an_event()
    prepared = place.channel.prepare(Do.CREATE, copy, event, NOW)
    return lived(copy, prepared, place.channel.send(prepared, copy, place.access(), soon()), event)


def send(place: CaldavPlace, do: Do, copy: Copy, event: DesiredEvent = MOVED) -> Receipt:
    prepared = place.channel.prepare(do, copy, event, NOW)
    return place.channel.send(prepared, copy, place.access(), soon())


def find(place: CaldavPlace, copy: Copy) -> Sighting:
    (one,) = place.channel.find(copy, place.access(), soon())
    return one


def look(place: CaldavPlace, *copies: Copy) -> list[Sighting | ChannelError]:
    return [seen for _, seen in place.channel.inspect(copies, place.access(), soon())]


def methods(place: CaldavPlace) -> list[str]:
    return [request.method for request in place.proxy.requests]


def rename(place: CaldavPlace, copy: Copy, name: str) -> str:
    """Another app stores the same event under a name of its own; returns the new path."""
    text = place.stored()[str(copy.remote_id)].to_ical().decode()
    place.empty()
    return place.store(name, text)


# --- what is sent --------------------------------------------------------------------------------


def test_nothing_that_is_sent_names_an_organizer_or_an_attendee(place: CaldavPlace) -> None:
    send(place, Do.CHANGE, create(place))
    puts = [request for request in place.proxy.requests if request.method == "PUT"]
    assert len(puts) == 2
    for put in puts:
        assert not {b"ORGANIZER", b"ATTENDEE", b"METHOD"} & set(
            put.body.replace(b";", b":").split()
        )
        assert b"maya@example.org" not in put.body


@pytest.mark.parametrize(("day", "month"), [(13, 3), (14, 3), (31, 10), (7, 11), (8, 11)])
def test_a_server_keeps_the_zone_and_the_instant_across_the_changes_of_the_year(
    place: CaldavPlace, day: int, month: int
) -> None:
    starts_at = datetime(2027, month, day, 17, tzinfo=UTC)
    event = an_event(starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))
    copy = create(place, event)
    (text,) = [one.to_ical() for one in place.stored().values()]
    read = second_reader.read(text)
    assert b"DTSTART;TZID=America/Toronto:" in text
    assert (read.starts_at, read.ends_at) == (event.starts_at, event.ends_at)
    assert find(place, copy).material_fp == event.material_fp


def test_an_event_that_is_in_utc_stays_so_until_it_changes(place: CaldavPlace) -> None:
    copy = create(place, an_event(time_zone="UTC"))
    assert find(place, copy).material_fp == an_event().material_fp
    send(place, Do.CHANGE, copy)
    (calendar,) = place.stored().values()
    (event,) = calendar.walk("VEVENT")
    assert event["DTSTART"].params["TZID"] == "America/Toronto"
    assert [str(one["TZID"]) for one in calendar.walk("VTIMEZONE")] == ["America/Toronto"]


def test_changed_rules_of_a_zone_are_no_drift_and_reach_an_object_with_its_next_change(
    place: CaldavPlace, tmp_path: Path
) -> None:
    starts_at = datetime(2027, 6, 10, 20, tzinfo=UTC)
    event = an_event(
        time_zone="America/Mexico_City", starts_at=starts_at, ends_at=starts_at + timedelta(hours=1)
    )
    with in_use(folder_of(tmp_path, SUMMER_IN_MEXICO)):
        copy = create(place, event)
    for seen in (find(place, copy), *look(place, copy)):
        assert isinstance(seen, Sighting)
        assert (seen.material_fp, seen.quiet_fp) == (event.material_fp, event.quiet_fp)
    send(place, Do.CHANGE, copy, replace(event, title="Moved"))
    (text,) = [one.to_ical() for one in place.stored().values()]
    assert b"DTSTART;TZID=America/Mexico_City:20270610T140000" in text
    assert second_reader.read(text).starts_at == starts_at


def test_a_removal_asks_the_server_not_to_answer_the_organizer(place: CaldavPlace) -> None:
    send(place, Do.WITHDRAW, create(place))
    assert place.proxy.requests[-1].method == "DELETE"
    assert place.proxy.requests[-1].headers["schedule-reply"] == "F"


def test_a_change_is_sent_for_the_version_that_was_read(place: CaldavPlace) -> None:
    copy = create(place)
    send(place, Do.CHANGE, copy)
    assert place.proxy.requests[-1].headers["if-match"] == copy.revision


def test_no_answer_is_compressed_because_that_changes_etags(place: CaldavPlace) -> None:
    find(place, create(place))
    assert {one.headers["accept-encoding"] for one in place.proxy.requests} == {"identity"}


# --- a uid at another href -----------------------------------------------------------------------


def test_an_event_at_another_href_is_found_there_and_changed_there(place: CaldavPlace) -> None:
    copy = create(place)
    other = rename(place, copy, "other.ics")
    if place.server.unique_uids:
        with pytest.raises(Changed) as caught:
            send(place, Do.CREATE, replace(copy, remote_id=None, revision=None), an_event())
        assert caught.value.happened == "maybe"
    found = find(place, copy)
    assert (found.state, found.remote_id) == (Seen.LIVE, other)
    there = replace(copy, remote_id=found.remote_id, revision=found.revision)
    assert send(place, Do.CHANGE, there).remote_id == other
    assert [one.title for one in place.shown()] == ["Moved"]


def test_a_strangers_event_at_our_href_is_not_ours(place: CaldavPlace) -> None:
    copy = place.a_copy()
    place.store(f"{copy.uid}.ics", INVITED.format(uid="somebody-elses"))
    if place.server.create_is_conditional:
        with pytest.raises(Changed):
            send(place, Do.CREATE, copy)
    assert find(place, copy).state is Seen.NOT_OURS
    with pytest.raises(Changed) as caught:
        send(place, Do.CHANGE, copy)
    assert caught.value.happened == "no"
    assert [one.title for one in place.shown()] == ["Session 1"]


def test_a_calendar_that_does_not_exist_is_known_by_the_next_look(place: CaldavPlace) -> None:
    """Whatever a server answers to a PUT into it: 409, 404, 405 (DAViCal) or 403 (Cyrus)."""
    copy = place.a_copy()
    place.url = place.url.rstrip("/") + "-gone/"
    with pytest.raises((Changed, Unusable)):
        send(place, Do.CREATE, copy)
    with pytest.raises(Unusable) as caught:
        find(place, copy)
    assert (caught.value.happened, caught.value.scope) == ("no", "account")


def test_another_copy_at_our_href_is_not_written(place: CaldavPlace) -> None:
    one, two = create(place), place.a_copy(2)
    with pytest.raises(Changed, match="not ours") as caught:
        send(place, Do.CHANGE, replace(two, remote_id=one.remote_id))
    assert caught.value.happened == "no"


def test_a_longer_uid_is_not_taken_for_the_one_asked_for(place: CaldavPlace) -> None:
    place.store("a.ics", INVITED.format(uid="abc-1"))
    assert not place.channel.find_uid("abc", place.access(), soon())


# --- what the person did -------------------------------------------------------------------------


def test_a_change_keeps_the_alarm_and_the_category_of_the_person(place: CaldavPlace) -> None:
    copy = create(place)
    alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\n"
    place.edit("END:VEVENT", f"CATEGORIES:Mine\r\nCOLOR:red\r\n{alarm}END:VEVENT")
    with pytest.raises(Changed):
        send(place, Do.CHANGE, copy)
    receipt = send(place, Do.CHANGE, replace(copy, revision=find(place, copy).revision))
    assert receipt.applied
    (calendar,) = place.stored().values()
    (event,) = calendar.walk("VEVENT")
    assert str(event["SUMMARY"]) == "Moved"
    assert (str(event["CATEGORIES"].cats[0]), event["COLOR"]) == ("Mine", "red")
    assert len(event.walk("VALARM")) == 1


def test_an_edit_of_what_is_the_persons_is_no_drift(place: CaldavPlace) -> None:
    copy = create(place)
    place.edit("END:VEVENT", "CATEGORIES:Mine\r\nEND:VEVENT")
    (seen,) = look(place, copy)
    assert isinstance(seen, Sighting)
    assert (seen.material_fp, seen.quiet_fp) == ("1.material", "1.quiet")
    assert seen.revision != copy.revision


@pytest.mark.parametrize(
    ("old", "new", "material", "quiet"),
    [
        (START, "DTSTART:20261203T190000Z", True, False),
        (START, START.replace("T15", "T14"), True, False),
        (END, "DTEND:20261203T210000Z", True, False),
        (END, "DURATION:PT1H", True, False),
        (START, "DTSTART:20261203T150000", True, False),
        ("LOCATION:", "LOCATION:Cafe ", True, False),
        ("END:VEVENT", "RRULE:FREQ=DAILY;COUNT=2\r\nEND:VEVENT", True, False),
        ("SUMMARY:Session 1", "SUMMARY:Coffee 1", False, True),
        ("DESCRIPTION:Join", "DESCRIPTION:Bring cake\\nJoin", False, True),
        ("X-CALSYNC-SHOWN", "X-OTHER", True, True),
    ],
)
def test_an_edit_of_what_is_ours_is_drift_of_its_kind(
    place: CaldavPlace, old: str, new: str, material: bool, quiet: bool
) -> None:
    copy = create(place)
    place.edit(old, new)
    for seen in (find(place, copy), *look(place, copy)):
        assert isinstance(seen, Sighting)
        assert seen.state is Seen.LIVE
        assert str(seen.material_fp).startswith("drift:") is material
        assert str(seen.quiet_fp).startswith("drift:") is quiet
        assert material or seen.material_fp == "1.material"
        assert quiet or seen.quiet_fp == "1.quiet"
        floats = new == "DTSTART:20261203T150000" and place.server.keeps_floating
        assert (seen.span is not None) is (material and not floats and "RRULE" not in new)


def test_writing_over_drift_makes_it_one_event_as_sent(place: CaldavPlace) -> None:
    copy = create(place)
    place.edit("END:VEVENT", "RRULE:FREQ=DAILY;COUNT=2\r\nEND:VEVENT")
    send(place, Do.CHANGE, replace(copy, revision=None))
    assert find(place, copy).material_fp == "1.moved"


@pytest.mark.parametrize("do", [Do.CHANGE, Do.WITHDRAW])
def test_an_event_with_guests_is_seen_and_never_written(place: CaldavPlace, do: Do) -> None:
    copy = create(place)
    guests = "ORGANIZER:mailto:maya@example.org\r\nATTENDEE:mailto:friend@example.net\r\n"
    place.edit("END:VEVENT", f"{guests}END:VEVENT")
    (seen,) = look(place, copy)
    assert isinstance(seen, Sighting)
    assert seen.has_guests
    place.proxy.requests.clear()
    with pytest.raises(Changed) as caught:
        send(place, do, replace(copy, revision=seen.revision))
    assert caught.value.happened == "no"
    assert methods(place) == ["GET"]


def test_the_calendars_owner_is_no_guest(place: CaldavPlace) -> None:
    copy = create(place)
    place.edit("END:VEVENT", "ATTENDEE:mailto:MAYA@example.org\r\nEND:VEVENT")
    assert not find(place, copy).has_guests


def test_what_a_mail_client_made_is_taken_away_without_a_word(place: CaldavPlace) -> None:
    path = place.store("mail.ics", INVITED.format(uid="uid-of-a-mail"))
    (found,) = place.channel.find_uid("uid-of-a-mail", place.access(), soon())
    assert (found.state, found.remote_id) == (Seen.NOT_OURS, path)
    send(place, Do.WITHDRAW, replace(place.a_copy(), uid="uid-of-a-mail", remote_id=path))
    assert not place.stored()


# --- what was stored -----------------------------------------------------------------------------


@pytest.mark.parametrize("weak", [False, True])
def test_without_a_strong_etag_the_event_is_read_back(place: CaldavPlace, weak: bool) -> None:
    place.proxy.tricks.append(
        Trick("PUT", forward=True, without="ETag", instead='W/"1"' if weak else "")
    )
    copy = create(place)
    assert methods(place) == ["PUT", "GET"]
    assert copy.revision == find(place, copy).revision


def test_a_server_that_stores_something_else_has_not_applied_it(place: CaldavPlace) -> None:
    copy = create(place)
    prepared = place.channel.prepare(Do.CHANGE, copy, MOVED, NOW)
    stored = place.channel.prepare(Do.CHANGE, copy, replace(MOVED, title="Mov"), NOW).body
    place.proxy.tricks += [
        Trick("GET", forward=True, without="none"),
        Trick("PUT", Canned(204)),
        Trick("GET", Canned(200, {"ETag": '"2"'}, stored)),
    ]
    assert not place.channel.send(prepared, copy, place.access(), soon()).applied


@pytest.mark.parametrize("status", [401, 404, 503])
def test_a_write_that_cannot_be_confirmed_may_have_happened(
    place: CaldavPlace, status: int
) -> None:
    place.proxy.tricks.append(Trick("PUT", forward=True, without="ETag"))
    place.proxy.next("GET", status)
    with pytest.raises(TryLater, match=rf"not confirmed: {status}") as caught:
        create(place)
    assert caught.value.happened == "maybe"


# --- proof of absence ----------------------------------------------------------------------------


def test_a_copy_that_the_report_leaves_out_is_asked_for_by_itself(place: CaldavPlace) -> None:
    live, never = create(place), place.a_copy(2)
    place.proxy.next("REPORT", 207, b'<multistatus xmlns="DAV:"/>')
    one, two = look(place, live, never)
    assert isinstance(one, Sighting)
    assert isinstance(two, Sighting)
    assert (one.state, two.state) == (Seen.LIVE, Seen.GONE)


def test_trouble_with_one_copy_is_its_own(place: CaldavPlace) -> None:
    one, two = create(place), create(place, n=2)
    text = f"""<multistatus xmlns="DAV:"><response><href>{one.remote_id}</href>
        <status>HTTP/1.1 503 Busy</status></response></multistatus>"""
    place.proxy.next("REPORT", 207, text.encode())
    first, second = look(place, one, two)
    assert isinstance(first, TryLater)
    assert isinstance(second, Sighting)


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_calendar_that_is_gone_proves_nothing(place: CaldavPlace, status: int) -> None:
    copy = create(place)
    place.proxy.next("REPORT", status)
    with pytest.raises(Unusable) as caught:
        look(place, copy)
    assert (caught.value.happened, caught.value.scope) == ("no", "account")
    place.proxy.next("GET", 404)
    place.proxy.next("REPORT", status)
    with pytest.raises(Unusable):
        find(place, copy)


@pytest.mark.parametrize("body", [b"<html>Sign in</html>", b"", b"\xff\xfe"])
def test_a_login_page_is_no_calendar_object(place: CaldavPlace, body: bytes) -> None:
    copy = create(place)
    for do in (Do.CHANGE, Do.WITHDRAW):
        place.proxy.next("GET", 200, body)
        with pytest.raises(TryLater) as caught:
            send(place, do, copy)
        assert caught.value.happened == "no"
    place.proxy.next("GET", 200, body)
    with pytest.raises(TryLater):
        find(place, copy)
    place.proxy.next("REPORT", 200, body)
    with pytest.raises(Refused):
        look(place, copy)


def test_errors_say_nothing_of_the_login_and_the_event(place: CaldavPlace) -> None:
    copy = place.a_copy()
    prepared = place.channel.prepare(Do.CREATE, copy, an_event(), NOW)
    with pytest.raises(AccessLost) as caught:
        place.channel.send(prepared, copy, place.access(secret="tuesday"), soon())
    told = f"{caught.value!r} {caught.value} {prepared!r}"
    assert "tuesday" not in told
    assert "Getting to know" not in told


def test_drift_is_told_by_the_digests_that_were_written(place: CaldavPlace) -> None:
    create(place)
    ((_, calendar),) = place.stored().items()
    (event,) = calendar.walk("VEVENT")
    assert event["X-CALSYNC-SHOWN"] == str(owned_hashes(an_event()))
