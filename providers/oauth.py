"""Sign-in services as OAuth has them: asking one, and what its refusals mean (RFC 6749)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from calsync.core.account import Account, AccountState
from calsync.errors import AccessLost, ChannelError, Setup, TryLater
from calsync.untrusted.reading import reads
from calsync.untrusted.values import number
from providers.http.errors import safe_word
from providers.http.json_body import json_object
from providers.http.transport import HOUR, Answer, Transport, retry_after

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def call(
    transport: Transport,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None,
    until: float,
) -> Answer:
    """One request. What gets lost on its way touched no calendar: it is `no`, whatever became of
    it. Raises TryLater (no, provider), Setup."""
    try:
        return transport.call(method, url, headers=headers, body=body, until=until)
    except TryLater as error:
        raise TryLater(error.reason, happened="no", scope="provider") from None


@reads
def error_words(body: bytes) -> tuple[str, str]:
    """Error word and description, "" where the body is not an OAuth error."""
    error = json_object(body)
    text = error.get("error_description")
    return safe_word(error.get("error")), text if isinstance(text, str) else ""


@dataclass(frozen=True, slots=True)
class TokenErrors:
    """What a sign-in service's words mean, those of RFC 6749 section 5.2 and its own.

    lost      the person's grant is gone
    operator  the client is at fault, whoever signs in
    busy      nothing is said about anybody
    """

    lost: Collection[str]
    operator: Collection[str]
    busy: Collection[str]

    def error(self, answer: Answer, now: datetime, *, personal: bool = True) -> ChannelError:
        """What a refused token request means. Not `personal`: it is nobody's own grant, so that a
        lost one is the operator's. A word we do not know costs one account an hour, never its
        connection."""
        word, _ = error_words(answer.body)
        reason = f"token {answer.status} {word}".strip()
        if self.is_busy(answer.status, word):
            after = retry_after(answer.headers, now)
            return TryLater(reason, happened="no", scope="provider", after=after)
        if word in self.operator or (word in self.lost and not personal):
            return Setup(reason, happened="no", scope="tenant")
        if word in self.lost:
            return AccessLost(reason, happened="no", scope="account")
        return TryLater(reason, happened="no", scope="account", after=HOUR)

    def is_busy(self, status: int, word: str) -> bool:
        return status >= 500 or status in {408, 429} or word in self.busy


@reads
def lasting(seconds: object) -> timedelta:
    """How long a token lasts (`expires_in`, RFC 6749 section 5.1): a day at most. An hour where
    that is not told or makes no sense; should it end sooner, a refused call has it refreshed."""
    told = number(seconds)
    if told is None or told <= 0:
        return timedelta(seconds=HOUR)
    return timedelta(seconds=min(told, 24 * HOUR))


def no_token() -> TryLater:
    """A success without a token in it."""
    return TryLater("200 without a token", happened="no", scope="provider")


def consented(provider: str, email: str, address: str, *, writes: bool = True) -> Account:
    """The account that a person's consent opens. `address`: "" when the provider tells none;
    without `writes` it is for free/busy only."""
    state = AccountState.ACTIVE if writes else AccountState.FREE_BUSY_ONLY
    return Account(
        id="", tenant="", email=email, provider=provider, address=address or email, state=state
    )
