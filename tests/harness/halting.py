"""Polls that halt with their transaction open, beside whom others write, on PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import timedelta

import sqlalchemy as sa

from calsync.core.account import Account
from calsync.core.booked import BookedSession
from calsync.ingest.intake import Ground, Intake
from calsync.ingest.poll import Poller
from calsync.store.database import Db
from tests.harness.platform import LOOSE, ListSource, Platform
from tests.harness.small_calsync import until

DEADLINE = 30.0


class Halt:
    """A point at which a thread says that it has arrived, and goes on when it is told."""

    def __init__(self) -> None:
        self.arrived, self.go_on = threading.Event(), threading.Event()

    def __call__(self) -> None:
        self.arrived.set()
        assert self.go_on.wait(DEADLINE)


@dataclass(frozen=True)
class HaltingIntake(Intake):
    """Halts with a page's transaction open: accounts are read, nothing is written."""

    halt: Halt = field(default_factory=Halt)

    def accounts_of(
        self, db: Db, tenant: str, found: Iterable[BookedSession]
    ) -> dict[str, list[Account]]:
        people = super().accounts_of(db, tenant, found)
        self.halt()
        return people


def halting_poller(platform: Platform, name: str, session: BookedSession) -> tuple[Poller, Halt]:
    """Of a source of its own, with this session."""
    source = ListSource(name, sessions=[session])
    intake = HaltingIntake(platform.store, platform.vault, name, "default", lambda _: Ground(LOOSE))
    return Poller(intake, source, sweep_gap=timedelta(hours=6)), intake.halt


def done_or_waiting(platform: Platform, *work: Future[object]) -> None:
    """Until each has ended, or stands in line for a lock."""
    locks = sa.text(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )

    def settled() -> bool:
        with platform.store.read() as db:
            return int(db.scalar(locks)) >= sum(not one.done() for one in work)

    until(settled, DEADLINE)
