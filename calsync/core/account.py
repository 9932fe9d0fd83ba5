"""A connected calendar, and when losing several is one incident."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

MASS_WINDOW = timedelta(hours=1)
MASS_ACCOUNTS = 20
MASS_SHARE = 0.1


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

    @property
    def lost(self) -> bool:
        """No call can reach this account's copies now."""
        return self.state is not AccountState.ACTIVE

    @property
    def destination(self) -> str:
        return f"{self.provider}:{self.endpoint}{self.address}/{self.calendar}"


def is_mass_loss(lost: int, working: int) -> bool:
    """Whether so many accounts of a tenant, lost within MASS_WINDOW while others work, are one
    incident instead of single losses."""
    return lost > MASS_ACCOUNTS or (lost > 1 and working > 20 and lost > MASS_SHARE * working)
