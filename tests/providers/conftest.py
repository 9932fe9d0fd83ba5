"""A mail server on loopback, and clients that connect to it, for one test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.providers.smtp_calls import Connect, clients
from tests.smtp import MailServer, mail_server


@pytest.fixture
def connect() -> Iterator[Connect]:
    with clients() as to:
        yield to


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running
