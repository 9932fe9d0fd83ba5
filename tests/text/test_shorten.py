from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from calsync.text import agenda_html
from calsync.text.parse import parse
from calsync.text.render import as_html, as_text, plain
from calsync.text.shorten import SHOWN
from calsync.text.shorten import snippet as shortened
from tests.text.reading import read


def snippet(html: str, limit: int) -> tuple[str, bool]:
    """The HTML and whether it was cut."""
    found = shortened(html, limit)
    return found.html, found.cut


LINK = '<a href="https://a.example/">twelve signs</a>'


def test_what_fits_is_returned_whole() -> None:
    assert snippet("<p>one</p><ul><li>two</li></ul>", 6) == (
        "<p>one</p><ul><li>two</li></ul>",
        False,
    )


def test_nothing_of_nothing_is_cut() -> None:
    assert snippet("", 0) == ("", False)
    assert snippet("<p>a</p>", 0) == ("", True)


def test_a_long_paragraph_is_cut_after_a_word() -> None:
    assert snippet("<p>one two three</p>", 11) == ("<p>one two…</p>", True)
    assert snippet("<p>one two three</p>", 8) == ("<p>one two…</p>", True)


def test_with_most_of_the_room_used_the_cut_is_between_paragraphs() -> None:
    assert snippet("<p>one two three</p><p>four five six</p>", 20) == ("<p>one two three</p>", True)


def test_the_cut_closes_lists_and_bold() -> None:
    html = "<ul><li>a<ol><li><b>one two three</b></li></ol></li><li>z</li></ul>"
    assert snippet(html, 10) == (
        "<ul><li>a<ol><li><b>one two…</b></li></ol></li></ul>",
        True,
    )


def test_a_link_is_shown_whole_or_not_at_all() -> None:
    assert snippet(f"<p>see {LINK} now and then</p>", 15) == ("<p>see…</p>", True)
    assert snippet(f"<p>see {LINK} now and then</p>", 17) == (f"<p>see {LINK}…</p>", True)
    assert snippet(f"<p>{LINK}</p>", 11) == ("", True)


def test_a_link_with_bold_words_counts_as_one() -> None:
    link = '<a href="https://a.example/">one <b>two</b><br>three</a>'
    assert snippet(f"<p>see {link} now</p>", 14) == ("<p>see…</p>", True)


def test_an_emoji_at_the_cut_is_kept_whole_or_left_out() -> None:
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    for limit in range(1, 12):
        text = read(snippet(f"<p>{family * 3}</p>", limit)[0]).text
        assert text in ("", f"{family}…", f"{family * 2}…")


def test_text_without_blanks_is_cut_all_the_same() -> None:
    assert snippet(f"<p>{'你好' * 50}</p>", 11) == (f"<p>{'你好' * 5}…</p>", True)


def test_entities_count_as_the_one_sign_they_show() -> None:
    assert snippet("<p>&lt;&amp;&gt;</p>", 3) == ("<p>&lt;&amp;&gt;</p>", False)


def test_a_cut_behind_a_link_leaves_no_blank_at_the_end_of_its_text() -> None:
    html = '<p><a href="https://x.example/1">&amp; </a>some words that follow it</p>'
    assert snippet(html, 3) == ('<p><a href="https://x.example/1">&amp;</a>…</p>', True)


PARTS = st.sampled_from(
    [
        *("<p>", "</p>", "<ul>", "</ul>", "<ol>", "</ol>", "<li>", "</li>", "<b>", "</b>", "<br>"),
        *('<a href="https://x.example/1">', '<a href="https://x.example/2">', "</a>", "&amp;"),
        *("some words ", "longer-than-others ", "\U0001f1e8\U0001f1e6", "e\u0301", " "),
    ]
)


@given(st.lists(PARTS | st.text(max_size=8), max_size=30).map("".join), st.integers(0, 60))
def test_a_snippet_is_balanced_within_its_limit_and_splits_no_link(text: str, limit: int) -> None:
    whole = agenda_html(text, "html")
    short, cut = snippet(whole, limit)
    page, before = read(short), read(whole)
    assert page.wrong == []
    assert len(page.text) <= limit
    wanted = before.links[: len(page.links)]
    if cut and wanted and page.links[-1:] != wanted[-1:]:  # the blank before "…" belongs to nobody
        wanted[-1] = wanted[-1][0], wanted[-1][1].rstrip()
    assert page.links == wanted
    assert cut == (short != whole)
    assert before.text.startswith(page.text.removesuffix("…").rstrip()) or not cut
    again, _ = snippet(short, limit)
    assert again == short


@given(st.lists(PARTS | st.text(max_size=8), max_size=30).map("".join), st.integers(0, 60))
def test_both_forms_of_a_snippet_say_the_same(text: str, limit: int) -> None:
    found = shortened(agenda_html(text, "html"), limit)
    assert found.text == plain(found.html)


def test_an_address_in_the_text_is_a_link_in_both_forms() -> None:
    url = "https://docs.example.org/plans/2026?team=women-in-engineering&week=12"
    made = shortened(
        agenda_html(f"Read {url}, then (see https://b.example/x_(y)).", "markdown"), 500
    )
    assert made.html == (
        f'<p>Read <a href="{url.replace("&", "&amp;")}">'
        "docs.example.org/plans/2026?team=women-in-engin…</a>"
        ', then (see <a href="https://b.example/x_(y)">https://b.example/x_(y)</a>).</p>'
    )
    assert made.text == f"Read {url}, then (see https://b.example/x_(y))."


def test_an_address_that_is_cut_shows_its_whole_host() -> None:
    for host in (f"accounts.google.com.{'a' * 27}.evil.example", f"{'a' * 34}.evil.example"):
        for rest in (
            "/login/and/so/on",
            "?next=/login/and/so/on",
            "#login/and/so/on",
            ":8443/and/so",
        ):
            url = f"https://{host}{rest}"
            assert f">{host}{rest}</a>" in shortened(agenda_html(url, "text"), 500).html
    url = f"https://{'a' * 33}.evil.example/login/and/so/on"
    assert f">{'a' * 33}.evil.example/…</a>" in shortened(agenda_html(url, "text"), 500).html


def test_a_mail_address_that_is_a_link_is_shown_whole() -> None:
    address = f"mailto:{'support.' * 6}team@platform.example"
    html = f'<p><a href="{address}">{address}</a></p>'
    assert shortened(html, 500).html == html


def test_what_nobody_should_follow_stays_text_and_a_link_keeps_its_own_address() -> None:
    for text in (
        "https://me:pw@a.example/",
        "xhttps://a.example/",
        "ftp://a.example/",
        "https://...",
    ):
        assert "<a" not in shortened(agenda_html(text, "text"), 500).html
    linked = '<p><a href="https://a.example/b">see https://a.example/</a></p>'
    assert shortened(linked, 500).html == linked
    assert shortened("<p><b>at https://a.example/</b>!</p>", 500).html == (
        '<p><b>at </b><a href="https://a.example/"><b>https://a.example/</b></a>!</p>'
    )


def test_many_addresses_take_no_longer_than_their_letters() -> None:
    text = "https://a.example/" + "(" * 20_000 + ")" * 20_000
    assert shortened(agenda_html(text, "text"), 60_000).text == text


PIECES = st.sampled_from(
    [
        *(
            "a",
            "b c",
            "Zoë",
            "e\u0301",
            "日本",
            "1.",
            "-",
            " ",
            "  ",
            "\u00a0",
            "\n",
            "\u202e",
            "'",
        ),
        *("&amp;", "&lt;", ">", "<br>", "<b>", "</b>", "<p>", "</p>", "</ol><ol>", "</ul><ol>"),
        *("<ol>", "</ol>", "<ul>", "</ul>", "<li>", "</li>", "</li><li>", "</p><p>", "<p></p>"),
    ]
)
WORDS = st.sampled_from(["a", "b c", "Zoë", "e\u0301", "1. x", "x &amp; y", "a  b", " c", "d "])
BLOCKS = st.builds("<p>{}</p>".format, WORDS) | st.builds(
    lambda kind, items: f"<{kind}><li>{'</li><li>'.join(items)}</li></{kind}>",
    st.sampled_from(["ol", "ul"]),
    st.lists(WORDS, min_size=1, max_size=3),
)


@given(st.lists(PIECES, max_size=8).map("".join) | st.lists(BLOCKS, max_size=4).map("".join))
@example("<p>a</p><ol><li>b</li><li>c</li></ol><ol><li>d</li></ol><ul><li>e</li></ul>")
def test_what_fits_is_shown_as_it_is_read(html: str) -> None:
    read = parse(html)
    whole, length = shortened(html, 1000), sum(map(len, read))
    assert (whole.html, whole.text, whole.cut) == (
        as_html(read, longest=SHOWN),
        as_text(read),
        False,
    )
    assert shortened(html, length) == whole
    assert not length or shortened(html, length - 1).cut


@pytest.mark.parametrize("html", ["<p>a b</p>", "<p>a</p><ol><li>b</li><li>c: d</li></ol>", ""])
def test_of_paragraphs_and_lists_that_fit_nothing_is_parsed(
    html: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("calsync.text.shorten.parse", None)
    assert shortened(html, 100).html == html
