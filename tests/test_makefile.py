"""`make` says what there is, and refuses a Python that is too old before it makes anything."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        capture_output=True,
        check=False,
        cwd=ROOT,
        text=True,
        timeout=60,
    )


def test_make_alone_names_every_target_how_long_it_takes_and_the_python_it_needs() -> None:
    told = make().stdout
    (targets,) = re.findall(r"^\.PHONY: help (.+)$", MAKEFILE, re.MULTILINE)
    for target in targets.split():
        assert re.search(
            rf"^make {target} .+ (a minute|minutes|half a minute|seconds|under a minute"
            rf"|half an hour|an hour|ten minutes)$",
            told,
            re.MULTILINE,
        ), target
    assert "Python 3.11 or newer" in told


def test_the_python_that_make_wants_is_the_one_of_the_package() -> None:
    (oldest,) = re.findall(r"^OLDEST := (.+)$", MAKEFILE, re.MULTILINE)
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'requires-python = ">={oldest}"' in project


@pytest.mark.parametrize("old", [True, False])
def test_a_python_that_is_too_old_or_missing_is_refused_and_nothing_is_made(
    tmp_path: Path, old: bool
) -> None:
    python, environment = tmp_path / "python", tmp_path / "environment"
    if old:
        python.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2\n')
        python.chmod(0o755)
    done = make("setup", f"PYTHON={python}", f"VENV={environment}")
    assert done.returncode == 2
    assert "3.11 or newer" in done.stderr
    assert "make setup PYTHON=python3.11" in done.stderr
    assert ("is Python 3.9.2" if old else "was not found") in done.stderr
    assert not environment.exists()
