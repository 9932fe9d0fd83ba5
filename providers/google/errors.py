"""Google's refusals as ours: one table by status and reason word.

The words: https://developers.google.com/workspace/calendar/api/guides/errors
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from calsync.errors import (
    AccessLost,
    Changed,
    ChannelError,
    Happened,
    Missing,
    Refused,
    Scope,
    Setup,
    TryLater,
    Unusable,
)
from providers.http.transport import Answer, retry_after

HOUR = 3600.0
Row = tuple[type[ChannelError], Happened, Scope, float | None]

# (status, reason) -> kind, happened, scope, seconds to wait at least. Reason "*": any other word.
TABLE: Mapping[tuple[int, str], Row] = MappingProxyType(
    {
        (400, "*"): (Refused, "no", "copy", None),
        (401, "*"): (AccessLost, "no", "account", None),
        (403, "userRateLimitExceeded"): (TryLater, "no", "account", None),
        (403, "rateLimitExceeded"): (TryLater, "no", "account", None),
        (403, "dailyLimitExceeded"): (TryLater, "no", "account", HOUR),
        # Google's brake on unusual use, it lasts for hours: https://support.google.com/a/answer/2905486
        (403, "quotaExceeded"): (TryLater, "no", "account", 6 * HOUR),
        (403, "insufficientPermissions"): (AccessLost, "no", "account", None),
        (403, "requiredAccessLevel"): (Unusable, "no", "account", None),
        (403, "notACalendarUser"): (Unusable, "no", "account", None),
        (403, "accessNotConfigured"): (Setup, "no", "tenant", None),
        (403, "forbiddenForServiceAccounts"): (Setup, "no", "tenant", None),
        (403, "forbiddenForNonOrganizer"): (Refused, "no", "copy", None),
        (403, "forbidden"): (Refused, "no", "copy", None),
        (404, "*"): (Missing, "no", "copy", None),
        (409, "conflict"): (TryLater, "no", "copy", None),
        (409, "*"): (Changed, "maybe", "copy", None),
        (410, "*"): (Missing, "no", "copy", None),
        (412, "*"): (Changed, "no", "copy", None),
        (429, ""): (TryLater, "no", "provider", None),
        (429, "*"): (TryLater, "no", "account", None),
    }
)
UNMAPPED: Row = (Refused, "maybe", "copy", None)
SERVER: Row = (TryLater, "maybe", "copy", None)


def error_of(answer: Answer) -> ChannelError:
    """What a refused call means. The reason reads like "403 quotaExceeded"."""
    word = reason_word(answer.body)
    kind, happened, scope, least = _row(answer.status, word)
    asked = retry_after(answer.headers, datetime.now(UTC)) if kind is TryLater else None
    return kind(
        f"{answer.status} {word}".strip(),
        happened=happened,
        scope=scope,
        after=max(filter(None, (least, asked)), default=None),
        request_id=request_id(answer.headers),
    )


def _row(status: int, word: str) -> Row:
    if status >= 500 or status == 408:
        return SERVER
    exact = TABLE.get((status, word))
    if exact is not None:
        return exact
    if not word and status != 401:
        return UNMAPPED  # not Google's voice: a proxy, or a wrong google.api_base
    return TABLE.get((status, "*"), UNMAPPED)


def reason_word(body: bytes) -> str:
    """Google's word for a refusal, "" when the body is not one of Google's errors."""
    try:
        error = json.loads(body)["error"]
        if not isinstance(error, dict):
            return ""
        for detail in (*error.get("errors", ()), *error.get("details", ())):
            if word := _safe(detail.get("reason")):
                return word
        return _safe(error.get("status"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""


def _safe(word: Any) -> str:
    """Only what looks like a reason may reach a log."""
    return word if isinstance(word, str) and re.fullmatch(r"\w{1,60}", word, re.ASCII) else ""


def request_id(headers: Mapping[str, str]) -> str | None:
    """Not verified: Calendar documents no request id; other Google services send one of these."""
    for name in ("x-request-id", "x-goog-request-id", "x-guploader-uploadid"):
        if headers.get(name):
            return headers[name][:100]
    return None


def unreadable(answer: Answer) -> TryLater:
    """A success whose body is no event: what was done must be looked up."""
    return TryLater(
        f"{answer.status} with an unreadable body", request_id=request_id(answer.headers)
    )
