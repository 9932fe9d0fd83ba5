"""The real service in a process of its own, which kills itself where it is told to."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import Counter
from datetime import timedelta
from multiprocessing.context import ForkServerContext
from pathlib import Path

PRELOAD = ["calsync.wiring", "providers.google.client", "tests.crash.process"]


def one_pass(config: str, point: str, nth: int, ahead: float, log: str) -> None:
    """One `sync` of the service on this configuration, `ahead` seconds in the future. Killed with
    SIGKILL at the nth passing of `point`; every point that is passed is written to `log`."""
    from calsync import wiring
    from calsync.config import load

    passed: Counter[str] = Counter()
    with Path(log).open("a", encoding="utf-8", buffering=1) as out:

        def at(name: str) -> None:
            passed[name] += 1
            out.write(name + "\n")
            if name == point and passed[name] == nth:
                os.kill(os.getpid(), signal.SIGKILL)

        service = wiring.build(
            load(Path(config), {}), at=at, shift=lambda: timedelta(seconds=ahead)
        )
        try:
            service.poll_all()
            service.deliver_all(now=True)
        finally:
            service.close()


def context() -> ForkServerContext:
    """Processes that are forked from a small server which has imported everything already."""
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(PRELOAD)
    return made


def run(config: Path, log: Path, *, point: str = "", nth: int = 1, ahead: float = 0.0) -> int:
    """Exit code of one pass; -9 when it was killed at the point."""
    process = context().Process(
        target=one_pass, args=(str(config), point, nth, ahead, str(log)), daemon=True
    )
    process.start()
    process.join(60)
    if process.exitcode is None:
        process.kill()
        process.join()
    return process.exitcode if process.exitcode is not None else -1
