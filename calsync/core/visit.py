"""Who is on a connect page, and in which browser."""

from __future__ import annotations

from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class AskedSignIn:
    """What binds a sign-in to one browser (OpenID Connect Core 1.0, section 3.1.2.1; RFC 7636)."""

    redirect_uri: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Whom a sign-in service let in. `address`: "" where it told none that it stands for."""

    address: str
    subject: str
    groups: frozenset[str]
