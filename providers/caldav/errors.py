"""A CalDAV server's refusals as ours: one table by status, condition and what was asked for.

Conditions: RFC 4791 5.3.2.1, RFC 4918 16, RFC 4331 6. A server belongs to the person who named it,
so nothing it says is the operator's fault: trouble with the server is trouble of that account.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from calsync.errors import (
    AccessLost,
    Changed,
    ChannelError,
    Missing,
    Refused,
    TimedOut,
    TryLater,
    Unusable,
)
from providers.caldav.multistatus import precondition
from providers.http.errors import SERVER, UNMAPPED, Meaning
from providers.http.transport import HOUR, Answer

# An existing calendar object, one about to be created, or the calendar (or what leads to it).
Target = Literal["object", "new", "calendar"]

REFUSED = Meaning(Refused, "no", "copy")
GONE = Meaning(Unusable, "no", "account")

# "*" in front stands for every target, at the end for every condition.
TABLE: Mapping[tuple[Target | Literal["*"], int, str], Meaning] = MappingProxyType(
    {
        ("*", 401, "*"): Meaning(AccessLost, "no", "account"),
        ("*", 403, "no-uid-conflict"): Meaning(Changed, "maybe", "copy"),
        # Cyrus: the UID is elsewhere in the person's calendars (RFC 6638 3.2.4.1).
        ("*", 403, "unique-scheduling-object-resource"): Meaning(Changed, "maybe", "copy"),
        ("*", 403, "*"): Meaning(Unusable, "no", "account"),
        ("object", 404, "*"): Meaning(Missing, "no", "copy"),
        ("new", 404, "*"): GONE,
        ("calendar", 404, "*"): GONE,
        # DAViCal, of a calendar that does not exist: the look that follows tells.
        ("new", 405, "*"): Meaning(Changed, "maybe", "copy"),
        ("*", 408, "*"): Meaning(TimedOut, "maybe", "copy"),
        # The calendar is missing, or this UID is at another href: the look that follows tells.
        ("*", 409, "*"): Meaning(Changed, "maybe", "copy"),
        ("object", 410, "*"): Meaning(Missing, "no", "copy"),
        ("new", 410, "*"): GONE,
        ("calendar", 410, "*"): GONE,
        ("new", 412, "*"): Meaning(Changed, "maybe", "copy"),
        ("*", 412, "*"): Meaning(Changed, "no", "copy"),
        ("*", 423, "*"): Meaning(TryLater, "no", "copy"),
        ("*", 429, "*"): Meaning(TryLater, "no", "account"),
        ("*", 504, "*"): Meaning(TimedOut, "maybe", "copy"),
        ("*", 507, "*"): Meaning(Unusable, "no", "account"),
    }
)
# What was sent is refused for what it is; any other 4xx says nothing that we know.
ABOUT_THE_REQUEST = frozenset({400, 405, 413, 414, 415, 422, 431})
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
    found = meaning(target, answer.status, word)
    # A server of the person's own choosing: it may keep them waiting, not put them off for a day.
    return found.error(answer, word or _advice(answer), longest=HOUR)


def meaning(target: Target, status: int, word: str) -> Meaning:
    if word in OBJECT_CONDITIONS and status in {403, 409, 412}:
        return REFUSED
    keys = [(target, status, word), ("*", status, word), (target, status, "*"), ("*", status, "*")]
    known = next((TABLE[key] for key in keys if key in TABLE), None)  # type: ignore[index]
    if known is not None:
        return known
    if status >= 500:
        return SERVER
    return REFUSED if status in ABOUT_THE_REQUEST else UNMAPPED


def _advice(answer: Answer) -> str:
    """What to do about a login that does not work; calsync sends Basic, and only that."""
    offered = answer.headers.get("www-authenticate", "")
    if answer.status != 401:
        return ""
    if offered and "basic" not in offered.lower():
        return "the server does not take Basic authentication: switch that on"
    return "user name or password refused; many servers want an app password"
