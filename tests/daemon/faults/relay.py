"""A port in front of a server, which can be closed as if the server were down."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

from tests.ports import free_port


class Relay:
    """Passes everything on to `server` while it is open. Its port never changes."""

    def __init__(self, server: tuple[str, int] | str) -> None:
        self.server, self.port = server, free_port()
        self._listener: socket.socket | None = None
        self._open: list[socket.socket] = []
        self.open()

    def open(self) -> None:
        listener = socket.create_server(("127.0.0.1", self.port))
        self._listener = listener
        threading.Thread(target=self._serve, args=(listener,), daemon=True).start()

    def close(self) -> None:
        """Refuse connections, and end those that there are."""
        listener, self._listener = self._listener, None
        for one in (*([listener] if listener else []), *self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)  # a thread that waits in it wakes up
            one.close()
        self._open.clear()

    def _serve(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = self._connected()
                self._open += [client, server]
                for one, other in ((client, server), (server, client)):
                    threading.Thread(target=_pass_on, args=(one, other), daemon=True).start()

    def _connected(self) -> socket.socket:
        if isinstance(self.server, tuple):
            return socket.create_connection(self.server)
        found = socket.socket(socket.AF_UNIX)
        found.connect(self.server)
        return found


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
