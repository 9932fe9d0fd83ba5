"""Refusals as calsync's errors: a provider writes its table as data, and looks it up here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from calsync.errors import (
    AccessLost,
    ChannelError,
    Happened,
    Refused,
    Scope,
    TryLater,
    Unusable,
)
from providers.http.transport import HOUR, Answer, retry_after

ANY = 0  # a status: the word says it all
# The most seconds that an answer keeps what it concerns from the next call. One that stops
# everybody is believed for an hour: then a call finds out.
LONGEST_WAITS: Mapping[Scope, float] = MappingProxyType(
    {"copy": 6 * HOUR, "account": 6 * HOUR, "tenant": HOUR, "provider": HOUR}
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one refusal means. `after`: seconds to wait at least; the provider may ask for more."""

    kind: type[ChannelError]
    happened: Happened
    scope: Scope
    after: float | None = None

    def error(
        self,
        answer: Answer,
        word: str,
        request_id: str | None = None,
        longest: float | None = None,
    ) -> ChannelError:
        """The error, whose reason reads like "403 quotaExceeded". `longest`: the most seconds that
        this server may ask us to wait, unless it is what its answer's scope allows."""
        most = LONGEST_WAITS[self.scope] if longest is None else longest
        waits = issubclass(self.kind, TryLater)
        asked = retry_after(answer.headers, datetime.now(UTC), most) if waits else None
        return self.kind(
            f"{answer.status} {word}".strip(),
            happened=self.happened,
            scope=self.scope,
            after=max(filter(None, (self.after, asked)), default=None),
            request_id=request_id,
        )


UNMAPPED = Meaning(Refused, "maybe", "copy")
SERVER = Meaning(TryLater, "maybe", "copy")
UNAUTHORIZED = Meaning(AccessLost, "no", "account")


@dataclass(frozen=True, slots=True)
class ErrorTable:
    """Refusals of an API that gives each a word, by (status, word).

    A word of its own wins, with this status or with ANY; then the status with "*" for any other
    word. An answer without a word is not the API's voice but a proxy's, or the configured address
    is wrong: apart from a row with "" only 401 and a server in trouble mean something there.
    """

    rows: Mapping[tuple[int, str], Meaning]

    def meaning(self, status: int, word: str) -> Meaning:
        exact = self.rows.get((ANY, word)) or self.rows.get((status, word))
        if exact is not None:
            return exact
        if word and (status, "*") in self.rows:
            return self.rows[status, "*"]
        if status >= 500 or status == 408:
            return SERVER
        return UNAUTHORIZED if status == 401 else UNMAPPED


def safe_word(word: Any) -> str:
    """The word of a refusal; "" for what does not look like one and may not reach a log."""
    return word if isinstance(word, str) and re.fullmatch(r"\w{1,60}", word, re.ASCII) else ""


def unreadable(answer: Answer, request_id: str | None) -> TryLater:
    """A success whose body is none: what was done must be looked up."""
    return TryLater(f"{answer.status} with an unreadable body", request_id=request_id)


def no_calendar(error: ChannelError) -> Unusable:
    """Not an event but the calendar is out of reach."""
    return Unusable(
        f"{error.reason}: the calendar cannot be used",
        happened="no",
        scope="account",
        request_id=error.request_id,
    )
