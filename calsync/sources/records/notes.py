"""Notes that must never be stored: dropped before anything else looks at a record."""

from __future__ import annotations

import re

FORBIDDEN = ("personal_notes", "private_notes", "admin_notes")
DEEPEST = 20  # the format nests four levels; what lies deeper belongs to nobody

_LETTERS = re.compile(r"[^a-z]")
_PLAIN = {name.replace("_", "") for name in FORBIDDEN}


def is_forbidden(name: str) -> bool:
    """Whether a field or column of this name holds notes: `personalNotes` does as well."""
    return _LETTERS.sub("", name.lower()) in _PLAIN


def without_notes(value: object) -> tuple[object, list[str]]:
    """A copy of a JSON value without its notes, and where they stood ("agenda.admin_notes").

    On the way null becomes absent, and text that UTF-8 cannot carry (half of a surrogate pair)
    storable.
    """
    found: list[str] = []
    return _copy(value, "", 0, found), found


def _copy(value: object, path: str, depth: int, found: list[str]) -> object:
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if depth >= DEEPEST and isinstance(value, dict | list):
        return None
    if isinstance(value, list):
        return [_copy(one, f"{path}[{n}]", depth + 1, found) for n, one in enumerate(value)]
    if not isinstance(value, dict):
        return value
    kept = {}
    for name, one in value.items():
        inner = f"{path}.{name}" if path else str(name)
        if is_forbidden(str(name)):
            found.append(inner)
        elif one is not None:
            kept[name] = _copy(one, inner, depth + 1, found)
    return kept
