"""Other programs beside calsync: one that is not there is said to be missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from calsync.sandbox import RemoteSandbox
from tests.bench import rivals
from tests.bench.pieces import Bench

CPU = 0.5  # seconds, for everything


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    def arguments(bench: Bench, rival: rivals.Rival) -> dict[str, Any]:
        return {"calls": 2 * bench.sessions}

    def ran(python: Path, what: str, given: dict[str, Any]) -> dict[str, float]:
        return {"cpu": CPU}

    monkeypatch.setattr(rivals, "arguments_for", arguments)
    monkeypatch.setattr(rivals, "ran", ran)
    return Bench(tmp_path, cast("RemoteSandbox", None), 2, lambda _: None, small=True)


def test_what_cannot_be_installed_is_said_and_the_others_are_measured(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rivals, "installed", lambda *_: None)
    rivals.measure(bench)
    page = "\n".join(rivals.write(bench.figures))
    assert "| Google: gcsa 2.7.0, `add_event` | could not be installed |" in page
    assert "| Outlook: O365 2.1.10, `save` of a new event | could not be installed |" in page
    assert "| Google: requests, a POST and its JSON | 25.00 (25.00 to 25.00) |" in page
    assert "| Google: calsync's client alone, 16 threads | not measured |" in page


def test_each_program_has_its_figure_from_every_round(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rivals, "installed", lambda *_: Path("python"))
    rivals.measure(bench)
    names = {name for _, name in rivals.ROWS if name.startswith("rival")}
    assert {name: len(one.runs) for name, one in bench.figures.items()} == dict.fromkeys(names, 2)


def test_a_package_that_there_is_not_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Made:
        @staticmethod
        def create(folder: Path, *, with_pip: bool) -> None:
            (folder / "bin").mkdir(parents=True)
            (folder / "bin" / "python").write_text("#!/bin/sh\nexit 1\n")
            (folder / "bin" / "python").chmod(0o700)

    monkeypatch.setattr(rivals, "venv", Made)
    assert rivals.installed(tmp_path / "x", "no-such-package") is None
