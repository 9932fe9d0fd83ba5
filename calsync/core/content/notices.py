"""What a mail tells of an account: which one it is, and how its reader is spoken to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AccountNews:
    """An account that was connected or disconnected.

    address    the provider's, which the person may know better than our name for the account
    at         when it happened (aware UTC), told in the reader's IANA `time_zone`
    locale     the reader's, such as `de` or `de-AT`
    writes     sessions are written there, not only read from there
    """

    provider: str
    address: str
    at: datetime
    time_zone: str = "UTC"
    locale: str = "en"
    writes: bool = True


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
