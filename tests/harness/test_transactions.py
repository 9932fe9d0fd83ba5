"""The watch over calls inside transactions finds what is planted, whoever catches its failure."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from calsync.sources.file import FileSource
from calsync.store.database import Store, open_engine
from providers.http.transport import Transport
from providers.http.watchdog import Watchdog
from tests.crash.process import CALLED_INSIDE, run
from tests.crash.stage import a_stage
from tests.harness.platform import Platform
from tests.harness.transactions import watch


def fetch() -> None:
    """A call that goes nowhere."""
    given = {"headers": {}, "body": None, "until": 0.0}
    with suppress(Exception):
        Transport(Watchdog()).call("GET", "http://127.0.0.1:9/", **given)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(open_engine(f"sqlite:///{tmp_path / 'store.db'}"))
    yield made
    made.close()


@pytest.mark.parametrize("kind", ["read", "write"])
def test_a_call_inside_a_transaction_is_found(store: Store, kind: str) -> None:
    with watch() as found:
        fetch()
        assert found == []
        with getattr(store, kind)():
            fetch()
        assert found == ["Transport.call is called inside a transaction"]
        fetch()
        assert len(found) == 1, "over with the transaction"


def test_a_transaction_of_another_thread_hinders_nobody(store: Store) -> None:
    with watch() as found, store.read():
        thread = threading.Thread(target=fetch)
        thread.start()
        thread.join()
    assert found == []


def test_a_transaction_that_failed_is_over(store: Store) -> None:
    with watch() as found:
        with suppress(ZeroDivisionError), store.write():
            raise ZeroDivisionError
        fetch()
    assert found == []


def test_a_delivery_inside_a_transaction_is_found(platform: Platform) -> None:
    platform.book(platform.a_session())
    with watch() as found, platform.store.read(), suppress(AssertionError):
        platform.work_one()
    assert found == ["FakeMail.send is called inside a transaction"]
    assert platform.mail.sent == []


def test_a_source_that_is_read_inside_a_transaction_is_found(tmp_path: Path, store: Store) -> None:
    file = tmp_path / "sessions.jsonl"
    file.write_text("", encoding="utf-8")
    with watch() as found:
        pages = FileSource("platform", "default", file).changes(None)
        with store.write(), suppress(AssertionError):
            next(pages)
    assert found == ["FileSource.changes is called inside a transaction"]


def test_a_process_of_the_crash_tests_that_does_it_is_found(tmp_path: Path) -> None:
    with a_stage(tmp_path, f"sqlite:///{tmp_path / 'calsync.db'}") as stage:
        assert run(stage.config, "calls_inside") == CALLED_INSIDE
        stage.done()
