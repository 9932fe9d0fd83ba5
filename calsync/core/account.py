"""A connected calendar, what opens it, and when losing several is one incident."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

MASS_WINDOW = timedelta(hours=1)
MASS_ACCOUNTS = 20
MASS_SHARE = 0.1
NOTICED = timedelta(days=2)  # within it the end of a consent is noticed at the latest


class AccountState(StrEnum):
    ACTIVE = "active"
    FREE_BUSY_ONLY = "free_busy_only"
    RECONNECT = "reconnect"
    UNUSABLE = "unusable"
    DISCONNECTED = "disconnected"


class Grant(StrEnum):
    OWN = "own"
    DOMAIN = "domain"


@dataclass(frozen=True, slots=True)
class Account:
    """A connected calendar. Credentials stay in the vault and are not part of this value.

    email    the platform address of the person who connected it; participants match by it
    address  the provider's verified address; it occupies the mail place as well
    unlisted the ledger was put back from a backup, and this calendar was not listed since
    version  of its credentials: another one whenever these change
    refuses_stale  its server was seen to refuse a change of an event that had changed meanwhile
    """

    id: str
    tenant: str
    email: str
    provider: str
    address: str
    calendar: str = "primary"
    endpoint: str = ""
    grant: Grant = Grant.OWN
    state: AccountState = AccountState.ACTIVE
    chosen_at: datetime | None = None
    cooling_until: datetime | None = None
    unlisted: bool = False
    version: int = field(default=0, compare=False)
    refuses_stale: bool = field(default=False, compare=False)

    @property
    def lost(self) -> bool:
        """No call can reach this account's copies now."""
        return self.state is not AccountState.ACTIVE

    @property
    def destination(self) -> str:
        return f"{self.provider}:{self.endpoint}{self.address}/{self.calendar}"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What opens an account, unsealed; only ever in memory.

    username login, or whose mailbox a domain grant opens
    secret   provider's own fields, like {"refresh_token"}; {} for a domain grant
    token    the current access token, if there is one that lasts
    version  of the token; a refresh stores its result only over the version it started from
    refuses_stale  as of its account
    """

    account: str
    tenant: str
    provider: str
    grant: Grant
    state: AccountState
    address: str
    username: str
    endpoint: str
    calendar: str
    secret: Mapping[str, str] = field(repr=False)
    token: str | None = field(repr=False)
    token_until: datetime | None
    version: int
    refuses_stale: bool = False


@dataclass(frozen=True, slots=True)
class FreshToken:
    """A new access token; `secret` holds the fields of the account's secret that are new with it:
    a rotated refresh token, or whatever else only the provider reads."""

    token: str = field(repr=False)
    expires_at: datetime
    secret: Mapping[str, str] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Opened:
    """What credentials opened.

    account      its id and tenant are not known yet
    external_id  the provider's own name of the account: connecting it again replaces credentials
    secret       what is kept, sealed
    warning      what ops should know about it
    """

    account: Account
    external_id: str
    secret: Mapping[str, str] = field(repr=False)
    username: str = ""
    scopes: str = ""
    warning: str | None = None


def is_mass_loss(lost: int, working: int) -> bool:
    """Whether so many accounts of a tenant, lost within MASS_WINDOW while others work, are one
    incident instead of single losses."""
    return lost > MASS_ACCOUNTS or (lost > 1 and working > 20 and lost > MASS_SHARE * working)


@dataclass(frozen=True, slots=True)
class GrantLife:
    """How long a provider lets the consents of people last.

    unused  a refresh token that is not used for so long ends
    warned  so long before that somebody should hear of it
    trial   while the operator's app is not published, every consent ends at this age; None: the
            provider has no such rule
    """

    unused: timedelta
    warned: timedelta = timedelta(days=14)
    trial: timedelta | None = None


def ends_at_one_age(lost: Sequence[timedelta], oldest: timedelta, age: timedelta) -> bool:
    """Whether every consent seems to end at this age: accounts were lost at it, and no account that
    works is older. `lost` are the ages at which accounts were lost, `oldest` that of the oldest one
    that works."""
    at_age = sum(age <= one < age + NOTICED for one in lost)
    return at_age >= 2 and 2 * at_age > len(lost) and oldest < age + NOTICED
