"""What a daemon writes into its log of its own doings (docs/logs.md).

What goes on failing is told when it begins, when its reason changes, once an hour, and when it
ends: a log that says the same with every poll is read by nobody.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version

from calsync.errors import DatabaseError, ValueRefusedError, origin_of
from calsync.ingest.polled import Polled
from calsync.runtime.context import Context
from calsync.store.database import Store

AGAIN_SECONDS = 3600.0


class Repeats:
    """What was told lately, by name. For any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._told: dict[str, tuple[object, float]] = {}

    def is_news(self, name: str, what: object) -> bool:
        """Whether to tell `what` of this name now; then it counts as told."""
        now = self._clock()
        with self._lock:
            known = self._told.get(name)
            if known is not None and known[0] == what and now - known[1] < AGAIN_SECONDS:
                return False
            self._told[name] = what, now
            return True

    def end(self, name: str) -> bool:
        """It is over; True where it had been told of."""
        if not self._told:  # workers ask after every piece of work
            return False
        with self._lock:
            return self._told.pop(name, None) is not None


class DaemonLog:
    """The lines of one daemon."""

    def __init__(self, log: Callable[..., None], repeats: Repeats | None = None) -> None:
        self._log, self._repeats = log, repeats or Repeats()

    def job_failed(self, job: str, error: Exception) -> None:
        self._failed("job_failed", error, job=job)

    def job_done(self, job: str) -> None:
        if self._repeats.end(f"job_failed {job}"):
            self._log("job_works_again", job=job)

    def worker_failed(self, error: Exception) -> None:
        self._failed("worker_failed", error, worker=threading.current_thread().name)

    def worker_done(self) -> None:
        """The next failure of this worker is news."""
        self._repeats.end(f"worker_failed {threading.current_thread().name}")

    def _failed(self, event: str, error: Exception, **names: str) -> None:
        reason = reason_of(error)
        if self._repeats.is_news(" ".join((event, *names.values())), reason):
            self._log(event, **names, **reason)

    def busy(self, source: str, reason: str) -> None:
        """Another process reads this source."""
        if self._repeats.is_news(f"busy {source}", None):
            self._log("source_busy", source=source, reason=reason)

    def polled(self, done: Polled) -> None:
        """Records that are refused are so with every poll: only another number of them is news."""
        name, fails = done.source, f"source {done.source}"
        if done.error is not None:
            if self._repeats.is_news(fails, done.error):
                self._log("source_failed", source=name, reason=done.error)
            return
        if self._repeats.end(fails):
            self._log("source_works_again", source=name)
        counts = {"refused": done.refused, "held": len(done.held), "warnings": len(done.warnings)}
        is_news = any(counts.values()) and self._repeats.is_news(f"polled {name}", counts)
        if done.changed or is_news:
            self._log("polled", source=name, seen=done.seen, changed=done.changed, **counts)


def about(context: Context, listens: Sequence[str]) -> dict[str, object]:
    """What a process is, for the first line of its log: version, database, sources, and where it
    listens. No password is among it."""
    return {
        "version": version("calsync"),
        "database": database_of(context.store),
        "sources": sorted(context.settings.sources),
        "listens": list(listens),
    }


def database_of(store: Store) -> str:
    """Kind, host and name of a database, without who signs in to it and how."""
    url = store.engine.url
    if store.sqlite:
        return f"sqlite {url.database}"
    named = url.query.get("host", url.host or "(local)")
    hosts = named if isinstance(named, str) else ",".join(named)
    port = f":{url.port}" if url.port else ""
    return f"{url.get_backend_name()} {hosts}{port}/{url.database}"


def reason_of(error: Exception) -> dict[str, str]:
    """An error as fields of a log line. Only a database's words are known to hold no content, but
    for those about a value, which may quote it; of any other error, where it came from."""
    name = type(error).__name__
    if isinstance(error, DatabaseError) and not isinstance(error, ValueRefusedError):
        return {"error": name, "reason": f"{error}; {error.advice}" if error.advice else str(error)}
    return {"error": name, "reason": str(origin_of(error))}
