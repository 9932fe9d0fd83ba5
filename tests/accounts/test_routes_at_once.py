"""A new session and a new account in the same instant: whoever comes second sees the first."""

from __future__ import annotations

import threading
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from calsync.core.account import Account
from calsync.store.connect import accounts
from calsync.store.database import Db
from tests.harness.platform import MAYA, Platform
from tests.harness.small_calsync import until

DEADLINE = 30.0
WAITING = sa.text(
    "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
    " WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()"
)


def waiting(platform: Platform) -> bool:
    """Somebody waits for the routes of a tenant."""
    with platform.store.read() as db:
        return bool(db.scalar(WAITING))


@pytest.mark.parametrize("ledger_url", ["postgres"], indirect=True)
def test_an_account_connected_while_its_first_session_is_polled_shows_that_session(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_emails = accounts.of_emails
    polled, go_on = threading.Event(), threading.Event()

    def slowly(db: Db, tenant: str, emails: Collection[str]) -> dict[str, list[Account]]:
        found = of_emails(db, tenant, emails)
        if emails and threading.current_thread().name.startswith("poll"):
            polled.set()
            assert go_on.wait(DEADLINE)
        return found

    monkeypatch.setattr(accounts, "of_emails", slowly)
    session = platform.a_session(participants=(MAYA,))
    with (
        ThreadPoolExecutor(1, "poll") as poll,
        ThreadPoolExecutor(1, "connect") as connect,
    ):
        booked = poll.submit(platform.book, session)
        assert polled.wait(DEADLINE)
        connected = connect.submit(platform.connect, MAYA.email)
        until(lambda: connected.done() or waiting(platform))
        go_on.set()
        booked.result(DEADLINE)
        connected.result(DEADLINE)
    platform.deliver()

    assert platform.states() == ["google live"]
