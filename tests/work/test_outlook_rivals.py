"""What nobody has confirmed of Exchange, each way through the whole service: one event, no mail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.work.installation import MAYA, Installation, installed

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
