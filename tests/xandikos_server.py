"""A real xandikos on loopback as a subprocess, behind a proxy that knows the passwords: without TLS
it takes none itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import requests

from tests.ports import free_port
from tests.radicale_server import USERS, running_proxy, wait_for

NUMBERS = count(1)


@dataclass(frozen=True)
class Xandikos:
    """A running server; `root` is its URL without a slash at the end."""

    root: str

    def new_calendar(self, user: str = "alice", name: str = "") -> str:
        """Makes an empty calendar; returns its URL."""
        url = f"{self.root}/{user}/calendars/{name or f'calendar-{next(NUMBERS)}'}/"
        answer = requests.request("MKCALENDAR", url, auth=(user, USERS[user]), timeout=10)
        assert answer.status_code == 201, answer.text
        return url


@contextmanager
def running_xandikos(folder: Path) -> Iterator[Xandikos]:
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
                yield Xandikos(front.root)
        finally:
            process.terminate()
