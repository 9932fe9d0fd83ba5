"""How a person's way through a provider's sign-in can end, and what the provider's words mean.

A provider's texts are never read: only its words count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from calsync.core.account import Opened
from calsync.errors import CalsyncError, ChannelError, Setup, TryLater


class SignInProblem(StrEnum):
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

    def __init__(self, problem: SignInProblem, reason: str) -> None:
        self.problem, self.reason = problem, reason
        super().__init__(f"{problem}: {reason}")


@dataclass(frozen=True, slots=True)
class Rights:
    """What a consent allows. `writes`: events may be written; `lasts`: a refresh token came."""

    writes: bool
    lasts: bool


@dataclass(frozen=True, slots=True)
class Given:
    """What a person gave. `address` is as the provider tells it, "" when it does not."""

    opened: Opened
    address: str
    rights: Rights
    token: str = field(repr=False)


def lacking(rights: Rights) -> SignInProblem | None:
    """What must be asked for again before the account is of use."""
    if not rights.writes:
        return SignInProblem.UNTICKED
    return None if rights.lasts else SignInProblem.NO_RETURN


# RFC 6749 sections 4.1.2.1 and 5.2, OpenID Connect Core 3.1.2.6, and the providers' own words:
# https://developers.google.com/identity/protocols/oauth2/web-server#authorization-errors
# https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
WORDS: Mapping[str, SignInProblem] = MappingProxyType(
    {
        "access_denied": SignInProblem.DENIED,
        "user_cancelled": SignInProblem.DENIED,
        "admin_policy_enforced": SignInProblem.ADMIN,
        "access_not_configured": SignInProblem.ADMIN,
        "consent_required": SignInProblem.ADMIN,
        "interaction_required": SignInProblem.ADMIN,
        "invalid_grant": SignInProblem.EXPIRED,
        "login_required": SignInProblem.EXPIRED,
        "account_selection_required": SignInProblem.EXPIRED,
        "server_error": SignInProblem.BUSY,
        "temporarily_unavailable": SignInProblem.BUSY,
        "internal_failure": SignInProblem.BUSY,
        "invalid_client": SignInProblem.OURS,
        "deleted_client": SignInProblem.OURS,
        "disabled_client": SignInProblem.OURS,
        "unauthorized_client": SignInProblem.OURS,
        "invalid_request": SignInProblem.OURS,
        "invalid_resource": SignInProblem.OURS,
        "invalid_scope": SignInProblem.OURS,
        "invalid_tenant": SignInProblem.OURS,
        "org_internal": SignInProblem.OURS,
        "redirect_uri_mismatch": SignInProblem.OURS,
        "unsupported_grant_type": SignInProblem.OURS,
        "unsupported_response_type": SignInProblem.OURS,
    }
)


def meaning(word: str, status: int = 400) -> SignInProblem:
    """What a refusal means. `status` is that of a token answer; a word we do not know costs a
    person another try."""
    if status >= 500 or status in (408, 429):
        return SignInProblem.BUSY
    return WORDS.get(word, SignInProblem.BUSY)


def known_word(word: object) -> str:
    """An error's word as it may be logged; "unknown" for what anybody could have written."""
    return word if isinstance(word, str) and word in WORDS else "unknown"


def trouble(error: ChannelError) -> ConsentError:
    """A call that failed on the way to a connected calendar. Every error but two says that this
    account cannot be written."""
    if isinstance(error, TryLater):
        return ConsentError(SignInProblem.BUSY, error.reason)
    if isinstance(error, Setup):
        return ConsentError(SignInProblem.OURS, error.reason)
    return ConsentError(SignInProblem.UNUSABLE, f"{error.kind} {error.reason}")
