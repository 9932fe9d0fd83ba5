"""Figures for graphs of operations: counts over the whole installation, nobody's name."""

from __future__ import annotations

from calsync.runtime.context import Context
from calsync.store import metrics


def figures(context: Context) -> dict[str, float]:
    """By name: how much there is now. Seconds where the name says so."""
    with context.store.read() as db:
        return metrics.figures(db)
