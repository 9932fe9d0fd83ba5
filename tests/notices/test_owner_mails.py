"""Whoever looks after the integration is told of lost accounts: one mail each, or one for many."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from calsync.accounts import reroute
from calsync.core.account import Account, AccountState, Grant
from calsync.notices import request_notice
from calsync.ops import commands, retention
from calsync.store.connect import accounts
from tests.harness.installation import MAYA, Installation, installed

OWNER = "owner@platform.example"


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as found:
        found.sandbox.add_person(OWNER)
        found.owner = OWNER
        yield found


def told(made: Installation) -> list[str]:
    return [mail.subject for mail in made.sandbox.mails(OWNER)]


def lose(made: Installation, *idents: str) -> None:
    opened = made.open()
    for ident in idents:
        with opened.context.store.write() as db:
            reroute.lose(opened.context, db, ident, AccountState.RECONNECT, "invalid_grant")


def people(made: Installation, count: int) -> list[str]:
    """Accounts of as many people."""
    opened, found = made.open(), []
    for n in range(count):
        email = f"p{n}@example.org"
        account = Account(f"google-{n}", "default", email, "google", email, grant=Grant.OWN)
        with opened.context.store.write() as db:
            found.append(accounts.connect(db, opened.context.vault, account, email, {}))
    return found


def test_a_lost_account_is_told_once_and_without_any_session(made: Installation) -> None:
    account = made.connect("google")
    made.book(title="PLANTED-TITLE", agenda={"text": "PLANTED-AGENDA", "format": "text"})
    made.sync()
    lose(made, account)
    made.sync()
    assert told(made) == [], "it may be the first of many"
    made.shift += request_notice.OWNER_WAIT
    made.sync()
    made.sync()
    (mail,) = made.sandbox.mails(OWNER)

    assert mail.subject == "calsync: a calendar account was lost"
    assert mail.method == ""
    for said in (mail.text, mail.html):
        assert account in said
        assert MAYA in said
        assert "calsync accounts list --tenant default" in said
        assert "PLANTED" not in said


def test_who_connects_again_within_minutes_is_no_news(made: Installation) -> None:
    account = made.connect("google")
    lose(made, account)
    assert made.connect("google") == account
    made.shift += request_notice.OWNER_WAIT
    made.sync()

    assert told(made) == []


def test_many_at_once_are_one_mail_with_how_many_and_what_to_do(made: Installation) -> None:
    found = people(made, 40)
    lose(made, *found[:30])
    made.sync()
    made.shift += 2 * request_notice.OWNER_WAIT
    made.sync()
    (mail,) = made.sandbox.mails(OWNER)

    assert mail.subject == "calsync: many calendar accounts were lost at once"
    for said in (mail.text, mail.html):
        assert "30 accounts of the tenant default" in said
        assert "calsync accounts list --tenant default" in said
        assert "calsync resume --tenant default --channel google" in said
        assert "@example.org" not in said


def test_after_the_incident_its_accounts_are_not_told_one_by_one(made: Installation) -> None:
    found = people(made, 40)
    lose(made, *found[:30])
    made.sync()
    commands.resume(made.open().context, "default", "google")
    made.shift += 2 * request_notice.OWNER_WAIT
    made.sync()

    assert len(told(made)) == 1


def test_an_incident_after_the_first_is_another_mail(made: Installation) -> None:
    found = people(made, 60)
    lose(made, *found[:25])
    made.sync()
    commands.resume(made.open().context, "default", "google")
    lose(made, *found[25:50])
    made.sync()

    assert len(told(made)) == 2


def test_nobody_is_told_where_no_owner_is_named(made: Installation) -> None:
    made.owner = ""
    lose(made, made.connect("google"))
    made.shift += 2 * request_notice.OWNER_WAIT
    made.sync()

    assert told(made) == []


def test_only_to_leaves_out_the_owner_as_well(made: Installation) -> None:
    made.deliver = 'only_to = ["*@contoso.example"]'
    lose(made, made.connect("google"))
    made.shift += 2 * request_notice.OWNER_WAIT
    made.sync()

    assert told(made) == []


def test_whom_calsync_forgets_the_owner_is_not_told_of(made: Installation) -> None:
    lose(made, made.connect("google"))
    retention.forget(made.open().context, MAYA)
    made.shift += 2 * request_notice.OWNER_WAIT
    made.sync()
    with made.open().context.store.read() as db:
        left = db.conn.exec_driver_sql("SELECT count(*) FROM notice").scalar()

    assert (told(made), left) == ([], 0)
