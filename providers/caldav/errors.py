"""A CalDAV server's refusals as ours: one table by status, condition and what was asked for.

Conditions: RFC 4791 5.3.2.1, RFC 4918 16, RFC 4331 6. A server belongs to the person who named it,
so nothing it says is the operator's fault: trouble with the server is trouble of that account.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Literal

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
from providers.caldav.multistatus import precondition
from providers.http.transport import Answer, retry_after

# An existing calendar object, one about to be created, or the calendar (or what leads to it).
Target = Literal["object", "new", "calendar"]
Row = tuple[type[ChannelError], Happened, Scope]

GONE: Row = (Unusable, "no", "account")

# "*" in front stands for every target, at the end for every condition.
TABLE: Mapping[tuple[Target | Literal["*"], int, str], Row] = MappingProxyType(
    {
        ("*", 401, "*"): (AccessLost, "no", "account"),
        ("*", 403, "no-uid-conflict"): (Changed, "maybe", "copy"),
        ("*", 403, "*"): (Unusable, "no", "account"),
        ("object", 404, "*"): (Missing, "no", "copy"),
        ("new", 404, "*"): GONE,
        ("calendar", 404, "*"): GONE,
        ("*", 408, "*"): (TryLater, "maybe", "copy"),
        # The calendar is missing, or this UID is at another href: the look that follows tells.
        ("*", 409, "*"): (Changed, "maybe", "copy"),
        ("object", 410, "*"): (Missing, "no", "copy"),
        ("new", 410, "*"): GONE,
        ("calendar", 410, "*"): GONE,
        ("new", 412, "*"): (Changed, "maybe", "copy"),
        ("*", 412, "*"): (Changed, "no", "copy"),
        ("*", 423, "*"): (TryLater, "no", "copy"),
        ("*", 429, "*"): (TryLater, "no", "account"),
        ("*", 507, "*"): (Unusable, "no", "account"),
    }
)
# The object itself is refused, whether the server says 403, 409 or (xandikos) 412.
OBJECT_CONDITIONS = frozenset(
    {
        "supported-calendar-data",
        "valid-calendar-data",
        "valid-calendar-object-resource",
        "supported-calendar-component",
        "calendar-collection-location-ok",
        "max-resource-size",
        "min-date-time",
        "max-date-time",
        "max-instances",
        "max-attendees-per-instance",
    }
)


def error_of(answer: Answer, target: Target) -> ChannelError:
    """What a refused call means. The reason reads like "409 no-uid-conflict"."""
    word = precondition(answer.body)
    kind, happened, scope = row_of(target, answer.status, word)
    return kind(
        f"{answer.status} {word or _advice(answer)}".strip(),
        happened=happened,
        scope=scope,
        after=retry_after(answer.headers, datetime.now(UTC)) if kind is TryLater else None,
    )


def row_of(target: Target, status: int, word: str) -> Row:
    if word in OBJECT_CONDITIONS and status in {403, 409, 412}:
        return (Refused, "no", "copy")
    keys = [(target, status, word), ("*", status, word), (target, status, "*"), ("*", status, "*")]
    known = next((TABLE[key] for key in keys if key in TABLE), None)  # type: ignore[index]
    if known is not None:
        return known
    if status >= 500:
        return (TryLater, "maybe", "copy")
    return (Refused, "no" if 400 <= status < 500 else "maybe", "copy")


def _advice(answer: Answer) -> str:
    """What to do about a login that does not work; calsync sends Basic, and only that."""
    offered = answer.headers.get("www-authenticate", "")
    if answer.status != 401:
        return ""
    if offered and "basic" not in offered.lower():
        return "the server does not take Basic authentication: switch that on"
    return "user name or password refused; many servers want an app password"
