"""Headers of plain words are folded without the library, which is the oracle here."""

from __future__ import annotations

import base64
import quopri
import smtplib
from email.header import Header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calsync.core.address import Address
from calsync.core.content.icalendar import clean, one_line
from providers.mail import mime

SIGNS = st.sampled_from([*"aZ09 ;:,=?\"\\'<>@._-", "\t", "\xe9", "\u20ac", "\U0001f600"])


@given(st.sampled_from(["To", "Subject"]), st.text(SIGNS, max_size=90))
def test_a_short_header_is_written_as_the_library_writes_it(name: str, text: str) -> None:
    line = one_line(text)
    words = max(map(len, line.split()), default=0)
    charset = None if line.isascii() and "=?" not in line and words < 60 else "utf-8"
    by_library = Header(line, charset, header_name=name, maxlinelen=76).encode(linesep="\r\n")
    assert mime.words(name, text) == by_library


PLAIN = st.text(st.sampled_from("ab;,()."), min_size=1, max_size=59)


@given(st.sampled_from(["To", "Subject"]), st.lists(PLAIN, min_size=1, max_size=20))
def test_a_long_header_of_plain_words_is_folded_as_the_library_folds_it(
    name: str, words: list[str]
) -> None:
    line = " ".join(words)
    by_library = Header(line, None, header_name=name, maxlinelen=76).encode(linesep="\r\n")
    assert mime.words(name, line) == by_library


@given(st.from_regex(r"\A[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}\Z"))
def test_a_recipient_is_named_as_the_library_names_it(local: str) -> None:
    recipient = str(Address.read(f"{local}@Example.org"))
    assert f"<{recipient}>" == smtplib.quoteaddr(recipient)


@pytest.mark.parametrize("size", [0, 1, 56, 57, 58, 114, 115, 250])
def test_a_part_in_base64_is_written_as_the_library_writes_it(size: int) -> None:
    data = bytes(range(size))
    by_library = base64.encodebytes(data).replace(b"\n", b"\r\n")
    assert mime.in_base64(data) == by_library


@given(st.text(st.one_of(SIGNS, st.sampled_from("\r\n\x0b\x85\u2028\x00\ud800")), max_size=300))
def test_a_readable_part_gives_back_its_text_in_lines_that_end_alike(text: str) -> None:
    content = mime.text_part("plain", text).content
    assert content.count(b"\n") == content.count(b"\r") == content.count(b"\r\n")
    read = quopri.decodestring(content.replace(b"\r\n", b"\n")).decode()
    assert read == clean(text).removesuffix("\n") + "\n"
