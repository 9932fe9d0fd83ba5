"""What the workers are made of: handed to them by the composition root, whole."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

from calsync.core.account import Account, Grant, GrantLife
from calsync.core.address import matches_any
from calsync.core.guard import Limits
from calsync.core.ledger import Policy, Rate
from calsync.core.upcoming.rules import UpcomingRules
from calsync.errors import Setup
from calsync.ports import Authorizer, Channel, Connector, Revoker
from calsync.runtime import failpoints
from calsync.runtime.leases import Leases
from calsync.runtime.meter import Meter
from calsync.store.database import Db, Store
from calsync.store.ledger.rows import Sealer
from calsync.store.vault import Vault

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Tenant:
    """One tenant's settings as the workers need them.

    organizer   the ORGANIZER text new mailed copies are given, for their whole life
    only_to     address patterns; when there are any, nobody else is sent anything
    domains     mail domains whose people have a domain-wide grant, each with its provider
    owner       the address of who looks after the platform's side
    in_flight   by channel, how many calls a process makes at once; not named: no limit
    account_lanes  by channel, how many calls of one account all processes make at once; not named:
                one
    upcoming    who gets an Upcoming Session mail, and when
    """

    name: str
    policy: Policy = field(default_factory=Policy)
    guard: Limits = field(default_factory=Limits)
    organizer: str = ""
    only_to: Sequence[str] = ()
    domains: Mapping[str, str] = field(default_factory=dict)
    mail_lanes: int = 4
    mails_per_day: int = 6
    rates: Mapping[str, Rate] = field(default_factory=dict)
    in_flight: Mapping[str, int] = field(default_factory=dict)
    account_lanes: Mapping[str, int] = field(default_factory=dict)
    reconnect_url: str = ""
    owner: str = ""
    upcoming: UpcomingRules = field(default_factory=UpcomingRules)

    def excludes(self, email: str) -> bool:
        return bool(self.only_to) and not matches_any(email, self.only_to)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the configuration says about the installation as a whole.

    tenants        the names it mentions
    workers        how many deliveries a process works on at once
    look_share     the part of a provider's limit that inspections may use
    content_days   how long content is kept after a session; journal_days: lines and facts
    dry_run        nothing is sent
    configuration  a hash of what decides about sending
    sources        the tenant of each source
    pushed         those of them that are not polled: the platform sends what they have
    lives          how long people's consents last, by provider
    public_url     where people and mail programs reach calsync; "": nowhere
    exposed_file   the configuration's file, where it holds a secret and everybody may read it
    """

    tenants: Sequence[str] = ("default",)
    workers: int = 16
    look_share: float = 0.1
    content_days: int = 30
    journal_days: int = 400
    dry_run: bool = False
    configuration: str = ""
    public_url: str = ""
    exposed_file: str | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
    pushed: Collection[str] = ()
    lives: Mapping[str, GrantLife] = field(default_factory=dict)


@dataclass(frozen=True)
class Context:
    """Everything a worker or a command needs.

    channels   by (tenant, kind)
    tenant     settings of a tenant; unknown names get the defaults
    connectors by (tenant, kind), for providers whose accounts are connected
    revokers   by (tenant, kind), for providers that can be told the end of a person's own grant
    leases     which lease a wire is being sent under; None where no channel asks
    at         called with a name before and after every transaction and call; tests kill there
    log        one log line: event name and fields
    meter      what this process counts of its own doings
    """

    store: Store
    vault: Vault
    namespace: UUID
    authorizer: Authorizer
    channels: Mapping[tuple[str, str], Channel]
    tenant: Callable[[str], Tenant]
    settings: Settings = field(default_factory=Settings)
    connectors: Mapping[tuple[str, str], Connector] = field(default_factory=dict)
    revokers: Mapping[tuple[str, str], Revoker] = field(default_factory=dict)
    leases: Leases | None = None
    lease: timedelta = timedelta(seconds=90)
    at: failpoints.At = failpoints.nowhere
    log: Callable[..., None] = lambda *_args, **_fields: None
    meter: Meter = field(default_factory=Meter)

    def transact(
        self,
        name: str,
        work: Callable[[Db], T],
        *,
        waits: bool = False,
        unsure: Callable[[Db], T] | None = None,
    ) -> T:
        """The result of `work` in a write transaction between two named points, done again where it
        lost against another one. `work` may run several times, and makes no call.

        waits   for a database that went away, as long as a lease is good after a call
        unsure  see `Store.transact`
        """
        patience = self.lease.total_seconds() * 2 / 3 if waits else 0.0
        return failpoints.transact(
            self.store, self.at, name, work, patience=patience, unsure=unsure
        )

    def log_committed(self, db: Db, event: str, **fields: object) -> None:
        """One log line once this transaction is committed: what is rolled back, or done again,
        tells nothing."""
        db.after_commit(partial(self.log, event, **fields))

    def call(self, name: str) -> AbstractContextManager[None]:
        """A call between two named points; no transaction is open around it."""
        return failpoints.call(self.at, name)

    @property
    def sealer(self) -> Sealer:
        return Sealer(self.vault, packs=self.store.sqlite)

    def has_channel(self, tenant: str, kind: str) -> bool:
        return (tenant, kind) in self.channels or ("default", kind) in self.channels

    def channel(self, tenant: str, kind: str) -> Channel:
        """Raises Setup when this tenant has no such channel."""
        found = self.channels.get((tenant, kind)) or self.channels.get(("default", kind))
        if found is None:
            raise Setup(
                f"{kind} is not configured for tenant {tenant}", happened="no", scope="tenant"
            )
        return found

    def revoker(self, account: Account) -> Revoker | None:
        """What ends this person's own grant at the provider; None where there is no such call."""
        if account.grant is not Grant.OWN:
            return None
        return self.revokers.get((account.tenant, account.provider))
