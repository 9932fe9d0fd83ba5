"""A real xandikos on loopback as a subprocess, behind a proxy that knows the passwords: without TLS
it takes none itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from calsync.errors import TryLater
from tests.caldav_servers.proxy import running_proxy
from tests.caldav_servers.server import USERS, Answered, CalendarServer, wait_for
from tests.ports import free_port

# Not 403, to whoever asks for another person's calendar.
ANSWERS = {"another's calendar": Answered(TryLater, "maybe", "copy")}


@contextmanager
def running_xandikos(folder: Path) -> Iterator[CalendarServer]:
    port, log = free_port(), folder / "xandikos.log"
    options = {
        "--directory": str(folder / "data"),
        "--state-dir": str(folder / "state"),
        "--listen-address": "127.0.0.1",
        "--port": str(port),
        "--trust-x-remote-user-from": "127.0.0.1",
    }
    (folder / "data").mkdir()
    command = [sys.executable, "-m", "xandikos", "multi-user", "--defaults"]
    command += [part for pair in options.items() for part in pair]
    with (
        log.open("wb") as output,
        subprocess.Popen(command, stdout=output, stderr=output) as process,
    ):
        try:
            wait_for(port, lambda: process.poll() is not None, log)
            with running_proxy(f"http://127.0.0.1:{port}", USERS) as front:
                yield CalendarServer(front.root, "/{user}/calendars/", ANSWERS)
        finally:
            process.terminate()
