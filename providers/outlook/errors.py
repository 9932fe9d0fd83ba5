"""Graph's refusals as ours: one table by status and code.

Its message is never read. Codes: https://learn.microsoft.com/graph/errors and, where Outlook's own
are nowhere listed, what programs in the field report.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calsync.errors import AccessLost, Changed, ChannelError, Missing, Refused, TryLater, Unusable
from calsync.untrusted.reading import reads
from providers.http.errors import ANY, ErrorTable, Meaning, safe_word
from providers.http.json_body import json_object
from providers.http.transport import HOUR, Answer

DUPLICATE = "ErrorDuplicateTransactionId"


class MadeBefore(Changed):
    """This transactionId was used before; `existing` is the event made with it, if Graph says.
    Only the channel sees it."""

    existing: str | None = None


# By status and code; "*": any other code. With ANY the code says it all, and its status is seen to
# vary.
TABLE = ErrorTable(
    {
        (ANY, DUPLICATE): Meaning(MadeBefore, "maybe", "copy"),
        # No licence, hosted on premises, a guest of the directory, or deleted.
        (ANY, "MailboxNotEnabledForRESTAPI"): Meaning(Unusable, "no", "account"),
        # outlook.com: events were seen to be stored although this was the answer.
        (ANY, "ErrorAccountSuspend"): Meaning(TryLater, "maybe", "account", HOUR),
        (ANY, "ErrorQuotaExceeded"): Meaning(Unusable, "no", "account"),
        (400, "*"): Meaning(Refused, "no", "copy"),
        (401, "*"): Meaning(AccessLost, "no", "account"),
        # Also an application access policy, or a scope of RBAC for Applications.
        (403, "ErrorAccessDenied"): Meaning(Unusable, "no", "account"),
        (403, "Authorization_RequestDenied"): Meaning(Unusable, "no", "account"),
        (403, "insufficient_claims"): Meaning(AccessLost, "no", "account"),
        (404, "ErrorItemNotFound"): Meaning(Missing, "no", "copy"),
        # Not verified: nobody in the directory has this address as user principal name.
        (404, "ErrorInvalidUser"): Meaning(Unusable, "no", "account"),
        (404, "Request_ResourceNotFound"): Meaning(Unusable, "no", "account"),
        (404, "ResourceNotFound"): Meaning(Unusable, "no", "account"),
        (404, "*"): Meaning(Missing, "no", "copy"),
        (409, "*"): Meaning(TryLater, "no", "copy"),
        (410, "*"): Meaning(Missing, "no", "copy"),
        (412, "*"): Meaning(Changed, "no", "copy"),
        (423, "*"): Meaning(TryLater, "no", "copy"),
        (429, ""): Meaning(TryLater, "no", "provider"),
        (429, "*"): Meaning(TryLater, "no", "account"),
        (507, "*"): Meaning(Unusable, "no", "account"),
    }
)


@reads
def error_of(answer: Answer) -> ChannelError:
    """What a refused call means. The reason reads like "404 ErrorItemNotFound"."""
    word = code(answer.body)
    error = TABLE.meaning(answer.status, word).error(answer, word, request_id(answer.headers))
    if isinstance(error, MadeBefore):
        error.existing = _existing(answer.body)
    return error


def code(body: bytes) -> str:
    """Graph's code for a refusal, "" when the body is not one of Graph's errors."""
    return safe_word(_error(body).get("code"))


def _existing(body: bytes) -> str | None:
    """Not verified: seen in one program's handling of the duplicate."""
    found = _error(body).get("@event.existingEventId")
    return found if isinstance(found, str) and found else None


def _error(body: bytes) -> Mapping[str, Any]:
    error = json_object(body).get("error")
    return error if isinstance(error, dict) else {}


def request_id(headers: Mapping[str, str]) -> str | None:
    """What Microsoft's support asks for."""
    return headers.get("request-id", "")[:100] or None
