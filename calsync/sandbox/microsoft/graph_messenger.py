"""What Graph posts to its callers' own addresses: validation requests and notifications.
https://learn.microsoft.com/graph/change-notifications-delivery-webhooks"""

from __future__ import annotations

import heapq
import itertools
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import quote, urlsplit

PATIENCE = 10.0
# A notification that was not taken is sent again after these seconds, then given up. Microsoft goes
# on for four hours; nobody wants to wait for that here.
GAPS = (0.05, 0.1, 0.2, 0.4)
LARGEST = 64 * 2**10
TEXT, JSON = "text/plain; charset=utf-8", "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """What an address said; `kind` is its content type without parameters."""

    status: int
    kind: str
    text: str


@dataclass(order=True, slots=True)
class Letter:
    """A notification that is due at a monotonic time; `on_loss` is called when it is given up."""

    due: float
    number: int
    url: str = field(compare=False)
    body: bytes = field(compare=False)
    on_loss: Callable[[], None] = field(compare=False)
    tries: int = field(compare=False, default=0)


class Messenger:
    """Posts from threads of its own, which end with `close`; nobody who writes waits for them.

    `patience` is for how many seconds an answer is waited for. `lock` is the sandbox's.
    """

    def __init__(self, lock: threading.Condition) -> None:
        self.patience = PATIENCE
        self._lock = lock
        self._desk = threading.Condition()
        self._letters: list[Letter] = []
        self._numbers = itertools.count()
        self._threads: list[threading.Thread] = []
        self._sender: threading.Thread | None = None
        self._open: set[HTTPConnection] = set()
        self._closing = threading.Event()

    def validate(self, url: str, token: str) -> Answer | None:
        """The answer to a validation request, None without one in time.

        The caller holds the sandbox's lock, which is let go while the answer is waited for.
        """
        answers: list[Answer | None] = []

        def ask() -> None:
            joint = "&" if "?" in url else "?"
            answer = self._post(f"{url}{joint}validationToken={quote(token, safe='')}", b"", TEXT)
            with self._lock:
                answers.append(answer)
                self._lock.notify_all()

        self._start(ask)
        self._lock.wait_for(lambda: answers or self._closing.is_set(), self.patience)
        return answers[0] if answers else None

    def send(self, url: str, payload: Any, on_loss: Callable[[], None]) -> None:
        """Post JSON as soon as possible, and again while it is not taken."""
        with self._desk:
            number = next(self._numbers)
            body = json.dumps(payload).encode()
            heapq.heappush(self._letters, Letter(time.monotonic(), number, url, body, on_loss))
            self._desk.notify_all()
            start = self._sender is None
        if start:
            self._sender = self._start(self._deliver)

    def close(self) -> None:
        """End every thread and connection. The caller does not hold the sandbox's lock."""
        with self._desk:
            self._closing.set()
            self._desk.notify_all()
            for one in self._open:
                hang_up(one)
        with self._lock:
            self._lock.notify_all()
        for thread in self._threads:
            thread.join()

    def _start(self, work: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=work, name="sandbox-graph", daemon=True)
        with self._desk:
            self._threads = [one for one in self._threads if one.is_alive()]
            if not self._closing.is_set():
                thread.start()
                self._threads.append(thread)
        return thread

    def _deliver(self) -> None:
        """The sender's life."""
        while (letter := self._next()) is not None:
            answer = self._post(letter.url, letter.body, JSON)
            if answer is not None and 200 <= answer.status < 300:
                continue
            if letter.tries == len(GAPS):
                letter.on_loss()
                continue
            letter.due = time.monotonic() + GAPS[letter.tries]
            letter.tries += 1
            with self._desk:
                heapq.heappush(self._letters, letter)

    def _next(self) -> Letter | None:
        """The next letter when it is due, None when everything ends."""
        with self._desk:
            while not self._closing.is_set():
                wait = self._letters[0].due - time.monotonic() if self._letters else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._letters)
                self._desk.wait(wait)
        return None

    def _post(self, url: str, body: bytes, kind: str) -> Answer | None:
        """One attempt; redirects are not followed. None when there is no whole answer."""
        connection = connection_to(url, self.patience)
        with self._desk:
            if self._closing.is_set():
                return None
            self._open.add(connection)
        try:
            connection.connect()
            if self._closing.is_set():
                return None
            parts = urlsplit(url)
            target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
            connection.request("POST", target, body, {"Content-Type": kind})
            answer = connection.getresponse()
            text = answer.read(LARGEST).decode("utf-8", "replace")
            return Answer(answer.status, answer.headers.get_content_type(), text)
        except (OSError, HTTPException, ValueError):
            return None
        finally:
            with self._desk:
                self._open.discard(connection)
            connection.close()


def connection_to(url: str, seconds: float) -> HTTPConnection:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        context = ssl.create_default_context()
        return HTTPSConnection(host, parts.port, timeout=seconds, context=context)
    return HTTPConnection(host, parts.port, timeout=seconds)


def hang_up(connection: HTTPConnection) -> None:
    """End whoever waits for this connection."""
    try:
        if connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it has ended already
