"""Every connect and disconnect is told to the person's own address: by real mail."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from calsync.accounts import connect, disconnect
from calsync.core.account import Account, Grant, Opened
from calsync.core.content.words import ENGLISH, GERMAN
from calsync.notices import request_notice
from calsync.ops import commands, retention
from calsync.store.connect import accounts
from calsync.store.ledger import notices
from calsync.store.queue import pauses
from tests.account_mails import SUBJECTS, of_accounts
from tests.harness.installation import MAYA, Installation, installed
from tests.harness.platform import Platform

PARTICIPANT = {"id": "u-1", "name": "Maya Chen", "email": MAYA}
CONNECTED, DISCONNECTED = ENGLISH.connected_subject, ENGLISH.disconnected_subject


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as found:
        yield found


def told(made: Installation) -> list[str]:
    return of_accounts(made.sandbox.mails(MAYA))


def test_an_import_is_told_with_provider_address_and_time_in_her_zone(made: Installation) -> None:
    made.book(participants=[{**PARTICIPANT, "time_zone": "America/Toronto"}])
    made.sync()
    made.connect("google")
    made.sync()
    (mail,) = (one for one in made.sandbox.mails(MAYA) if one.subject in SUBJECTS)

    for said in (mail.text, mail.html):
        assert f"Google Calendar ({MAYA}) was connected on" in said
        assert "(America/Toronto, UTC" in said
        assert "not you" in said
        assert "Title of ses-1" not in said
    assert mail.method == "", "a plain mail, without an event"


def test_it_is_told_in_her_language(made: Installation) -> None:
    made.book(participants=[{**PARTICIPANT, "locale": "de-AT"}])
    made.sync()
    account = made.connect("outlook")
    made.sync()
    disconnect.leave(made.open().context, "default", MAYA, account)
    made.sync()

    assert told(made) == [GERMAN.connected_subject, GERMAN.disconnected_subject]


def test_each_connection_is_told_once_and_connecting_again_is_another(made: Installation) -> None:
    account = made.connect("google")
    made.sync()
    made.sync()
    assert told(made) == [CONNECTED]
    assert made.connect("google") == account
    made.sync()

    assert told(made) == [CONNECTED, CONNECTED]


@pytest.mark.parametrize("who", ["person", "ops"])
def test_leaving_is_told_once_whoever_did_it(made: Installation, who: str) -> None:
    account = made.connect("google")
    made.book()
    made.sync()
    for _ in range(2):
        if who == "ops":
            disconnect.disconnect(made.open().context, account)
        else:
            disconnect.leave(made.open().context, "default", MAYA, account)
        made.sync()

    assert told(made) == [CONNECTED, DISCONNECTED]


def test_a_dead_account_that_is_left_is_told_as_well(made: Installation) -> None:
    account = made.connect("google")
    made.book()
    made.sync()
    made.sandbox.revoke(MAYA, provider="google")
    made.book(title="Another title")
    made.sync()
    assert made.state(account) == "reconnect"
    disconnect.disconnect(made.open().context, account)
    made.sync()

    assert told(made) == [CONNECTED, DISCONNECTED]


def test_a_consent_to_read_only_is_told_as_that(made: Installation) -> None:
    made.connect("google", ["https://www.googleapis.com/auth/calendar.freebusy"])
    made.sync()
    (mail,) = made.sandbox.mails(MAYA)

    assert "only for seeing when you are free" in mail.text


def wanted(platform: Platform) -> list[tuple[str, str]]:
    """Kind and person of the notices that wait."""
    found = []
    with platform.store.write() as db:
        while (one := notices.claim(db, platform.context.lease)) is not None:
            found.append((one.kind, one.person))
            notices.finish(db, one, "sent")
    return sorted(found)


def test_whose_calendar_goes_over_to_somebody_else_is_told_so(platform: Platform) -> None:
    for email in ("maya@example.org", "sam@example.org"):
        account = Account("", "", email, "google", "maya@gmail.example")
        with platform.store.write() as db:
            opened = Opened(account, "subject-1", {"refresh_token": "r"})
            connect.store(platform.context, db, "default", email, opened)

    assert wanted(platform) == [
        ("account_connected", "maya@example.org"),
        ("account_connected", "sam@example.org"),
        ("account_disconnected", "maya@example.org"),
    ]


def test_nobody_is_told_of_what_their_administrator_did(platform: Platform) -> None:
    email = "maya@example.org"
    account = Account("d", "default", email, "google", email, grant=Grant.DOMAIN)
    with platform.store.write() as db:
        ident = accounts.connect(db, platform.vault, account, email, {})
    disconnect.disconnect(platform.context, ident)

    assert wanted(platform) == []


def test_a_pause_of_mail_holds_it_back(made: Installation) -> None:
    made.connect("google")
    with made.open().context.store.write() as db:
        pauses.stop(db, "default", "mail", "ops", "paused by ops")
    made.sync()
    assert told(made) == []
    commands.resume(made.open().context, "default", "mail")
    made.sync()

    assert told(made) == [CONNECTED]


def test_nobody_outside_only_to_is_told(made: Installation) -> None:
    made.deliver = 'only_to = ["*@corp.example"]'
    made.connect("google")
    made.sync()

    assert made.sandbox.mails(MAYA) == []


def test_an_account_that_was_forgotten_meanwhile_is_not_told(made: Installation) -> None:
    account = made.connect("google")
    with made.open().context.store.write() as db:
        request_notice.disconnected(db, accounts.by_ids(db, [account])[account])
    retention.forget(made.open().context, MAYA)
    made.sync()

    assert made.sandbox.mails(MAYA) == []
