"""JSON that somebody else wrote."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NoReturn

from calsync.untrusted.encoding import not_utf8
from calsync.untrusted.reading import reads

MOST_DEPTH = 100  # levels; what we are answered has ten
MOST_DIGITS = 400  # of a whole number; a longer one is read as a floating one


class JsonError(ValueError):
    """A text cannot be read as JSON. Says why in a few words, and quotes nothing of it.

    line     where it ceases to be JSON, if it does
    encoded  it is in UTF-8
    """

    def __init__(self, why: str, line: int | None = None, *, encoded: bool = True) -> None:
        self.line, self.encoded = line, encoded
        super().__init__(why)


@reads
def parse_json(text: bytes | str) -> Any:
    """The value in this text, nested 100 levels at most. Raises JsonError, for NaN and Infinity as
    well, which Python's own reader takes (RFC 8259, section 6). A number may be infinite all the
    same: 1e400 is JSON."""
    try:
        found = json.loads(text, parse_constant=_no_number, parse_int=_whole)
    except RecursionError:
        raise JsonError("JSON nested too deeply") from None
    except UnicodeDecodeError as error:
        raise JsonError(not_utf8(error.object), encoded=False) from None
    except json.JSONDecodeError as error:
        raise JsonError(f"not JSON, line {error.lineno}", error.lineno) from None
    if _may_be_deep(text) and _is_deep(found):
        raise JsonError("JSON nested too deeply")
    return found


def _no_number(_: str) -> NoReturn:
    raise JsonError("not JSON: it has no numbers NaN and Infinity")


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) <= MOST_DIGITS else float(digits)


def _may_be_deep(text: bytes | str) -> bool:
    """It begins more objects and lists than may be inside one another. Most texts do not, and need
    no look at every value."""
    if isinstance(text, str):
        return text.count("{") + text.count("[") > MOST_DEPTH
    # UTF-16 and UTF-32 write each of the two with the same byte, and others beside it.
    return text.count(b"{") + text.count(b"[") > MOST_DEPTH


def _is_deep(value: object) -> bool:
    level: list[object] = [value]
    for _ in range(MOST_DEPTH):
        level = [inner for one in level for inner in _inside(one)]
        if not level:
            return False
    return True


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
