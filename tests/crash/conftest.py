"""Every test is watched, as are the processes that it kills: tests/crash/process.py."""

from __future__ import annotations

from tests.harness.transactions import no_call_inside_a_transaction  # noqa: F401 - watches all
