"""What nobody has confirmed of Exchange, each way through the whole service: one event, no mail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.account_mails import of_sessions
from tests.harness.installation import MAYA, Installation, installed

SENDER = "sessions@platform.example"
IN_OUTLOOK = [("outlook", "Title of ses-1")]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as made:
        yield made


@pytest.mark.parametrize("declines", [False, True])
@pytest.mark.parametrize("mailed_uid", ["global_object_id", "plain"])
def test_a_deleted_invitation_tells_at_most_its_sender(
    place: Installation, mailed_uid: str, declines: bool
) -> None:
    sandbox = place.sandbox
    sandbox.switch("exchange_waits", "none")
    sandbox.switch("mailed_uid", mailed_uid)
    sandbox.switch("decline_mail", declines)
    place.book()
    place.sync()
    place.connect("outlook")
    place.sync()
    assert (place.shown(), place.mails()) == (IN_OUTLOOK, ["REQUEST"])
    told = [(one["kind"], one["to"]) for one in sandbox.outbox()]
    assert told == ([("decline", [SENDER])] if declines else [])
    sandbox.forget_requests()


@pytest.mark.parametrize("rule", ["removed", "marked"])
def test_an_invitation_that_cannot_be_found_is_cancelled_whatever_exchange_makes_of_it(
    place: Installation, rule: str
) -> None:
    place.sandbox.switch("exchange_waits", "none")
    place.sandbox.switch("exchange_cancel", rule)
    place.sandbox.switch("uid_filter", False)
    place.book()
    place.sync()
    place.connect("outlook")
    place.sync()
    assert (place.shown(), place.mails()) == (IN_OUTLOOK, ["REQUEST", "CANCEL"])


@pytest.mark.parametrize("fault", ["commit_then_drop", "commit_then_504"])
@pytest.mark.parametrize("memory", ["kept", "forgotten"])
def test_a_create_is_looked_for_before_it_is_repeated(
    place: Installation, fault: str, memory: str
) -> None:
    """How long Exchange remembers a transactionId is not published."""
    place.sandbox.switch("transaction_memory", memory)
    place.connect("outlook")
    place.book()
    getattr(place.sandbox, fault)({"method": "POST", "path_contains": "/me/events"})
    place.sync()
    for minutes in (5, 30):
        place.shift = timedelta(minutes=minutes)
        place.sync()
    assert (place.shown(), place.copies()) == (IN_OUTLOOK, [("outlook", "live")])


@pytest.mark.parametrize("rule", ["moved", "purged"])
def test_a_cancelled_session_that_is_booked_again_is_one_new_event(
    place: Installation, rule: str
) -> None:
    place.sandbox.switch("api_delete", rule)
    place.connect("outlook")
    for status in ("booked", "cancelled", "booked"):
        place.book(status=status)
        place.sync()
    assert (place.shown(), place.mails()) == (IN_OUTLOOK, [])
    assert place.copies() == [("outlook", "gone"), ("outlook", "live")]


@pytest.mark.parametrize("rule", ["ended", "live"])
def test_a_withdrawn_consent_is_noticed_when_its_last_token_ends(
    place: Installation, rule: str
) -> None:
    """Until then Microsoft may go on taking the token, and the calendar is served."""
    place.sandbox.switch("revoked_access_tokens", rule)
    account = place.connect("outlook")
    place.book()
    place.sync()
    place.sandbox.revoke(MAYA, "outlook")
    place.book("ses-2")
    place.sync()
    served = rule == "live"
    assert place.state(account) == ("active" if served else "reconnect")
    assert (place.copies("ses-2") == [("outlook", "live")]) == served
    place.sandbox.expire_tokens(MAYA)
    place.book("ses-3")
    place.sync()
    assert place.state(account) == "reconnect"
    assert [one for one, state in place.copies("ses-3") if state == "live"] == ["mail"]
    assert sorted(place.mails()) == (["", "REQUEST"] if served else ["", "REQUEST", "REQUEST"])


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_conflict_out_of_nowhere_costs_a_look_and_no_change(
    place: Installation, method: str
) -> None:
    """412 comes without any If-Match, too."""
    place.connect("outlook")
    place.book()
    place.sync()
    place.sandbox.fail({"method": method}, status=412, reason="ErrorIrresolvableConflict")
    place.book(days=10, status="booked" if method == "PATCH" else "cancelled")
    place.sync()
    place.shift = timedelta(minutes=5)
    place.sync()
    gone = method == "DELETE"
    assert place.copies() == [("outlook", "gone" if gone else "live")]
    expected = [] if gone else [place.began + timedelta(days=10)]
    shown = place.sandbox.shown(MAYA)
    assert [one.starts_at.replace(tzinfo=None) for one in shown] == expected


@pytest.mark.parametrize("memory", ["kept", "forgotten"])
def test_an_account_that_is_suspended_after_the_work_makes_no_second_event(
    place: Installation, memory: str
) -> None:
    """outlook.com was seen to store events while it answered ErrorAccountSuspend."""
    place.sandbox.switch("transaction_memory", memory)
    account = place.connect("outlook")
    place.sandbox.commit_then_fail(
        {"path_contains": "/me/events"}, status=403, reason="ErrorAccountSuspend"
    )
    place.book()
    place.sync()
    place.shift = timedelta(minutes=61)
    place.sync()
    assert (place.shown(), place.copies()) == (IN_OUTLOOK, [("outlook", "live")])
    assert (place.state(account), place.mails()) == ("active", [])


@pytest.mark.parametrize("counts", ["mailbox", "app"])
def test_more_workers_than_graph_serves_at_a_time_lose_and_double_nothing(
    place: Installation, counts: str
) -> None:
    """Microsoft tells of four at a time, and not whether of a mailbox or of an application."""
    sandbox = place.sandbox
    place.workers = 8
    place.outlook = {"domains": ["contoso.example"], "tenant": sandbox.outlook_tenant}
    people = [f"p{n}@contoso.example" for n in range(8)]
    for one in people:
        sandbox.add_person(one, outlook=True)
    members = [{"id": one, "name": one.title(), "email": one} for one in people]
    sandbox.switch("concurrency", counts)
    sandbox.latency(0.3)
    place.book(participants=members, program={"id": "p", "name": "Group", "kind": "group"})
    place.sync()
    sandbox.latency(0)
    for minutes in (5, 30):
        place.shift = timedelta(minutes=minutes)
        place.sync()
    refused = [one for one in sandbox.requests() if one.status == 429]
    assert not refused or counts == "app"
    assert [len(sandbox.shown(one)) for one in people] == [1] * len(people)
    assert [of_sessions(sandbox.mails(one)) for one in people] == [[]] * len(people)
