"""What an API answered about single records, remembered while these stay as they are."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import sha256
from typing import Any

REMEMBERED = 5_000
REMEMBERED_BYTES = 32_000_000  # of answers, as they came


class RememberedDetails:
    """The newest answers, few and small enough for memory."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, tuple[Any, int]] = OrderedDict()
        self._bytes = 0

    def of(self, item: object) -> tuple[Any, int] | None:
        """The answer about this record and its size; None when it is another one now."""
        return self._known.get(_key(item))

    def keep(self, item: object, answer: Any, size: int) -> None:
        self._known[_key(item)] = (answer, size)
        self._bytes += size
        while len(self._known) > REMEMBERED or self._bytes > REMEMBERED_BYTES:
            self._bytes -= self._known.popitem(last=False)[1][1]


def _key(item: object) -> bytes:
    return sha256(repr(item).encode(errors="replace")).digest()
