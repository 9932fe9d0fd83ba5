"""JSON as it goes over the wire to an API and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from calsync.untrusted.json_text import JsonError, parse_json
from calsync.untrusted.reading import reads

Resource = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """A success: the resource ({} where the API sends none) and the API's id of the request."""

    resource: Resource = field(repr=False)
    request_id: str | None = None


def json_bytes(resource: Resource) -> bytes:
    return json.dumps(resource, ensure_ascii=False).encode()


@reads
def json_object(body: bytes) -> dict[str, Any]:
    """The object in this body; {} where it holds none."""
    try:
        found = parse_json(body)
    except JsonError:
        return {}
    return found if isinstance(found, dict) else {}
