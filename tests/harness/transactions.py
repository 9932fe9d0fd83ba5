"""No transaction of a thread may be open around a call: it would hold its locks, and on SQLite the
one writer, for as long as a server pleases.

`watch` counts the open transactions of each thread in `Store`, and looks at the count wherever a
call leaves: HTTP, SMTP, and the fakes that stand for both.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import pytest

from calsync.sources.file import FileSource
from calsync.sources.sql.source import SqlSource
from calsync.store.database import Db, Store
from providers.http.transport import Transport
from providers.mail.client import SmtpClient
from tests.fakes import FakeAuthorizer, FakeCalendar, FakeMail

CALLS: tuple[tuple[type, str], ...] = (
    (Transport, "call"),  # every provider, sign-in, webhook and source over HTTP
    (SmtpClient, "deliver"),
    (FileSource, "changes"),
    (FileSource, "sweep"),
    (SqlSource, "changes"),
    (SqlSource, "sweep"),
    (SqlSource, "present"),
    (FakeCalendar, "send"),
    (FakeCalendar, "find"),
    (FakeCalendar, "find_uid"),
    (FakeCalendar, "inspect"),
    (FakeMail, "send"),
    (FakeAuthorizer, "open"),
)


class _Open(threading.local):
    count = 0


OPEN = _Open()


class OpenTransactionError(AssertionError):
    """A call was made inside a transaction."""


def check(call: str, found: list[str]) -> None:
    """Note it, for whoever looks in the end, and fail where it happens."""
    if OPEN.count:
        found.append(f"{call} is called inside a transaction")
        raise OpenTransactionError(found[-1])


@contextmanager
def watch() -> Iterator[list[str]]:
    """Inside the block every such call fails; yields what was found, whoever caught the failure."""
    found: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        for name in ("read", "write"):
            patch.setattr(Store, name, _counted(getattr(Store, name)))
        for owner, name in CALLS:
            made = _checked(getattr(owner, name), f"{owner.__name__}.{name}", found)
            patch.setattr(owner, name, made)
        yield found


def _counted(method: Callable[[Store], Any]) -> Callable[[Store], Any]:
    @contextmanager
    @wraps(method)
    def within(store: Store) -> Iterator[Db]:
        with method(store) as db:
            OPEN.count += 1
            try:
                yield db
            finally:
                OPEN.count -= 1

    return within


def _checked(method: Callable[..., Any], name: str, found: list[str]) -> Callable[..., Any]:
    def page_by_page(pages: Iterator[Any]) -> Iterator[Any]:
        """A source reads when it is asked for its next page."""
        while True:
            check(name, found)
            try:
                page = next(pages)
            except StopIteration:
                return
            yield page

    @wraps(method)
    def called(*given: Any, **named: Any) -> Any:
        check(name, found)
        result = method(*given, **named)
        return page_by_page(result) if isinstance(result, Iterator) else result

    return called


@pytest.fixture(autouse=True)
def no_call_inside_a_transaction() -> Iterator[None]:
    """For the conftest.py of a folder whose tests are watched."""
    with watch() as found:
        yield
    assert found == []
