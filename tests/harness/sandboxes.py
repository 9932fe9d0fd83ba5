"""Sandboxes that prove in the end that nobody's rules were broken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from calsync.sandbox import Sandbox


@contextmanager
def clean_sandbox() -> Iterator[Sandbox]:
    """A sandbox. In the end no rule of a vendor's was broken, and no vendor mailed anybody."""
    with Sandbox() as sandbox:
        yield sandbox
        assert sandbox.violations() == []
        assert sandbox.outbox() == []
