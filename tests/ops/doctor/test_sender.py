"""DKIM, DMARC and MX of a sender's domain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from calsync.ops.doctor.mail.sender import DkimName, dkim, dmarc, takes_mail
from calsync.ops.doctor.mail.spf import Lookup

DOMAIN = "mail.platform.example"
NAME = DkimName("2026a", DOMAIN, "QUJD")
ABOVE = DkimName("2026a", "platform.example", "QUJD")


def dns(records: Mapping[tuple[str, str], Sequence[str]]) -> Lookup:
    return lambda name, kind: records.get((name, kind), ())


@pytest.mark.parametrize(
    ("texts", "verdict", "told"),
    [
        (["v=DKIM1; k=rsa; p=QU JD"], "ok", "has the key"),
        (["p=QUJD"], "ok", "has the key"),
        (["v=DKIM1; p=QUJD; t=y:s"], "warning", "t=y"),
        (["v=DKIM1; p=QUJE"], "error", "is not that of mail.dkim_key"),
        (["v=DKIM1; p=?"], "error", "is not that of mail.dkim_key"),
        (["v=DKIM1; p="], "error", "is revoked"),
        (["v=DKIM1; k=ed25519; p=QUJD"], "error", "is not an RSA key"),
        (["hello"], "error", "is not an RSA key"),
        (["p=QUJD", "p=QUJD"], "error", "has 2 records"),
        ([], "error", "has no record"),
    ],
)
def test_the_published_key_is_that_of_the_one_we_sign_by(
    texts: Sequence[str], verdict: str, told: str
) -> None:
    got = dkim(NAME, dns({("2026a._domainkey.mail.platform.example", "TXT"): texts}))
    assert (got.verdict, told in got.text) == (verdict, True), got.text
    if verdict == "error":
        assert "p=QUJD" in got.todo


def test_without_a_selector_only_a_mail_can_tell() -> None:
    assert dkim(None, dns({})).verdict == "not checked"


def policy(
    text: str | Sequence[str], at: str = DOMAIN, signs: DkimName | None = NAME
) -> tuple[str, str]:
    texts = [text] if isinstance(text, str) else text
    (one,) = dmarc(DOMAIN, signs, dns({(f"_dmarc.{at}", "TXT"): texts}))
    return str(one.verdict), one.text


def test_a_policy_and_its_alignment_are_told() -> None:
    assert policy("v=DMARC1; p=reject") == (
        "ok",
        "the policy is reject; SPF and DKIM are aligned",
    )
    assert policy("v=DMARC1; p=none; sp=reject", "platform.example")[1].startswith(
        "the policy is reject"
    )
    assert policy("v=DMARC1; p=none", "platform.example")[0] == "ok"
    assert "so must be the server's DKIM" in policy("v=DMARC1; p=reject", signs=None)[1]


def test_a_signature_of_the_domain_above_is_not_aligned_where_that_is_asked() -> None:
    assert policy("v=DMARC1; p=reject; adkim=s", signs=ABOVE)[0] == "error"
    assert policy("v=DMARC1; p=reject", signs=ABOVE)[0] == "ok"


@pytest.mark.parametrize(
    ("text", "verdict"),
    [([], "warning"), (["v=DMARC1; p=none"] * 2, "error"), ("v=DMARC1; rua=mailto:a@b", "error")],
)
def test_a_record_that_is_missing_or_says_nothing_is_told(
    text: str | Sequence[str], verdict: str
) -> None:
    assert policy(text)[0] == verdict


@pytest.mark.parametrize(
    ("records", "verdict"),
    [
        ({("x.example", "MX"): ["mx.x.example"]}, "ok"),
        ({("x.example", "MX"): [""]}, "error"),
        ({("x.example", "AAAA"): ["2001:db8::1"]}, "warning"),
        ({}, "error"),
    ],
)
def test_an_address_can_receive_mail_or_not(
    records: Mapping[tuple[str, str], Sequence[str]], verdict: str
) -> None:
    assert takes_mail("sessions@x.example", dns(records)).verdict == verdict
