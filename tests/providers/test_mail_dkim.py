"""Mails signed by DKIM: what arrives is verified by the key that the DNS has."""

from __future__ import annotations

import re
from collections.abc import Iterator

import dkim
import dns.resolver
import pytest

from calsync.errors import Setup
from providers.mail.settings import Dkim
from providers.mail.signing import signed
from tests.dkim_key import private_pem, public_record
from tests.dnsmasq import dns_server
from tests.providers.smtp_calls import Connect, deliver
from tests.smtp import MailServer

KEY = Dkim("2026a", "platform.example", private_pem())
MAIL = (
    b"From: sessions@mail.platform.example\r\nTo: maya@example.org\r\nSubject: Session 1\r\n"
    b"List-Unsubscribe: <https://calsync.example/u/1>\r\n"
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    b"X-Ours: not covered\r\n\r\n.dot\nbody without an end"
)


@pytest.fixture(scope="module")
def resolver() -> Iterator[str]:
    records = {"2026a._domainkey.platform.example": [public_record()]}
    with dns_server(txt=records) as running:
        yield running


def verified(message: bytes, resolver: str) -> bool:
    """What a receiver says, who asks this DNS server for the key."""
    asking = dns.resolver.Resolver(configure=False)
    asking.nameservers, asking.port = ["127.0.0.1"], int(resolver.partition(":")[2])

    def txt(name: bytes, timeout: int = 5) -> bytes:
        (found,) = asking.resolve(name.decode(), "TXT", lifetime=timeout)
        return b"".join(found.strings)

    return bool(dkim.verify(message, dnsfunc=txt))


def test_what_arrives_is_verified_by_the_key_in_the_dns(
    connect: Connect, server: MailServer, resolver: str
) -> None:
    client = connect(server.port, dkim=KEY)
    deliver(client, MAIL)
    deliver(client, MAIL)
    for mail in server.mails:
        assert verified(mail.data, resolver)
        assert b"d=platform.example" in mail.data
        assert not verified(mail.data.replace(b"Session 1", b"Session 2"), resolver)
        assert not verified(mail.data.replace(b"body", b"nobody"), resolver)
        assert not verified(b"Subject: before\r\n" + mail.data, resolver)


def test_one_click_unsubscription_is_covered(resolver: str) -> None:
    whole = signed(MAIL.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), KEY)
    names = re.search(rb"h=([^;]*);", whole)
    assert names is not None
    covered = re.sub(rb"\s", b"", names[1]).split(b":")
    assert covered.count(b"from") == 2
    assert {b"list-unsubscribe", b"list-unsubscribe-post"} <= set(covered)
    assert b"x-ours" not in covered
    assert not verified(whole.replace(b"/u/1>", b"/u/2>"), resolver)


def test_without_a_key_nothing_is_added(connect: Connect, server: MailServer) -> None:
    deliver(connect(server.port), MAIL)
    assert b"DKIM-Signature" not in server.mails[0].data


def test_a_key_that_cannot_sign_is_the_operators_fault_and_not_repeated() -> None:
    with pytest.raises(Setup, match=r"mail\.dkim_key cannot sign") as caught:
        signed(MAIL, Dkim("2026a", "platform.example", "-----BEGIN RSA PRIVATE KEY-----\nhush"))
    assert "hush" not in repr(caught.value)
