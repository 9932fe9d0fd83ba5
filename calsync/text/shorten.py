"""Rich text cut to what a calendar entry has room for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, groupby
from operator import add

from calsync.text.lines import cut
from calsync.text.paragraphs import Paragraph, Run
from calsync.text.parse import parse
from calsync.text.render import as_html, as_text
from calsync.text.urls import addresses_in
from calsync.values import replaced

SHOWN = 48  # signs of an address that are shown where it can be clicked
# As `as_html` writes them.
_WORDS = "[^<>& ]+(?: [^<>& ]+)*"
_LIST = f"<li>{_WORDS}(?:</li><li>{_WORDS})*</li>"
_SIMPLE = re.compile(f"(?:<p>{_WORDS}</p>|<ol>{_LIST}</ol>|<ul>{_LIST}</ul>)*")
_BLOCK = re.compile(r"<(p|[ou]l)>(.*?)</\1>")
ENOUGH = 0.6  # of the limit: then the last whole paragraph is the better end


@dataclass(frozen=True, slots=True)
class Snippet:
    """The beginning of a rich text, in both forms; `cut`: there was more."""

    html: str
    text: str
    cut: bool


def snippet(html: str, limit: int) -> Snippet:
    """At most `limit` visible characters of safe HTML.

    An address that stands in the text is a link. Cut after a paragraph, else after a word with "…";
    a link is shown whole or not at all.
    """
    if (simple := _simple(html, limit)) is not None:
        return simple
    kept: list[Paragraph] = []
    used, over = 0, False
    for paragraph in map(_with_links, parse(html)):
        over = used + len(paragraph) > limit
        if over:
            if used < limit * ENOUGH and (runs := _fitting(paragraph.runs, limit - used - 1)):
                kept.append(replaced(paragraph, runs=runs))
            break
        kept.append(paragraph)
        used += len(paragraph)
    return Snippet(as_html(kept, longest=SHOWN), as_text(kept), over)


def _simple(html: str, limit: int) -> Snippet | None:
    """Paragraphs and lists without marks or addresses, as most agendas are, where all of it fits:
    it is shown as it is. None for anything else."""
    if not (html.isprintable() and unicodedata.is_normalized("NFC", html)) or "://" in html:
        return None
    if not _SIMPLE.fullmatch(html):
        return None
    used, texts = 0, list[str]()
    for kind, inner in _BLOCK.findall(html):
        items = inner.removeprefix("<li>").removesuffix("</li>").split("</li><li>")
        used += sum(map(len, items))
        marks = ("- " if kind == "ul" else f"{n}. " for n in count(1))
        texts.append(inner if kind == "p" else "\n".join(map(add, marks, items)))
    return Snippet(html, "\n\n".join(texts), cut=False) if used <= limit else None


def _with_links(paragraph: Paragraph) -> Paragraph:
    runs = (part for run in paragraph.runs for part in ((run,) if run.href else _linked(run)))
    return replaced(paragraph, runs=tuple(runs))


def _linked(run: Run) -> Iterator[Run]:
    done = 0
    for start, end in addresses_in(run.text):
        if start > done:
            yield replaced(run, text=run.text[done:start])
        yield replaced(run, text=run.text[start:end], href=run.text[start:end])
        done = end
    if done < len(run.text):
        yield replaced(run, text=run.text[done:])


def _fitting(runs: Sequence[Run], room: int) -> tuple[Run, ...]:
    """The first runs that fit, the last one cut after a word, and "…"; none when none fits."""
    kept: list[Run] = []
    for href, group in groupby(runs, key=lambda run: run.href):
        whole = list(group)
        if href and sum(len(run.text) for run in whole) > room:
            break
        for run in whole:
            if len(run.text) > room:
                kept.append(replaced(run, text=_words(run.text, room)))
                return _ended(kept)
            kept.append(run)
            room -= len(run.text)
    return _ended(kept)


def _ended(runs: list[Run]) -> tuple[Run, ...]:
    while runs and not runs[-1].text.strip():
        runs.pop()
    if not runs:
        return ()
    last = replaced(runs[-1], text=runs[-1].text.rstrip())
    if last.href:
        return (*runs[:-1], last, Run("…"))
    return (*runs[:-1], replaced(last, text=f"{last.text}…"))


def _words(text: str, room: int) -> str:
    """The whole words that fit; part of the last one when it would waste half of the room."""
    if text[room : room + 1].isspace():
        return text[:room]
    blank = text.rfind(" ", 0, room)
    return text[:blank] if blank > room / 2 else cut(text, room)
