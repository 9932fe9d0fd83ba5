"""The words of a description, read without a parser wherever the tags are our own."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calsync.core.content.render import desired_events
from providers.google import description
from providers.google.description import normal_description, parsed_words
from tests.core.booking import a_session

TAGS = [
    "<p>",
    "</p>",
    "<b>",
    "</b>",
    "<br>",
    "<ol>",
    "<li>",
    "</li>",
    '<a href="https://a.b/?x=1">',
]
OTHERS = [
    "</a>",
    "<",
    ">",
    "<br/>",
    "<!-- a -->",
    "<span id=1>",
    "<script>",
    "</script>",
    "<a",
    "<P>",
]
TEXTS = [
    "Agenda",
    " ",
    "\n",
    "\xa0",
    "&",
    "am",
    "p;",
    "&amp;",
    "&lt;",
    "&#233;",
    "&#1",
    "3",
    "#",
    '"',
]
LETTERS = ["é", "e", "\u0301", "\u1e9e", "\U0001f600", "\x1c", "&nbsp", "&notin;", "&CounterClock"]
WRITTEN = st.lists(st.sampled_from([*TAGS, *TEXTS, *LETTERS])).map("".join)
ANY = st.lists(st.sampled_from([*TAGS, *OTHERS, *TEXTS, *LETTERS])).map("".join)


def parsed(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", "".join(parsed_words(text))).split())


@given(WRITTEN | ANY)
def test_the_words_are_those_that_a_parser_finds(text: str) -> None:
    assert normal_description.__wrapped__(text) == parsed(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<p>Tom &amp; Jerry</p>", "Tom&Jerry"),
        ("&am<b>p;</b>", "&amp;"),
        ("cafe<b>\u0301</b>", "caf\xe9"),
        ("a < b", "a<b"),
        ("<script>x</script>", "x"),
    ],
)
def test_tags_end_a_reference_and_join_letters(text: str, words: str) -> None:
    assert normal_description(text) == words


def test_no_description_of_ours_needs_the_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(text: str) -> list[str]:
        raise AssertionError(f"parsed {text}")

    monkeypatch.setattr(description, "parsed_words", fail)
    for event in desired_events(a_session()).values():
        assert normal_description.__wrapped__(event.html)
