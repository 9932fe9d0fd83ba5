"""`calsync doctor mail` over a real DNS server and a real mail server."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.account_mails import of_sessions
from tests.cli.rig import SAM, Rig
from tests.cli.test_doctor import by_check
from tests.dkim_key import private_pem, public_record
from tests.dnsmasq import dns_server

GOOD = {
    "platform.example": ["v=spf1 include:spf.provider.example -all"],
    "spf.provider.example": ["v=spf1 ip4:192.0.2.0/24 -all"],
    "2026a._domainkey.platform.example": [public_record()],
    "_dmarc.platform.example": ["v=DMARC1; p=reject"],
}


@pytest.fixture(scope="module")
def good() -> Iterator[str]:
    with dns_server(txt=GOOD, mx={"platform.example": ["mx.platform.example"]}) as server:
        yield server


@pytest.fixture(scope="module")
def empty() -> Iterator[str]:
    with dns_server() as server:
        yield server


def signing(rig: Rig) -> None:
    key = rig.folder / "dkim.pem"
    key.write_text(private_pem(), encoding="utf-8")
    rig.configure(mail=f'dkim_selector = "2026a"\ndkim_key_file = {json.dumps(str(key))}')


def test_a_sender_whom_receivers_believe_is_told_so(rig: Rig, good: str) -> None:
    signing(rig)
    found = by_check(rig.json("doctor", "mail", "--resolver", good))
    assert {name: verdict for name, (verdict, _) in found.items()} == {
        "SPF of platform.example": "not checked",  # of a mail server on this machine
        "DKIM": "ok",
        "DMARC of platform.example": "ok",
        "MX for bounces to sessions@platform.example": "ok",
        "mail server": "ok",
        "sample mail": "ok",
        "signature of the sample": "ok",
    }
    assert rig.sandbox.mails(SAM) == []


def test_what_the_dns_lacks_is_told_with_what_to_publish(rig: Rig, empty: str) -> None:
    signing(rig)
    done = rig.run("doctor", "mail", "--resolver", empty, code=1)
    told = " ".join(done.out.split())
    assert "platform.example has no SPF record" in told
    assert "platform.example has no DMARC record" in told
    assert f'publish one TXT record there: "{public_record()}"'[:200] in told
    assert "a receiver does not believe its signature" in told
    assert "PRIVATE KEY" not in done.out + done.err


def test_a_sample_its_update_and_its_cancellation_are_sent_where_they_are_asked_for(
    rig: Rig, good: str
) -> None:
    signing(rig)
    found = by_check(rig.json("doctor", "mail", "--resolver", good, "--to", SAM))
    assert [found[name][0] for name in ("invitation", "update", "cancellation")] == ["ok"] * 3
    mails = of_sessions(rig.sandbox.mails(SAM))
    assert [mail.method for mail in mails] == ["REQUEST", "REQUEST", "CANCEL"]
    assert rig.sandbox.shown(SAM) == []


def test_after_a_sample_that_the_server_refuses_no_other_is_sent(rig: Rig, good: str) -> None:
    rig.sandbox.fail_smtp("rcpt", code=550, message="5.7.1 no", person=SAM, times=None)
    found = by_check(rig.json("doctor", "mail", "--resolver", good, "--to", SAM, code=1))
    assert found["invitation"][0] == "error"
    assert "update" not in found
    assert found["DKIM"][0] == "not checked"  # nothing signs here


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--to", "nobody"), "is not a mail address"),
        (("--resolver", "dns.example"), "is not an IP address"),
        (("--resolver", "127.0.0.1:x"), "is not a server"),
    ],
)
def test_an_option_that_cannot_be_used_is_refused(
    rig: Rig, options: tuple[str, str], said: str
) -> None:
    assert said in " ".join(rig.run("doctor", "mail", *options, code=2).err.split())


def test_without_a_mail_server_there_is_nothing_to_look_at(rig: Rig) -> None:
    text = rig.config.read_text(encoding="utf-8")
    start, end = text.index("[mail]"), text.index("[security]")
    rig.config.write_text(text[:start] + text[end:], encoding="utf-8")
    ((verdict, said),) = by_check(rig.json("doctor", "mail", code=1)).values()
    assert (verdict, said) == ("error", "no mail server is named")
