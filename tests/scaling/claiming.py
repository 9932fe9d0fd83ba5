"""The measured process: works off what is due on a ledger, with a calendar that answers at once.

Called as `python -m tests.scaling.claiming` with its arguments as JSON in the first line of its
standard input. It says when it is ready, begins at the next line, and prints what that took.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path

from calsync.bootstrap import assembly
from calsync.config import load
from calsync.daemon.drain import Drain
from calsync.delivery.deliver import Deliverer
from tests.fakes import FakeAuthorizer, FakeCalendar


def main() -> None:
    given = json.loads(sys.stdin.readline())
    made = assembly.build(load(Path(given["config"]), {}))
    context = replace(
        made.context,
        channels={**made.context.channels, ("default", "google"): FakeCalendar()},
        authorizer=FakeAuthorizer(),
    )
    with context.store.read() as db:
        db.now  # noqa: B018 - the first connection is opened before anything is counted
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    wall, cpu = time.perf_counter(), _cpu()
    claims = Drain(Deliverer(context), ["default"], given["workers"]).run()
    found = {"claims": claims, "wall": time.perf_counter() - wall, "cpu": _cpu() - cpu}
    made.close()
    sys.stdout.write(json.dumps(found) + "\n")


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
