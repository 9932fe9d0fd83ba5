"""Graph's refusals as ours: one table by status and code.

Its message is never read. Codes: https://learn.microsoft.com/graph/errors and, where Outlook's own
are nowhere listed, what programs in the field report.
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
    TryLater,
    Unusable,
)
from providers.http.transport import Answer, retry_after

HOUR = 3600.0
ANY = 0
DUPLICATE = "ErrorDuplicateTransactionId"
Row = tuple[type[ChannelError], Happened, Scope, float | None]

# (status, code) -> kind, happened, scope, seconds to wait at least. Code "*": any other; status
# ANY: the code says it all, and its status is seen to vary.
TABLE: Mapping[tuple[int, str], Row] = MappingProxyType(
    {
        (ANY, DUPLICATE): (Changed, "maybe", "copy", None),
        # No licence, hosted on premises, a guest of the directory, or deleted.
        (ANY, "MailboxNotEnabledForRESTAPI"): (Unusable, "no", "account", None),
        # outlook.com: events were seen to be stored although this was the answer.
        (ANY, "ErrorAccountSuspend"): (TryLater, "maybe", "account", HOUR),
        (ANY, "ErrorQuotaExceeded"): (Unusable, "no", "account", None),
        (400, "*"): (Refused, "no", "copy", None),
        (401, "*"): (AccessLost, "no", "account", None),
        # Also an application access policy, or a scope of RBAC for Applications.
        (403, "ErrorAccessDenied"): (Unusable, "no", "account", None),
        (403, "Authorization_RequestDenied"): (Unusable, "no", "account", None),
        (403, "insufficient_claims"): (AccessLost, "no", "account", None),
        (404, "ErrorItemNotFound"): (Missing, "no", "copy", None),
        # Not verified: nobody in the directory has this address as user principal name.
        (404, "ErrorInvalidUser"): (Unusable, "no", "account", None),
        (404, "Request_ResourceNotFound"): (Unusable, "no", "account", None),
        (404, "ResourceNotFound"): (Unusable, "no", "account", None),
        (404, "*"): (Missing, "no", "copy", None),
        (409, "*"): (TryLater, "no", "copy", None),
        (410, "*"): (Missing, "no", "copy", None),
        (412, "*"): (Changed, "no", "copy", None),
        (423, "*"): (TryLater, "no", "copy", None),
        (429, ""): (TryLater, "no", "provider", None),
        (429, "*"): (TryLater, "no", "account", None),
        (507, "*"): (Unusable, "no", "account", None),
    }
)
UNMAPPED: Row = (Refused, "maybe", "copy", None)
SERVER: Row = (TryLater, "maybe", "copy", None)


class MadeBefore(Changed):
    """This transactionId was used before; `existing` is the event made with it, if Graph says.
    Only the channel sees it."""

    existing: str | None = None


def error_of(answer: Answer) -> ChannelError:
    """What a refused call means. The reason reads like "404 ErrorItemNotFound"."""
    word = code(answer.body)
    kind, happened, scope, least = _row(answer.status, word)
    asked = retry_after(answer.headers, datetime.now(UTC)) if kind is TryLater else None
    error = (MadeBefore if word == DUPLICATE else kind)(
        f"{answer.status} {word}".strip(),
        happened=happened,
        scope=scope,
        after=max(filter(None, (least, asked)), default=None),
        request_id=request_id(answer.headers),
    )
    if isinstance(error, MadeBefore):
        error.existing = _existing(answer.body)
    return error


def _row(status: int, word: str) -> Row:
    exact = TABLE.get((ANY, word)) or TABLE.get((status, word))
    if exact is not None:
        return exact
    if word and (status, "*") in TABLE:
        return TABLE[status, "*"]
    if status >= 500 or status == 408:
        return SERVER
    # No code: not Graph's voice but a proxy's, or a wrong outlook.graph_base.
    return TABLE[401, "*"] if status == 401 else UNMAPPED


def code(body: bytes) -> str:
    """Graph's code for a refusal, "" when the body is not one of Graph's errors."""
    word = _error(body).get("code")
    known = isinstance(word, str) and re.fullmatch(r"\w{1,60}", word, re.ASCII)
    return str(word) if known else ""


def _existing(body: bytes) -> str | None:
    """Not verified: seen in one program's handling of the duplicate."""
    found = _error(body).get("@event.existingEventId")
    return found if isinstance(found, str) and found else None


def _error(body: bytes) -> Mapping[str, Any]:
    try:
        error = json.loads(body)["error"]
    except (ValueError, KeyError, TypeError):
        return {}
    return error if isinstance(error, dict) else {}


def request_id(headers: Mapping[str, str]) -> str | None:
    """What Microsoft's support asks for."""
    return headers.get("request-id", "")[:100] or None


def unreadable(answer: Answer) -> TryLater:
    """A success whose body is no resource: what was done must be looked up."""
    return TryLater(
        f"{answer.status} with an unreadable body", request_id=request_id(answer.headers)
    )
