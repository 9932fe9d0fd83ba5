"""What people look at: tables within 100 columns on a terminal, JSON for machines.

Into a file or another program a line is a line, however long it is; COLUMNS, where it is set, says
otherwise.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from textwrap import wrap
from threading import Timer
from typing import Any

from calsync.text.as_json import to_json

WIDTH = 100
WHOLE_WORDS: dict[str, Any] = {"break_long_words": False, "break_on_hyphens": False}
SHORT = 10  # characters of a word or number, which no table breaks
TO_COPY = 100  # characters of an id, an address or a date, which are of no use in two lines
LEAST = 12  # columns that are left to a sentence
UNFOLDED = 100_000
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
COMMAND = re.compile("`[^`]{1,200}`")
UNBROKEN = "\N{NO-BREAK SPACE}"
PATIENCE = 2.0  # seconds of silence on a terminal


def as_json(data: object) -> None:
    """One JSON document on standard output."""
    json.dump(to_json(data), sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def width() -> int:
    """At how many columns lines are folded."""
    if not sys.stdout.isatty() and "COLUMNS" not in os.environ:
        return UNFOLDED
    return min(WIDTH, shutil.get_terminal_size().columns)


def shown(text: str) -> str:
    """What came from strangers, as a mail server's answer did, moves no cursor and sets no colour:
    control characters are written as JSON has them."""
    return CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def line(text: str = "") -> None:
    sys.stdout.write(shown(text) + "\n")


def exactly(text: str) -> None:
    """Every byte of it and no other, line ends included."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()


def folded(text: str) -> None:
    """A sentence, in as many lines as it takes; all but the first are indented. A command in it
    stays in one line, to be copied."""
    joined = COMMAND.sub(lambda found: found[0].replace(" ", UNBROKEN), text)
    for one in wrap(joined, width(), subsequent_indent="  ", **WHOLE_WORDS):
        line(one.replace(UNBROKEN, " "))


def hint(text: str) -> None:
    """A remark for the person, apart from what was asked for."""
    sys.stderr.write(shown(text) + "\n")


def table(
    rows: Sequence[object],
    columns: Mapping[str, str],
    title: str = "",
    whole: Collection[str] = (),
) -> None:
    """Print `rows`, as they are in JSON, under the headings of `columns` (key -> heading); nothing
    for no rows, and no column that is empty in all of them. Cells of one word and of the columns
    `whole` are never broken; the table is wider than the terminal where it must."""
    if not rows:
        return
    known: list[Mapping[str, Any]] = to_json(rows)
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    drawn = Table(title=title or None, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    filled = [key for key in columns if any(cell(row.get(key)) for row in known)]
    needed = 2
    for key in filled:
        cells = [cell(row.get(key)) for row in known]
        wide = _unbroken(columns[key], cells, whole=key in whole)
        drawn.add_column(columns[key], overflow="fold", no_wrap=wide > 0, min_width=wide or None)
        needed += 2 + (wide or _least(columns[key], cells))
    for row in known:
        drawn.add_row(*(cell(row.get(key)) for key in filled))
    _console(needed).print(drawn)


def _least(heading: str, cells: Sequence[str]) -> int:
    """How wide a column is at least in which lines break."""
    return max(min(LEAST, max(map(len, cells))), *map(len, heading.split()), 1)


def _unbroken(heading: str, cells: Sequence[str], *, whole: bool) -> int:
    """How wide a column of ids, addresses or dates is, or one that is to be `whole`; 0: its lines
    may break."""
    longest = max(map(len, cells))
    if whole:
        return max(longest, len(heading))
    if not SHORT <= longest <= TO_COPY or any(" " in one for one in cells):
        return 0
    return max(longest, len(heading))


def facts(pairs: object, title: str = "") -> None:
    """Print name and value, one below the other, as they are in JSON; empty values are left out."""
    if title:
        line(title)
    known = {
        name: value for name, value in to_json(pairs).items() if value not in (None, "", [], {})
    }
    widest = max((len(name) for name in known), default=0)
    for name, value in known.items():
        room = max(width() - widest - 4, LEAST)
        first, *rest = wrap(cell(value), room, **WHOLE_WORDS) or [""]
        line(f"  {name.ljust(widest)}  {first}")
        for more in rest:
            line(" " * (widest + 4) + more)


def cell(value: Any) -> str:
    """A value as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {one}" for name, one in value.items() if one is not None)
    return shown(str(value))


def _console(needed: int) -> Any:
    from rich.console import Console  # noqa: PLC0415

    return Console(markup=False, highlight=False, emoji=False, width=max(width(), needed))


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


@contextmanager
def waiting(what: str, after: float = PATIENCE) -> Iterator[None]:
    """Tells on a terminal what is being waited for, once that takes more than `after` seconds."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.status import Status  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    told = Status(Text(f"{what} ..."), console=Console(stderr=True))
    timer = Timer(after, told.start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()  # it may be about to show it
        told.stop()
