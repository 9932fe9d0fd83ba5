"""Wake-ups: who waits for work is woken by a look, by this process and by another one."""

from __future__ import annotations

import select
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

import pytest
import sqlalchemy as sa

from calsync.daemon.wakeup import Wakeup
from calsync.store.database import Db
from calsync.store.queue import channels, notify
from tests.harness.platform import MAYA, Platform
from tests.harness.small_calsync import until

DEADLINE = 30.0
ONLY_POSTGRES = pytest.mark.parametrize("ledger_url", ["postgres"], indirect=True)
ONLY_SQLITE = pytest.mark.parametrize("ledger_url", ["sqlite"], indirect=True)


def outlived(errors: list[str]) -> Callable[[Callable[[], bool]], bool]:
    """As the daemon guards its workers."""

    def guarded(work: Callable[[], bool]) -> bool:
        try:
            return work()
        except Exception as error:
            errors.append(type(error).__name__)
            return False

    return guarded


@contextmanager
def watching(platform: Platform, errors: list[str]) -> Iterator[tuple[Wakeup, threading.Event]]:
    """A wake-up that is watched, and whether somebody who waits at it was woken."""
    wakeup, woken, stop = Wakeup(platform.store), threading.Event(), threading.Event()

    def worker() -> None:
        while not stop.is_set():
            wakeup.wait()
            woken.set()

    threads = [
        threading.Thread(target=worker),
        threading.Thread(target=wakeup.watch, args=(outlived(errors),)),
    ]
    for one in threads:
        one.start()
    try:
        yield wakeup, woken
    finally:
        stop.set()
        wakeup.stop()
        for one in threads:
            one.join(DEADLINE)
        assert not any(one.is_alive() for one in threads)


def test_who_waits_is_woken_when_something_is_due_and_not_before(platform: Platform) -> None:
    errors: list[str] = []
    with watching(platform, errors) as (_, woken):
        assert not woken.is_set()
        platform.book(platform.a_session(participants=(MAYA,)))
        assert woken.wait(DEADLINE)
    assert errors == []


@ONLY_SQLITE
def test_a_watch_outlives_a_look_that_fails(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    due, left = channels.anything_due, ["one"]

    def once(db: Db) -> bool:
        if left:
            raise ConnectionError(left.pop())
        return due(db)

    monkeypatch.setattr(channels, "anything_due", once)
    errors: list[str] = []
    with watching(platform, errors) as (_, woken):
        platform.book(platform.a_session(participants=(MAYA,)))
        assert woken.wait(DEADLINE)
    assert errors == ["ConnectionError"]


@ONLY_POSTGRES
def test_a_watch_outlives_the_end_of_its_connection(platform: Platform) -> None:
    errors: list[str] = []
    ended = set[int]()
    with watching(platform, errors) as (_, woken):
        end_listener(platform, ended)
        platform.book(platform.a_session(participants=(MAYA,)))
        assert woken.wait(DEADLINE)
        end_listener(platform, ended)
        until(lambda: len(errors) == 2)


def end_listener(platform: Platform, ended: set[int]) -> None:
    """End the connection that listens, as soon as there is one that was not `ended` before: such a
    backend is listed until it is gone."""
    query = sa.text(
        "SELECT pid FROM pg_stat_activity"
        " WHERE query LIKE 'LISTEN%' AND datname = current_database()"
    )

    def found() -> bool:
        with platform.store.read() as db:
            fresh = {int(row["pid"]) for row in db.all(query)} - ended
            for pid in fresh:
                db.run(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        ended.update(fresh)
        return bool(fresh)

    until(found)


@ONLY_POSTGRES
def test_who_listens_waits_at_the_socket_and_does_not_look_again_and_again(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    wait = select.select

    def noted(reads: Any, writes: Any, others: Any, seconds: float) -> Any:
        waits.append(seconds)
        return wait(reads, writes, others, seconds)

    monkeypatch.setattr(select, "select", noted)
    found = list(islice(notify.heard(platform.store, 0.05), 3))

    assert (found, waits) == ([False] * 3, [0.05] * 3)


@ONLY_POSTGRES
def test_another_process_is_heard_when_its_transaction_commits(platform: Platform) -> None:
    heard = notify.heard(platform.store, 0.05)
    assert next(heard) is False
    with platform.store.write() as db:
        notify.wake(db)
        assert next(heard) is False
    assert True in islice(heard, 200)
    with platform.store.write() as db:
        notify.wake(db)
        db.conn.get_transaction().rollback()
    assert True not in islice(heard, 3)


@ONLY_POSTGRES
def test_a_booking_rings_and_its_delivery_does_not(platform: Platform) -> None:
    heard = notify.heard(platform.store, 0.05)
    assert next(heard) is False
    platform.book(platform.a_session(participants=(MAYA,)))
    assert True in islice(heard, 200)
    platform.deliver()
    assert platform.states() == ["mail live"]
    assert True not in islice(heard, 3)


@ONLY_SQLITE
def test_a_file_of_one_machine_has_nobody_else_to_hear(platform: Platform) -> None:
    assert list(notify.heard(platform.store, 0.05)) == []
