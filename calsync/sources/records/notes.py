"""Notes that must never be stored: dropped before anything else looks at a record."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

FORBIDDEN = ("personal_notes", "private_notes", "admin_notes")
LONGEST = 64  # letters of a field's name that is remembered
DEEPEST = 20  # the format nests four levels; what lies deeper belongs to nobody

_LETTERS = re.compile(r"[^a-z]")
_PLAIN = {name.replace("_", "") for name in FORBIDDEN}


def is_forbidden(name: str) -> bool:
    """Whether a field or column of this name holds notes: `personalNotes` does as well."""
    return _is_forbidden(name) if len(name) <= LONGEST else _holds_notes(name)


def _holds_notes(name: str) -> bool:
    return _LETTERS.sub("", name.lower()) in _PLAIN


# The records of a source have the same fields.
_is_forbidden = lru_cache(maxsize=1024)(_holds_notes)


def without_notes(value: object) -> tuple[object, list[str]]:
    """A copy of a JSON value without its notes, and where they stood ("agenda.admin_notes").

    On the way null becomes absent, and text that UTF-8 cannot carry (half of a surrogate pair)
    storable.
    """
    found: list[str] = []
    return _copy(value, (), 0, found), found


def _copy(value: object, path: tuple[Any, ...], depth: int, found: list[str]) -> object:
    """`path`: the path of what it is in, and its name or number there."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if depth >= DEEPEST and isinstance(value, dict | list):
        return None
    if isinstance(value, list):
        return [_copy(one, (path, n), depth + 1, found) for n, one in enumerate(value)]
    if not isinstance(value, dict):
        return value
    kept = {}
    for name, one in value.items():
        if is_forbidden(str(name)):
            found.append(_written((path, str(name))))
        elif one is not None:
            kept[name] = _copy(one, (path, str(name)), depth + 1, found)
    return kept


def _written(path: tuple[Any, ...]) -> str:
    if not path:
        return ""
    outer, name = _written(path[0]), path[1]
    if isinstance(name, int):
        return f"{outer}[{name}]"
    return f"{outer}.{name}" if outer else name
