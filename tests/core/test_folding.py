"""Lines are folded as icalendar folds them, which is the oracle here."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from icalendar.parser import Contentline

from calsync.core.content.folding import folded

LINES = st.text(
    st.sampled_from([*'aZ09 ;:,="\\^', "\xe9", "\u20ac", "\u0301", "\U0001f600", "\x00"]),
    max_size=400,
) | st.text("a\\", min_size=70, max_size=160)


@given(LINES)
def test_a_line_is_folded_as_icalendar_folds_it(line: str) -> None:
    assert folded(line) == Contentline(line).to_ical()  # type: ignore[no-untyped-call]  # theirs


def test_no_line_is_longer_than_75_octets_and_none_is_lost() -> None:
    line = "DESCRIPTION:" + "\u20ac\\n" * 200
    lines = folded(line).split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert b"".join([lines[0], *(one[1:] for one in lines[1:])]).decode() == line
