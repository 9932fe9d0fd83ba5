from __future__ import annotations

import re

import nh3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calsync.text import agenda_html, former_agenda_html
from calsync.text.render import plain
from tests.text.reading import ALLOWED, read

FORMATS = ("text", "markdown", "html")


def test_plain_text_keeps_its_lines_and_paragraphs() -> None:
    html = agenda_html("1. Introductions\n2. Goals & <b>aims</b>\n\n\nBye", "text")
    assert html == "<p>1. Introductions<br>2. Goals &amp; &lt;b&gt;aims&lt;/b&gt;</p><p>Bye</p>"


def test_markdown_becomes_lists_bold_and_links() -> None:
    html = agenda_html(
        "# Plan\n\n1. *one*\n2. **two**\n\n[more](https://a.example/?b=1&c=2)", "markdown"
    )
    assert html == (
        "<p><b>Plan</b></p><ol><li><i>one</i></li><li><b>two</b></li></ol>"
        '<p><a href="https://a.example/?b=1&amp;c=2">more</a></p>'
    )


def test_a_table_keeps_its_rows_and_cells() -> None:
    table = "Plan:\n\n| Topic | Min |\n|---|--:|\n| *Goals* | 20 |\n|  | 5 |\n| Next |  |\n\nBye"
    html = agenda_html(table, "markdown")
    assert html == (
        "<p>Plan:</p><p>Topic | Min</p><p><i>Goals</i> | 20</p><p>| 5</p><p>Next |</p><p>Bye</p>"
    )


def test_a_row_with_more_cells_than_its_header_keeps_them_all() -> None:
    head = "| Topic | Min |\n|---|--:|\n"
    for row, cells in (
        ("| x | `p|q` | z |", "x | `p | q` | z"),
        ("| x | 5 | *why* | | |", "x | 5 | <i>why</i>"),
        ("x | 5 | | a\\|b", "x | 5 | | a|b"),
    ):
        html = agenda_html(f"{head}{row}\n| y | 6 |", "markdown")
        assert html == f"<p>Topic | Min</p><p>{cells}</p><p>y | 6</p>"
        text = re.sub("<.*?>", "", cells)
        assert plain(html) == f"Topic | Min\n\n{text}\n\ny | 6"


def test_all_forms_of_a_table_keep_every_cell() -> None:
    rows = "<table><tr><th>a</th></tr><tr><td>b</td><td>c</td></tr></table>"
    assert plain(agenda_html(rows, "html")) == "a\n\nb | c"
    for text in ("> | a |\n> |---|\n> | b | c |", "- | a |\n  |---|\n  | b | c |"):
        assert "b | c" in plain(agenda_html(text, "markdown"))
    assert agenda_html("| a |\n|---|\n| b | c |", "text").endswith("| b | c |</p>")


@pytest.mark.parametrize(
    ("text", "format", "html"),
    [
        ("![The *plan*](https://a.example/p.png) of a", "markdown", "<p>The plan of a</p>"),
        ("![a](data:image/png;base64,AAAA)b", "markdown", "<p>ab</p>"),
        (
            "[![go](x.png)](https://a.example/)",
            "markdown",
            '<p><a href="https://a.example/">go</a></p>',
        ),
        (
            '<p>a <img alt="the &lt;plan&gt;" src="//x"> b</p>',
            "html",
            "<p>a the &lt;plan&gt; b</p>",
        ),
        ("![](x.png)", "markdown", ""),
    ],
)
def test_a_picture_is_its_text(text: str, format: str, html: str) -> None:  # noqa: A002
    assert agenda_html(text, format) == html


@pytest.mark.parametrize(
    "text", ["|" * 50_000, "|a" * 24_000 + "\n" + "|-" * 24_000, "|a|\n|-|\n" * 6000]
)
def test_a_hostile_table_is_read_in_bounded_steps(text: str) -> None:
    assert len(agenda_html(text, "markdown")) < 10 * len(text)


@pytest.mark.parametrize(
    ("text", "format", "former"),
    [
        ("| a |\n|---|\n| b |", "markdown", "<p>| a | |---| | b |</p>"),
        ("![plan](x.png)", "markdown", ""),
        ("<table><tr><td>8</td><td>9</td></tr></table>", "html", "<p>8 9</p>"),
        ("a | b", "markdown", None),
        ("a | b", "text", None),
        ("1. *a*", "markdown", None),
    ],
)
def test_what_former_versions_read_otherwise_is_known(
    text: str,
    format: str,  # noqa: A002
    former: str | None,
) -> None:
    assert former_agenda_html(text, format) == former


def test_nested_lists_keep_their_nesting() -> None:
    html = agenda_html("1. a\n   - b\n   - c\n\n     more of c\n2. d", "markdown")
    assert html == "<ol><li>a<ul><li>b</li><li>c<br>more of c</li></ul></li><li>d</li></ol>"


def test_lists_of_the_same_kind_that_follow_each_other_stay_apart() -> None:
    assert agenda_html("- a\n\n* b", "markdown") == "<ul><li>a</li></ul><ul><li>b</li></ul>"


def test_lists_deeper_than_four_join_the_fourth() -> None:
    html = agenda_html("".join(f"<ul><li>{n}" for n in range(1, 8)), "html")
    assert html.startswith("<ul><li>1<ul><li>2<ul><li>3<ul><li>4<br>5<br>6<br>7</li></ul>")


@pytest.mark.parametrize("text", ["(\n>*\n" * 8000, "[\n" * 25_000, "![" * 25_000])
def test_markdown_that_would_keep_the_parser_busy_is_shown_as_it_was_written(text: str) -> None:
    assert agenda_html(f"**a** & <b>\n\n{text}", "markdown") == agenda_html(
        f"**a** & <b>\n\n{text}", "text"
    )


def test_an_agenda_of_the_greatest_length_is_read_as_markdown() -> None:
    section = "# Plan\n\n1. *one* of [many](https://a.example/x)\n   - **two**\n\n> said\nso\n\n"
    html = agenda_html(section * 1000, "markdown")
    assert html.count("<i>one</i>") == 50_000 // len(section) + 1


def test_html_inside_markdown_is_shown_as_text() -> None:
    html = agenda_html("a <script>alert(1)</script> <img src=x onerror=y>", "markdown")
    assert read(html).text == "a <script>alert(1)</script> <img src=x onerror=y>"


def test_editors_html_is_reduced_to_what_calendars_show() -> None:
    html = agenda_html(
        '<h2 class="x">Plan</h2><div style="color:red">one <strong>two</strong> '
        "<em>three</em></div>"
        "<blockquote>four<br/>five</blockquote><pre>six\n  seven</pre>"
        "<table><tr><td>8</td><td>9</td></tr></table>",
        "html",
    )
    assert html == (
        "<p><b>Plan</b></p><p>one <b>two</b> <i>three</i></p><p>four<br>five</p>"
        "<p>six<br>seven</p><p>8 | 9</p>"
    )


@pytest.mark.parametrize(
    ("hostile", "left"),
    [
        ("<p>a<script>alert(1)</script>b</p>", "<p>ab</p>"),
        ("<p>a<img src=x onerror=alert(1)>b</p>", "<p>ab</p>"),
        ("<style>p{}</style><title>t</title><iframe src=//x>i</iframe>a", "<p>a</p>"),
        ("<svg><script>1</script><text>x</text></svg>a", "<p>a</p>"),
        ('<a href="javascript:alert(1)">a</a>', "<p>a</p>"),
        ('<a href=" jav&#x0A;ascript:alert(1)">a</a>', "<p>a</p>"),
        ('<a href="//bad.example">a</a>', "<p>a</p>"),
        ('<a href="https://u:p@bad.example">a</a>', "<p>a</p>"),
        (
            '<a href="https://x.example" onclick="y" title="z" target=_blank>a</a>',
            '<p><a href="https://x.example">a</a></p>',
        ),
        ("<b><i>a<ul><li>b", "<p><b><i>a</i></b></p><ul><li><b><i>b</i></b></li></ul>"),
        ("</p></ul>a</b><!-- c --><![CDATA[d]]>", "<p>a</p>"),
        ("<p>a&#x202e;b&#0;c&#1;</p>", "<p>abc</p>"),
        ("<p>&lt;script&gt;</p>", "<p>&lt;script&gt;</p>"),
        ("<ul>a<li><li>b</ul>", "<ul><li>a</li><li>b</li></ul>"),
        ("<p> </p><ul><li></li></ul><b></b>", ""),
    ],
)
def test_hostile_and_broken_html_leaves_only_its_words(hostile: str, left: str) -> None:
    html = agenda_html(hostile, "html")
    assert html.replace("\ufffd", "") == left


def test_an_unknown_format_says_what_to_write() -> None:
    with pytest.raises(ValueError, match="write text, markdown or html"):
        agenda_html("x", "rtf")


@pytest.mark.parametrize(
    "part", ["<ul><li>", "<b><p>x", "[", "*a ", "![a](", "<a ", "\n\n", "> ", "&#", "<!", "- "]
)
@pytest.mark.parametrize("format_", FORMATS)
def test_a_megabyte_of_anything_is_read_only_so_far(part: str, format_: str) -> None:
    page = read(agenda_html(part * (1_000_000 // len(part)), format_))
    assert not page.wrong
    assert len(page.text) <= 51_000


def test_a_pasted_picture_does_not_use_up_the_room_of_the_words() -> None:
    picture = "data:image/png;base64," + "A" * 300_000
    assert agenda_html(f'<p><img src="{picture}">Goals</p>', "html") == "<p>Goals</p>"
    assert agenda_html(f"![]({picture})Goals", "markdown") == "<p>Goals</p>"


PARTS = st.sampled_from(
    [
        *("<p>", "</p>", "<ul>", "<ol>", "<li>", "</ul>", "</li>", "<b>", "</b>", "<i>", "<br>"),
        *('<a href="https://x.example/?a&b">', '<a href="javascript:x">', "</a>", "<h1>", "</h1>"),
        *("<script>", "</script>", "<div>", "</div>", "<table><td>", "&amp;", "&lt;b>", "<pre>"),
        *("# ", "\n\n", "- ", "1. ", "**", "[x](https://x.example)", "\u202e", '"', "\u0338"),
    ]
)


@given(st.lists(PARTS | st.text(max_size=5), max_size=25).map("".join), st.sampled_from(FORMATS))
def test_whatever_goes_in_only_safe_and_balanced_html_comes_out(text: str, format_: str) -> None:
    html = agenda_html(text, format_)
    page = read(html)
    assert page.wrong == []
    assert all(href.startswith(("https://", "http://", "mailto:")) for href, _ in page.links)
    assert agenda_html(html, "html") == html
    strict = nh3.clean(html, tags=ALLOWED, attributes={"a": {"href"}}, link_rel=None)
    assert strict == html


@pytest.mark.parametrize(
    ("label", "href", "shown"),
    [
        ("https://zoom.us/j/1", "https://evil.example/", "https://evil.example/"),
        ("zoom.us", "https://evil.example/j", "https://evil.example/j"),
        ("your bank: bank.example!", "https://evil.example/", "https://evil.example/"),
        ("zoom.us", "https://zoom.us.evil.example/", "https://zoom.us.evil.example/"),
        ("us02web.zoom.us", "https://zoom.us/", "https://zoom.us/"),
        ("\uff5a\uff4f\uff4f\uff4d.us", "https://evil.example/", "https://evil.example/"),
        ("bank.example", "mailto:x@evil.example", "x@evil.example"),
        ("sam@bank.example", "https://evil.example/", "https://evil.example/"),
        ("<b>zoom</b>.us", "https://evil.example/", "https://evil.example/"),
        ("zoom.us/j/1", "https://us02web.zoom.us/j/1", "zoom.us/j/1"),
        ("www.zoom.us", "https://zoom.us/", "www.zoom.us"),
        ("ex\u00e4mple.org", "https://xn--exmple-cua.org/", "ex\u00e4mple.org"),
        ("agenda.pdf", "https://drive.example/1", "agenda.pdf"),
        ("the agenda, e.g. here", "https://drive.example/1", "the agenda, e.g. here"),
        ("sam@example.org", "mailto:sam@example.org", "sam@example.org"),
        ("10.0.0.1/x", "https://evil.example/", "https://evil.example/"),
        ("https://intranet/login", "https://evil.example/", "https://evil.example/"),
        ("https://[::1]/x", "https://evil.example/", "https://evil.example/"),
        ("localhost", "https://evil.example/", "https://evil.example/"),
        ("good\u3002example", "https://evil.example/", "https://evil.example/"),
        ("good\u00ad.example", "https://evil.example/", "https://evil.example/"),
        ("g\u200bood.example", "https://evil.example/", "https://evil.example/"),
        ("https:\\\\good.example", "https://evil.example/", "https://evil.example/"),
        ("https://good.example@evil.example/", "https://evil.example/", "https://evil.example/"),
        ("at 10:30:00 or 1.5", "https://drive.example/1", "at 10:30:00 or 1.5"),
        (f"{'a' * 70}.example", "https://evil.example/", "https://evil.example/"),
    ],
)
def test_a_link_that_shows_another_host_is_written_as_where_it_leads(
    label: str, href: str, shown: str
) -> None:
    html = agenda_html(f'<p>See <a href="{href}">{label}</a> now</p>', "html")
    assert html == f'<p>See <a href="{href}">{shown}</a> now</p>'
    assert agenda_html(html, "html") == html
