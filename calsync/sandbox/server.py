"""HTTP on loopback: routes, faults, the request log. Keep-alive, one thread a connection."""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from calsync.sandbox.endpoints import Endpoint, answered, providers
from calsync.sandbox.faults import Fault
from calsync.sandbox.page import POLICY, Page
from calsync.sandbox.records import Request
from calsync.sandbox.reply import Incoming, Reply
from calsync.sandbox.watching import Watching

LIMIT = 10 * 2**20
# Method, name, query and body of a control request in; status and JSON out.
Control = Callable[[str, str, str, bytes], tuple[int, dict[str, Any]]]


class WebServer(ThreadingHTTPServer):
    """A listening HTTP server; port 0 takes a free one. What is slow ends when `closing` is set."""

    daemon_threads = False  # so that close() waits for them
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(
        self, world: Watching, control: Control, closing: threading.Event, host: str, port: int
    ) -> None:
        super().__init__((host, port), Handler)
        self.world, self.control, self.closing = world, control, closing
        self.page = Page(world)
        self.providers = providers(world)
        self.port = int(self.server_address[1])
        self._open: set[socket.socket] = set()
        self._thread = threading.Thread(
            target=self.serve_forever, args=(0.005,), name="sandbox-http", daemon=True
        )

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """End the listener and every connection, idle ones too."""
        if self._thread.is_alive():
            self.shutdown()
            self._thread.join()
        for one in list(self._open):
            cut(one)
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller who hung up is no error of ours; anything else is, and is printed."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def cut(connection: socket.socket) -> None:
    """End both directions at once."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it has ended already


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: WebServer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: the sandbox keeps its own log."""

    def _handle(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        if size > LIMIT or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            self._send(Reply(411, {"error": "send a Content-Length of at most 10 MiB"}))
            return
        body = self.rfile.read(size) if size else b""
        path, _, query = self.path.partition("?")
        endpoint = next((one for one in self.server.providers if one.owns(path)), None)
        if endpoint is not None:
            self._vendor(endpoint, Incoming(self.command, path, query, self.headers, body))
        elif path.startswith("/control/"):
            status, payload = self.server.control(self.command, path[9:], query, body)
            self._send(Reply(status, payload))
        elif path == "/" and self.command == "GET":
            text = self.server.page.render(query)
            self._send(Reply(200, text, {"Content-Security-Policy": POLICY}))
        else:
            self._send(Reply(404, {"error": "there is nothing here"}))

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _handle  # noqa: N815  http.server's names

    def _vendor(self, endpoint: Endpoint, asked: Incoming) -> None:
        """A request to a provider: a fault may stand before, behind or in the answer."""
        world = self.server.world
        with endpoint.slot(asked) as refusal:
            if world.delay and refusal is None:
                self.server.closing.wait(world.delay)
            with world.lock:
                person = endpoint.person(asked)
                fault = None
                if refusal is None:
                    fault = world.faults.take(asked.method, asked.path, person)
                reply = refusal or answered(endpoint, asked, fault)
                status = 0 if fault and fault.kind in ("drop", "commit_then_drop") else reply.status
                world.log.append(Request(asked.method, asked.path, person, status))
                content = encode(reply)
            self._deliver(reply, content, status, fault)

    def _deliver(self, reply: Reply, content: bytes, status: int, fault: Fault | None) -> None:
        if status == 0:
            self.close_connection = True
            cut(self.connection)
        elif fault and fault.kind == "drip":
            self._drip(reply, content, fault.seconds)
        else:
            if fault and fault.kind == "slow":
                self.server.closing.wait(fault.seconds)
            self._send(reply, content)

    def _send(self, reply: Reply, content: bytes | None = None) -> None:
        self.wfile.write(self._head(reply, encode(reply) if content is None else content))
        self.wfile.flush()

    def _head(self, reply: Reply, content: bytes) -> bytes:
        """The whole answer as bytes: one packet where it fits."""
        kind = "text/html" if isinstance(reply.payload, str) else "application/json"
        lines = [f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}"]
        lines.append(f"Date: {self.date_time_string()}")
        if reply.payload is not None:
            lines.append(f"Content-Type: {kind}; charset=UTF-8")
        if reply.status != 204:
            lines.append(f"Content-Length: {len(content)}")
        if self.close_connection:
            lines.append("Connection: close")
        lines.extend(f"{name}: {value}" for name, value in reply.headers.items())
        return "\r\n".join([*lines, "", ""]).encode() + content

    def _drip(self, reply: Reply, content: bytes, seconds: float) -> None:
        for byte in self._head(reply, content):
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            if self.server.closing.wait(seconds):
                return


def encode(reply: Reply) -> bytes:
    """The answer's body."""
    if reply.payload is None:
        return b""
    if isinstance(reply.payload, str):
        return reply.payload.encode()
    return json.dumps(reply.payload, ensure_ascii=False).encode()
