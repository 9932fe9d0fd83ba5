"""Bodies are measured against Graph's own metadata, which calsync did not write: an excerpt lies in
graph_schema.json and names its sources."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from calsync.sandbox.microsoft.graph_error import GraphError

COLLECTION = re.compile(r"Collection\((.+)\)")
PRIMITIVES: Mapping[str, type | tuple[type, ...]] = {
    "Edm.String": str,
    "Edm.Boolean": bool,
    "Edm.Int32": int,
    "Edm.Double": (int, float),
    "Edm.DateTimeOffset": str,
}
EXTENDED_ID = re.compile(
    r"(?P<type>String|Integer|Boolean|Double|SystemTime|CLSID|Binary|Long|Short) "
    r"(?P<set>\{[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}) "
    r"(?P<name>Name .+|Id 0x[0-9A-Fa-f]+)"
)


@dataclass(frozen=True, slots=True)
class Checked:
    """A body that passed: what Graph takes, and what it silently drops (against the reference)."""

    fields: dict[str, Any]
    dropped: tuple[str, ...]


class GraphSchema:
    """The types of one event."""

    def __init__(self) -> None:
        text = files("calsync.sandbox").joinpath("graph_schema.json").read_text("utf-8")
        data = json.loads(text)
        self.properties: Mapping[str, str] = data["types"]["event"]
        self._types: Mapping[str, Mapping[str, str]] = data["types"]
        self._enums: Mapping[str, list[str]] = data["enums"]
        self._read_only = frozenset(data["read_only"])
        self._patchable = frozenset(data["patchable"])
        self._zones = frozenset(data["time_zones"])

    def check_event(self, body: object, *, patch: bool) -> Checked:
        """Raises GraphError 400 as Graph would, for an unknown property, a wrong enum or type."""
        if not isinstance(body, dict):
            raise GraphError(400, "UnableToDeserializePostBody")
        fields = self._object("event", body)
        dropped = fields.keys() & self._read_only
        if patch:
            dropped |= fields.keys() - self._patchable
        kept = {name: value for name, value in fields.items() if name not in dropped}
        return Checked(kept, tuple(sorted(dropped)))

    def zone(self, name: str, any_name: bool = False) -> ZoneInfo:
        """A Windows name or one of the documented others. Raises GraphError 400."""
        try:
            if name in WINDOWS_TO_OLSON:
                return ZoneInfo(WINDOWS_TO_OLSON[name])
            if name in self._zones or any_name:
                return ZoneInfo(name)
        except (ValueError, OSError, ZoneInfoNotFoundError):
            pass
        raise GraphError(
            400,
            "TimeZoneNotSupportedException",
            "A valid TimeZone value must be specified. The following TimeZone value is not "
            f"supported: '{name}'.",
        )

    def _object(self, kind: str, value: object) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise body_error(f"An unexpected node was found where microsoft.graph.{kind} belongs.")
        known = self._types[kind]
        result = {}
        for name, one in value.items():
            if name.startswith("@odata."):
                continue
            if name not in known:
                raise body_error(
                    f"The property '{name}' does not exist on type 'microsoft.graph.{kind}'. Make "
                    "sure to only use property names that are defined by the type or mark the type "
                    "as open type."
                )
            result[name] = self._value(known[name], one)
        return result

    def _value(self, kind: str, value: object) -> Any:
        many = COLLECTION.fullmatch(kind)
        if many:
            if value is None:
                raise GraphError(400, "UnableToDeserializePostBody")
            if not isinstance(value, list):
                raise body_error("An unexpected node was found where a 'StartArray' belongs.")
            return [self._value(many[1], one) for one in value]
        if value is None:
            return None
        if kind in PRIMITIVES:
            return primitive(kind, value)
        if kind in self._enums:
            return self._word(kind, value)
        if kind not in self._types:
            raise GraphError(501, "notImplemented", f"{kind} is not modelled")
        return self._object(kind, value)

    def _word(self, kind: str, value: object) -> str:
        for word in self._enums[kind]:  # Graph reads enums in any case: "HTML", "Required"
            if isinstance(value, str) and value.casefold() == word.casefold():
                return word
        raise body_error(f"Requested value '{value}' was not found.")


def primitive(kind: str, value: object) -> Any:
    """The value itself. Raises GraphError 400 when it is of another type."""
    fits = isinstance(value, PRIMITIVES[kind])
    if isinstance(value, bool) and kind != "Edm.Boolean":
        fits = False
    if fits and kind == "Edm.DateTimeOffset":
        try:
            datetime.fromisoformat(str(value))
        except ValueError:
            fits = False
    if not fits:
        raise body_error(f"Cannot convert the literal '{value}' to the expected type '{kind}'.")
    return value


def extended_id(text: str) -> str:
    """An extended property's id in the one spelling that is compared: only names keep their case.

    Raises GraphError 400 when it is none.
    """
    match = EXTENDED_ID.fullmatch(text)
    if match is None:
        raise GraphError(400, "ErrorInvalidRequest", f"The property id '{text}' is invalid.")
    name = match["name"] if match["name"].startswith("Name ") else match["name"].lower()
    return f"{match['type']} {match['set'].lower()} {name}"


def body_error(message: str) -> GraphError:
    return GraphError(400, "RequestBodyRead", message)
