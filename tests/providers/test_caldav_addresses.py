"""Where a call may go."""

from __future__ import annotations

import pytest

from calsync.errors import Refused, Unusable
from providers.caldav.addresses import (
    collection_url,
    is_member,
    is_public,
    on_same_origin,
    only_public,
    resource_url,
)

CALENDAR = "https://dav.example/cal/maya%40x.org/main/"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.100.100.200",
        "168.63.129.16",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "::ffff:10.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "fc00::1",
        "fec0::1",
        "::127.0.0.1",
        "::ffff:0:10.0.0.1",
        "64:ff9b:1::10.0.0.1",
    ],
)
def test_addresses_inside_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "64:ff9b::101:101"])
def test_addresses_outside_are_public(address: str) -> None:
    assert is_public(address)


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(Unusable, match=r"caldav\.allow_private") as caught:
        only_public("dav.example", ["1.1.1.1", "10.0.0.1"])
    assert (caught.value.happened, caught.value.scope) == ("no", "account")
    only_public("dav.example", ["1.1.1.1"])


@pytest.mark.parametrize(
    ("href", "means"),
    [
        ("b.ics", CALENDAR + "b.ics"),
        ("/x/b.ics", "https://dav.example/x/b.ics"),
        ("https://DAV.example:443/x/b.ics", "https://dav.example/x/b.ics"),
        ("/x/a b.ics", "https://dav.example/x/a%20b.ics"),
        ("https://dav.example//evil.example/x", "https://dav.example//evil.example/x"),
        ("//evil.example/x", None),
        ("https://dav.example:8443/x", None),
        ("http://dav.example/x", None),
        ("https://dav.example@evil.example/x", None),
        ("/x/%2e%2e/y", None),
        ("https://dav.example:port/x", None),
        ("javascript:alert(1)", None),
    ],
)
def test_an_href_stays_on_its_origin(href: str, means: str | None) -> None:
    assert on_same_origin(CALENDAR, href) == means


@pytest.mark.parametrize(
    "key",
    [
        "/cal/maya%40x.org/main/",
        "/cal/maya@x.org/main",
        "/cal/maya%40x.org",
        "/cal/maya%40x.org/other/",
        "/",
        "",
        "../other/a.ics",
        "/cal/%2e%2e/a.ics",
    ],
)
def test_a_key_never_means_the_calendar_or_what_is_above_it(key: str) -> None:
    with pytest.raises(Refused) as caught:
        resource_url(CALENDAR, key)
    assert caught.value.happened == "no"


def test_a_key_is_a_name_in_the_calendar_or_a_path_on_its_server() -> None:
    assert resource_url(CALENDAR, "a.ics") == CALENDAR + "a.ics"
    assert resource_url(CALENDAR, "/other/a.ics") == "https://dav.example/other/a.ics"
    assert resource_url(CALENDAR, "//evil.example/a") == "https://dav.example//evil.example/a"


def test_members_are_told_however_they_are_escaped() -> None:
    assert is_member(CALENDAR, "https://dav.example/cal/maya@x.org/main/a.ics")
    assert not is_member(CALENDAR, CALENDAR)
    assert not is_member(CALENDAR, CALENDAR + "deeper/a.ics")
    assert not is_member(CALENDAR, "https://dav.example/cal/maya@x.org/mainly/a.ics")


@pytest.mark.parametrize("endpoint", ["", "dav.example/cal", "https://", "https://x:port/"])
def test_an_endpoint_that_is_no_url_makes_the_account_unusable(endpoint: str) -> None:
    with pytest.raises(Unusable, match="connect the account again"):
        collection_url(endpoint)
