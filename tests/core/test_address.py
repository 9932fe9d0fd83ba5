"""One address: read from what people write, and compared in one way."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from calsync.core.address import (
    Address,
    AddressError,
    UnsupportedAddressError,
    address_key,
    ascii_domain,
    in_unicode,
    matches_any,
    spellings,
)

LONG = ".".join(["d" * 60] * 4)


@pytest.mark.parametrize(
    ("written", "local", "domain"),
    [
        (" Maya.Chen+x@Example.ORG ", "Maya.Chen+x", "example.org"),
        ("maya@Bücher.example", "maya", "xn--bcher-kva.example"),
        ("maya@XN--BCHER-KVA.example", "maya", "xn--bcher-kva.example"),
        ("maya@bu\u0308cher.example", "maya", "xn--bcher-kva.example"),
        ("maya@straße.example", "maya", "xn--strae-oqa.example"),
        ("maya@例え。テスト", "maya", "xn--r8jz45g.xn--zckzah"),
        ("o'neil@example.org", "o'neil", "example.org"),
        ("maya@localhost", "maya", "localhost"),
        ("#EXT#@corp.example", "#EXT#", "corp.example"),
        ("m@" + LONG, "m", LONG),
    ],
)
def test_the_local_part_stays_as_written_and_the_domain_has_one_form(
    written: str, local: str, domain: str
) -> None:
    found = Address.read(written)
    assert (found.local, found.domain) == (local, domain)
    assert str(found) == f"{local}@{domain}"
    assert Address.read(str(found)) == found


def test_letters_beyond_ascii_before_the_at_sign_are_said_to_be_unsupported() -> None:
    for text in ("mäya@example.org", "josé.lima@exämple.org", "用户@example.org"):
        with pytest.raises(UnsupportedAddressError, match="not supported; write another address"):
            Address.read(text)
    with pytest.raises(AddressError) as caught:
        Address.read("mä ya@example.org")
    assert not isinstance(caught.value, UnsupportedAddressError)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "maya", "maya@", "@example.org", "@", "a@b@example.org", "maya@.org"),
        *("maya@example.org.", "maya@exa mple.org", "maya@a..b", "maya@-a.example"),
        *("maya@under_score.example", "maya@xn--\u00e4.example", "maya@xn--999999999.example"),
        *('"a b"@example.org', "a b@example.org", "m\x00@example.org"),
        *("<maya@example.org>", "maya@example.org,eve@example.org", "Maya <maya@example.org>"),
        *("maya@example.org\r\nBcc: e@e.e", "a" * 65 + "@example.org", "mm@" + LONG + ".dddddddd"),
        "a@" + "é" * 70 + ".org",
    ],
)
def test_what_is_no_plain_address_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(AddressError, match=r"not an address; write .* maya@example\.org"):
        Address.read(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Maya@xn--bcher-kva.example", "Maya@bücher.example"),
        ("xn--bcher-kva.example", "bücher.example"),
        *((one, one) for one in ("Maya@example.org", "maya@xn--999999999.example", "", "u-1")),
    ],
)
def test_an_address_is_shown_as_people_write_it(text: str, shown: str) -> None:
    assert in_unicode(text) == shown


@pytest.mark.parametrize(
    "other",
    [
        *("maya@bücher.example", "MAYA@BÜCHER.EXAMPLE", " Maya@xn--bcher-kva.example "),
        *("maya@XN--BCHER-KVA.Example", "maya@bu\u0308cher.example", "maya@bücher。example"),
    ],
)
def test_every_spelling_of_an_address_has_the_same_key(other: str) -> None:
    assert address_key(other) == "maya@xn--bcher-kva.example"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", ""),
        (" U-17 ", "u-17"),
        ("Maya@", "maya@"),
        ("JÜRGEN@Example.org", "jürgen@example.org"),
        ("a@b@Bücher.example", "a@b@xn--bcher-kva.example"),
        ("maya@Exä mple.org", "maya@exä mple.org"),
    ],
)
def test_a_text_that_is_no_address_has_a_key_all_the_same(text: str, key: str) -> None:
    assert address_key(text) == key


@given(st.text(max_size=40))
@example("0@\u0130")
def test_no_text_breaks_the_key_and_a_key_is_its_own(text: str) -> None:
    key = address_key(text)
    assert address_key(key) == key


@given(st.text(max_size=12), st.text(max_size=20))
def test_what_is_read_and_its_text_have_one_key(local: str, domain: str) -> None:
    try:
        found = Address.read(f"{local}@{domain}")
    except AddressError:
        return
    assert found.key == address_key(f"{local}@{domain}") == address_key(in_unicode(str(found)))


def test_the_spellings_of_an_address_are_those_that_a_text_may_quote() -> None:
    both = ("maya@xn--bcher-kva.example", "maya@bücher.example")
    assert spellings("Maya@Bücher.example") == spellings(both[0]) == both
    assert spellings("Maya@Example.org") == ("maya@example.org",)
    assert spellings("maya@xn--999999999.example") == ("maya@xn--999999999.example",)


@pytest.mark.parametrize(
    ("written", "domain"),
    [
        ("Corp.Example", "corp.example"),
        ("Bücher.example", "xn--bcher-kva.example"),
        *((one, "") for one in ("", "@corp.example", "corp example", "*.example", "a.", "x" * 999)),
    ],
)
def test_a_domain_has_one_form_or_is_none(written: str, domain: str) -> None:
    assert ascii_domain(written) == domain


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ("*@Bücher.example", True),
        ("*@xn--bcher-kva.example", True),
        ("MAYA@*.example", True),
        ("*@*.Example", True),
        ("*", True),
        ("m?ya@bücher.example", True),
        ("*@sub.bücher.example", False),
        ("*@bucher.example", False),
        ("", False),
    ],
)
def test_a_pattern_fits_an_address_however_both_are_spelt(pattern: str, fits: bool) -> None:
    for email in ("Maya@Bücher.example", "maya@xn--bcher-kva.EXAMPLE"):
        assert matches_any(email, ["sam@example.org", pattern]) is fits
    assert not matches_any("maya@bücher.example", [])


def test_a_pattern_whose_domain_has_wildcards_fits_beyond_ascii_too() -> None:
    assert matches_any("maya@team.bücher.example", ["*@*.bücher.example"])
    assert not matches_any("maya@team.bucher.example", ["*@*.bücher.example"])
