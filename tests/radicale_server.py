"""A real Radicale on loopback as a subprocess, and the fixtures of CalDAV tests."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.caldav_servers.chosen import SERVERS
from tests.caldav_servers.proxy import FaultyProxy, running_proxy
from tests.caldav_servers.server import USERS, CalendarServer, wait_for
from tests.ports import free_port


@contextmanager
def running_radicale(folder: Path) -> Iterator[CalendarServer]:
    users = folder / "users"
    users.write_text("".join(f"{name}:{password}\n" for name, password in USERS.items()))
    port = free_port()
    options = {
        "--config": "",
        "--server-hosts": f"127.0.0.1:{port}",
        "--auth-type": "htpasswd",
        "--auth-htpasswd-filename": str(users),
        "--auth-htpasswd-encryption": "plain",
        "--auth-delay": "0",
        "--rights-type": "owner_only",
        "--storage-filesystem-folder": str(folder / "collections"),
        "--logging-level": "error",
    }
    command = [
        sys.executable,
        "-m",
        "radicale",
        *(part for pair in options.items() for part in pair),
    ]
    log = folder / "radicale.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(command, stdout=output, stderr=output) as process,
    ):
        try:
            wait_for(port, lambda: process.poll() is not None, log)
            yield CalendarServer(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def caldav_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[CalendarServer]:
    """One Radicale per test process, or the server that `--caldav` names; tests make calendars of
    their own."""
    running = SERVERS.get(request.config.getoption("--caldav"), running_radicale)
    with running(tmp_path_factory.mktemp("caldav")) as server:
        yield server


@pytest.fixture
def proxy(caldav_server: CalendarServer) -> Iterator[FaultyProxy]:
    """A proxy in front of that server."""
    with running_proxy(caldav_server.root) as running:
        yield running
