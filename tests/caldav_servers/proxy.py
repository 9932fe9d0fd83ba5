"""A proxy in front of a CalDAV server that fails on cue."""

from __future__ import annotations

import re
import threading
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


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
    it lets only them in, and tells the server behind who it is.

    unshown  uids of objects for which the server gives `(null)`, as SOGo 5.8 does when it would
             fold one of their lines within an emoji
    """

    daemon_threads = True

    def __init__(self, behind: str, users: Mapping[str, str] | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behind = behind.removeprefix("http://")
        self.root = f"http://127.0.0.1:{self.server_port}"
        self.users = users
        self.tricks: list[Trick] = []
        self.requests: list[Request] = []
        self.unshown: set[str] = set()

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
        for uid in self.server.unshown:
            answer = replace(answer, body=_without(answer.body, uid.encode()))
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


def _without(body: bytes, uid: bytes) -> bytes:
    """An object, or an answer to a report, in which the objects with this uid are not shown."""
    if body.startswith(b"BEGIN:VCALENDAR"):
        return b"(null)" if uid in body else body

    def hidden(found: re.Match[bytes]) -> bytes:
        return found[1] + b"(null)" + found[3] if uid in found[2] else found[0]

    # Cyrus writes the object as CDATA.
    pattern = rb"(<[^</>]*calendar-data[^>]*>)(.*?)(</[^>]*calendar-data>)"
    return re.sub(pattern, hidden, body, flags=re.DOTALL)


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
