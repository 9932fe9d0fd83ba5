"""Whether a daemon works, as it is asked every few seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Health:
    """Problems that should wake somebody; none when all is well."""

    problems: Sequence[str]


@dataclass(frozen=True, slots=True)
class SilentDaemon:
    """A daemon that runs and does not write into its SQLite file. `free`: bytes of the disk."""

    folder: str
    free: int
