"""What is wrong with an expression of a mapping, found before anything is asked."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any

# The fields of a record, as columns of a database have them (docs/session-format.md).
RECORD = (
    *("id", "tenant", "status", "title", "time_zone", "url", "updated_at", "starts_at", "ends_at"),
    *("program_id", "program_name", "program_kind", "program_discreet"),
    "program_upcoming_hours",
    *("place_kind", "place_url", "place_label", "place_phone", "place_passcode", "place_name"),
    *("place_address", "place_instructions", "agenda_text", "agenda_format", "agenda_url"),
    "participants",
)
# Functions of JMESPath (jmespath.org/specification.html), and calsync's own (docs/http-mapping.md).
FUNCTIONS = (
    *("abs", "avg", "ceil", "contains", "ends_with", "floor", "join", "keys", "length", "map"),
    *("max", "max_by", "merge", "min", "min_by", "not_null", "reverse", "sort", "sort_by"),
    *("starts_with", "sum", "to_array", "to_number", "to_string", "type", "values"),
    *("epoch", "add_minutes", "split", "lower", "lookup"),
)


def expression_problem(text: str, tables: Container[str]) -> str:
    """Why this is no expression that can be used and what to write, or ""."""
    import jmespath  # noqa: PLC0415 - only where a source has a mapping
    from jmespath.exceptions import JMESPathError  # noqa: PLC0415

    try:
        parsed = jmespath.compile(text).parsed
    except JMESPathError as error:
        position = getattr(error, "lex_position", None)
        at = f" at character {position + 1}" if isinstance(position, int) else ""
        return f"is not a JMESPath expression{at}; correct it (jmespath.org)"
    except RecursionError:
        return "is nested too deeply; write a simpler expression"
    for name, arguments in _calls(parsed):
        if name not in FUNCTIONS:
            return f"has no function {name}(); there are: {', '.join(FUNCTIONS)}"
        first = arguments[0] if arguments else {}
        if name == "lookup" and first.get("type") == "literal" and first["value"] not in tables:
            return f"names map.lookup.{first['value']}, which is not there; add it"
    return ""


def _calls(node: Any) -> Iterator[tuple[str, list[Any]]]:
    """Every call in an expression: the function's name and its arguments."""
    if node.get("type") == "function_expression":
        yield node["value"], node["children"]
    for child in node.get("children", ()):
        if isinstance(child, dict):
            yield from _calls(child)
