"""Hand-over rows with Outlook, and one person with two providers: through the whole service."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from calsync.accounts import connect, disconnect
from tests.harness.installation import MAYA, Installation, installed

TITLE = "Title of ses-1"
IN_OUTLOOK, IN_GOOGLE = [("outlook", TITLE)], [("google", TITLE)]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as made:
        yield made


def test_a_person_with_outlook_sees_the_session_and_gets_no_mail(place: Installation) -> None:
    account = place.connect("outlook")
    place.book()
    place.sync()
    assert (place.shown(), place.mails()) == (IN_OUTLOOK, [])
    place.book(days=10, title="New title")
    place.sync()
    assert (place.shown(), place.mails()) == ([("outlook", "New title")], [])
    assert connect.try_out(place.open().context, account).ok
    place.book(status="cancelled")
    place.sync()
    assert (place.shown(), place.mails()) == ([], [])


def test_from_mail_to_outlook_what_the_mail_made_is_deleted(place: Installation) -> None:
    place.sandbox.switch("exchange_waits", "none")
    place.book()
    place.sync()
    assert len(place.shown()) == 1
    place.connect("outlook")
    place.sync()
    assert place.copies() == [("mail", "gone"), ("outlook", "live")]
    assert (len(place.shown()), place.mails()) == (1, ["REQUEST"])


@pytest.mark.parametrize(("switch", "value"), [("exchange_waits", "all"), ("uid_filter", False)])
def test_from_mail_to_outlook_what_cannot_be_found_is_cancelled_by_mail(
    place: Installation, switch: str, value: str | bool
) -> None:
    place.sandbox.switch(switch, value)
    place.book()
    place.sync()
    place.connect("outlook")
    place.sync()
    place.sandbox.user_opens_mails(MAYA)
    assert (place.shown(), place.mails()) == (IN_OUTLOOK, ["REQUEST", "CANCEL"])


def test_an_invitation_that_is_opened_late_is_deleted_too(place: Installation) -> None:
    place.sandbox.switch("exchange_waits", "all")
    place.book()
    place.sync()
    place.connect("outlook")
    place.sync()
    place.sandbox.switch("exchange_waits", "none")
    place.shift = timedelta(minutes=11)
    place.sync()
    assert place.shown() == IN_OUTLOOK


def test_from_google_to_outlook_and_back_the_event_moves(place: Installation) -> None:
    place.connect("google")
    place.book()
    place.sync()
    assert place.shown() == IN_GOOGLE
    place.connect("outlook")
    place.sync()
    assert place.shown() == IN_OUTLOOK
    place.connect("google")
    place.sync()
    assert (place.shown(), place.mails()) == (IN_GOOGLE, [])


def test_from_outlook_to_mail_the_invitation_comes_and_the_event_goes(place: Installation) -> None:
    account = place.connect("outlook")
    place.book()
    place.sync()
    assert disconnect.disconnect(place.open().context, account) == "withdrawing"
    place.sync()
    assert (place.copies(), place.mails()) == (
        [("outlook", "gone"), ("mail", "live")],
        ["REQUEST"],
    )
    assert len([one for one in place.shown() if one[0] == "outlook"]) <= 1
    assert place.state(account) == "disconnected"


def test_a_lost_outlook_is_told_once_and_mail_serves_what_changes(place: Installation) -> None:
    account = place.connect("outlook")
    place.book()
    place.sync()
    place.sandbox.revoke(MAYA, "outlook")
    place.book("ses-2")
    place.sync()
    assert place.state(account) == "reconnect"
    assert place.copies() == [("outlook", "stranded")]
    assert sorted(place.mails()) == ["", "REQUEST"], "one notice, and the new session by mail"
    place.book(days=10)
    place.sync()
    assert sorted(place.mails()) == ["", "REQUEST", "REQUEST"]


def test_the_same_outlook_again_is_revived_before_anything_is_made(place: Installation) -> None:
    account = place.connect("outlook")
    place.book()
    place.sync()
    place.sandbox.revoke(MAYA, "outlook")
    place.book("ses-2")
    place.sync()
    assert place.connect("outlook") == account
    place.sync()
    assert place.copies() == [("outlook", "live")]
    assert [title for _, title in place.shown()] == [TITLE, "Title of ses-2"]


def test_from_a_lost_outlook_to_google_and_the_rest_is_taken_back_when_it_opens_again(
    place: Installation,
) -> None:
    place.connect("outlook")
    place.book()
    place.sync()
    place.sandbox.revoke(MAYA, "outlook")
    place.book("ses-2")
    place.sync()
    place.connect("google")
    place.sync()
    assert place.copies() == [("outlook", "stranded"), ("google", "live")]
    place.connect("outlook")
    place.sync()
    assert place.copies() == [("outlook", "live"), ("google", "gone")]
    assert [one for one in place.shown() if one[1] == TITLE] == IN_OUTLOOK


def test_a_consent_for_reading_only_is_served_by_mail(place: Installation) -> None:
    account = place.connect("outlook", ["Calendars.Read"])
    place.book()
    place.sync()
    assert place.state(account) == "free_busy_only"
    assert (place.copies(), place.mails()) == ([("mail", "live")], ["REQUEST"])


def test_a_mailbox_that_cannot_be_used_is_served_by_mail(place: Installation) -> None:
    account = place.connect("outlook")
    place.sandbox.fail(
        {"path_contains": "/me"}, status=404, reason="MailboxNotEnabledForRESTAPI", times=None
    )
    place.book()
    place.sync()
    assert place.state(account) == "unusable"
    assert (place.copies()[-1], place.mails()) == (("mail", "live"), ["REQUEST"])


def test_a_wrong_client_secret_touches_no_account(place: Installation) -> None:
    account = place.connect("outlook")
    place.close()
    place.outlook = {"client_secret": "wrong"}
    place.book()
    assert place.sync().setup
    assert (place.state(account), place.shown(), place.mails()) == ("active", [], [])


def test_an_event_with_guests_is_theirs_from_then_on(place: Installation) -> None:
    place.connect("outlook")
    place.book()
    place.sync()
    (event,) = place.sandbox.outlook_events(MAYA)
    place.sandbox.user_adds_guest(MAYA, event["id"], "friend@else.example")
    place.book(days=10)
    place.sync()
    place.shift = timedelta(minutes=1)  # no call of the change can still be running
    place.sync()
    assert place.copies() == [("outlook", "taken")]
    (after,) = place.sandbox.outlook_events(MAYA)
    assert after["start"] == event["start"]


@pytest.mark.parametrize("found", ["found", "missing"])
def test_a_deleted_event_stays_away_until_the_session_moves(
    place: Installation, found: str
) -> None:
    place.sandbox.switch("deleted_by_id", found)
    place.connect("outlook")
    place.book()
    place.sync()
    (event,) = place.sandbox.outlook_events(MAYA)
    place.sandbox.user_deletes(MAYA, event["id"])
    place.book(title="Only another title")
    place.sync()
    assert place.shown() == []
    place.book(days=12)
    place.sync()
    assert (place.shown(), place.mails()) == (IN_OUTLOOK, [])


@pytest.mark.parametrize("fault", ["commit_then_drop", "commit_then_504"])
@pytest.mark.parametrize("after", ["new", "answered", "conflict"])
def test_a_create_whose_answer_was_lost_is_one_event(
    place: Installation, fault: str, after: str
) -> None:
    place.sandbox.switch("transaction_after_delete", after)
    place.connect("outlook")
    place.book()
    getattr(place.sandbox, fault)({"method": "POST", "path_contains": "/me/events"})
    place.sync()
    for minutes in (5, 30):
        place.shift = timedelta(minutes=minutes)
        place.sync()
    assert (place.shown(), place.mails()) == (IN_OUTLOOK, [])
    assert place.copies() == [("outlook", "live")]


def test_a_directory_opened_by_its_administrator_needs_no_consent(place: Installation) -> None:
    place.outlook = {"domains": ["contoso.example"], "tenant": place.sandbox.outlook_tenant}
    place.book()
    place.sync()
    assert (place.shown(), place.mails()) == (IN_OUTLOOK, [])
    assert [one.grant for one in connect.listed(place.open().context, "default")] == ["domain"]
    place.sandbox.expire_tokens("")
    place.book(days=10)
    place.sync()
    assert (place.shown(), place.mails()) == (IN_OUTLOOK, [])


def test_a_person_whom_the_directory_does_not_know_is_served_by_mail(place: Installation) -> None:
    place.outlook = {"domains": ["contoso.example"], "tenant": place.sandbox.outlook_tenant}
    stranger = "nobody@contoso.example"
    place.sandbox.add_person(stranger)
    place.book(participants=[{"id": "u-2", "name": "Nobody", "email": stranger}])
    place.sync()
    assert [mail.method for mail in place.sandbox.mails(stranger)] == ["REQUEST"]
