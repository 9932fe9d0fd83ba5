from __future__ import annotations

from calsync.text import agenda_html
from calsync.text.paragraphs import Paragraph, Run
from calsync.text.render import as_html, plain


def test_paragraphs_lists_and_entities_read_well_as_plain_text() -> None:
    html = agenda_html(
        "Hello **you** & me\n\n- a\n- b\n  1. c\n  2. d\n\n     more of d\n- e\n\nBye\\\nnow",
        "markdown",
    )
    assert plain(html) == (
        "Hello you & me\n\n- a\n- b\n  1. c\n  2. d\n     more of d\n- e\n\nBye\nnow"
    )


def test_ordered_items_are_numbered_per_list() -> None:
    assert plain("<ol><li>a</li><li>b</li></ol><ol><li>c</li></ol>") == "1. a\n2. b\n\n1. c"


def test_an_item_without_own_words_counts_once() -> None:
    html = "<ol><li><ul><li>a</li></ul></li><li>b</li></ol>"
    assert plain(html) == "  - a\n2. b"


def test_links_show_their_address_once() -> None:
    assert plain('<p>See <a href="https://a.example/?x=1&amp;y">the plan</a>.</p>') == (
        "See the plan (https://a.example/?x=1&y)."
    )
    assert plain('<a href="https://a.example/">https://a.example/</a>') == "https://a.example/"
    assert plain('<a href="https://a.example/">a.example</a>') == "https://a.example/"
    assert plain('<a href="mailto:s@a.example">s@a.example</a>') == "s@a.example"
    assert plain('<a href="mailto:s@a.example">Sam</a>') == "Sam (s@a.example)"


def test_a_bold_word_inside_a_link_does_not_repeat_the_address() -> None:
    html = '<a href="https://a.example/">the <b>whole</b><br>plan</a> now'
    assert plain(html) == "the whole plan (https://a.example/) now"


def test_a_quote_never_ends_the_address_of_a_link() -> None:
    html = as_html([Paragraph((Run("a", href='https://a.example/"x&y'),))])
    assert html == '<p><a href="https://a.example/&quot;x&amp;y">a</a></p>'


def test_nothing_is_nothing() -> None:
    assert plain("") == plain("<p></p>") == ""
