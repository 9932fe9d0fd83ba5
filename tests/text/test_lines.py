from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calsync.text import clean, clean_lines
from calsync.text.lines import cut

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
FLAG = "\U0001f1e8\U0001f1e6"  # Canada
THUMB = "\U0001f44d\U0001f3fd"


def test_white_space_of_every_kind_becomes_one_blank() -> None:
    assert clean("  one\ttwo\r\nthree\u2028four\u00a0 five \n") == "one two three four five"


def test_a_removed_control_leaves_no_double_blank() -> None:
    assert clean("one \u202e two\x00") == "one two"


@pytest.mark.parametrize("sign", [*"\x00\x08\x1b\x7f\x9b", *"\u202a\u202e\u2066\u2069\ufeff\ud800"])
def test_what_hides_or_reorders_text_is_removed(sign: str) -> None:
    assert clean(f"ab{sign}cd") == "abcd"
    assert clean_lines(f"ab{sign}cd\nef") == "abcd\nef"


def test_right_to_left_text_and_its_marks_stay() -> None:
    assert clean("שלום\u200f!") == "שלום\u200f!"


def test_letters_are_composed_even_when_a_control_stood_between() -> None:
    assert clean("e\u0301") == clean("e\u202e\u0301") == "é"


def test_a_cut_line_ends_with_an_ellipsis_and_keeps_its_limit() -> None:
    assert clean("abcdef", 6) == "abcdef"
    assert clean("abcdefg", 6) == "abcde…"
    assert clean("abcd efg", 6) == "abcd…"
    assert clean("abc", 1) == "…"
    assert clean("abc", 0) == ""


@pytest.mark.parametrize("sign", [FAMILY, FLAG, THUMB, "❤\ufe0f", "q\u0323\u0307", "1\ufe0f\u20e3"])
def test_a_sign_of_several_characters_is_never_halved(sign: str) -> None:
    text = f"ab{sign}{sign}"
    for limit in range(len(text) + 1):
        assert cut(text, limit) in ("", "a", "ab", f"ab{sign}", text)


def test_lines_keep_their_order_and_one_empty_line_between() -> None:
    assert clean_lines("\n a  b \r\n\r\n\n\nc\rd\u2029e\n\n") == "a b\n\nc\nd\ne"


@given(st.text(), st.integers(0, 30))
def test_cleaning_holds_its_promises_for_any_text(text: str, limit: int) -> None:
    line = clean(text, limit)
    assert len(line) <= limit
    assert line.split() == line.split(" ") or line == ""
    assert clean(line, limit) == line
    whole = clean(text)
    assert unicodedata.is_normalized("NFC", whole)
    assert not any(unicodedata.category(sign) in ("Cc", "Cs") for sign in whole)
    whole.encode()
    assert clean_lines(clean_lines(text)) == clean_lines(text)
