"""When refusals of mails speak of the sender and not of one mail: of several people and domains in
a row, with no mail accepted between. Then the channel stops like one that is not set up."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from calsync.core.address import address_key
from calsync.core.ledger import DeliveryKey

RECIPIENTS, DOMAINS = 3, 2  # so many of each
MOST = 100  # mails that are remembered; the channel stops long before
STOPPED = (
    "mail servers of several domains refuse the sender; see mail.sender and its login, and the "
    "SPF, DKIM and reputation of its domain"
)


@dataclass(frozen=True, slots=True)
class RefusedMail:
    """A mail that was refused for its sender: whose it was, and hashes of the address and of its
    domain."""

    session: str
    participant: str
    recipient: str
    domain: str


def refused_mail(key: DeliveryKey, address: str) -> RefusedMail:
    """What is remembered of this mail."""
    known = address_key(address)
    domain = known.rpartition("@")[2]
    return RefusedMail(key.session, key.participant, _hash(known), _hash(domain))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def in_a_row(stored: str | None) -> list[RefusedMail]:
    """The mails refused in a row, as they are stored; none of None."""
    return [RefusedMail(**one) for one in json.loads(stored)] if stored else []


def with_one_more(stored: str | None, mail: RefusedMail) -> str:
    """What is stored after this mail was refused as well."""
    known = dict.fromkeys([*in_a_row(stored), mail])
    return json.dumps([asdict(one) for one in [*known][-MOST:]])


def speak_of_the_sender(mails: Sequence[RefusedMail]) -> bool:
    """Whether so many refusals in a row are the sender's own."""
    recipients, domains = {one.recipient for one in mails}, {one.domain for one in mails}
    return len(recipients) >= RECIPIENTS and len(domains) >= DOMAINS
