"""Paragraphs written as HTML or as plain text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from html import escape
from itertools import groupby

from calsync.text.paragraphs import BREAK, Item, Paragraph, Run
from calsync.text.parse import parse

_HOST = re.compile("[^/?#]+[/?#]")  # and the sign by which it ends


def as_html(paragraphs: Iterable[Paragraph], *, longest: int = 0) -> str:
    """Balanced HTML of a b i u br ul ol li p alone, everything else escaped. `longest`: signs that
    are shown of a link whose text is its address, unless its host is longer; 0 for all."""
    out: list[str] = []
    path: tuple[Item, ...] = ()
    for paragraph in paragraphs:
        same = path == paragraph.path
        out += _moves(path, paragraph.path)
        path = paragraph.path
        inline = "".join(_inline(paragraph.runs, longest))
        if not path:
            out.append(f"<p>{inline}</p>")
        else:
            out.append(f"<br>{inline}" if same else inline)
    return "".join([*out, *_moves(path, ())])


def plain(html: str) -> str:
    """Safe HTML as plain text: items as "- " or "1. ", links as "label (url)"."""
    return as_text(parse(html))


def as_text(paragraphs: Iterable[Paragraph]) -> str:
    """An empty line between paragraphs and around lists; items indented by their depth."""
    blocks: list[str] = []
    numbers: dict[int, int] = {}
    seen: set[Item] = set()
    before: tuple[Item, ...] = ()
    for paragraph in paragraphs:
        path = paragraph.path
        new = [item for item in path if item not in seen]
        seen.update(new)
        for item in new:
            numbers[item.list] = numbers.get(item.list, 0) + 1
        mark = _mark(path[-1], numbers) if path else ""
        indent = "  " * (len(path) - 1)
        first = indent + (mark if path and path[-1] in new else " " * len(mark))
        text = _words(paragraph.runs).replace("\n", "\n" + indent + " " * len(mark))
        together = before and path and before[0].list == path[0].list
        blocks.append(("\n" if together else "\n\n" if blocks else "") + first + text)
        before = path
    return "".join(blocks)


def _mark(item: Item, numbers: Mapping[int, int]) -> str:
    return "- " if item.kind == "ul" else f"{numbers[item.list]}. "


def _moves(path: Sequence[Item], to: Sequence[Item]) -> Iterator[str]:
    """The tags that close and open lists on the way from one place to the next."""
    shared = 0
    while shared < min(len(path), len(to)) and path[shared] == to[shared]:
        shared += 1
    beside = shared < min(len(path), len(to)) and path[shared].list == to[shared].list
    for depth in range(len(path) - 1, shared - 1, -1):
        yield "</li>" if beside and depth == shared else f"</li></{path[depth].kind}>"
    for depth in range(shared, len(to)):
        yield "<li>" if beside and depth == shared else f"<{to[depth].kind}><li>"


def _inline(runs: Sequence[Run], longest: int) -> Iterator[str]:
    for href, group in groupby(runs, key=lambda run: run.href):
        text = "".join(_marked(_shown(run, longest)) for run in group)
        target = escape(href, quote=False).replace('"', "&quot;")
        yield f'<a href="{target}">{text}</a>' if href else text


def _shown(run: Run, longest: int) -> Run:
    """An address without its scheme, and cut behind its host, as browsers show one. A host that
    does not fit is not cut: its beginning may look like somebody else's."""
    if not longest or run.text != run.href or len(run.text) <= longest or "://" not in run.text:
        return run
    shown = run.text.partition("://")[2]
    whole = len(shown) <= longest or not _HOST.match(shown, 0, longest - 1)
    return replace(run, text=shown if whole else f"{shown[: longest - 1]}…")


def _marked(run: Run) -> str:
    if run.text == BREAK:
        return "<br>"
    text = escape(run.text, quote=False)
    for mark in sorted(run.marks, reverse=True):
        text = f"<{mark}>{text}</{mark}>"
    return text


def _words(runs: Sequence[Run]) -> str:
    groups = groupby(runs, key=lambda run: run.href)
    return "".join(_linked("".join(run.text for run in group), href) for href, group in groups)


def _linked(text: str, href: str) -> str:
    """A link's text with its address, once where the text is the address."""
    if not href:
        return text
    label, target = " ".join(text.split()), href.removeprefix("mailto:")
    bare = target.partition("://")[2] or target
    shown = target if label in (target, bare, bare.rstrip("/"), href) else f"{label} ({target})"
    before, after = text[:1].isspace() * " ", text[-1:].isspace() * " "
    return before + shown + after
