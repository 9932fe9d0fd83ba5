"""What operators, participants and the platform ask is answered while somebody writes: SQLite lets
one writer in, and a large import writes for long."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
import sqlalchemy as sa

from calsync.ops import plan, queries, verdict
from calsync.ops.questions.explain import explain
from calsync.platform_api import feed, questions
from calsync.runtime.context import Context
from calsync.selfservice.overview import overview
from tests.harness.ledgers import sqlite_ledger
from tests.harness.platform import ListSource, Platform

ASKED: dict[str, Callable[[Context], object]] = {
    "status": queries.status,
    "health": verdict.liveness,
    "readiness": verdict.readiness,
    "plan": lambda context: plan.plan(context, ()),
    "explain": lambda context: explain(context, "ses-1", None, None),
    "a person's page": lambda context: overview(context, "default", "maya@home.example"),
    "changes": lambda context: feed.changes(context, "default", 1, 100),
    "a session": lambda context: questions.session(context, "default", "ses-1"),
}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform whose ledger somebody else writes to; who waits for them fails soon."""
    file = tmp_path_factory.mktemp("written") / "calsync.db"
    platform = Platform(sqlite_ledger(file))
    platform.book(platform.a_session())
    platform.deliver()
    feed.changes(platform.context, "default", 0, 100)  # numbers what is new
    _wait_little(platform.store.engine)
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        yield platform
        writer.execute("ROLLBACK")
    platform.close()


def _wait_little(engine: sa.Engine) -> None:
    engine.dispose()
    sa.event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA busy_timeout = 50"))


@pytest.mark.parametrize("asked", ASKED)
def test_it_is_answered_while_somebody_else_writes(written: Platform, asked: str) -> None:
    assert ASKED[asked](written.context) is not None


def test_news_and_a_sweep_are_planned_while_somebody_else_writes(written: Platform) -> None:
    source = ListSource("more", sessions=[written.a_session("ses-2")])
    found = plan.plan(written.context, [written.poller_of(source)])
    assert [one.session for one in found.steps] == ["ses-2", "ses-2"]


def test_who_would_write_is_told_that_somebody_else_does(written: Platform) -> None:
    with pytest.raises(Exception, match="locked"):
        written.context.transact("poll_page", lambda _: None)
