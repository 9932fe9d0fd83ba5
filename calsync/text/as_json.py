"""Results as plain JSON values: what `--json` prints and the loopback listener answers."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any

from calsync.text.instants import iso

# Metadata of a field that has no key of its own: its keys stand beside the other fields.
INLINE: Mapping[str, Any] = {"inline": True}


def to_json(value: object) -> Any:
    """Dataclasses become objects, their fields' names the keys in that order; instants are ISO 8601
    to the second, in UTC."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        found: dict[str, Any] = {}
        for field in dataclasses.fields(value):
            known = to_json(getattr(value, field.name))
            found |= known if "inline" in field.metadata else {field.name: known}
        return found
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {key: to_json(one) for key, one in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return [to_json(one) for one in value]
    return value
