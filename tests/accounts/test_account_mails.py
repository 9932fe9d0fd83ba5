"""Every connect and disconnect is told to the person's own address: by real mail."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
import sqlalchemy as sa

from calsync.accounts import connect, disconnect
from calsync.core.account import Account, Grant, Opened
from calsync.core.content.notices import Cause
from calsync.messages.language import language
from calsync.notices import request_notice
from calsync.ops import commands, retention
from calsync.store.connect import accounts
from calsync.store.ledger import notices
from calsync.store.ledger.rows import table
from calsync.store.queue import pauses
from tests.account_mails import is_of_account, of_accounts, tells
from tests.harness.installation import MAYA, Installation, installed
from tests.harness.platform import Platform

PARTICIPANT = {"id": "u-1", "name": "Maya Chen", "email": MAYA}
ENGLISH = language("en")
CONNECTED, DISCONNECTED = "connected", "disconnected"


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
    (mail,) = (one for one in made.sandbox.mails(MAYA) if is_of_account(one.subject))

    for said in (mail.text, unescape(mail.html)):
        assert f"Google Calendar ({MAYA}) was connected on" in said
        assert "(Toronto), UTC" in said
        assert "wasn't you" in unescape(said)
        assert "Title of ses-1" not in said
    assert mail.method == "", "a plain mail, without an event"


def test_it_is_told_in_her_language(made: Installation) -> None:
    made.book(participants=[{**PARTICIPANT, "locale": "de-AT"}])
    made.sync()
    account = made.connect("outlook")
    made.sync()
    disconnect.leave(made.open().context, "default", MAYA, account)
    made.sync()

    first, last = (one.subject for one in made.sandbox.mails(MAYA) if is_of_account(one.subject))
    assert tells("connected", first, "de")
    assert tells("disconnected", last, "de")


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

    assert "only to see when you're free" in mail.text


@pytest.mark.parametrize("who", ["person", "ops"])
def test_it_says_who_did_it_and_what_to_do_if_nobody_should_have(
    made: Installation, who: str
) -> None:
    account = made.connect("google")  # as ops import one
    made.sync()
    if who == "ops":
        disconnect.disconnect(made.open().context, account)
    else:
        disconnect.leave(made.open().context, "default", MAYA, account)
    made.sync()
    imported, left = made.sandbox.mails(MAYA)
    assert ENGLISH.text("notice.why_connected_ops") in imported.text
    assert ENGLISH.text(f"notice.why_disconnected_{who}") in left.text
    for mail in (imported, left):
        assert ENGLISH.text("notice.not_you") in mail.text


def test_a_lost_calendar_is_named_with_its_address_since_when_and_why(made: Installation) -> None:
    made.book(participants=[{**PARTICIPANT, "time_zone": "America/Toronto"}])
    made.connect("google")
    made.sync()
    made.sandbox.revoke(MAYA, provider="google")
    made.book(title="Another title")
    made.sync()
    (mail,) = (one for one in made.sandbox.mails(MAYA) if tells("lost", one.subject))
    for said in (mail.text, unescape(mail.html)):
        assert f"no access to Google Calendar ({MAYA}) since" in said
        assert ENGLISH.text("notice.why_lost_google") in said
        assert ENGLISH.text("notice.lost_not_you") in said


def connect_as(platform: Platform, email: str, address: str) -> str:
    """Sign in to the Google account of this id, for this person of the platform."""
    account = Account("", "", email, "google", address)
    with platform.store.write() as db:
        opened = Opened(account, "subject-1", {"refresh_token": "r"})
        return connect.store(platform.context, db, "default", email, opened).id


def told_of(platform: Platform) -> list[tuple[str, str, str, Cause]]:
    """Kind, person, address and cause of the notices that wait, in the order of their making."""
    found = []
    with platform.store.write() as db:
        while (one := notices.claim(db, platform.context.lease)) is not None:
            assert one.fact is not None
            found.append((one.kind, one.person, one.fact.address, one.fact.cause))
            notices.finish(db, one, "sent")
    return sorted(found)


def test_a_notice_tells_of_the_account_as_it_was_and_never_anothers_address(
    platform: Platform,
) -> None:
    """The same account at Google, by then under another address and another person's: the mails
    to Maya were not sent yet."""
    ident = connect_as(platform, "maya@example.org", "maya@gmail.example")
    disconnect.leave(platform.context, "default", "maya@example.org", ident)
    assert connect_as(platform, "sam@example.org", "sam@gmail.example") == ident
    maya, sam = "maya@gmail.example", "sam@gmail.example"
    assert told_of(platform) == [
        ("account_connected", "maya@example.org", maya, Cause.PERSON),
        ("account_connected", "sam@example.org", sam, Cause.PERSON),
        ("account_disconnected", "maya@example.org", maya, Cause.PERSON),
        ("account_disconnected", "maya@example.org", maya, Cause.TAKEN_OVER),
    ]


def test_a_notice_of_before_facts_were_kept_is_written_only_for_whose_the_account_still_is(
    made: Installation,
) -> None:
    made.sandbox.add_person("lena@contoso.example")
    account = made.connect("google")
    with made.open().context.store.write() as db:
        db.run(sa.update(table("notice")).values(fact=None))
        for person in (MAYA, "lena@contoso.example"):
            notices.want(db, "default", notices.DISCONNECTED, person, f"{account} then")
    made.sync()
    assert told(made) == [CONNECTED, DISCONNECTED]
    assert made.sandbox.mails("lena@contoso.example") == []


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
        known = accounts.by_ids(db, [account])[account]
        request_notice.disconnected(db, known, Cause.PERSON)
    retention.forget(made.open().context, MAYA)
    made.sync()

    assert made.sandbox.mails(MAYA) == []
