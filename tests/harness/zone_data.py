"""Time zone data of a test's own, before what the machine has."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

# Mexico as it was until 2022: with a summer time.
SUMMER_IN_MEXICO = {"America/Mexico_City": "America/Chicago"}


def folder_of(folder: Path, rules: Mapping[str, str]) -> Path:
    """A folder for PYTHONTZPATH in which these zones have the rules of others."""
    for name, other in rules.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(files("tzdata").joinpath("zoneinfo", *other.split("/")).read_bytes())
    return folder


@contextmanager
def in_use(folder: Path | None = None) -> Iterator[None]:
    """This process uses the data of this folder, else that of the package alone."""
    before = zoneinfo.TZPATH
    _use([str(folder)] if folder is not None else [])
    try:
        yield
    finally:
        _use(before)


def _use(path: object) -> None:
    zoneinfo.reset_tzpath(path)  # type: ignore[arg-type]  # what TZPATH was
    ZoneInfo.clear_cache()
