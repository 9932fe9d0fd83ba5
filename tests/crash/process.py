"""The real installation in a process of its own, which kills itself where it is told to."""

from __future__ import annotations

import os
import signal
from collections import Counter
from datetime import timedelta
from pathlib import Path

from tests.commands import forking

CALLED_INSIDE = 87  # exit code: a call was made inside a transaction


def do(config: str, act: str, argument: str, point: str, nth: int, ahead: float) -> None:
    """One of `tests.crash.acts` on this configuration, `ahead` seconds in the future. Killed with
    SIGKILL at the nth passing of `point`."""
    from calsync.bootstrap import assembly
    from calsync.config import load
    from tests.crash.acts import ACTS
    from tests.harness.transactions import watch

    passed: Counter[str] = Counter()

    def at(name: str) -> None:
        if found:
            os._exit(CALLED_INSIDE)
        passed[name] += 1
        if name == point and passed[name] == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    ahead_by = timedelta(seconds=ahead)
    with watch() as found:
        made = assembly.build(load(Path(config), {}), at=at, shift=lambda: ahead_by)
        try:
            ACTS[act](made, argument)
        finally:
            made.close()
    if found:
        os._exit(CALLED_INSIDE)


def run(
    config: Path, act: str, argument: str = "", *, point: str = "", nth: int = 1, ahead: float = 0.0
) -> int:
    """Exit code of the act; -9 when it was killed at the point."""
    process = forking().Process(
        target=do, args=(str(config), act, argument, point, nth, ahead), daemon=True
    )
    process.start()
    process.join(60)
    if process.exitcode is None:
        process.kill()
        process.join()
        return -1
    return process.exitcode if process.exitcode is not None else -1
