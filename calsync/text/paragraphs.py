"""Rich text as values: paragraphs of runs, which can say all that our HTML shows and no more."""

from __future__ import annotations

from dataclasses import dataclass

BREAK = "\n"


@dataclass(frozen=True, slots=True)
class Run:
    """Text in one manner, or BREAK. `marks` are of "b", "i" and "u"; `href` is safe or ""."""

    text: str
    marks: frozenset[str] = frozenset()
    href: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a list. `kind` is "ul" or "ol"; both numbers only tell lists and items apart."""

    kind: str
    list: int
    number: int


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`path` leads from the outermost list to the item it stands in; () outside of lists."""

    runs: tuple[Run, ...]
    path: tuple[Item, ...] = ()

    def __len__(self) -> int:
        """Visible characters, a line break counted as one."""
        return sum(len(run.text) for run in self.runs)
