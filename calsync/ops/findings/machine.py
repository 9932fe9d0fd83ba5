"""Findings about where calsync runs: its disk, its clock, its database and its configuration."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from calsync.errors import CalsyncError, ConfigError, DatabaseError, InputError
from calsync.log import scrub
from calsync.ops.findings import daemons
from calsync.ops.results.finding import EVERYBODY, Finding, Severity
from calsync.ops.results.status import InstallationStatus, Liveness
from calsync.text.instants import iso

CLOCK = timedelta(minutes=1)  # a sign of life that is so much in the future was given by another


def silent(known: InstallationStatus, alive: Liveness) -> Iterator[Finding]:
    """A daemon that runs and cannot write."""
    if alive.silent is not None:
        yield daemons.not_writing(alive.silent, known.heartbeat)


def clock(known: InstallationStatus, _: Liveness) -> Iterator[Finding]:
    """Time went backwards: whatever waits for an instant waits for too long."""
    last = known.heartbeat
    if last is None or last - known.now <= CLOCK:
        return
    text = (
        f"the clock has been set back, or was wrong: a daemon's last sign of life is from "
        f"{iso(last)}, and now it is {iso(known.now)}; compare that with `date -u`, then start the "
        "daemon"
    )
    yield Finding(Severity.ERROR, text, None, EVERYBODY, "calsync run")


def unusable(error: CalsyncError) -> Finding:
    """Why there is nothing to judge: the configuration or the database cannot be used."""
    text, kind = str(error), "ledger" if isinstance(error, InputError) else "database"
    if isinstance(error, ConfigError):
        text, kind = (
            f"the configuration cannot be used: {'; '.join(error.problems)}",
            "configuration",
        )
    elif isinstance(error, DatabaseError):
        text = f"the database cannot be used: {scrub(text)}; {error.advice or CHECK_DATABASE}"
    return Finding(Severity.ERROR, text, None, EVERYBODY, "", kind)


CHECK_DATABASE = "check database.url, and that calsync may read and write the database"
