"""Numbers with what they count."""

from __future__ import annotations


def counted(n: int, one: str, many: str = "") -> str:
    """ "1 account", "2 accounts"; `many` where an s is not enough: "3 deliveries are"."""
    return f"{n} {one if n == 1 else many or one + 's'}"
