"""A CalDAV server that runs for tests: who may log in, and how a calendar is made there."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import NoReturn
from xml.etree import ElementTree

import pytest
import requests

from calsync.errors import ChannelError, Happened, Scope
from tests.harness import memory

USERS = {"alice": "secret", "bob": "hidden", "carol": "private"}
START_SECONDS = 30
NOT_TRIED = 77  # exit code, as of a test that automake skips
NUMBERS = count(1)


@dataclass(frozen=True)
class Answered:
    """How an answer is understood: the error, whether it may have happened, whom it concerns."""

    kind: type[ChannelError]
    happened: Happened
    scope: Scope


@dataclass(frozen=True)
class CalendarServer:
    """A running server.

    root         its URL without a slash at the end
    calendars    the path below which a person's calendars are, with {user} in it
    otherwise    what a fault of the contract means here, where it means something else at Radicale
    unique_uids  whether it refuses a second object with the UID of another
    create_is_conditional  whether it honours `If-None-Match: *`
    keeps_emoji  whether it gives back an object of which it folds a line within one
    moves_to_name  whether an object that is moved gets the name that it is moved to
    keeps_floating  whether a time without a zone stays one
    refuses_stale  whether it refuses a change of another revision, and of what is gone
    """

    root: str
    calendars: str = "/{user}/"
    otherwise: Mapping[str, Answered] = field(default_factory=dict)
    unique_uids: bool = True
    create_is_conditional: bool = True
    keeps_emoji: bool = True
    moves_to_name: bool = True
    keeps_floating: bool = True
    refuses_stale: bool = True

    def new_calendar(self, user: str = "alice", name: str = "") -> str:
        """Makes an empty calendar; returns its URL."""
        home = self.root + self.calendars.format(user=user)
        url = f"{home}{name or f'calendar-{next(NUMBERS)}'}/"
        answer = requests.request("MKCALENDAR", url, auth=(user, USERS[user]), timeout=30)
        assert answer.status_code == 201, answer.text
        return url

    def objects(self, calendar: str, user: str = "alice") -> dict[str, str]:
        """The text of everything in it, by URL."""
        listing = self._ask("PROPFIND", calendar, user, Depth="1")
        found = ElementTree.fromstring(listing.content).iter("{DAV:}response")
        paths = [str(one.findtext("{DAV:}href")) for one in found]
        own = calendar.removeprefix(self.root).rstrip("/")
        return {
            self.root + path: self._ask("GET", self.root + path, user).content.decode()
            for path in paths
            if not path.endswith("/") and path != own
        }

    def _ask(self, method: str, url: str, user: str, **headers: str) -> requests.Response:
        login = (user, USERS[user])
        answer = requests.request(method, url, auth=login, headers=headers, timeout=30)
        assert answer.ok, answer.text
        return answer


def wait_for(port: int, ended: Callable[[], bool], log: Path) -> None:
    """Until something listens there; fails with the end of the log when that takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and not ended():
        with socket.socket() as sock:
            if sock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"the server did not start: {log.read_text()[-2000:]}")


def installed(name: str, package: str, *files: str) -> None:
    """Ends the run where one of these files or programs is missing."""
    missing = [one for one in files if shutil.which(one) is None and not Path(one).exists()]
    if missing:
        not_tried(name, f"needs {', '.join(missing)}: apt-get install {package}")


def not_tried(name: str, why: str) -> NoReturn:
    """Whoever asks for a server by `--caldav` wants it tried, so nothing is skipped: the run ends
    with NOT_TRIED, and `make caldav` with an error once it has tried the others."""
    pytest.exit(f"--caldav {name} {why}", NOT_TRIED)


@contextmanager
def own_folder(name: str, user: str | int, group: str | int) -> Iterator[Path]:
    """An empty folder with a short path, which is this user's when root runs the tests."""
    folder = Path(tempfile.mkdtemp(prefix=f"calsync-{name}-", dir=memory.folder("/tmp")))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, user, group)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running_program(
    command: Sequence[str], port: int, log: Path, environ: Mapping[str, str]
) -> Iterator[None]:
    """A program that listens on this port until the end; its children end with it."""
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={"PATH": f"{os.environ['PATH']}:/usr/sbin", **environ},
            start_new_session=True,
        ) as process,
    ):
        try:
            wait_for(port, lambda: process.poll() is not None, log)
            yield
        finally:
            os.killpg(process.pid, 15)
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
