"""A poll that finds nothing new, as nearly every poll does, prepares nothing anew and writes
nothing about sessions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from calsync.ingest.poll import Poller
from calsync.sources.sql import engines
from tests.harness.counted import counted
from tests.harness.platform import ListSource, Platform
from tests.ingest.test_sql_polls import a_crm, a_poller
from tests.sources.platform import Platform as Table
from tests.sources.platform import a_row

Run = tuple[str, str]  # the kind of a statement, and its first table
CLOCK = ("select", "None")  # PostgreSQL's


@contextmanager
def built_anew(platform: Platform) -> Iterator[list[Run]]:
    """The statements that SQLAlchemy runs meanwhile, and not the driver alone."""
    found: list[Run] = []

    def note(_conn: object, statement: Any, *_: object) -> None:
        tables = statement.get_final_froms() if isinstance(statement, sa.Select) else ()
        first = tables[0] if tables else getattr(statement, "table", None)
        found.append((statement.__visit_name__, str(first)))

    sa.event.listen(platform.store.engine, "before_execute", note)
    try:
        yield found
    finally:
        sa.event.remove(platform.store.engine, "before_execute", note)


def an_idle(poller: Poller) -> Poller:
    """One that has polled twice: what is built once is built."""
    for _ in range(2):
        assert poller.run_due().error is None
    return poller


def test_a_poll_of_a_source_without_news_builds_no_statement(platform: Platform) -> None:
    poller = an_idle(platform.poller_of(ListSource()))
    with built_anew(platform) as found:
        assert poller.run_due().unchanged
    assert [one for one in found if one != CLOCK] == []


def test_a_poll_without_news_is_two_transactions_of_the_ledger(platform: Platform) -> None:
    """One takes the source's lease and reads how far it was read, the other writes that it was read
    and gives the lease back. Once it is asked for what the records were read with."""
    poller = an_idle(platform.poller_of(ListSource()))
    with counted() as counts:
        assert poller.run_due().unchanged
    assert counts.transactions == 2
    clocks = 0 if platform.store.sqlite else 3
    assert counts.asked - clocks <= 7


def test_sessions_that_a_source_still_has_are_not_written(
    platform: Platform, tmp_path: Path
) -> None:
    """The questions for deleted rows build nothing either: what is left asks which of the rows
    that are shown again are known."""
    poller = an_idle(a_poller(platform, a_crm(tmp_path)))
    with built_anew(platform) as found:
        assert poller.run_due().changed == 0
    assert ("update", "booked_session") not in found
    assert len([one for one in found if one != CLOCK]) <= 6


def test_a_database_that_shows_its_newest_row_again_is_asked_as_before(
    platform: Platform, tmp_path: Path
) -> None:
    """No statement is made anew, for the ledger or for the source."""
    rows = Table(f"sqlite:///{tmp_path / 'platform.db'}")
    rows.create()
    rows.add(a_row("ses-1", 1), a_row("ses-2", 2))
    poller = platform.poller_of(rows.source())
    poller.run_due()  # the sweep behind the first poll remembers by what each record is known
    an_idle(poller)
    found: list[object] = []

    def note(_conn: object, statement: object, *_: object) -> None:
        found.append(statement)

    sa.event.listen(sa.engine.Engine, "before_execute", note)
    try:
        assert poller.run_due().seen == 2
    finally:
        sa.event.remove(sa.engine.Engine, "before_execute", note)
    assert [str(one) for one in found if "now()" not in str(one)] == []
    rows.engine.dispose()


def test_what_a_source_was_asked_is_compiled_once(
    platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    poller, made = an_idle(a_poller(platform, a_crm(tmp_path))), list[object]()
    create: Callable[..., sa.Engine] = sa.create_engine

    def counted(*given: object, **named: object) -> sa.Engine:
        made.append(given)
        return create(*given, **named)

    monkeypatch.setattr(engines.sa, "create_engine", counted)
    assert poller.run_due().error is None
    assert made == []
