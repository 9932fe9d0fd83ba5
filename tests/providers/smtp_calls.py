"""Clients for a loopback mail server, mails given to them, and how such a call ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from calsync.errors import ChannelError
from providers.http.watchdog import Watchdog
from providers.mail.client import SmtpClient
from providers.mail.settings import MailSettings
from tests.dripping import Visitor

MAIL = b"Subject: hello\r\n\r\nbody\r\n"

SHORT = 0.4

Connect = Callable[..., SmtpClient]


def some_settings(port: int, **changes: Any) -> MailSettings:
    values: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "sender": "sessions@mail.platform.example",
        "organizer": "sessions@platform.example",
        **changes,
    }
    return MailSettings(**values)


@contextmanager
def clients() -> Iterator[Connect]:
    """Makes clients for a port, and closes them at the end."""
    made: list[SmtpClient] = []

    def to(port: int, **changes: Any) -> SmtpClient:
        made.append(SmtpClient(some_settings(port, **changes), Watchdog()))
        return made[-1]

    yield to
    for client in made:
        client.close()


def deliver(
    client: SmtpClient, data: bytes = MAIL, within: float = 30.0, **more: Any
) -> str | None:
    return client.deliver("maya@example.org", data, time.monotonic() + within, **more)


def failure(client: SmtpClient, within: float = 30.0, **more: Any) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        deliver(client, within=within, **more)
    return caught.value


def ending(error: ChannelError) -> tuple[type[ChannelError], str, str]:
    return type(error), error.happened, error.scope


def greeting(answer: bytes) -> Callable[[Visitor], None]:
    return lambda visitor: visitor.say(answer)
