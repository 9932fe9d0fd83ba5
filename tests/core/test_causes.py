"""What mails tell their readers of: one human event each, and what is different."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from calsync.core.content.causes import ChangedPart, changes, told_by_mail
from calsync.core.content.event import CalendarObstacle, Details, MailCause, Told
from calsync.core.content.notice_causes import told_by_notice
from calsync.core.ledger import Copy, CopyState, Do, Snapshot, Want
from calsync.core.reconcile.actions import Send
from calsync.core.reconcile.prepare import event_for
from calsync.core.reconcile.telling import (
    COULD_NOT_REMOVE,
    COULD_NOT_UPDATE,
    ENTRY_REMAINS,
    UNREACHABLE,
)
from tests.core.decisions import (
    LOST_A,
    TO_A,
    TO_MAIL,
    B,
    an_attempt,
    by_mail,
    in_a,
    mailed,
    snapshot,
)
from tests.make import an_event

S, C, P = CopyState, MailCause, ChangedPart
ONLINE = Details(kind="online", label="Zoom", passcode="1", people=("Sam",))
ROOM = Details(kind="in_person", people=("Sam",))
EVENT = an_event(details=ONLINE)
IN_ROOM = replace(EVENT, join_url="", location="Room 4", details=ROOM)
CALLED = replace(EVENT, join_url="", location="+1 555", details=replace(ONLINE, phone="+1 555"))
LATER = replace(EVENT, starts_at=EVENT.starts_at + timedelta(hours=1))
ABSENT = {"want": Want.ABSENT}
CANCELLED = ABSENT | {"cancelled": True}
WITHDRAWN = mailed(Do.WITHDRAW, version=4)


def send(do: Do, n: int = 1, **changes: Any) -> Send:
    return Send(do, n, "mail", None, **changes)


def told(*copies: Copy, do: Do, n: int = 1, **about: Any) -> Told:
    again = about.pop("invited_again", False)
    known = snapshot(*copies, **({"content": EVENT, "route": TO_MAIL} | about))
    return told_by_mail(known, send(do, n), invited_again=again)


@pytest.mark.parametrize(
    ("before", "now", "found"),
    [
        (EVENT, EVENT, ()),
        (EVENT, replace(EVENT, title="x", url="https://x.example"), ()),
        (EVENT, LATER, (P.TIME,)),
        (EVENT, replace(EVENT, ends_at=EVENT.ends_at + timedelta(minutes=5)), (P.TIME,)),
        (EVENT, replace(EVENT, join_url="https://x.example"), (P.LINK,)),
        (EVENT, IN_ROOM, (P.VENUE,)),
        (IN_ROOM, EVENT, (P.VENUE,)),
        (IN_ROOM, replace(IN_ROOM, location="Room 5"), (P.VENUE,)),
        (EVENT, CALLED, (P.LINK, P.PHONE)),
        (CALLED, replace(CALLED, location="x", details=replace(ONLINE, phone="x")), (P.PHONE,)),
        (EVENT, replace(EVENT, details=replace(ONLINE, passcode="2")), (P.PASSCODE,)),
        (EVENT, replace(EVENT, details=replace(ONLINE, people=("Zoë",))), (P.PEOPLE,)),
        (EVENT, replace(EVENT, details=None), ()),
        (
            EVENT,
            replace(LATER, details=replace(ONLINE, passcode="2", people=())),
            (P.TIME, P.PASSCODE, P.PEOPLE),
        ),
    ],
)
def test_what_a_reader_sees_differently_is_named(before: Any, now: Any, found: Any) -> None:
    assert changes(before, now) == found


@pytest.mark.parametrize(
    ("shown", "cause"),
    [
        (LATER, C.MOVED),
        (replace(EVENT, join_url="https://x.example"), C.LINK),
        (replace(EVENT, details=replace(ONLINE, passcode="2")), C.LINK),
        (CALLED, C.LINK),
        (IN_ROOM, C.VENUE),
        (replace(EVENT, details=replace(ONLINE, people=("Zoë",))), C.PEOPLE),
        (replace(LATER, join_url="https://x.example"), C.MOVED),
    ],
)
def test_an_update_tells_what_changed_since_its_reader_saw_it(shown: Any, cause: C) -> None:
    found = told(by_mail(content=shown, material_fp="m0"), do=Do.CHANGE)
    assert found == Told(cause, before=shown)


@pytest.mark.parametrize("shown", [None, EVENT])
def test_an_update_of_something_unknown_says_only_what_is_right(shown: Any) -> None:
    copy = by_mail(content=shown, material_fp=None)
    assert told(copy, do=Do.CHANGE) == Told(C.UPDATED)


def test_what_a_discreet_program_hides_by_now_is_no_change_that_is_told() -> None:
    open_once = replace(LATER, details=replace(ONLINE, people=("Zoë",)))
    hidden = replace(EVENT, private=True, details=replace(ONLINE, people=()))
    found = told(by_mail(content=open_once), do=Do.CHANGE, content=hidden)
    assert found.cause is C.MOVED
    assert found.before is not None
    assert found.before.details is None


@pytest.mark.parametrize(
    ("about", "cause"),
    [
        (CANCELLED, C.CANCELLED),
        (CANCELLED | {"invited_again": True}, C.CANCELLED),
        (ABSENT, C.REMOVED),
        (ABSENT | {"invited_again": True}, C.REPLACED),
        ({"covered_by": "u-2"}, C.REPLACED),
        ({"route": TO_A}, C.IN_CALENDAR),
        ({"route": TO_MAIL}, C.REPLACED),
        ({"route": replace(TO_MAIL, destination="mail:new@example.org")}, C.OLD_ADDRESS),
        ({"route": None}, C.OLD_ADDRESS),
    ],
)
def test_cancelled_is_said_only_of_a_session_that_does_not_take_place(
    about: dict[str, Any], cause: C
) -> None:
    assert told(by_mail(content=EVENT), do=Do.WITHDRAW, **about) == Told(cause)


@pytest.mark.parametrize(
    ("before", "cause"),
    [
        ([], C.BOOKED),
        ([by_mail(S.FAILED), in_a(S.PLANNED, 2)], C.BOOKED),
        ([by_mail(S.GONE, attempt=WITHDRAWN)], C.BOOKED_AGAIN),
        ([in_a(S.GONE, attempt=an_attempt(Do.WITHDRAW, version=3))], C.BOOKED_AGAIN),
        ([by_mail(S.GONE, attempt=replace(WITHDRAWN, version=5))], C.BOOKED),
        ([by_mail(S.GONE, destination="mail:old@example.org")], C.NEW_ADDRESS),
        ([by_mail(S.LIVE, destination="mail:old@example.org")], C.NEW_ADDRESS),
        ([in_a(S.LIVE)], C.BY_MAIL),
        ([in_a(S.STRANDED)], C.BY_MAIL),
        ([by_mail(S.GONE, attempt=WITHDRAWN), in_a(S.LIVE, 2)], C.BY_MAIL),
    ],
)
def test_an_invitation_tells_why_it_comes_now(before: list[Copy], cause: C) -> None:
    assert told(*before, do=Do.CREATE, n=9).cause is cause


def test_an_invitation_warns_of_an_entry_that_was_moved_out_of_sight() -> None:
    assert told(in_a(S.DISMISSED, may_remain=True), do=Do.CREATE, n=2).older_entry


def test_a_resend_says_that_nothing_changed() -> None:
    known = snapshot(by_mail(content=LATER), content=EVENT, route=TO_MAIL)
    assert told_by_mail(known, send(Do.CHANGE, resend=True), invited_again=False) == Told(C.RESENT)


@pytest.mark.parametrize(
    ("copies", "do", "repeated"),
    [
        ([by_mail(content=LATER)], Do.CHANGE, False),
        ([by_mail(content=LATER, attempt=mailed(Do.CHANGE))], Do.CHANGE, True),
        ([by_mail(S.GONE), by_mail(content=LATER, n=2)], Do.CHANGE, True),
        ([by_mail(content=LATER, attempt=mailed(Do.CHANGE))], Do.WITHDRAW, False),
        ([by_mail(S.GONE), by_mail(content=LATER, n=2)], Do.WITHDRAW, True),
        ([in_a(S.GONE), by_mail(content=LATER, n=2)], Do.WITHDRAW, False),
        ([by_mail(S.GONE)], Do.CREATE, False),
        ([by_mail(S.GONE), by_mail(S.GONE, n=2)], Do.CREATE, True),
        ([], Do.CHANGE, False),
    ],
)
def test_a_mail_that_may_have_the_subject_of_an_earlier_one_is_known(
    copies: list[Copy], do: Do, repeated: bool
) -> None:
    n = 9 if do is Do.CREATE else max([one.n for one in copies], default=1)
    assert told(*copies, do=do, n=n).repeated is repeated


def test_calendars_are_told_nothing() -> None:
    event = event_for(snapshot(in_a(content=LATER)), Send(Do.CHANGE, 1, "google", "acc-1"))
    assert event is not None
    assert event.told is None


@pytest.mark.parametrize(
    ("about", "kind", "cause"),
    [
        (snapshot(route=TO_A), UNREACHABLE, C.UNSHOWN),
        (snapshot(in_a(S.LIVE, material_fp="m0")), COULD_NOT_UPDATE, C.OUTDATED),
        (snapshot(in_a(S.STRANDED, material_fp="m0")), ENTRY_REMAINS, C.OUTDATED),
        (snapshot(in_a(S.LIVE), **CANCELLED), COULD_NOT_REMOVE, C.STILL_THERE),
        (snapshot(in_a(S.STRANDED), **CANCELLED), ENTRY_REMAINS, C.STILL_THERE),
        (snapshot(in_a(S.TAKEN), **ABSENT), ENTRY_REMAINS, C.STILL_THERE_REMOVED),
    ],
)
def test_a_notice_tells_what_a_calendar_shows_in_place_of_what_is_so(
    about: Snapshot, kind: str, cause: C
) -> None:
    assert told_by_notice(about, kind).cause is cause


@pytest.mark.parametrize(
    ("copy", "accounts", "obstacle"),
    [
        (in_a(S.STRANDED, material_fp="m0"), (LOST_A, B), CalendarObstacle.LOST),
        (in_a(S.TAKEN, material_fp="m0"), (LOST_A, B), CalendarObstacle.GUESTS),
        (in_a(S.LIVE, material_fp="m0"), None, CalendarObstacle.REFUSED),
        (in_a(S.FAILED), None, CalendarObstacle.REFUSED),
        (in_a(S.DISMISSED, may_remain=True), None, CalendarObstacle.MOVED),
    ],
)
def test_a_notice_gives_the_one_reason_that_applies_and_the_calendar(
    copy: Copy, accounts: Any, obstacle: CalendarObstacle
) -> None:
    known = snapshot(copy, **({"accounts": accounts} if accounts else {}))
    found = told_by_notice(known, COULD_NOT_UPDATE)
    assert (found.obstacle, found.channel) == (obstacle, "google")
    assert found.address == "maya@example.org"


def test_a_notice_that_concerns_no_calendar_gives_no_reason() -> None:
    found = told_by_notice(snapshot(by_mail(material_fp="m0"), route=TO_MAIL), COULD_NOT_UPDATE)
    assert found == Told(C.OUTDATED)
