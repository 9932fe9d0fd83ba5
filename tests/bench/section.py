"""A section of docs/performance.md: how it is measured, how it is written, what was aimed at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.bench.figures import Figures
from tests.bench.pieces import Bench


@dataclass(frozen=True, kw_only=True)
class Aim:
    """A demand, and the figure that it is held against.

    demand    in words, with its number
    measured  the figure; raises KeyError while something that it is made of is not measured
    limit     the most that the figure may be, or with `at_least` the least
    shown     how the figure is written: "{:.1f} ms"
    missed    why it is missed, and what would be tried next; printed only then
    needs     what `make bench` must be given for it
    """

    demand: str
    measured: Callable[[Figures], float]
    limit: float
    shown: str
    missed: str
    needs: str = ""
    at_least: bool = False

    def met(self, value: float) -> bool:
        return value >= self.limit if self.at_least else value <= self.limit


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of the page; `tests/bench/__init__.py` says how one is made.

    name     what `--only` takes
    measure  adds its figures to `bench.figures`; None: it is written from figures of others
    write    the lines below its heading
    asked    it takes long: measured only when it is named
    """

    name: str
    title: str
    write: Callable[[Figures], list[str]]
    measure: Callable[[Bench], None] | None = None
    aims: tuple[Aim, ...] = ()
    asked: bool = False
