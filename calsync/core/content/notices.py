"""What a mail tells of an account: which one it is, and how its reader is spoken to."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum


class Cause(StrEnum):
    """Who or what connected, disconnected or lost an account."""

    PERSON = "person"
    OPS = "ops"
    TAKEN_OVER = "taken_over"  # somebody else signed in to it, for another address
    REFUSED = "refused"  # its provider takes our credentials no longer
    UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class AccountFact:
    """What happened to an account, as it was then: a later mail tells of this.

    address    the provider's, which the person may know better than our name for the account
    calendar   where a CalDAV calendar is; "" for the main one of an account
    person     the platform's address of whose it was
    at         when it happened (aware UTC)
    writes     sessions are written there, not only read from there
    """

    provider: str
    address: str
    calendar: str
    person: str
    at: datetime
    cause: Cause = Cause.UNKNOWN
    writes: bool = True


def fact_to_json(fact: AccountFact) -> str:
    """The stored form; `fact_from_json` reads it back to an equal fact."""
    return json.dumps(asdict(fact) | {"at": fact.at.isoformat()}, ensure_ascii=False)


def fact_from_json(text: str) -> AccountFact:
    """Read what `fact_to_json` wrote."""
    values = json.loads(text)
    known = {"at": datetime.fromisoformat(values["at"]), "cause": Cause(values["cause"])}
    return AccountFact(**values | known)


@dataclass(frozen=True, slots=True)
class AccountNews:
    """What happened to an account, told in the reader's IANA `time_zone` and in their language:
    `locale`, such as `de` or `de-AT`."""

    fact: AccountFact
    time_zone: str = "UTC"
    locale: str = "en"


@dataclass(frozen=True, slots=True)
class OwnerNews:
    """What whoever looks after the integration is told: an account is lost, or many are.

    account, person   the lost one's id, and the platform's address of who connected it; "" of many
    count             how many are lost by now; 0 of one
    link              where its person was sent to connect it again, "" for nowhere
    """

    tenant: str
    provider: str
    at: datetime
    account: str = ""
    person: str = ""
    count: int = 0
    link: str = ""
