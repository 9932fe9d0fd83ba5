"""A connection to PostgreSQL that is lost at the very end of a transaction, on cue.

Clients connect to a unix socket of ours, and everything is passed on. Once told so, the next COMMIT
is the last thing that passes: it reaches the server and its answer is lost, or it is lost itself.
"""

from __future__ import annotations

import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.harness import memory

SOCKET = ".s.PGSQL.5432"
COMMIT = b"COMMIT\0"  # the text of a simple query, as psycopg sends it


@dataclass
class Cutter:
    """`cut` says what happens to the next COMMITs: "answer" loses its answer, "commit" itself."""

    folder: Path
    server: str
    cut: list[str] = field(default_factory=list)
    done: int = 0

    def url(self, url: str) -> str:
        """This URL of a cluster's database, by way of us."""
        return f"{url.partition('?')[0]}?host={self.folder}"

    def serve(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return  # closed: the test is over
            server = socket.socket(socket.AF_UNIX)
            server.connect(self.server)
            for one, other in ((client, server), (server, client)):
                threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        """Everything from one side to the other, until either ends."""
        with source, suppress(OSError):
            while data := source.recv(65536):
                if COMMIT in data and self.cut:
                    self.done += 1
                    # The client first, so that nothing reaches it any more.
                    source.shutdown(socket.SHUT_RDWR)
                    if self.cut.pop(0) == "answer":
                        target.sendall(data)
                    break
                target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)  # it still works on what it was sent


@contextmanager
def cutting(cluster: Path) -> Iterator[Cutter]:
    """In front of the server whose socket is in this folder."""
    with tempfile.TemporaryDirectory(prefix="calsync-cut-", dir=memory.folder("/tmp")) as name:
        folder = Path(name)
        made = Cutter(folder, str(cluster / SOCKET))
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(folder / SOCKET))
            listener.listen(64)
            thread = threading.Thread(target=made.serve, args=(listener,), daemon=True)
            thread.start()
            yield made
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)
