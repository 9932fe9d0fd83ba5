"""One version, wherever it is named, and release notes for it."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parent.parent
CHANGES = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
NAMED = re.compile(r"calsync[:-](\d+\.\d+\.\d+)\b")


def sections() -> dict[str, str]:
    """What the changelog says, by the heading above it."""
    parts = re.split(r"^## (.+)$", CHANGES, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_calsync_says_the_version_of_the_package() -> None:
    assert version("calsync") == VERSION, "run `make setup`: the package was installed before"


def test_every_image_and_wheel_that_is_named_is_of_this_version() -> None:
    files = [ROOT / "README.md", ROOT / "Dockerfile"]
    files += [one for name in ("deploy", "docs") for one in (ROOT / name).rglob("*.*")]
    texts = [one for one in files if one.suffix in ("", ".md", ".yaml", ".conf", ".service")]
    named = {
        f"{one.relative_to(ROOT)}: {found}"
        for one in texts
        if one.is_file()
        for found in NAMED.findall(one.read_text(encoding="utf-8"))
    }
    assert len(named) > 1
    assert {one for one in named if not one.endswith(f": {VERSION}")} == set()


def test_the_version_has_dated_release_notes_below_what_is_not_released() -> None:
    first, second, *_ = sections()
    assert first == "Unreleased"
    released, _, date = second.partition(" - ")
    assert released == VERSION
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", date)
    notes = sections()[second]
    for part in ("Added", "Changed", "Fixed", "Security"):
        assert f"\n### {part}\n" in notes
    assert "docs/upgrade.md" in notes.partition("###")[0], "how to get there comes first"
