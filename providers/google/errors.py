"""Google's refusals as ours: one table by status and reason word.

The words: https://developers.google.com/workspace/calendar/api/guides/errors
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from calsync.errors import (
    AccessLost,
    Changed,
    ChannelError,
    Missing,
    Refused,
    Setup,
    TryLater,
    UnknownZone,
    Unusable,
)
from calsync.untrusted.reading import reads
from providers.http.errors import ErrorTable, Meaning, safe_word
from providers.http.json_body import json_object
from providers.http.transport import HOUR, Answer

# By status and reason; "*": any other reason.
TABLE = ErrorTable(
    {
        (400, "*"): Meaning(Refused, "no", "copy"),
        (401, "*"): Meaning(AccessLost, "no", "account"),
        (403, "userRateLimitExceeded"): Meaning(TryLater, "no", "account"),
        (403, "rateLimitExceeded"): Meaning(TryLater, "no", "account"),
        (403, "dailyLimitExceeded"): Meaning(TryLater, "no", "account", HOUR),
        # Google's brake on unusual use, it lasts for hours: https://support.google.com/a/answer/2905486
        (403, "quotaExceeded"): Meaning(TryLater, "no", "account", 6 * HOUR),
        (403, "insufficientPermissions"): Meaning(AccessLost, "no", "account"),
        (403, "requiredAccessLevel"): Meaning(Unusable, "no", "account"),
        (403, "notACalendarUser"): Meaning(Unusable, "no", "account"),
        (403, "accessNotConfigured"): Meaning(Setup, "no", "tenant"),
        (403, "forbiddenForServiceAccounts"): Meaning(Setup, "no", "tenant"),
        (403, "forbiddenForNonOrganizer"): Meaning(Refused, "no", "copy"),
        (403, "forbidden"): Meaning(Refused, "no", "copy"),
        (404, "*"): Meaning(Missing, "no", "copy"),
        (409, "conflict"): Meaning(TryLater, "no", "copy"),
        (409, "*"): Meaning(Changed, "maybe", "copy"),
        (410, "*"): Meaning(Missing, "no", "copy"),
        (412, "*"): Meaning(Changed, "no", "copy"),
        (429, ""): Meaning(TryLater, "no", "provider"),
        (429, "*"): Meaning(TryLater, "no", "account"),
    }
)


ZONE_WORDS = re.compile("time ?zone", re.IGNORECASE)


def error_of(answer: Answer, zone: str = "") -> ChannelError:
    """What a refused call means. The reason reads like "403 quotaExceeded".

    zone  the name of the time zone that the call had in it, if that can be blamed
    """
    word = reason_word(answer.body)
    if zone and answer.status == 400 and ZONE_WORDS.search(_message(answer.body)):
        return UnknownZone(f"400 {word}", zone, request_id=request_id(answer.headers))
    return TABLE.meaning(answer.status, word).error(answer, word, request_id(answer.headers))


@reads
def reason_word(body: bytes) -> str:
    """Google's word for a refusal, "" when the body is not one of Google's errors."""
    error = json_object(body).get("error")
    if not isinstance(error, dict):
        return ""
    try:
        for detail in (*error.get("errors", ()), *error.get("details", ())):
            if word := safe_word(detail.get("reason")):
                return word
    except (TypeError, AttributeError):
        return ""
    return safe_word(error.get("status"))


def _message(body: bytes) -> str:
    """Google's sentence, only ever searched: "Invalid time zone definition for start time." is
    told by no word of its own."""
    error = json_object(body).get("error")
    found = error.get("message") if isinstance(error, dict) else None
    return found if isinstance(found, str) else ""


def request_id(headers: Mapping[str, str]) -> str | None:
    """Not verified: Calendar documents no request id; other Google services send one of these."""
    for name in ("x-request-id", "x-goog-request-id", "x-guploader-uploadid"):
        if headers.get(name):
            return headers[name][:100]
    return None
