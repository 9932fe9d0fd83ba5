"""What `--json` prints is a promise: golden files hold every key, its place and its value."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.printed_json import printed

GOLDEN = Path(__file__).parent.parent / "golden" / "json"
NAMES = sorted(file.stem for file in GOLDEN.glob("*.json"))


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> dict[str, Any]:
    """What the commands print now; with `--golden`, the golden files are written anew."""
    made = printed(tmp_path_factory.mktemp("json"))
    if pytestconfig.getoption("--golden"):
        for name, value in made.items():
            (GOLDEN / f"{name}.json").write_text(as_text(value), encoding="utf-8")
    return made


@pytest.mark.parametrize("name", NAMES)
def test_a_command_prints_what_its_golden_file_holds(found: dict[str, Any], name: str) -> None:
    assert as_text(found[name]) == (GOLDEN / f"{name}.json").read_text(encoding="utf-8")


def test_every_command_has_its_golden_file(found: dict[str, Any]) -> None:
    assert sorted(found) == NAMES


def as_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
