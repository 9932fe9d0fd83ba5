"""Whatever a stranger sends, a reader gives a value that is safe, or the error that it promises."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import math
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import calsync
import providers
from calsync.untrusted.json_text import JsonError, parse_json
from calsync.untrusted.reading import MARK
from tests.untrusted.rows import NOW, ROWS

ROOT = Path(calsync.__file__).parents[1]
DEEP = 100_000
# What stands for others, and what runs when it is loaded.
ELSEWHERE = ("calsync.sandbox", "calsync.__main__", "calsync.store.migrations")


def nested(depth: int) -> object:
    found: object = 1
    for _ in range(depth):
        found = [found]
    return found


HOSTILE = {
    "0": 0,
    "-1": -1,
    "1e400": math.inf,
    "-1e400": -math.inf,
    "10^14": 10**14,
    "400 digits": int("9" * 400),
    "-400 digits": -int("9" * 400),
    "text of 400 digits": "9" * 400,
    "text of 5000 digits": "9" * 5_000,
    "text -1": "-1",
    "a superscript": "\u00b2",
    "true": True,
    "nothing": None,
    "a list": [1, [2]],
    "an object": {"a": {"b": 1}},
    "90 levels": nested(90),
    "900 levels": nested(900),
    "empty": "",
    "NUL": "a\0b",
    "half a character": "\ud800",
    "year 1": "0001-01-01T00:00:00+14:00",
    "year 1, no offset": "0001-01-01T00:00:00",
    "year 9999": "9999-12-31T23:59:59-14:00",
    "year 9999 in UTC": "9999-12-31T23:59:59Z",
    "year 1 in HTTP": "Mon, 01 Jan 0001 00:00:00 +1400",
    "year 9999 in HTTP": "Fri, 31 Dec 9999 23:59:59 -1400",
    "year 1 in iCalendar": "00010101T000000",
    "year 9999 in iCalendar": "99991231T235959Z",
}


def readers() -> set[Callable[..., Any]]:
    """Every function of the program that is marked."""
    found = set()
    for package in (calsync, providers):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.startswith(ELSEWHERE):
                loaded = importlib.import_module(module.name)
                marked = inspect.getmembers(loaded, lambda one: hasattr(one, MARK))
                found |= {one for _, one in marked if inspect.isfunction(one)}
    return found


def test_every_reader_has_its_row() -> None:
    assert readers() == set(ROWS)


def test_a_reader_without_a_row_is_noticed() -> None:
    assert parse_json in readers()
    assert len(readers()) > 20


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("reader", ROWS, ids=lambda one: f"{one.__module__}.{one.__name__}")
def test_a_reader_gives_what_is_safe_or_the_error_that_it_promises(
    reader: Callable[..., Any], value: object
) -> None:
    row = ROWS[reader]
    with suppress(*row.raises):
        assert_safe(row.read(value), reader)


def assert_safe(found: object, reader: Callable[..., Any]) -> None:
    """It can be reckoned with: added to a date, slept, stored."""
    now = NOW
    if isinstance(found, timedelta):
        assert timedelta() < found <= timedelta(days=1)
    if isinstance(found, float):
        assert math.isfinite(found)
        if reader.__name__ in {"retry_after", "error_of"}:
            assert now + timedelta(seconds=found) <= now + timedelta(hours=6)
    if isinstance(found, datetime):
        assert found.isoformat()


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":['])
def test_json_nested_deeply_is_one_clear_error(opening: str) -> None:
    for text in (opening * DEEP, (opening * DEEP).encode()):
        with pytest.raises(JsonError, match=r"nested too deeply|not JSON"):
            parse_json(text)


def test_json_is_nested_as_deeply_as_it_may_be() -> None:
    assert parse_json("[" * 99 + "]" * 99)
    assert parse_json(json.dumps([[]] * 200)) == [[]] * 200  # many, and none is in the next
    for depth in (101, 300, 5_000):
        for letters in ("utf-8", "utf-16", "utf-32-be"):
            with pytest.raises(JsonError, match="nested too deeply"):
                parse_json(("[" * depth + "]" * depth).encode(letters))
        with pytest.raises(JsonError, match="nested too deeply"):
            parse_json("[" * depth + "]" * depth)


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity", '{"a": NaN}'])
def test_what_python_alone_takes_for_a_number_is_no_json(constant: str) -> None:
    with pytest.raises(JsonError, match="no numbers"):
        parse_json(constant)


def test_a_number_of_any_length_is_json() -> None:
    assert parse_json("1e400") == math.inf
    assert parse_json("9" * 5_000) == math.inf
    assert parse_json("9" * 400) == int("9" * 400)


def test_json_that_is_none_names_the_line_and_quotes_nothing() -> None:
    with pytest.raises(JsonError) as caught:
        parse_json('{\n"secret": sesame}')
    assert (str(caught.value), caught.value.line) == ("not JSON, line 2", 2)
    with pytest.raises(JsonError, match="not UTF-8"):
        parse_json(b'"\xff"')


# Calls that take a stranger's text or number as it is, and may therefore stand in a reader only.
RAW = {
    "json.loads",
    "json.load",
    "int",
    "float",
    "datetime.fromisoformat",
    "datetime.fromtimestamp",
    "parsedate_to_datetime",
}
# By module, the calls there that read something of our own, or something bounded.
OURS = {
    "calsync/bootstrap/sources.py": {"float(config.poll_seconds)"},
    "calsync/sources/file.py": {  # its own cursor
        "json.loads(text or '')",
        "datetime.fromisoformat(text)",
    },
    "calsync/sources/http.py": {"json.loads(text or '')"},  # its own cursor
    "calsync/sources/ordered.py": {"json.loads(ids)"},  # of a table of its own
    "calsync/sources/sql/ids.py": {"int(ident)"},  # an id of a record: 64 characters at most
    "calsync/sources/sql/source.py": {"datetime.fromisoformat(cursor or '')"},  # its own cursor
    "calsync/sources/sql/stamps.py": {"datetime.fromisoformat(value)"},  # ValueError is caught
    "calsync/sources/mapping/source.py": {"datetime.fromisoformat(cursor or '')"},  # its own cursor
    "calsync/sources/mapping/requests.py": {"int(self.since.timestamp())"},  # of the same
    "calsync/sources/records/times.py": {  # by a pattern with a bound for every number
        "datetime.fromtimestamp(float(text), UTC)",
        "float(text)",
        "datetime.fromisoformat(text)",
    },
    "providers/google/auth.py": {
        "int(self._clock().timestamp())",
        "json.loads(Path(name).read_bytes())",  # the operator's key file
    },
    "providers/google/channel.py": {"json.loads(prepared.body)"},
    "providers/google/client.py": {"json.loads(body)"},  # what is sent, as in the next
    "providers/google/mapping.py": {"json.loads(body)"},
    "providers/google/consent.py": {
        "int(oauth.lasting(found.get('expires_in')).total_seconds())",
    },
    "providers/outlook/channel.py": {"json.loads(prepared.body)"},
    "providers/outlook/signin.py": {
        "int(oauth.lasting(found['expires_in']).total_seconds())",
    },
    "providers/google/live/trial.py": {"json.loads(prepared.body)"},  # what we wrote ourselves
    "providers/outlook/live/trial.py": {"json.loads(prepared.body)"},  # of the same
    "providers/caldav/addresses.py": {"int(ip)"},  # an address that was read
    "providers/caldav/mapping.py": {"int(value)"},  # after `number`, and bounded
    "providers/caldav/multistatus.py": {"int(found[1])"},  # three digits
    "providers/mail/lookup.py": {"int(port)"},  # the operator's own option, five digits at most
    "providers/mail/connection.py": {"int(line[:3])"},  # three characters, ValueError is caught
}
READING = ("providers", "calsync/sources")


def raw_calls(source: str) -> Iterator[str]:
    """Outside of functions that are marked."""
    tree = ast.parse(source)
    marked = {
        inner
        for one in ast.walk(tree)
        if isinstance(one, ast.FunctionDef)
        and any(isinstance(mark, ast.Name) and mark.id == "reads" for mark in one.decorator_list)
        for inner in ast.walk(one)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node not in marked and ast.unparse(node.func) in RAW:
            yield ast.unparse(node)


def test_what_strangers_send_is_read_by_readers_alone() -> None:
    found = {}
    for folder in READING:
        for file in (ROOT / folder).rglob("*.py"):
            name = str(file.relative_to(ROOT))
            calls = set(raw_calls(file.read_text(encoding="utf-8"))) - OURS.get(name, set())
            if calls:
                found[name] = calls
    assert found == {}


def test_a_raw_call_is_found_and_one_in_a_reader_is_not() -> None:
    assert list(raw_calls("def f(x): return int(x)")) == ["int(x)"]
    assert list(raw_calls("@reads\ndef f(x): return int(x)")) == []
