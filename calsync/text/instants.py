"""Instants as machines and operators read them."""

from __future__ import annotations

from datetime import datetime


def iso(value: datetime | None) -> str | None:
    """ISO 8601 to the second, with Z for UTC; None stays None."""
    return value.isoformat(timespec="seconds").replace("+00:00", "Z") if value else None
