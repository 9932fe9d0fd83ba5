"""docs/json.md names every key that a command prints, and its type; nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "json"
# Several golden files of one command, and those whose heading is not their name with spaces.
SECTION = {
    "sync-held": "sync",
    "plan-details": "plan --details",
    "resync-dry-run": "plan",
    "connect-link": "connect-link",
    "ops-link": "ops-link",
    "health-verdict": "health --verdict",
    "verify-unread": "verify",
}
MASKED = {"<instant>": "instant", "<minutes>": "integer"}
TYPES = {str: "text", int: "integer", bool: "boolean", dict: "object", list: "list"}


def sections() -> dict[str, dict[str, str]]:
    """By command: its keys, each with its type."""
    text = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
    found = {}
    for part in text.split("\n## `calsync ")[1:]:
        rows = re.findall(r"^\| `([^`]+)` \| ([^|]*) \|", part, re.MULTILINE)
        found[part.partition("`")[0]] = {key: kind.strip() for key, kind in rows}
    passed = {key: kind for key, kind in found["sync"].items() if not key.startswith("sources")}
    found["resync"] |= passed
    details = found["plan --details"]
    details |= {f"steps[].{key}": kind for key, kind in found["plan"].items()}
    details |= {key: kind for key, kind in found["sync"].items() if key.startswith("sources[]")}
    return found


DOCUMENTED = sections()
NAMES = sorted(file.stem for file in GOLDEN.glob("*.json"))


def section_of(name: str) -> str:
    return SECTION.get(name) or name.replace("-", " ")


def printed(name: str) -> list[tuple[str, str]]:
    """Every key of a golden file with the type of its value."""
    value = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    rows = value if isinstance(value, list) else [value]
    return [found for row in rows for found in keys(row, "")]


def keys(value: dict[str, Any], before: str) -> Iterator[tuple[str, str]]:
    for key, one in value.items():
        path = before + key
        yield path, kind_of(one)
        if isinstance(one, dict):
            yield from keys(one, f"{path}.")
        elif isinstance(one, list):
            for row in one:
                if isinstance(row, dict):
                    yield from keys(row, f"{path}[].")


def kind_of(value: Any) -> str:
    if value is None:
        return "null"
    masked = MASKED.get(value) if isinstance(value, str) else None
    return masked or TYPES[type(value)]


def documented(keys_of: dict[str, str], path: str) -> str | None:
    """The type that a key is said to have, or any key of its place. None: it is not documented."""
    return keys_of.get(path) or keys_of.get(path.rpartition(".")[0] + ".*")


@pytest.mark.parametrize("name", NAMES)
def test_every_printed_key_is_documented_with_its_type(name: str) -> None:
    known = DOCUMENTED[section_of(name)]
    for path, kind in printed(name):
        said = documented(known, path)
        assert said is not None, path
        assert said == "any" or kind in said.split(" or "), (path, kind, said)


def test_every_documented_key_is_printed() -> None:
    seen: dict[str, set[str]] = {}
    for name in NAMES:
        seen.setdefault(section_of(name), set()).update(path for path, _ in printed(name))
    seen["resync"] |= seen["sync"]  # it prints what sync prints
    for command, keys_of in DOCUMENTED.items():
        missing = {one for one in keys_of if not one.endswith(".*")} - seen[command]
        assert missing == set(), command


def test_every_command_with_the_option_is_documented() -> None:
    files = (ROOT / "calsync" / "cli").rglob("*.py")
    count = sum(one.read_text("utf-8").count("json: AsJson") for one in files)
    assert count == len([name for name in DOCUMENTED if "--" not in name])
