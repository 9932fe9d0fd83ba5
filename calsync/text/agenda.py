"""Agendas as people wrote them, made safe for calendars and mails."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from typing import TYPE_CHECKING

import nh3

from calsync.text.lines import without_controls
from calsync.text.parse import BLOCKS, CELLS, LISTS, MARKS, parse
from calsync.text.render import as_html

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

LONGEST = 50_000

# Editors paste pictures as data; one of them would use up the limit before the first word.
_PICTURES = re.compile(r"data:image/[^\s\"'<>()]*", re.IGNORECASE)

_TAGS = {"a", "br", "li", *MARKS, *BLOCKS, *CELLS, *LISTS}
_DROPPED = {
    *("script", "style", "title", "template", "noscript", "noembed", "noframes", "iframe"),
    *("object", "svg", "math", "canvas", "audio", "video", "button", "select", "textarea"),
}


@cache
def _markdown() -> MarkdownIt:
    """Its rules are read-only once made; what it renders lives in objects of each call."""
    from markdown_it import MarkdownIt  # noqa: PLC0415  # a tenth of what a command imports

    return MarkdownIt("commonmark", {"html": False})


def agenda_html(text: str, format: str) -> str:  # noqa: A002
    """The agenda as HTML of a b i u br ul ol li p; links lead to http, https or mailto only.

    `format` is "text", "markdown" or "html"; ValueError for any other. Only the first 50,000
    characters of the text are read; "" when nothing of it can be shown.
    """
    text = _PICTURES.sub("", without_controls(text))[:LONGEST]
    if format == "text":
        text = "".join(f"<pre>{escape(part)}</pre>" for part in text.split("\n\n"))
    elif format == "markdown":
        text = _markdown().render(text)
    elif format != "html":
        raise ValueError(f"agenda.format: {format!r} is unknown; write text, markdown or html")
    safe = nh3.clean(
        text,
        tags=_TAGS,
        clean_content_tags=_DROPPED,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        link_rel=None,
    )
    return as_html(parse(safe))
