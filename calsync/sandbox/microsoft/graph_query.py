"""The OData options of Graph's event calls: $filter, $select, $expand, $orderby and paging."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from calsync.sandbox.microsoft.graph_error import CallerError, GraphError
from calsync.sandbox.microsoft.graph_event import OutlookEntry
from calsync.sandbox.microsoft.graph_schema import extended_id
from calsync.sandbox.switches import Switches

Test = Callable[[OutlookEntry], bool]

TEXT = r"'((?:[^']|'')*)'"
ANY = re.compile(
    r"singleValueExtendedProperties/any\(\s*(\w+)\s*:\s*\1/id\s+eq\s+" + TEXT + r"\s+and\s+"
    rf"(?:\1/value\s+(eq|ne)\s+{TEXT}|(contains|startswith)\(\s*\1/value\s*,\s*{TEXT}\s*\))\s*\)",
    re.IGNORECASE,
)
UID = re.compile(r"iCalUId\s+eq\s+" + TEXT)
TIME = re.compile(r"(start|end)/dateTime\s+(eq|ge|gt|le|lt)\s+" + TEXT)
WORD = re.compile(r"\s+(and|or)\s+")
EXPAND = re.compile(r"singleValueExtendedProperties\(\s*\$filter=(.+)\)", re.DOTALL)
EXPANDED_ID = re.compile(r"id\s+eq\s+" + TEXT)
LIST_OPTIONS = frozenset(
    {"$filter", "$select", "$expand", "$orderby", "$top", "$skip", "startDateTime", "endDateTime"}
)
ORDERED = {
    "start/dateTime": lambda one: one.starts_at,
    "end/dateTime": lambda one: one.ends_at,
    "createdDateTime": lambda one: one.created_at,
    "lastModifiedDateTime": lambda one: one.modified_at,
    "subject": lambda one: one.fields["subject"],
}
COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda one, other: one == other,
    "ne": lambda one, other: one != other,
    "ge": lambda one, other: one >= other,
    "gt": lambda one, other: one > other,
    "le": lambda one, other: one <= other,
    "lt": lambda one, other: one < other,
    "contains": lambda one, other: other in one,
    "startswith": lambda one, other: one.startswith(other),
}
DEFAULT_PAGE, LARGEST_PAGE = 10, 1000


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is asked for; `by_property` and `by_uid` say by what."""

    fits: Test
    by_property: bool
    by_uid: bool


class QueryError(CallerError):
    """A query that Graph refuses."""

    def __init__(self, message: str) -> None:
        super().__init__(400, "BadRequest", message)


def read_query(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """The options of an event call. Raises GraphError 400, or 501 for what is not modelled."""
    query: dict[str, str] = {}
    for name, value in pairs:
        if name.startswith("$") and name not in LIST_OPTIONS:
            raise GraphError(501, "notImplemented", f"{name} is not modelled")
        if name not in LIST_OPTIONS or name in query:
            raise QueryError(f"The query parameter '{name}' is invalid.")
        query[name] = value
    return query


def read_filter(text: str, switches: Switches) -> Filter:
    """Terms joined by `and` and `or`. Raises GraphError 400, or 501 for what is not modelled."""
    position, groups = 0, [[]]  # type: tuple[int, list[list[Test]]]
    while True:
        test, position = _term(text, position)
        groups[-1].append(test)
        joined = WORD.match(text, position)
        if joined is None:
            break
        position = joined.end()
        if joined[1] == "or":
            groups.append([])
    if text[position:].strip():
        raise GraphError(501, "notImplemented", f"the filter {text} is not modelled")
    by_uid = "iCalUId" in text
    if by_uid and not switches["uid_filter"]:
        raise GraphError(400, "ErrorInvalidProperty", "The property 'iCalUId' cannot be filtered.")
    by_property = ANY.search(text) is not None
    return Filter(lambda one: any(all(t(one) for t in g) for g in groups), by_property, by_uid)


def _term(text: str, position: int) -> tuple[Test, int]:
    if match := ANY.match(text, position):
        return _property_test(match), match.end()
    if match := UID.match(text, position):
        uid = unquoted(match[1])
        return (lambda one: one.uid == uid), match.end()
    if match := TIME.match(text, position):
        which, compare, moment = match[1], COMPARE[match[2]], instant(unquoted(match[3]))
        return (
            lambda one: compare(one.starts_at if which == "start" else one.ends_at, moment)
        ), match.end()
    raise GraphError(501, "notImplemented", f"the filter {text} is not modelled")


def _property_test(match: re.Match[str]) -> Test:
    """The name is compared by case, the value without."""
    name = extended_id(unquoted(match[2]))
    compare = COMPARE[(match[3] or match[5]).lower()]
    value = unquoted(match[4] if match[3] else match[6]).casefold()
    return lambda one: name in one.properties and compare(one.properties[name].casefold(), value)


def unquoted(text: str) -> str:
    return text.replace("''", "'")


def instant(text: str) -> datetime:
    """A bound of calendarView, read by its own offset, else as UTC. Raises GraphError 400."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise QueryError(f"The value '{text}' is not a date and time.") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def read_expand(text: str) -> frozenset[str]:
    """The ids of the extended properties to show. Raises GraphError."""
    match = EXPAND.fullmatch(text.strip())
    if match is None:
        if text.startswith("singleValueExtendedProperties"):
            raise QueryError(
                "singleValueExtendedProperties can only be expanded with a $filter on id."
            )
        raise GraphError(501, "notImplemented", f"$expand={text} is not modelled")
    terms = [EXPANDED_ID.fullmatch(one.strip()) for one in re.split(r"\s+or\s+", match[1])]
    if any(one is None for one in terms):
        raise QueryError(f"The $filter in $expand={text} cannot be read.")
    return frozenset(extended_id(unquoted(one[1])) for one in terms if one)


def read_order(text: str) -> Callable[[list[OutlookEntry]], None]:
    """Sorts in place. Raises GraphError 501 for what is not modelled."""
    name, _, direction = text.strip().partition(" ")
    if name not in ORDERED or direction not in ("", "asc", "desc"):
        raise GraphError(501, "notImplemented", f"$orderby={text} is not modelled")
    key = ORDERED[name]
    return lambda entries: entries.sort(key=key, reverse=direction == "desc")


def read_page(query: Mapping[str, str]) -> tuple[int, int]:
    """How many to skip, how many to show. Raises GraphError 400."""
    numbers = []
    for name, default in (("$skip", 0), ("$top", DEFAULT_PAGE)):
        text = query.get(name, str(default))
        if not text.isdecimal() or (name == "$top" and not 1 <= int(text) <= LARGEST_PAGE):
            raise QueryError(f"Invalid value '{text}' for {name} query option found.")
        numbers.append(int(text))
    return numbers[0], numbers[1]


def read_select(text: str, known: Mapping[str, str]) -> frozenset[str]:
    """The wanted properties; etag and id always come. Raises GraphError 400."""
    names = [one.strip() for one in text.split(",")]
    for one in names:
        if one not in known:
            raise QueryError(
                f"Could not find a property named '{one}' on type 'microsoft.graph.event'."
            )
    return frozenset(("@odata.etag", "id", *names))
