"""Short headers are written without the library's folding, which is the oracle here."""

from __future__ import annotations

from email.header import Header

from hypothesis import given
from hypothesis import strategies as st

from calsync.core.content.icalendar import one_line
from providers.mail import mime

SIGNS = st.sampled_from([*"aZ09 ;:,=?\"\\'<>@._-", "\t", "\xe9", "\u20ac", "\U0001f600"])


@given(st.sampled_from(["To", "Subject"]), st.text(SIGNS, max_size=90))
def test_a_short_header_is_written_as_the_library_writes_it(name: str, text: str) -> None:
    line = one_line(text)
    words = max(map(len, line.split()), default=0)
    charset = None if line.isascii() and "=?" not in line and words < 60 else "utf-8"
    by_library = Header(line, charset, header_name=name, maxlinelen=76).encode(linesep="\r\n")
    assert mime.words(name, text) == by_library
