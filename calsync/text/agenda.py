"""Agendas as people wrote them, made safe for calendars and mails."""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping, Sequence
from functools import cache
from html import escape
from typing import TYPE_CHECKING

import nh3

from calsync.text.lines import clean, without_controls
from calsync.text.parse import BLOCKS, CELLS, LISTS, MARKS, parse
from calsync.text.render import as_html

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

LONGEST = 50_000
# Lines and letters at which the Markdown parser tries its rules: an agenda as people write it has
# one for five letters. In a quotation whose lines go on by themselves each line asks all that
# follow, so that 12,000 letters would take a minute.
MOST_STEPS = 50_000

# Editors paste pictures as data; one of them would use up the limit before the first word.
_PICTURES = re.compile(r"data:image/[^\s\"'<>()]*", re.IGNORECASE)

_TAGS = {"a", "br", "img", "li", *MARKS, *BLOCKS, *CELLS, *LISTS}
# What is read otherwise than by versions that knew no tables and no texts of pictures.
_NEWLY_READ = re.compile(r"\||!\[|<img|<t[dh]", re.IGNORECASE)
_DROPPED = {
    *("script", "style", "title", "template", "noscript", "noembed", "noframes", "iframe"),
    *("object", "svg", "math", "canvas", "audio", "video", "button", "select", "textarea"),
}


# Lines as most agendas have them. They begin with a letter, so that no rule for whole lines
# applies, and hold no sign that means something within one or that HTML writes otherwise
# (https://spec.commonmark.org/0.31.2/#inlines).
_SIGNS = r"\\`*_\[\]<>&\"\x00-\x1f\x7f-\x9f\u2028\u2029"
_WORDS = rf"[^\W\d_](?:[^{_SIGNS}]*[^{_SIGNS}\s])?"
_SIMPLE = re.compile(
    rf"(?P<lines>{_WORDS}(?:\n{_WORDS})*)?(?:(?:^|\n)"
    rf"(?:(?P<ol>1\. {_WORDS}(?:\n\d{{1,9}}\. {_WORDS})*)|(?P<ul>- {_WORDS}(?:\n- {_WORDS})*)))?"
)


@cache
def _markdown(*, tables: bool = True) -> MarkdownIt:
    """Its rules are read-only once made; what it renders lives in objects of each call."""
    from markdown_it import MarkdownIt  # noqa: PLC0415  # a tenth of what a command imports

    parser = MarkdownIt("commonmark", {"html": False})
    if tables:
        parser.enable("table")  # https://github.github.com/gfm/#tables-extension-
        parser.block.ruler.at("table", _whole_table, {"alt": ["paragraph", "reference"]})
    chains = ["paragraph", "reference", "blockquote", "list"]
    parser.block.ruler.before("code", "steps", _block_step, {"alt": chains})
    parser.inline.ruler.before("text", "steps", _inline_step)
    return parser


def _whole_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """The parser's rule for tables, and the cells that it leaves out: those that a row has beyond
    its header's."""
    from markdown_it.rules_block import table  # noqa: PLC0415  # with the parser

    before = len(state.tokens)
    found = table(state, start, end, silent)
    if found:
        state.tokens[before:] = _with_all_cells(state, state.tokens[before:])
    return found


def _with_all_cells(state: StateBlock, tokens: Sequence[Token]) -> Iterator[Token]:
    from markdown_it.common.utils import mdTrim  # noqa: PLC0415
    from markdown_it.rules_block.table import escapedSplit, getLine  # noqa: PLC0415

    row = count = 0
    for n, token in enumerate(tokens):
        if token.type == "tr_open" and token.map:
            row, count = token.map[0], 0
        elif token.type in ("th_open", "td_open"):
            count += 1
        elif token.type == "tr_close":
            opening, inline, closing = tokens[n - 3 : n]
            for cell in _cells(escapedSplit(mdTrim(getLine(state, row))))[count:]:
                yield opening.copy()
                yield inline.copy(content=cell, children=[])
                yield closing.copy()
        yield token


def _cells(split: list[str]) -> list[str]:
    """Without what is outside the bars around a row, and without empty cells at its end."""
    cells = [cell.strip() for cell in (split if split[0] else split[1:])]
    while cells and not cells[-1]:
        cells.pop()
    return cells


class _TooManyStepsError(Exception):
    """The text is made to keep the parser busy, or is no Markdown."""


def _block_step(state: StateBlock, *_: int | bool) -> bool:
    return _step(state.env)


def _inline_step(state: StateInline, _: bool) -> bool:
    return _step(state.env)


def _step(env: MutableMapping[str, int]) -> bool:
    """A rule that never applies, and counts how often rules are tried."""
    env["steps"] += 1
    if env["steps"] > MOST_STEPS:
        raise _TooManyStepsError
    return False


def simple_html(text: str) -> str | None:
    """What is shown of Markdown that is paragraphs and lists whose lines hold no marks, at a
    fiftieth of the time that its parser and the sanitiser take; None for any other text."""
    out: list[str] = []
    in_list = False
    for block in re.split(r"\n\n+", text.strip("\n")):
        found = _SIMPLE.fullmatch(block)
        if found is None or (in_list and not found["lines"]):  # it may go on with that list
            return None
        if found["lines"]:
            out.append(f"<p>{clean(found['lines'])}</p>")
        kind = next((one for one in ("ol", "ul") if found[one]), "")
        in_list = bool(kind)
        if kind:
            items = (clean(line.partition(" ")[2]) for line in found[kind].split("\n"))
            out.append(f"<{kind}><li>{'</li><li>'.join(items)}</li></{kind}>")
    return "".join(out)


def _from_markdown(text: str, *, tables: bool) -> str:
    """As HTML; a text that the parser would be busy with for long is shown as it was written."""
    try:
        return str(_markdown(tables=tables).render(text, {"steps": 0}))
    except _TooManyStepsError:
        return _from_text(text)


def _from_text(text: str) -> str:
    return "".join(f"<pre>{escape(part)}</pre>" for part in text.split("\n\n"))


def agenda_html(text: str, format: str) -> str:  # noqa: A002
    """The agenda as HTML of a b i u br ul ol li p; links lead to http, https or mailto only. A row
    of a table is a line with bars between its cells, a picture is its text.

    `format` is "text", "markdown" or "html"; ValueError for any other. Only the first 50,000
    characters of the text are read; "" when nothing of it can be shown. Markdown that takes more
    than MOST_STEPS to read is shown as plain text.
    """
    return _html(text, format, former=False)


def former_agenda_html(text: str, format: str) -> str | None:  # noqa: A002
    """The agenda as versions read it that knew no tables and no texts of pictures; None where that
    is the same. By this an agenda is known that has not changed since."""
    if format == "text" or not _NEWLY_READ.search(text):
        return None
    former = _html(text, format, former=True)
    return None if former == _html(text, format, former=False) else former


def _html(text: str, format: str, *, former: bool) -> str:  # noqa: A002
    text = _PICTURES.sub("", without_controls(text))[:LONGEST]
    simple = simple_html(text) if format == "markdown" else None
    if simple is not None:
        return simple
    if format == "text":
        text = _from_text(text)
    elif format == "markdown":
        text = _from_markdown(text, tables=not former)
    elif format != "html":
        raise ValueError(f"agenda.format: {format!r} is unknown; write text, markdown or html")
    return as_html(parse(_cleaner(former=former).clean(text), former=former))


@cache
def _cleaner(*, former: bool) -> nh3.Cleaner:
    """Made once: to make one takes four times as long as to clean an agenda."""
    return nh3.Cleaner(
        tags=_TAGS - {"img"} if former else _TAGS,
        clean_content_tags=_DROPPED,
        attributes={"a": {"href"}, "img": {"alt"}},
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        link_rel=None,
    )
