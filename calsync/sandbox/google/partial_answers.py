"""The `fields` parameter: https://developers.google.com/workspace/calendar/api/guides/performance"""

from __future__ import annotations

import re
from typing import Any

Mask = dict[str, "Mask"]
"""Wanted names with the mask of what lies below; an empty mask wants everything."""

TOKEN = re.compile(r"[A-Za-z0-9_*-]+|[(),/]")


def read_mask(text: str) -> Mask:
    """Parse `items(id,start/dateTime),nextPageToken`. Raises ValueError when it is malformed."""
    tokens = TOKEN.findall(text)
    if "".join(tokens) != text.replace(" ", "") or not tokens:
        raise ValueError(f"Invalid field selection {text}")
    mask = _read_list(tokens, text)
    if tokens:
        raise ValueError(f"Invalid field selection {text}")
    return mask


def _read_list(tokens: list[str], text: str) -> Mask:
    mask: Mask = {}
    while True:
        if not tokens or not re.fullmatch(r"[A-Za-z0-9_*-]+", tokens[0]):
            raise ValueError(f"Invalid field selection {text}")
        below = mask.setdefault(tokens.pop(0), {})
        while tokens[:2] and tokens[0] == "/" and len(tokens) > 1:
            tokens.pop(0)
            below = below.setdefault(tokens.pop(0), {})
        if tokens and tokens[0] == "(":
            tokens.pop(0)
            below.update(_read_list(tokens, text))
            if not tokens or tokens.pop(0) != ")":
                raise ValueError(f"Invalid field selection {text}")
        if not tokens or tokens[0] != ",":
            return mask
        tokens.pop(0)


def apply_mask(mask: Mask, value: Any) -> Any:
    """The parts of a JSON value that the mask wants."""
    if not mask or "*" in mask:
        return value
    if isinstance(value, list):
        return [apply_mask(mask, one) for one in value]
    if isinstance(value, dict):
        return {name: apply_mask(mask[name], one) for name, one in value.items() if name in mask}
    return value
