"""How a person's way through a vendor's sign-in can end, and what the vendor's words mean.

A vendor's texts are never read, with one exception: Microsoft tells by its AADSTS number alone that
an administrator must approve. A number we do not know changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from calsync.errors import CalsyncError, ChannelError, Setup, TryLater


class Hitch(StrEnum):
    """Why nothing was connected; each is a page of its own that says what to do next."""

    DENIED = "denied"  # the person said no
    ADMIN = "admin"  # somebody of their organisation must approve first
    EXPIRED = "expired"  # the code or the state is too old, or was used before
    BUSY = "busy"  # the sign-in service does not answer, or not in a way that can be used
    OURS = "ours"  # the operator's settings are at fault
    UNTICKED = "unticked"  # signed in, but without the right to write events
    NO_RETURN = "no_return"  # no refresh token came: the access would end within an hour
    FOREIGN = "foreign"  # state, issuer or nonce are not those of this browser's request
    UNUSABLE = "unusable"  # the account has no calendar that can be written


class ConsentError(CalsyncError):
    """Nothing was connected. `reason` is short and safe to log: a word of ours or of OAuth."""

    def __init__(self, hitch: Hitch, reason: str) -> None:
        self.hitch, self.reason = hitch, reason
        super().__init__(f"{hitch}: {reason}")


@dataclass(frozen=True, slots=True)
class Rights:
    """What a person gave. `writes`: events may be written; `lasts`: a refresh token came."""

    writes: bool
    lasts: bool


def lacking(rights: Rights) -> Hitch | None:
    """What must be asked for again before the account is of use."""
    if not rights.writes:
        return Hitch.UNTICKED
    return None if rights.lasts else Hitch.NO_RETURN


# RFC 6749 sections 4.1.2.1 and 5.2, OpenID Connect Core 3.1.2.6, and the vendors' own words:
# https://developers.google.com/identity/protocols/oauth2/web-server#authorization-errors
# https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
WORDS: Mapping[str, Hitch] = MappingProxyType(
    {
        "access_denied": Hitch.DENIED,
        "user_cancelled": Hitch.DENIED,
        "admin_policy_enforced": Hitch.ADMIN,
        "access_not_configured": Hitch.ADMIN,
        "consent_required": Hitch.ADMIN,
        "interaction_required": Hitch.ADMIN,
        "invalid_grant": Hitch.EXPIRED,
        "login_required": Hitch.EXPIRED,
        "account_selection_required": Hitch.EXPIRED,
        "server_error": Hitch.BUSY,
        "temporarily_unavailable": Hitch.BUSY,
        "internal_failure": Hitch.BUSY,
        "invalid_client": Hitch.OURS,
        "deleted_client": Hitch.OURS,
        "disabled_client": Hitch.OURS,
        "unauthorized_client": Hitch.OURS,
        "invalid_request": Hitch.OURS,
        "invalid_resource": Hitch.OURS,
        "invalid_scope": Hitch.OURS,
        "invalid_tenant": Hitch.OURS,
        "org_internal": Hitch.OURS,
        "redirect_uri_mismatch": Hitch.OURS,
        "unsupported_grant_type": Hitch.OURS,
        "unsupported_response_type": Hitch.OURS,
    }
)
# An administrator must consent; the person asked one to. Seen with access_denied and others.
ADMIN_NUMBERS = frozenset({90094, 90095, 90097})
_NUMBER = re.compile(r"AADSTS(\d{4,8})\b")


def meaning(word: str, status: int = 400, numbers: Collection[int] = ()) -> Hitch:
    """What a refusal means. `status` is that of a token answer; a word we do not know costs a
    person another try."""
    if status >= 500 or status in (408, 429):
        return Hitch.BUSY
    if ADMIN_NUMBERS.intersection(numbers):
        return Hitch.ADMIN
    return WORDS.get(word, Hitch.BUSY)


def numbers_in(text: str) -> list[int]:
    """The AADSTS numbers of an error's description."""
    return [int(found) for found in _NUMBER.findall(text)]


def known_word(word: object) -> str:
    """An error's word as it may be logged; "unknown" for what anybody could have written."""
    return word if isinstance(word, str) and word in WORDS else "unknown"


def trouble(error: ChannelError) -> ConsentError:
    """A call that failed on the way to a connected calendar. Every error but two says that this
    account cannot be written."""
    if isinstance(error, TryLater):
        return ConsentError(Hitch.BUSY, error.reason)
    if isinstance(error, Setup):
        return ConsentError(Hitch.OURS, error.reason)
    return ConsentError(Hitch.UNUSABLE, f"{error.kind} {error.reason}")
