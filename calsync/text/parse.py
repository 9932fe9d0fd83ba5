"""HTML read into paragraphs. What is not understood is left out, its text is kept."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from html import unescape
from html.parser import HTMLParser
from itertools import groupby

from calsync.text.lines import without_controls
from calsync.text.paragraphs import BREAK, Item, Paragraph, Run
from calsync.text.urls import misleads, safe_link

MARKS = {"b": "b", "strong": "b", "i": "i", "em": "i", "u": "u"}
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
BLOCKS = HEADINGS | {"p", "div", "blockquote", "pre", "hr", "table", "tr", "dl", "dt", "dd"}
CELLS = frozenset({"td", "th"})
LISTS = frozenset({"ul", "ol"})
DEEPEST = 4  # lists within lists; deeper ones join the fourth
# Tags as a sanitiser and `as_html` write them: text without others needs no parser.
_PLAIN_TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)(?: href="((?:[^"<>&]|&amp;)*)")?>')
_KNOWN = {"a", "br", "li", *MARKS, *BLOCKS, *CELLS, *LISTS}


@lru_cache(maxsize=64)  # each participant's event shows the same agenda
def parse(html: str, *, former: bool = False) -> tuple[Paragraph, ...]:
    """The paragraphs of an HTML fragment, none of them empty, whatever the fragment is like.

    former  without the bars between cells that former versions did not write
    """
    pieces = _PLAIN_TAG.split(html)
    if any("<" in text for text in pieces[::4]) or not _KNOWN.issuperset(pieces[2::4]):
        return parsed(html, former=former)
    reader = _Reader(former=former)
    reader.take(pieces)
    return reader.ended()


def parsed(html: str, *, former: bool = False) -> tuple[Paragraph, ...]:
    """The same by a parser that knows all HTML and takes most of the time."""
    reader = _Reader(former=former)
    reader.feed(html)
    reader.close()
    return reader.ended()


class _Reader(HTMLParser):
    def __init__(self, *, former: bool) -> None:
        super().__init__(convert_charrefs=True)
        self._bar, self._cells = " " if former else " | ", 0
        self.paragraphs: list[Paragraph] = []
        self._runs: list[Run] = []
        self._open: dict[str, int] = dict.fromkeys(("b", "i", "u", "pre", "heading"), 0)
        self._hrefs: list[str] = []
        self._lists: list[Item] = []
        self._count = 0

    def take(self, pieces: Sequence[str]) -> None:
        """Text and tags in turn: after each text a slash or "", a tag and its href."""
        for n in range(0, len(pieces), 4):
            if pieces[n]:
                self.handle_data(unescape(pieces[n]))
            if n + 1 == len(pieces):
                return
            slash, tag, href = pieces[n + 1 : n + 4]
            if slash:
                self.handle_endtag(tag)
            else:
                self.handle_starttag(tag, [("href", unescape(href or ""))])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._break()
        elif tag == "a":
            self._hrefs.append(safe_link(dict(attrs).get("href") or "") or "")
        elif tag in MARKS:
            self._open[MARKS[tag]] += 1
        elif tag in LISTS:
            self.flush()
            self._count += 1
            self._lists.append(Item(tag, self._count, 0))
        elif tag == "li":
            self._next_item()
        elif tag in CELLS:
            self._add(self._bar if self._cells else " ")
            self._cells += 1
        elif tag == "img":
            self._add(dict(attrs).get("alt") or "")
        elif tag in BLOCKS:
            self.flush()
            self._cells = 0
            self._count_block(tag, 1)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)  # HTML knows no self-closing tags: "<b/>" opens

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._hrefs = self._hrefs[:-1]
        elif tag in MARKS:
            self._open[MARKS[tag]] = max(0, self._open[MARKS[tag]] - 1)
        elif tag in LISTS:
            self.flush()
            self._lists = self._lists[:-1]
        elif tag in BLOCKS or tag == "li":
            self.flush()
            self._count_block(tag, -1)

    def handle_data(self, data: str) -> None:
        text = unicodedata.normalize("NFC", without_controls(data))
        if not self._open["pre"]:
            self._add(text)
            return
        for number, line in enumerate(text.split("\n")):
            if number:
                self._break()
            self._add(line)

    def ended(self) -> tuple[Paragraph, ...]:
        """What was read, at its end."""
        self.flush()
        return tuple(self.paragraphs)

    def flush(self) -> None:
        """End the paragraph that is being read."""
        while self._runs and not self._runs[-1].text.strip():
            self._runs.pop()
        if not self._runs:
            return
        last = self._runs[-1]
        self._runs[-1] = Run(last.text.rstrip(), last.marks, last.href)
        runs = tuple(_honest(self._runs))
        self.paragraphs.append(Paragraph(runs, tuple(self._lists[:DEEPEST])))
        self._runs = []

    @property
    def _href(self) -> str:
        return self._hrefs[-1] if self._hrefs else ""

    def _add(self, text: str) -> None:
        at_start = not self._runs or self._runs[-1].text[-1].isspace()
        text = _folded(text, at_start=at_start)
        if not text:
            return
        marks = {mark for mark in "biu" if self._open[mark]}
        if self._open["heading"]:
            marks.add("b")
        run = Run(text, frozenset(marks), self._href)
        last = self._runs[-1] if self._runs else None
        if last and last.text != BREAK and (last.marks, last.href) == (run.marks, run.href):
            self._runs[-1] = Run(last.text + text, run.marks, run.href)
        else:
            self._runs.append(run)

    def _break(self) -> None:
        """A second line break in a row starts a paragraph."""
        if self._runs and self._runs[-1].text == BREAK:
            self.flush()
        elif self._runs:
            self._runs.append(Run(BREAK, href=self._href))

    def _next_item(self) -> None:
        self.flush()
        if self._lists:
            last = self._lists[-1]
            self._lists[-1] = Item(last.kind, last.list, last.number + 1)

    def _count_block(self, tag: str, step: int) -> None:
        name = "heading" if tag in HEADINGS else tag
        if name in self._open:
            self._open[name] = max(0, self._open[name] + step)


def _honest(runs: Iterable[Run]) -> Iterator[Run]:
    """A link whose text shows another host than it leads to is written as where it leads."""
    for href, group in groupby(runs, key=lambda run: run.href):
        whole = list(group)
        if href and misleads("".join(run.text for run in whole), href):
            yield Run(href.removeprefix("mailto:"), href=href)
        else:
            yield from whole


def _folded(text: str, *, at_start: bool) -> str:
    """White space as a browser shows it, a no-break space like any other."""
    words = " ".join(text.split())
    before = " " if text[:1].isspace() and not at_start else ""
    after = " " if words and text[-1:].isspace() else ""
    return before + words + after
