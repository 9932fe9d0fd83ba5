"""Which time zone data this process uses. Python looks through the folders of `zoneinfo.TZPATH`
(PYTHONTZPATH, else the system's) and takes the `tzdata` package for what is in none of them:
https://docs.python.org/3/library/zoneinfo.html#data-sources"""

from __future__ import annotations

import importlib.metadata
import re
import zoneinfo
from dataclasses import dataclass
from pathlib import Path

SOME_ZONE = "Etc/UTC"  # in every copy of the data


@dataclass(frozen=True, slots=True)
class ZoneDataSource:
    """Where the data is read, and its version; "" where the copy does not tell."""

    read_from: str
    version: str


def in_use() -> ZoneDataSource:
    """The first copy of the data that Python finds."""
    for folder in map(Path, zoneinfo.TZPATH):
        if (folder / SOME_ZONE).is_file():
            return ZoneDataSource(str(folder), _version(folder))
    return ZoneDataSource("the tzdata package", importlib.metadata.version("tzdata"))


def _version(folder: Path) -> str:
    """Of Debian and others the compact form begins with "# version 2026a"; of the BSDs and macOS
    `+VERSION` is nothing else."""
    for name, pattern in (("tzdata.zi", r"# version (\w+)"), ("+VERSION", r"(\w+)")):
        try:
            with (folder / name).open(encoding="ascii", errors="replace") as file:
                found = re.match(pattern, file.readline(100))
        except OSError:
            continue
        if found is not None:
            return found[1]
    return ""
