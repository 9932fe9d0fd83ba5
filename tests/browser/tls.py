"""What stands in front of calsync in production: ends TLS and passes everything on unchanged."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.providers.loopback_certificate import server_side, write_certificate


@contextmanager
def ending_tls(folder: Path, port: int, behind: int) -> Iterator[None]:
    """https://localhost:`port` while the block runs; `behind` is the plain port."""
    context = server_side(write_certificate(folder, "localhost"))
    with socket.create_server(("127.0.0.1", port)) as listening:
        thread = threading.Thread(target=_accept, args=(listening, context, behind), daemon=True)
        thread.start()
        try:
            yield
        finally:
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def _accept(listening: socket.socket, context: ssl.SSLContext, behind: int) -> None:
    while True:
        try:
            plain, _ = listening.accept()
        except OSError:
            return
        threading.Thread(target=_serve, args=(plain, context, behind), daemon=True).start()


def _serve(plain: socket.socket, context: ssl.SSLContext, behind: int) -> None:
    """One connection: a browser keeps it open, and may end it at any time."""
    with suppress(OSError), plain:
        plain.settimeout(60)
        with (
            context.wrap_socket(plain, server_side=True) as outer,
            socket.create_connection(("127.0.0.1", behind), 60) as inner,
        ):
            back = threading.Thread(target=_pump, args=(inner, outer), daemon=True)
            back.start()
            _pump(outer, inner)
            back.join(60)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
