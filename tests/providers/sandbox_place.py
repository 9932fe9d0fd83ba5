"""A place in the sandbox for the channel contract, with one rival of each open question."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from calsync.core.content.event import DesiredEvent
from calsync.sandbox import Sandbox
from tests.make import an_event

HTML = (
    '<a href="https://zoom.us/j/123456789?pwd=abc">Join</a>'
    "<p>Agenda:</p><ul><li>Introductions</li><li>Goals</li></ul>"
)


@contextmanager
def switched(
    sandbox: Sandbox,
    rival: Mapping[str, Any],
    *,
    allowed: Callable[[dict[str, Any]], bool] = lambda _: False,
) -> Iterator[None]:
    """Inside the block the sandbox behaves like this rival. In the end no rule of a provider's was
    broken, and no mail that is not `allowed` was sent."""
    usual = sandbox.switches()
    for name, value in rival.items():
        sandbox.switch(name, value)
    try:
        yield
    finally:
        for name, value in usual.items():
            sandbox.switch(name, value)
        sandbox.clear_faults()
    violations = sandbox.violations()
    outbox = [mail for mail in sandbox.outbox() if not allowed(mail)]
    sandbox.forget_requests()
    assert (violations, outbox) == ([], [])


def show_html(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the contract's event HTML that says what its text says: these calendars show the HTML,
    and the contract compares it with the text."""

    def whole_event(**changes: Any) -> DesiredEvent:
        return an_event(**{"html": HTML, **changes})

    monkeypatch.setattr("tests.channel_contract.an_event", whole_event)
