"""A misbehaving HTTP server on loopback: each connection follows a script of the test's."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")


@dataclass
class Visitor:
    """One accepted connection, as a script sees it."""

    sock: socket.socket
    server: Dripping

    def request(self) -> bytes:
        """Read one whole request; b"" when the client has gone. It is noted in `requests`."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += (piece := self.sock.recv(65_536))
            if not piece:
                return b""
        head, body = data.split(b"\r\n\r\n", 1)
        sizes = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")]
        wanted = int(sizes[0].split(b":")[1]) if sizes else 0
        while len(body) < wanted:
            body += self.sock.recv(65_536)
        self.server.requests.append(head + b"\r\n\r\n" + body)
        return self.server.requests[-1]

    def line(self) -> bytes:
        """Read one line, and nothing of the next; what there is when the client has gone."""
        data = b""
        while not data.endswith(b"\n") and (sign := self.sock.recv(1)):
            data += sign
        return data

    def say(self, text: bytes) -> None:
        self.sock.sendall(text)

    def answer(self, body: bytes = b"ok", *headers: bytes, status: bytes = b"200 OK") -> None:
        lines = [b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *headers]
        self.say(b"\r\n".join(lines) + b"\r\n\r\n" + body)

    def drip(self, text: bytes = b".") -> None:
        """Repeat `text` slowly, until the client or the test has gone."""
        self.server.stalled = True
        while not self.server.stopped.wait(0.01):
            self.say(text)

    def hang(self) -> None:
        self.server.stalled = True
        self.server.stopped.wait(30)


Script = Callable[[Visitor], None]


@dataclass
class Dripping:
    """A running server.

    requests  whole requests in the order they were read
    stalled   a script has come to where it drips or hangs
    """

    port: int
    scheme: str
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    stalled: bool = False
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"


@contextmanager
def dripping(*scripts: Script, tls: ssl.SSLContext | None = None) -> Iterator[Dripping]:
    """Serve the scripts to the connections in turn; the last one serves all that follow."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Dripping(listener.getsockname()[1], "https" if tls else "http")
        threads: list[threading.Thread] = []

        def serve(sock: socket.socket, script: Script) -> None:
            with suppress(OSError), sock:
                if tls is None:
                    script(Visitor(sock, server))
                else:
                    with tls.wrap_socket(sock, server_side=True) as wrapped:
                        script(Visitor(wrapped, server))

        def accept() -> None:
            while True:
                try:
                    sock, _ = listener.accept()
                except OSError:
                    return
                if server.stopped.is_set():
                    sock.close()
                    return
                sock.settimeout(10)
                script = scripts[min(server.connections, len(scripts) - 1)]
                server.connections += 1
                threads.append(threading.Thread(target=serve, args=(sock, script), daemon=True))
                threads[-1].start()

        acceptor = threading.Thread(target=accept, daemon=True)
        acceptor.start()
        try:
            yield server
        finally:
            server.stopped.set()
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", server.port), 1).close()
            acceptor.join(5)


def stalling(
    script: Script, attempt: Callable[[Dripping, float], T], tls: ssl.SSLContext | None = None
) -> tuple[T, Dripping]:
    """What `attempt`, which gives up after so many seconds, gives with a server that stalls; and
    the server. On a busy machine the seconds may be over before the server came so far: then
    another attempt is made, with more time."""
    for seconds in (0.3, 3.0, 30.0):
        with dripping(script, tls=tls) as server:
            given = attempt(server, seconds)
        if server.stalled:
            return given, server
    raise AssertionError("the server does not come to where it stalls")
