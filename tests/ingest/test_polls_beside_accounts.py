"""A new session and an account change in the same instant, on PostgreSQL, where both may write."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from calsync.accounts import reroute
from calsync.core.account import Account
from calsync.ingest.poll import Poller
from calsync.store.connect import accounts
from tests.harness.halting import DEADLINE, Halt, done_or_waiting, halting_poller
from tests.harness.platform import MAYA, Platform

pytestmark = pytest.mark.parametrize("ledger_url", ["postgres"], indirect=True)


def a_poller(platform: Platform, name: str, session: str = "ses-1") -> tuple[Poller, Halt]:
    """Of a source of its own, with a brand-new session of Maya's."""
    return halting_poller(platform, name, platform.a_session(session, participants=(MAYA,)))


def test_two_polls_that_read_no_account_are_rerouted_when_it_connects_meanwhile(
    platform: Platform,
) -> None:
    (first, one), (second, other) = a_poller(platform, "first"), a_poller(platform, "second")
    with ThreadPoolExecutor(3) as threads:
        try:
            polls = [threads.submit(poller.run_once) for poller in (first, second)]
            assert one.arrived.wait(DEADLINE)
            assert other.arrived.wait(DEADLINE)
            connecting: Future[object] = threads.submit(platform.connect, MAYA.email)
            done_or_waiting(platform, connecting)
        finally:
            one.go_on.set()
            other.go_on.set()
        assert [poll.result(DEADLINE).error for poll in polls] == [None, None]
        account = connecting.result(DEADLINE)
    assert platform.delivery()["account"] == account
    platform.deliver()
    assert platform.states() == ["google live"]
    assert platform.mail.sent == []


def test_a_poll_that_begins_while_an_account_connects_reads_it(platform: Platform) -> None:
    halt = Halt()

    def connect() -> str:
        account = Account(accounts.new_id("google"), "default", MAYA.email, "google", MAYA.email)
        with platform.store.write() as db:
            ident = accounts.connect(db, platform.vault, account, MAYA.email, {})
            reroute.reroute(platform.context, db, "default", [MAYA.email])
            halt()
        return ident

    with ThreadPoolExecutor(2) as threads:
        try:
            connecting = threads.submit(connect)
            assert halt.arrived.wait(DEADLINE)
            book = platform.book
            polling: Future[object] = threads.submit(book, platform.a_session(participants=(MAYA,)))
            done_or_waiting(platform, polling)
        finally:
            halt.go_on.set()
        account = connecting.result(DEADLINE)
        polling.result(DEADLINE)
    assert platform.delivery()["account"] == account


def test_polls_do_not_wait_for_each_other(platform: Platform) -> None:
    first, one = a_poller(platform, "first")
    second, other = a_poller(platform, "second", "ses-2")
    other.go_on.set()
    with ThreadPoolExecutor(2) as threads:
        try:
            polls = [threads.submit(first.run_once)]
            assert one.arrived.wait(DEADLINE)
            polls.append(threads.submit(second.run_once))
            assert polls[1].result(DEADLINE).changed == 1
        finally:
            one.go_on.set()
        assert polls[0].result(DEADLINE).changed == 1
