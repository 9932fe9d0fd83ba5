"""Our own HTML is read without a parser, and to the same paragraphs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calsync.text import agenda_html, parse
from calsync.text.parse import parsed

TAGS = ["p", "ul", "ol", "li", "b", "i", "u", "br", "pre", "h1", "td", "tr", "strong", "div"]
LINKS = [
    '<a href="https://a.example/?x=1&amp;y=2">',
    '<a href="https://a.example/?x=1&y">',
    '<a href="mailto:s@a.example">',
    "</a>",
    "<a>",
]
ODD = ["<", ">", "<p", "<P>", "<span>", "<!-- c -->", '<p class="x">', "<br/>", "<script>", "&lt"]
TEXTS = ["word ", "a.example", " ", "\n", "&amp;", "&", "am", "p;", "e", "\u0301", "\xa0", "\x00"]
PIECES = st.sampled_from(
    [*(f"<{tag}>" for tag in TAGS), *(f"</{tag}>" for tag in TAGS), *LINKS, *TEXTS, *ODD]
)
ANY = st.lists(PIECES, max_size=25).map("".join)


@given(ANY | ANY.map(lambda text: agenda_html(text, "html")))
def test_paragraphs_are_those_that_a_parser_finds(html: str) -> None:
    assert parse.parse.__wrapped__(html) == parsed(html)


def test_no_agenda_of_ours_needs_the_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(html: str) -> None:
        raise AssertionError(f"parsed {html}")

    monkeypatch.setattr(parse, "parsed", fail)
    html = agenda_html("1. a & **b**\n2. [c](https://a.example/?x=1&y=2)\n\n# d\n", "markdown")
    assert parse.parse.__wrapped__(html)
