"""SPF records as receivers read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from calsync.ops.doctor.mail.sender import spf
from calsync.ops.doctor.mail.spf import Lookup, read_spf

DOMAIN, HOST = "platform.example", "smtp.provider.example"


def dns(records: Mapping[tuple[str, str], Sequence[str]]) -> Lookup:
    return lambda name, kind: records.get((name, kind), ())


def said(text: str | None, **more: str) -> list[tuple[str, str]]:
    """What is told of this record, where other names have those of `more`."""
    known: dict[tuple[str, str], Sequence[str]] = {(HOST, "A"): ["192.0.2.7"]}
    if text is not None:
        known[DOMAIN, "TXT"] = ["another=record", text]
    known |= {(f"{name}.example", "TXT"): [one] for name, one in more.items()}
    return [(str(one.verdict), one.text) for one in spf(DOMAIN, HOST, dns(known))]


@pytest.mark.parametrize(
    ("text", "verdict", "told"),
    [
        (None, "error", "has no SPF record"),
        ("v=spf1 ip4:192.0.2.0/24 -all", "ok", "it names the addresses of smtp.provider.example"),
        (f"v=spf1 a:{HOST} ~all", "ok", "it names"),
        ("v=spf1 ip4:198.51.100.1 -all", "not checked", "does not name the addresses"),
        ("v=spf1 ip4:192.0.2.7 +all", "error", "every server"),
        ("v=spf1 ip4:192.0.2.7 all", "error", "every server"),
        ("v=spf1 ip4:192.0.2.7 ?all", "warning", "nothing of other servers"),
        ("v=spf1 ip4:192.0.2.7", "warning", "nothing of other servers"),
        ("v=spf1 ip4:192.0.2.999 -all", "error", "is not a network"),
        ("v=spf1 ipv4:192.0.2.7 -all", "error", "is not an SPF term"),
        ("v=spf1 include:gone.example -all", "error", "gone.example has no SPF record"),
        ("v=spf1 exp=why.example exists:%{i}.x.example ip4:192.0.2.7 -all", "ok", "1 questions"),
    ],
)
def test_a_record_is_judged_by_what_receivers_make_of_it(
    text: str | None, verdict: str, told: str
) -> None:
    assert any(one == verdict and told in what for one, what in said(text)), said(text)


def test_two_records_are_none() -> None:
    two = dns({(DOMAIN, "TXT"): ["v=spf1 -all", "v=spf1 ~all"]})
    ((verdict, text),) = [(str(one.verdict), one.text) for one in spf(DOMAIN, HOST, two)]
    assert (verdict, text) == ("error", "platform.example has 2 SPF records")


def test_what_included_records_ask_counts_and_what_they_name_is_named() -> None:
    inner = "v=spf1 ip4:192.0.2.0/24 " + " ".join(f"a:h{n}.example" for n in range(10)) + " -all"
    told = said("v=spf1 include:inner.example -all", inner=inner)
    assert told[0] == ("error", "it asks the DNS 11 times; receivers stop at 10 and fail it")
    assert told[1][0] == "ok"


def test_a_redirect_says_what_the_other_record_says_and_a_circle_ends() -> None:
    known = {(DOMAIN, "TXT"): ["v=spf1 redirect=b.example"], ("b.example", "TXT"): ["v=spf1 -all"]}
    assert read_spf(DOMAIN, dns(known)).ends == "-all"
    circle = dns({(DOMAIN, "TXT"): [f"v=spf1 include:{DOMAIN} -all"]})
    assert read_spf(DOMAIN, circle).lookups > 10


def test_hosts_of_mx_and_both_kinds_of_addresses_are_named() -> None:
    known = {
        (DOMAIN, "TXT"): ["v=spf1 mx/24//64 ip6:2001:db8::/32 -all"],
        (DOMAIN, "MX"): ["mx.platform.example"],
        ("mx.platform.example", "A"): ["192.0.2.1"],
        ("mx.platform.example", "AAAA"): ["2001:db9::1"],
    }
    found = read_spf(DOMAIN, dns(known))
    assert all(map(found.allows, ("192.0.2.200", "2001:db8::7", "2001:db9::ffff")))
    assert not found.allows("192.0.3.1")


def test_a_server_on_this_machine_hands_mails_on() -> None:
    known = dns({(DOMAIN, "TXT"): ["v=spf1 -all"]})
    (one,) = spf(DOMAIN, "127.0.0.1", known)
    assert one.verdict == "not checked"
