"""Who is on a connect page, and in which browser."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whom a platform sends. `email` is the key of the person's address there; `locale` the
    language they read, "" when it did not say."""

    tenant: str
    email: str
    name: str = ""
    return_url: str = ""
    locale: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """A browser that is in. `id` is what is stored of it, never what opens it."""

    id: str
    visitor: Visitor
    expires_at: datetime
