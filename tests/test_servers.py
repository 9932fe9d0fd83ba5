"""A program that tests need is in the list of the gate; without it they fail there, and nowhere
are they skipped in silence."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.harness import servers
from tests.harness.servers import (
    NOT_TESTED,
    PACKAGES,
    REQUIRED,
    library,
    packages,
    program,
    untested,
)

GATE = Path(__file__).parents[1] / ".ci" / "run"


def test_every_package_has_its_reason() -> None:
    listed = list(packages(PACKAGES.read_text(encoding="utf-8")))
    assert len(listed) == len(dict(listed))
    assert all(reason for _, reason in listed)
    assert "chromium" in dict(listed)


def test_a_program_that_is_missing_fails_in_the_gate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(REQUIRED, "required")
    with pytest.raises(pytest.fail.Exception, match="apt-get install chromium"):
        program("chromium", folders=str(tmp_path))


def test_a_library_that_is_missing_fails_in_the_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REQUIRED, "required")
    with pytest.raises(pytest.fail.Exception, match="apt-get install libical3"):
        library("libical3", "libno-such-library.so")


def test_a_program_that_is_missing_elsewhere_is_told_loudly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(REQUIRED, raising=False)
    with pytest.raises(pytest.skip.Exception, match=NOT_TESTED) as skipped:
        program("chromium", folders=str(tmp_path))
    said = skipped.value.msg
    assert said is not None

    reports = [
        pytest.TestReport("x", ("f", 1, "x"), {}, "skipped", ("f", 1, f"Skipped: {text}"), "setup")
        for text in (said, said, "runs with --full")
    ]
    (line,) = untested(reports)
    assert line.startswith("NOT TESTED: 2 tests: pages are used")


def test_a_program_that_the_gate_does_not_install_cannot_be_asked_for() -> None:
    with pytest.raises(AssertionError, match=r"debian-packages\.txt"):
        program("no-such-package", "sh")


def test_the_first_program_that_is_there_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = tmp_path / "packages.txt"
    listed.write_text("chromium # for this test\n", encoding="utf-8")
    monkeypatch.setattr(servers, "PACKAGES", listed)
    there = tmp_path / "chromium-browser"
    there.write_text("#!/bin/sh\n", encoding="utf-8")
    there.chmod(0o755)
    assert program("chromium", "chromium", "chromium-browser", folders=str(tmp_path)) == str(there)


def test_the_gate_installs_the_list_and_lets_nothing_be_missing(tmp_path: Path) -> None:
    """With an apt-get that only writes down what it is asked for."""
    for name, body in (
        ("make", 'echo "make $* $TEST_SERVERS" >>"$ASKED"'),
        ("dpkg-query", '[ "$4" = here ] && echo installed'),
        ("id", "echo 0"),
        ("apt-get", 'echo "apt-get $*" >>"$ASKED"'),
    ):
        file = tmp_path / name
        file.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        file.chmod(0o755)
    asked, listed = tmp_path / "asked", tmp_path / "packages.txt"
    listed.write_text("# why\nhere # it is\nabsent   # it is not\nother\n", encoding="utf-8")
    path = f"{tmp_path}:{os.environ['PATH']}"
    environ = {**os.environ, "PATH": path, "ASKED": str(asked), "PACKAGES": str(listed)}
    subprocess.run([str(GATE)], check=True, env=environ, capture_output=True)
    assert asked.read_text(encoding="utf-8").splitlines() == [
        "apt-get update -qq",
        "apt-get install -y -qq --no-install-recommends absent other",
        "make check required",
        "make test required",
    ]
