"""Figures: what several runs of one measurement found."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median


@dataclass
class Figure:
    """One figure of several runs: its median, and how far the runs lie apart."""

    runs: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return median(self.runs)

    def text(self, digits: int = 1) -> str:
        low, high = min(self.runs), max(self.runs)
        return f"{self.median:,.{digits}f} ({low:,.{digits}f} to {high:,.{digits}f})"


class Figures(dict[str, Figure]):
    """Figures by name; `add` takes one run's value."""

    def add(self, name: str, value: float) -> None:
        self.setdefault(name, Figure()).runs.append(value)


def table(*names: str) -> list[str]:
    """The head of a table with these columns."""
    return [f"| {' | '.join(names)} |", "|---" * len(names) + "|"]
