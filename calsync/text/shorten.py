"""Rich text cut to what a calendar entry has room for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from calsync.text.lines import cut
from calsync.text.paragraphs import Paragraph, Run
from calsync.text.parse import parse
from calsync.text.render import as_html

ENOUGH = 0.6  # of the limit: then the last whole paragraph is the better end


def snippet(html: str, limit: int) -> tuple[str, bool]:
    """At most `limit` visible characters of safe HTML, and whether something was cut.

    Cut after a paragraph, else after a word with "…"; a link is shown whole or not at all.
    """
    kept: list[Paragraph] = []
    used = 0
    for paragraph in parse(html):
        if used + len(paragraph) <= limit:
            kept.append(paragraph)
            used += len(paragraph)
            continue
        if used < limit * ENOUGH and (runs := _fitting(paragraph.runs, limit - used - 1)):
            kept.append(replace(paragraph, runs=runs))
        return as_html(kept), True
    return as_html(kept), False


def _fitting(runs: Sequence[Run], room: int) -> tuple[Run, ...]:
    """The first runs that fit, the last one cut after a word, and "…"; none when none fits."""
    kept: list[Run] = []
    for href, group in groupby(runs, key=lambda run: run.href):
        whole = list(group)
        if href and sum(len(run.text) for run in whole) > room:
            break
        for run in whole:
            if len(run.text) > room:
                kept.append(replace(run, text=_words(run.text, room)))
                return _ended(kept)
            kept.append(run)
            room -= len(run.text)
    return _ended(kept)


def _ended(runs: list[Run]) -> tuple[Run, ...]:
    while runs and not runs[-1].text.strip():
        runs.pop()
    if not runs:
        return ()
    last = replace(runs[-1], text=runs[-1].text.rstrip())
    if last.href:
        return (*runs[:-1], last, Run("…"))
    return (*runs[:-1], replace(last, text=f"{last.text}…"))


def _words(text: str, room: int) -> str:
    """The whole words that fit; part of the last one when it would waste half of the room."""
    if text[room : room + 1].isspace():
        return text[:room]
    blank = text.rfind(" ", 0, room)
    return text[:blank] if blank > room / 2 else cut(text, room)
