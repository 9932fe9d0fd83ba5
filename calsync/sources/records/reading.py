"""How one record is read: where warnings go, and what becomes of fields that do not fit."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from calsync.core.booked import RecordWarning
from calsync.core.upcoming.rules import MOST_HOURS
from calsync.text import clean, clean_lines, safe_url
from calsync.text.lines import cut
from calsync.text.urls import LONGEST

# What to write for a field; said whenever it is missing or does not fit.
WRITE = {
    "id": "write an id of 1 to 255 characters that never changes",
    "tenant": "write the tenant's name, or leave it out",
    "updated_at": "write when the record last changed, such as 2026-11-20T09:30:00Z",
    "status": "write booked or cancelled",
    "starts_at": "write the local wall time, such as 2026-12-03T15:00:00",
    "ends_at": "write the local wall time, such as 2026-12-03T15:45:00",
    "time_zone": "write an IANA zone, such as America/Toronto",
    "participants": "write a list, [] when nobody takes part",
    "name": "write the person's name",
    "email": "write one address, such as name@example.org",
    "person": "write the same id for both ids of one human",
    "locale": "write a language, such as en or fr-CA",
    "kind": "write individual, group or peer",
    "format": "write text, markdown or html",
    "upcoming_hours": f"write a whole number of hours from 1 to {MOST_HOURS}",
    "discreet": "write true or false; until then it counts as true",
    "program": "write an object; until then the program counts as discreet",
    "place": "write an object with the kind online or in_person",
    "agenda": "write an object with text, format and url",
}
MOST_ITEMS = 20  # of a list that cannot be used, left out one by one
_Model = TypeVar("_Model", bound=BaseModel)


class Unfit(Exception):  # noqa: N818 - answered by the level above, never shown as it is
    """A field without which its model means nothing: missing, or not as documented."""

    def __init__(self, name: str, reason: str) -> None:
        self.field, self.reason = name, reason
        super().__init__(name, reason)


@dataclass(frozen=True, slots=True)
class Reading:
    """The record being read. No warning quotes content: it says which field, and what to do."""

    session: str
    warnings: list[RecordWarning] = field(default_factory=list)
    participant: str = ""  # whose part of the record is being read

    def warn(self, name: str, text: str, *, set_aside: bool = False) -> None:
        warning = RecordWarning(self.session, name, text, self.participant, set_aside=set_aside)
        self.warnings.append(warning)

    def line(self, name: str, value: str | None, limit: int) -> str:
        """One clean line, cut to `limit` characters."""
        text = clean(value or "")
        return text if self._short(name, text, limit) else clean(text, limit)

    def lines(self, name: str, value: str | None, limit: int) -> str:
        """Clean text that may have several lines, cut to `limit` characters."""
        text = clean_lines(value or "")
        return text if self._short(name, text, limit) else cut(text, limit).rstrip()

    def _short(self, name: str, text: str, limit: int) -> bool:
        if len(text) > limit:
            self.warn(name, f"is cut to {limit} characters; write a shorter one")
        return len(text) <= limit

    def link(self, name: str, value: str | None) -> str:
        """A web address that may be shown, or "" with a warning when there is none in `value`."""
        if not value or not value.strip():
            return ""
        safe = safe_url(value)
        if safe is None:
            self.warn(name, f"left out; write an http(s) address of at most {LONGEST} characters")
        return safe or ""

    def fit(
        self, model: type[_Model], raw: dict[str, Any], needed: Collection[str], path: str = ""
    ) -> _Model:
        """`raw` as `model`; fields that do not fit leave `raw`, with a warning.

        Raises Unfit when that would be one of `needed`.
        """
        while True:
            try:
                return model.model_validate(raw)
            except ValidationError as error:
                faults = error.errors(include_url=False, include_input=False)
                items = {fault["loc"][:2] for fault in faults if _is_item(fault["loc"])}
                for where in _drop_items(raw, items):
                    self.warn(f"{path}{where}", "left out, it cannot be used")
                for fault in faults:
                    if fault["loc"][:2] in items:
                        continue
                    name = str(fault["loc"][-1])
                    advice = WRITE.get(name, "write text")
                    if fault["loc"][0] in needed:
                        what = "is missing" if fault["type"] == "missing" else "cannot be used"
                        raise Unfit(str(fault["loc"][0]), f"{what}; {advice}") from None
                    where = _drop(raw, fault["loc"])
                    self.warn(f"{path}{where}", f"left out, it cannot be used; {advice}")


def _is_item(loc: tuple[int | str, ...]) -> bool:
    return len(loc) > 1 and isinstance(loc[1], int)


def _drop_items(raw: dict[str, Any], items: Collection[tuple[int | str, ...]]) -> list[str]:
    """Take these items out of their lists; returns their paths. Of many in one list the whole list
    goes."""
    told = []
    for name in sorted({str(name) for name, _ in items}):
        numbers = sorted(n for one, n in items if one == name and isinstance(n, int))
        if len(numbers) > MOST_ITEMS:
            del raw[name]
            told.append(name)
            continue
        raw[name] = [one for n, one in enumerate(raw[name]) if n not in numbers]
        told += [f"{name}[{number}]" for number in numbers]
    return told


def _drop(raw: dict[str, Any], loc: tuple[int | str, ...]) -> str:
    """Take the field at `loc` out of `raw`; returns its path."""
    outer, inner = str(loc[0]), str(loc[-1])
    if outer == "program" and inner in ("program", "discreet"):
        # Unreadable must not mean public.
        held = raw[outer] if inner == "discreet" else {}
        raw[outer] = {**held, "discreet": True}
        return ".".join(dict.fromkeys((outer, inner)))
    if len(loc) > 1:
        del raw[outer][inner]
        return f"{outer}.{inner}"
    del raw[outer]
    return outer
