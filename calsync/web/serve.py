"""Serving: up to three listeners, each with a thread of its own, beside the daemon or alone."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from types import TracebackType

import uvicorn
from starlette.types import ASGIApp

from calsync.bootstrap.components import WebParts
from calsync.errors import InputError
from calsync.web.app import make_app
from calsync.web.connections import Bounds, Connections
from calsync.web.middleware import Log
from calsync.web.ops.app import LOOPBACK, make_ops_app, make_probes_app

BOUNDS = Bounds()
CLOSING = 100  # connections that were closed for others, and are not gone yet
GRACE_SECONDS = 5  # open requests get this long at the end
KEPT_ALIVE_SECONDS = 15


class Server:
    """Serves while its `with` block runs. Raises InputError when it cannot listen.

    wake  called when there is something new to deliver
    """

    def __init__(self, parts: WebParts, *, wake: Callable[[], None], log: Log) -> None:
        settings = parts.settings
        self._listeners = []
        if settings.public_url:
            app = make_app(parts, wake=wake, log=log)
            self._listeners.append(Listener("web.port", settings.host, settings.port, app))
        if settings.ops_port:
            ops = make_ops_app(parts.context, log=log)
            self._listeners.append(Listener("web.ops_port", LOOPBACK[0], settings.ops_port, ops))
        if settings.metrics_port:
            host, port = settings.metrics_host, settings.metrics_port
            probes = make_probes_app(parts.context, log=log)
            self._listeners.append(Listener("web.metrics_port", host, port, probes))

    def __enter__(self) -> Server:
        try:
            for one in self._listeners:
                one.bind()
        except BaseException:
            self.close()
            raise
        for one in self._listeners:
            one.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def stop(self) -> None:
        """Accept nothing more; returns at once."""
        for one in self._listeners:
            one.stop()

    def close(self) -> None:
        """Stop, and wait for the requests that are open."""
        self.stop()
        for one in self._listeners:
            one.join()


class Listener:
    """One address, one application, one thread."""

    def __init__(
        self, setting: str, host: str, port: int, app: ASGIApp, bounds: Bounds = BOUNDS
    ) -> None:
        self._setting, self._host, self._port = setting, host, port
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                http=Connections(bounds).protocol(),  # type: ignore[arg-type] # any callable
                ws="none",
                loop="asyncio",
                log_config=None,
                access_log=False,  # its lines have query strings; ours have not
                server_header=False,
                proxy_headers=False,
                limit_concurrency=bounds.in_all + CLOSING,
                timeout_keep_alive=KEPT_ALIVE_SECONDS,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )

    def bind(self) -> None:
        """Listen; connections wait until the thread runs."""
        try:
            family, kind, number, _, address = socket.getaddrinfo(
                self._host, self._port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            self._socket = socket.socket(family, kind, number)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind(address)
            self._socket.listen(128)
        except OSError as error:
            raise InputError(
                f"{self._setting}: nothing can listen on {self._host}:{self._port} "
                f"({error.strerror}); stop what listens there, or write another one"
            ) from error

    def start(self) -> None:
        held = self._socket
        assert held is not None
        self._thread = threading.Thread(
            target=lambda: self._server.run(sockets=[held]), name=self._setting, daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        self._server.should_exit = True

    def join(self) -> None:
        if self._thread is not None:
            self._thread.join(GRACE_SECONDS + 2)
        if self._socket is not None:
            self._socket.close()
