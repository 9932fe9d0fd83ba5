"""Whether a daemon runs and writes. This is asked often, by itself: it loads little."""

from __future__ import annotations

import shlex
import shutil
from datetime import datetime
from pathlib import Path

from calsync.ops.results.finding import EVERYBODY, Finding, Severity
from calsync.ops.results.health import Health, SilentDaemon
from calsync.runtime import process_lock
from calsync.store import instance
from calsync.store.database import Store
from calsync.text.instants import iso

MEGABYTE = 1_000_000


def health(store: Store) -> Health:
    """Why the daemon does not work; no problem while one runs and the database answers. What its
    sources and channels do is the verdict's matter: a new start would mend none of that."""
    with store.read() as db:
        alive, since = instance.daemon_alive(db), instance.heartbeat(db)
    if alive:
        return Health([])
    silent = silent_daemon(store)
    found = not_writing(silent, since) if silent else no_daemon(since)
    return Health([found.advice])


def silent_daemon(store: Store) -> SilentDaemon | None:
    """The daemon that runs on this machine's SQLite file, where there is one and its signs of life
    do not reach the ledger."""
    database = str(store.engine.url.database)
    if not store.sqlite or not process_lock.is_taken(database):
        return None
    folder = Path(database).absolute().parent
    return SilentDaemon(str(folder), shutil.disk_usage(folder).free)


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


def no_daemon(since: datetime | None) -> Finding:
    """None runs. `since`: the last sign of life."""
    text = f"no daemon has been running since {iso(since)}" if since else "no daemon has run yet"
    return Finding(Severity.ERROR, text, since, EVERYBODY, "calsync run")
