"""Programs and libraries of the system that tests need: those of tests/debian-packages.txt.

In the gate a test whose program is missing fails. Elsewhere it is skipped, and one loud line at the
end of the run says what was not tested and what to install.
"""

from __future__ import annotations

import ctypes
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

PACKAGES = Path(__file__).parents[1] / "debian-packages.txt"
REQUIRED = "TEST_SERVERS"  # "required" in the gate: what is missing fails
NOT_TESTED = "NOT TESTED: "


def packages(text: str) -> Iterator[tuple[str, str]]:
    """(package, reason) of every line."""
    for line in text.splitlines():
        name, _, reason = line.partition("#")
        if name.strip():
            yield name.strip(), reason.strip()


def program(package: str, *names: str, folders: str | None = None) -> str:
    """The path of the first of these programs that is there, else of the one that is named like
    its package. Ends the test where there is none.

    folders   where to look instead of PATH
    """
    reason = _reason(package)
    for name in names or (package,):
        found = shutil.which(name, path=folders)
        if found is not None:
            return found
    _missing(package, reason)


def acceptance_program(package: str, name: str) -> str:
    """The path of a program that `make acceptance` alone needs and the gate does not install. Fails
    where there is none."""
    found = shutil.which(name)
    if found is None:
        pytest.fail(f"there is no {name}: apt-get install {package}", pytrace=False)
    return found


def library(package: str, name: str) -> ctypes.CDLL:
    """The C library of this name, such as `libical.so.3`. Ends the test where there is none."""
    reason = _reason(package)
    try:
        return ctypes.CDLL(name)
    except OSError:
        _missing(package, reason)


def _reason(package: str) -> str:
    reasons = dict(packages(PACKAGES.read_text(encoding="utf-8")))
    assert package in reasons, (
        f"{package} is missing in {PACKAGES.name}: the gate installs no other"
    )
    return reasons[package]


def _missing(package: str, reason: str) -> NoReturn:
    told = f"{NOT_TESTED}{reason}; there is no {package}: apt-get install {package}"
    if os.environ.get(REQUIRED) == "required":
        pytest.fail(told, pytrace=False)
    pytest.skip(told)


def untested(skipped: Iterable[pytest.TestReport]) -> list[str]:
    """One line for each program that was missing, with how many tests did not run."""
    counted: dict[str, int] = {}
    for report in skipped:
        place = report.longrepr  # a tuple, a list where it came from another process
        reason = str(place[2]) if isinstance(place, tuple | list) else ""
        _, found, told = reason.partition(NOT_TESTED)
        if found:
            counted[told] = counted.get(told, 0) + 1
    return [f"{NOT_TESTED}{number} tests: {told}" for told, number in sorted(counted.items())]
