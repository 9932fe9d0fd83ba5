"""What questions of the ledger cost, by how much is stored. Rows are made in SQL."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path

from calsync.ops import plan, queries
from calsync.ops.questions.explain import explain
from calsync.platform_api import feed
from calsync.runtime.context import Context
from calsync.selfservice.overview import overview
from calsync.store import expired, metrics, schema, status
from calsync.store.api import facts
from calsync.store.database import Db, Store, open_engine
from calsync.store.ledger import copies, people
from calsync.store.queue import channels, due, slots
from tests.bench.grown import grow
from tests.harness.platform import Platform

SIZES = (1_000, 100_000)
LARGEST = 1_000_000
PERSON = "p7@example.org"
LEASE = timedelta(minutes=1)


def _change_of_accounts(db: Db) -> object:
    found = people.sessions_ahead(db, "default", [PERSON])
    copies.wake_in_accounts(db, "default", [PERSON])
    return found


def _purge(db: Db) -> object:
    """Nothing is over."""
    old = db.now - timedelta(days=400)
    return expired.blank_content(db, old), expired.drop_lines(db, old), expired.drop_facts(db, old)


def _feed(db: Db) -> object:
    """A page of the feed from its middle."""
    last = facts.tail(db, "default").last
    return facts.between(db, "default", last // 2, 100)


QUESTIONS: dict[str, Callable[[Db], object]] = {
    "look for work": channels.anything_due,
    "claim, nothing due": lambda db: due.take(db, LEASE, channels.tenants(db)),
    "look for lost wake-ups": slots.reap,
    "`status`": queries.current,
    "`health`": status.overdue_since,
    "`/metrics`": metrics.figures,
    "a change of one person's accounts": _change_of_accounts,
    "page of the feed": _feed,
    "purge, nothing over": _purge,
}
# What is asked of an installation, with how many sessions are stored.
ASKED: dict[str, Callable[[Context, int], object]] = {
    "`plan`, nothing new": lambda context, _: plan.plan(context, ()),
    "`explain`": lambda context, count: explain(context, f"s{count - 1}", None, "default"),
    "a person's page": lambda context, _: overview(context, "default", PERSON),
    "`/api/changes` from the middle": lambda context, count: feed.changes(
        context, "default", count // 2, 100
    ),
}
WRITING = frozenset(
    {
        "claim, nothing due",
        "look for lost wake-ups",
        "a change of one person's accounts",
        "purge, nothing over",
    }
)


def ask(folder: Path, count: int, runs: int) -> dict[str, list[float]]:
    """CPU ms of each question, `runs` times, with so many stored sessions; each was asked once
    before."""
    url = f"sqlite:///{folder / f'grown-{count}.db'}"
    with closing(Store(open_engine(url))) as store:
        schema.upgrade(store)
    with closing(Platform(url)) as installed:
        grow(installed.store, count)
        found = {name: ask_one(installed.store, name, runs) for name in QUESTIONS}
        for name, question in ASKED.items():
            found[name] = _taken(partial(question, installed.context, count), runs)
    return found


def _taken(question: Callable[[], object], runs: int) -> list[float]:
    """Of all threads, and whatever transactions it makes itself."""
    taken = []
    for _ in range(runs + 1):
        began = time.process_time()
        question()
        taken.append((time.process_time() - began) * 1000)
    return taken[1:]


def ask_one(store: Store, name: str, runs: int) -> list[float]:
    taken = []
    for _ in range(runs + 1):
        with store.write() if name in WRITING else store.read() as db:
            began = time.process_time()
            QUESTIONS[name](db)
            taken.append((time.process_time() - began) * 1000)
    return taken[1:]


def name_of(question: str, count: int) -> str:
    """Under which a figure is kept."""
    return f"{question} at {count}"
