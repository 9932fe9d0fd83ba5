"""A real Radicale on loopback as a subprocess, and a proxy in front of it that fails on cue."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path

import pytest
import requests

from tests.ports import free_port

USERS = {"alice": "secret", "bob": "hidden", "carol": "private"}
NUMBERS = count(1)


@dataclass(frozen=True)
class Radicale:
    """A running server; `root` is its URL without a slash at the end."""

    root: str

    def new_calendar(self, user: str = "alice", name: str = "") -> str:
        """Makes an empty calendar; returns its URL."""
        url = f"{self.root}/{user}/{name or f'calendar-{next(NUMBERS)}'}/"
        answer = requests.request("MKCALENDAR", url, auth=(user, USERS[user]), timeout=10)
        assert answer.status_code == 201, answer.text
        return url


@contextmanager
def running_radicale(folder: Path) -> Iterator[Radicale]:
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
            yield Radicale(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()


def wait_for(port: int, ended: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not ended():
        with socket.socket() as sock:
            if sock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"the server did not start: {log.read_text()[-2000:]}")


@dataclass(frozen=True)
class Canned:
    """One answer."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Trick:
    """What happens to the next request with this method.

    canned   answered instead of the server's answer
    forward  the server does the work first
    without  header that is taken out of the server's answer, or gets the value `instead`
    With none of these the connection is dropped.
    """

    method: str
    canned: Canned | None = None
    forward: bool = False
    without: str = ""
    instead: str = ""


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class FaultyProxy(ThreadingHTTPServer):
    """Hands every request on to `behind`, unless a trick is waiting for its method. With `users`
    it lets only them in, and tells the server behind who it is."""

    daemon_threads = True

    def __init__(self, behind: str, users: Mapping[str, str] | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behind = behind.removeprefix("http://")
        self.root = f"http://127.0.0.1:{self.server_port}"
        self.users = users
        self.tricks: list[Trick] = []
        self.requests: list[Request] = []

    def next(self, method: str, status: int, body: bytes = b"", **headers: str) -> None:
        """The next request with this method gets this answer, without reaching the server."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.tricks.append(Trick(method, Canned(status, named, body)))

    def take(self, method: str) -> Trick | None:
        found = next((trick for trick in self.tricks if trick.method == method), None)
        if found is not None:
            self.tricks.remove(found)
        return found


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FaultyProxy

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65_537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append(Request(self.command, self.path, headers, body))
        if self.server.users is not None and self._user() is None:
            self._say(Canned(401, {"WWW-Authenticate": 'Basic realm="tests"'}))
            return
        trick = self.server.take(self.command)
        if trick is None or trick.forward:
            answer = self._forwarded(body)
        elif trick.canned is not None:
            answer = trick.canned
        else:
            answer = None
        if answer is None or (trick and trick.forward and not trick.without):
            self.close_connection = True
            return
        if trick is not None and trick.without:
            headers = dict(answer.headers)
            headers.pop(trick.without, None)
            if trick.instead:
                headers[trick.without] = trick.instead
            answer = replace(answer, headers=headers)
        self._say(answer)

    def _user(self) -> str | None:
        """Whose name and password the request bears."""
        said = self.headers.get("Authorization", "").removeprefix("Basic ")
        name, _, password = b64decode(said).decode().partition(":")
        return name if (self.server.users or {}).get(name) == password else None

    def _forwarded(self, body: bytes) -> Canned:
        onward = HTTPConnection(self.server.behind, timeout=10)
        try:
            headers = {name: value for name, value in self.headers.items() if name != "Host"}
            if self.server.users is not None:
                headers["X-Remote-User"] = str(self._user())
            onward.request(self.command, self.path, body, headers)
            answer = onward.getresponse()
            framing = {"content-length", "transfer-encoding"}
            kept = {n: v for n, v in answer.getheaders() if n.lower() not in framing}
            return Canned(answer.status, kept, answer.read())
        finally:
            onward.close()

    def _say(self, answer: Canned) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)
        self.wfile.flush()


@contextmanager
def running_proxy(behind: str, users: Mapping[str, str] | None = None) -> Iterator[FaultyProxy]:
    with FaultyProxy(behind, users) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()


@pytest.fixture(scope="session")
def radicale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radicale]:
    """One Radicale per test process; tests make calendars of their own."""
    with running_radicale(tmp_path_factory.mktemp("radicale")) as server:
        yield server


@pytest.fixture
def proxy(radicale: Radicale) -> Iterator[FaultyProxy]:
    """A proxy in front of that Radicale."""
    with running_proxy(radicale.root) as running:
        yield running
