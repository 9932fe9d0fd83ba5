"""Real servers on loopback for the demo: Radicale, and the production daemon."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from calsync.errors import InputError

START_SECONDS = 20.0


def free_port() -> int:
    """A loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def radicale(folder: Path, user: str, password: str) -> Iterator[str]:
    """A CalDAV server with one user and one calendar; yields the calendar's URL."""
    port = free_port()
    users = folder / "radicale-users"
    users.write_text(f"{user}:{password}\n", encoding="utf-8")
    command = [
        *(sys.executable, "-m", "radicale", "--config", ""),
        *("--server-hosts", f"127.0.0.1:{port}", "--auth-type", "htpasswd"),
        *("--auth-htpasswd-filename", str(users), "--auth-htpasswd-encryption", "plain"),
        *("--auth-delay", "0", "--rights-type", "owner_only"),
        *("--storage-filesystem-folder", str(folder / "radicale"), "--logging-level", "error"),
    ]
    url = f"http://127.0.0.1:{port}/{user}/mentoring/"
    with ending(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)):
        make_calendar(url, user, password)
        yield url


def make_calendar(url: str, user: str, password: str) -> None:
    """MKCALENDAR as soon as the server answers."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        with contextlib.suppress(requests.ConnectionError):
            made = requests.request("MKCALENDAR", url, auth=(user, password), timeout=5)
            if made.status_code == 201:
                return
        time.sleep(0.05)
    raise InputError("the demo's CalDAV server did not start; run `make setup` again")


@contextmanager
def daemon(config: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The production daemon on this configuration; its log goes to a file."""
    command = [sys.executable, "-m", "calsync", "run", "--config", str(config)]
    with (
        log.open("wb") as out,
        ending(subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)) as process,
    ):
        yield process


@contextmanager
def ending(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """The process ends with the block: asked first, then killed."""
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=12)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
