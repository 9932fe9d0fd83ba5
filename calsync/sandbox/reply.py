"""What comes in by HTTP, and what goes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

Headers = Message | Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Incoming:
    """One request; `path` without its query, both as they were sent."""

    method: str
    path: str
    query: str
    headers: Headers
    body: bytes

    @property
    def bearer(self) -> str:
        """The access token, "" without one."""
        scheme, _, token = (self.headers.get("Authorization") or "").partition(" ")
        return token if scheme.lower() == "bearer" else ""


@dataclass(slots=True)
class Reply:
    """An answer: JSON, HTML as text, or no body with None."""

    status: int
    payload: Any = None
    headers: dict[str, str] = field(default_factory=dict)
