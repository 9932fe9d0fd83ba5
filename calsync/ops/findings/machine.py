"""Findings about where calsync runs: its disk, its clock, its database and its configuration."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from calsync.errors import CalsyncError, ConfigError, DatabaseError, InputError
from calsync.log import scrub
from calsync.ops.channel_findings import EVERYBODY
from calsync.ops.results.finding import Finding, Severity
from calsync.ops.results.status import InstallationStatus, Liveness, SilentDaemon
from calsync.runtime import process_lock
from calsync.runtime.context import Context
from calsync.text.instants import iso

MEGABYTE = 1_000_000
CLOCK = timedelta(minutes=1)  # a sign of life that is so much in the future was given by another


def silent_daemon(context: Context) -> SilentDaemon | None:
    """The daemon that runs on this machine's SQLite file, where there is one and its signs of life
    do not reach the ledger."""
    store = context.store
    database = str(store.engine.url.database)
    if not store.sqlite or not process_lock.is_taken(database):
        return None
    folder = Path(database).absolute().parent
    return SilentDaemon(str(folder), shutil.disk_usage(folder).free)


def silent(known: InstallationStatus, alive: Liveness) -> Iterator[Finding]:
    """A daemon that runs and cannot write."""
    if alive.silent is not None:
        yield not_writing(alive.silent, known.heartbeat)


def not_writing(daemon: SilentDaemon, last: datetime | None) -> Finding:
    """It gave its last sign of life then."""
    since = f" since {iso(last)}" if last else ""
    text = (
        f"the daemon runs and has written nothing into its database{since}, so nothing is sent; "
        f"{daemon.free // MEGABYTE} MB are free on the disk (or the file has reached a "
        "limit); it goes on by itself as soon as it can write"
    )
    command = f"df -h {shlex.quote(daemon.folder)}"
    return Finding(Severity.ERROR, text, last, EVERYBODY, command)


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
