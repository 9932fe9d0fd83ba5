"""Mails and calendar of one Outlook account: what Exchange makes of invitations."""

from __future__ import annotations

from typing import Any

import pytest

from calsync.sandbox import Sandbox
from tests.sandbox.caller import PLATFORM, a_mail, deliver
from tests.sandbox.graph_caller import OLGA, GraphCaller

LATER = "20261124T110000Z"
# MS-OXCICAL: head, 20 zero bytes, length 18, "vCal-Uid", 1, "uid-1", end
ENCODED = (
    "040000008200E00074C5B7101A82E008"
    + "00" * 20
    + "12000000"
    + "7643616C2D556964"
    + "01000000"
    + "7569642D31"
    + "00"
)


@pytest.fixture
def quick(sandbox: Sandbox) -> Sandbox:
    sandbox.switch("exchange_waits", "none")
    return sandbox


def mailed(olga: GraphCaller) -> list[dict[str, Any]]:
    found = olga.list(filter=f"iCalUId eq '{ENCODED}'")
    return list(found.json()["value"])


def test_an_invitation_becomes_a_tentative_meeting_with_its_encoded_uid(
    olga: GraphCaller, quick: Sandbox
) -> None:
    deliver(quick, a_mail(to=OLGA))
    (shown,) = quick.shown(OLGA)
    assert (shown.where, shown.status, shown.ours) == ("outlook", "tentative", False)
    assert shown.uid == "uid-1"
    (event,) = mailed(olga)
    assert event["organizer"]["emailAddress"]["address"] == PLATFORM
    assert (event["isOrganizer"], event["showAs"]) == (False, "tentative")
    assert event["responseStatus"]["response"] == "tentativelyAccepted"
    assert [one["emailAddress"]["address"] for one in event["attendees"]] == [OLGA]


def test_a_mailed_uid_may_be_told_as_it_is_by_switch(olga: GraphCaller, quick: Sandbox) -> None:
    quick.switch("mailed_uid", "plain")
    deliver(quick, a_mail(to=OLGA))
    assert mailed(olga) == []
    (event,) = olga.list(filter="iCalUId eq 'uid-1'").json()["value"]
    assert event["iCalUId"] == "uid-1"


def test_updates_and_answers_reach_the_meeting(olga: GraphCaller, quick: Sandbox) -> None:
    deliver(quick, a_mail(to=OLGA))
    before = mailed(olga)[0]["id"]
    quick.user_responds(OLGA, "uid-1")
    assert quick.shown(OLGA)[0].status == "confirmed"
    deliver(quick, a_mail(to=OLGA, sequence=1, stamp=LATER, start="20261203T210000Z"))
    (event,) = mailed(olga)
    assert (event["id"], event["start"]["dateTime"][11:13]) == (before, "21")
    assert event["responseStatus"]["response"] == "accepted"
    quick.user_responds(OLGA, "uid-1", "declined")
    assert quick.shown(OLGA) == []


@pytest.mark.parametrize(("rule", "left"), [("removed", 0), ("marked", 1)])
def test_a_cancellation_removes_or_marks_by_switch(
    olga: GraphCaller, quick: Sandbox, rule: str, left: int
) -> None:
    quick.switch("exchange_cancel", rule)
    deliver(quick, a_mail(to=OLGA), a_mail("CANCEL", to=OLGA, sequence=1, stamp=LATER))
    assert quick.shown(OLGA) == []
    events = mailed(olga)
    assert len(events) == left
    assert all(one["isCancelled"] for one in events)


def test_a_cancellation_from_outside_waits_for_its_reader(sandbox: Sandbox) -> None:
    deliver(sandbox, a_mail(to=OLGA), a_mail("CANCEL", to=OLGA, sequence=1, stamp=LATER))
    assert len(sandbox.shown(OLGA)) == 1
    sandbox.user_opens_mails(OLGA)
    assert sandbox.shown(OLGA) == []


@pytest.mark.parametrize(("declines", "kinds"), [(True, ["decline"]), (False, [])])
def test_deleting_the_copy_of_a_meeting_mails_a_decline_by_switch(
    olga: GraphCaller, quick: Sandbox, declines: bool, kinds: list[str]
) -> None:
    quick.switch("decline_mail", declines)
    deliver(quick, a_mail(to=OLGA))
    assert olga.delete(mailed(olga)[0]["id"]).status_code == 204
    assert quick.shown(OLGA) == []
    assert [one["kind"] for one in quick.outbox()] == kinds
    assert all(one["to"] == [PLATFORM] for one in quick.outbox())


def test_an_event_of_ours_and_a_mailed_one_are_two(olga: GraphCaller, quick: Sandbox) -> None:
    olga.create()
    deliver(quick, a_mail(to=OLGA))
    assert sorted(one.ours for one in quick.shown(OLGA)) == [False, True]


def test_one_person_may_have_both_vendors_calendars(quick: Sandbox) -> None:
    quick.add_person("both@corp.example", google=True, outlook=True)
    deliver(quick, a_mail(to="both@corp.example"))
    assert [one.where for one in quick.shown("both@corp.example")] == ["outlook"]
    quick.add_person("other@corp.example", google=True, outlook=True, client="gmail")
    deliver(quick, a_mail(to="other@corp.example"))
    assert [one.where for one in quick.shown("other@corp.example")] == ["google"]
