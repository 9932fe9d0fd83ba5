"""Every request is measured against Google's own description of its API, which calsync did not
write: the discovery document that ships with google-api-python-client."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

Check = Callable[[object, str, list[str]], None]
"""Appends to the list what is wrong with a value at a place; an empty list means nothing is."""

RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
RFC3339_LOCAL = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)?")
DATE = re.compile(r"\d{4}-\d\d-\d\d")
# Bodies carry their allowed words in the description only: `- "confirmed" - The event is ...`
LISTED_WORD = re.compile(r'^\s*- "([^"]+)"', re.MULTILINE)
INT_RANGES = {"int32": (-(2**31), 2**31 - 1), "uint32": (0, 2**32 - 1)}


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of the API. `template` has None where the path carries a parameter."""

    id: str
    template: tuple[str | None, ...]
    names: tuple[str, ...]
    scopes: frozenset[str]
    query: Mapping[str, Check]
    repeated: frozenset[str]
    body: Check | None
    required: tuple[str, ...]

    def match(self, segments: tuple[str, ...]) -> dict[str, str] | None:
        """The path's parameters, or None when this path is another operation's."""
        values = []
        for want, got in zip(self.template, segments, strict=True):
            if want is None:
                values.append(unquote(got))
            elif want != got:
                return None
        return dict(zip(self.names, values, strict=True))

    def check_query(self, pairs: Iterable[tuple[str, str]]) -> list[str]:
        """What is wrong with the query parameters."""
        wrong: list[str] = []
        seen: set[str] = set()
        for name, value in pairs:
            check = self.query.get(name)
            if check is None:
                wrong.append(f"unknown query parameter {name}")
                continue
            if name in seen and name not in self.repeated:
                wrong.append(f"query parameter {name} given twice")
            seen.add(name)
            check(value, name, wrong)
        return wrong

    def check_body(self, body: object) -> list[str]:
        """What is wrong with the request's JSON."""
        wrong: list[str] = []
        if self.body is None:
            return ["a body where none is expected"] if body is not None else []
        if not isinstance(body, dict):
            return ["the body is not a JSON object"]
        wrong.extend(f"missing field {name}" for name in self.required if body.get(name) is None)
        self.body(body, "", wrong)
        return wrong


class Discovery:
    """The operations of Google Calendar v3, their checks compiled once."""

    def __init__(self) -> None:
        path = "discovery_cache/documents/calendar.v3.json"
        self._document = json.loads(files("googleapiclient").joinpath(path).read_text("utf-8"))
        self._schemas: dict[str, Check] = {}
        self._operations: dict[tuple[str, int], list[Operation]] = {}
        for method in self._methods(self._document["resources"]):
            one = self._compile(method)
            self._operations.setdefault((method["httpMethod"], len(one.template)), []).append(one)
        for same_length in self._operations.values():
            same_length.sort(key=lambda one: one.template.count(None))  # literal words first

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """The operation of a path below the service path, with its path parameters."""
        segments = tuple(path.split("/"))
        for one in self._operations.get((method, len(segments)), ()):
            names = one.match(segments)
            if names is not None:
                return one, names
        return None

    def _methods(self, resources: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
        for resource in resources.values():
            yield from resource.get("methods", {}).values()
            yield from self._methods(resource.get("resources", {}))

    def _compile(self, method: dict[str, Any]) -> Operation:
        words = method["path"].split("/")
        query = {
            name: parameter
            for name, parameter in {
                **self._document["parameters"],
                **method.get("parameters", {}),
            }.items()
            if parameter["location"] == "query"
        }
        schema = method.get("request", {}).get("$ref")
        return Operation(
            id=method["id"],
            template=tuple(None if word.startswith("{") else word for word in words),
            names=tuple(word.strip("{}") for word in words if word.startswith("{")),
            scopes=frozenset(method.get("scopes", ())),
            query={name: query_check(parameter) for name, parameter in query.items()},
            repeated=frozenset(name for name, one in query.items() if one.get("repeated")),
            body=None if schema is None else self._schema(schema, method["id"]),
            required=() if schema is None else self._required(schema, method["id"]),
        )

    def _required(self, schema: str, operation: str) -> tuple[str, ...]:
        properties = self._document["schemas"][schema].get("properties", {})
        return tuple(
            name
            for name, one in properties.items()
            if operation in one.get("annotations", {}).get("required", ())
        )

    def _schema(self, name: str, operation: str = "") -> Check:
        importing = operation == "calendar.events.import"
        key = f"{name} import" if importing else name
        if key not in self._schemas:
            self._schemas[key] = partial(check_later, self._schemas, key)  # a schema may recur
            self._schemas[key] = self._value(self._document["schemas"][name], importing)
        return self._schemas[key]

    def _value(self, schema: dict[str, Any], importing: bool = False) -> Check:
        if "$ref" in schema:
            return self._schema(schema["$ref"])
        kind = schema.get("type")
        if kind == "object" or "properties" in schema:
            return self._object(schema, importing)
        if kind == "array":
            return partial(check_array, self._value(schema["items"]))
        if kind == "integer":
            low, high = INT_RANGES.get(schema.get("format", ""), (-(2**63), 2**63 - 1))
            return partial(check_integer, low, high)
        if kind == "boolean":
            return check_boolean
        return string_check(schema) if kind == "string" else check_anything

    def _object(self, schema: dict[str, Any], importing: bool) -> Check:
        properties = {}
        for name, one in schema.get("properties", {}).items():
            text = one.get("description", "")
            closed = "Read-only" in text and not (importing and "except when importing" in text)
            properties[name] = check_read_only if closed else self._value(one)
        rest = schema.get("additionalProperties")
        return partial(check_object, properties, None if rest is None else self._value(rest))


def query_check(parameter: dict[str, Any]) -> Check:
    """Query values are text; this checks what the text must look like."""
    if "enum" in parameter:
        return partial(check_words, frozenset(parameter["enum"]))
    if parameter["type"] == "boolean":
        return partial(check_words, frozenset(("true", "false")))
    if parameter["type"] == "integer":
        low, high = INT_RANGES[parameter.get("format", "int32")]
        return partial(
            check_digits,
            int(parameter.get("minimum", low)),
            int(parameter.get("maximum", high)),
        )
    if parameter.get("format") == "date-time":
        return partial(check_pattern, RFC3339, "an RFC 3339 time with its offset")
    return check_text


def string_check(schema: dict[str, Any]) -> Check:
    text = schema.get("description", "")
    if schema.get("format") == "date-time":
        return partial(check_pattern, RFC3339_LOCAL, "an RFC 3339 time")
    if schema.get("format") == "date":
        return partial(check_pattern, DATE, "a date yyyy-mm-dd")
    words = schema.get("enum") or (
        LISTED_WORD.findall(text.split("Possible values are", 1)[1])
        if "Possible values are" in text
        else None
    )
    return partial(check_words, frozenset(words)) if words else check_text


def check_later(
    schemas: Mapping[str, Check], key: str, value: object, at: str, wrong: list[str]
) -> None:
    schemas[key](value, at, wrong)


def check_object(
    properties: Mapping[str, Check], rest: Check | None, value: object, at: str, wrong: list[str]
) -> None:
    if not isinstance(value, dict):
        wrong.append(f"{at} is not an object")
        return
    for name, one in value.items():
        check = properties.get(name, rest)
        place = f"{at}.{name}" if at else name
        if check is None:
            wrong.append(f"unknown field {place}")
        elif one is not None:  # null means: not there, or with PATCH: remove it
            check(one, place, wrong)


def check_array(check: Check, value: object, at: str, wrong: list[str]) -> None:
    if not isinstance(value, list):
        wrong.append(f"{at} is not a list")
        return
    for number, one in enumerate(value):
        check(one, f"{at}[{number}]", wrong)


def check_integer(low: int, high: int, value: object, at: str, wrong: list[str]) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        wrong.append(f"{at} is not an integer from {low} to {high}")


def check_digits(low: int, high: int, value: object, at: str, wrong: list[str]) -> None:
    if not re.fullmatch(r"-?\d+", str(value)) or not low <= int(str(value)) <= high:
        wrong.append(f"{at} is not an integer from {low} to {high}")


def check_boolean(value: object, at: str, wrong: list[str]) -> None:
    if not isinstance(value, bool):
        wrong.append(f"{at} is not true or false")


def check_text(value: object, at: str, wrong: list[str]) -> None:
    if not isinstance(value, str):
        wrong.append(f"{at} is not text")


def check_words(words: frozenset[str], value: object, at: str, wrong: list[str]) -> None:
    if value not in words:
        wrong.append(f"{at} is not one of {', '.join(sorted(words))}")


def check_pattern(
    pattern: re.Pattern[str], what: str, value: object, at: str, wrong: list[str]
) -> None:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        wrong.append(f"{at} is not {what}")


def check_read_only(value: object, at: str, wrong: list[str]) -> None:
    del value
    wrong.append(f"{at} is read-only")


def check_anything(value: object, at: str, wrong: list[str]) -> None:
    del value, at, wrong
