"""What people look at: tables within 100 columns on a terminal, JSON for machines."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from textwrap import wrap
from typing import Any

from calsync.text.as_json import to_json

WIDTH = 100
WHOLE_WORDS: dict[str, Any] = {"break_long_words": False, "break_on_hyphens": False}
TO_COPY = ("id", "digest")  # short, and of no use in two lines


def as_json(data: object) -> None:
    """One JSON document on standard output."""
    json.dump(to_json(data), sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def line(text: str = "") -> None:
    sys.stdout.write(text + "\n")


def folded(text: str) -> None:
    """A sentence, in as many lines as it takes; all but the first are indented."""
    for one in wrap(text, WIDTH, subsequent_indent="  ", **WHOLE_WORDS):
        line(one)


def hint(text: str) -> None:
    """A remark for the person, apart from what was asked for."""
    sys.stderr.write(text + "\n")


def table(rows: Sequence[object], columns: Mapping[str, str], title: str = "") -> None:
    """Print `rows`, as they are in JSON, under the headings of `columns` (key -> heading); nothing
    for no rows, and no column that is empty in all of them."""
    if not rows:
        return
    known: list[Mapping[str, Any]] = to_json(rows)
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    drawn = Table(title=title or None, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    filled = [key for key in columns if any(cell(row.get(key)) for row in known)]
    for key in filled:
        drawn.add_column(columns[key], overflow="fold", no_wrap=key in TO_COPY)
    for row in known:
        drawn.add_row(*(cell(row.get(key)) for key in filled))
    _console().print(drawn)


def facts(pairs: object, title: str = "") -> None:
    """Print name and value, one below the other, as they are in JSON; empty values are left out."""
    if title:
        line(title)
    known = {
        name: value for name, value in to_json(pairs).items() if value not in (None, "", [], {})
    }
    width = max((len(name) for name in known), default=0)
    for name, value in known.items():
        first, *rest = wrap(cell(value), WIDTH - width - 4, **WHOLE_WORDS) or [""]
        line(f"  {name.ljust(width)}  {first}")
        for more in rest:
            line(" " * (width + 4) + more)


def cell(value: Any) -> str:
    """A value as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {one}" for name, one in value.items() if one is not None)
    return str(value)


def _console() -> Any:
    from rich.console import Console  # noqa: PLC0415

    console = Console(markup=False, highlight=False, emoji=False)
    if not console.is_terminal or console.width > WIDTH:
        console = Console(markup=False, highlight=False, emoji=False, width=WIDTH)
    return console


@contextmanager
def progress(what: str) -> Iterator[Callable[[int], None]]:
    """A counter on a terminal, silence elsewhere; call it with how many are done."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.completed}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done: bar.update(task, completed=done)
