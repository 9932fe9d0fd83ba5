"""Simple Markdown on a short way, with parser and sanitiser as the oracle of what is shown."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from calsync.text.agenda import agenda_html, simple_html

PARSER = MarkdownIt("commonmark", {"html": False})
PIECES = st.sampled_from(
    [
        *("Goals", "a", "b c", "Zoë", "日本", "é", "1", "10", "0", "x1."),
        *(". ", "- ", ") ", "1. ", "2. ", "- - ", "\n", "\n\n", "\n\n\n", " ", "  ", "    ", "\t"),
        *(
            "#",
            "# ",
            "> ",
            "+ ",
            "* ",
            "*a*",
            "_a_",
            "`a`",
            "~~~",
            "---",
            "===",
            "|",
            "!",
            "&",
            "<b>",
        ),
        *("[a](b)", "[a]: b", "\\", "&amp;", '"q"', "it's", "https://a.example/x", "a@b.example"),
        *("\u200b", "\u0338", "\u1161", "\u212b", "\u202e", "\ufeff", "\u037e", "a  b"),
        *("\r\n", "\u00a0", "\u2028", "\x0b", "\x85", ":", "?", "(", "%", "é\u0301"),
    ]
)
LINES = st.builds(
    "{}{}".format,
    st.sampled_from(["", "", "1. ", "2. ", "- ", "1) "]),
    st.sampled_from(["Introductions", "Goals: two, or three?", "a", "Next steps (5 min)", ""]),
)


@given(st.lists(PIECES, max_size=10).map("".join) | st.lists(LINES, max_size=8).map("\n".join))
@example("1. Introductions\n2. Goals\n3. Next steps")
@example("Goals:\n- one\n- two\n\nBye")
@example("- a\n\n- b")
@example("Zoe\u0308: a\u00a0b")
@example("")
def test_what_is_shown_of_simple_text_is_what_parser_and_sanitiser_make_of_it(text: str) -> None:
    made = simple_html(text)
    assert made is None or made == agenda_html(PARSER.render(text), "html")


@pytest.mark.parametrize(
    "text",
    [
        "1. Introductions\n2. Goals of session 7\n3. Next steps",
        "Goals:\n- one\n- two (10 min)\n\nSee you, and bring your questions!\n",
        "Just one line",
    ],
)
def test_agendas_as_people_write_them_need_no_parser(text: str) -> None:
    assert simple_html(text)


@pytest.mark.parametrize("text", ["**a**", "# a", "- a\n\n- b", "a\n---", "1. a\n- b", "1. a\nb"])
def test_everything_else_needs_the_parser(text: str) -> None:
    assert simple_html(text) is None
