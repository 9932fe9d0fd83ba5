"""Sessions into the ledger: what is wanted is written down, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from calsync.accounts import domains
from calsync.core.account import Account
from calsync.core.address import address_key
from calsync.core.booked import BookedSession
from calsync.core.desired import wanted_of
from calsync.core.guard import Limits
from calsync.core.ledger import MAIL
from calsync.errors import RecordError
from calsync.ingest import changes
from calsync.ingest.polled import PolledPage, summed
from calsync.ports import Page
from calsync.runtime import failpoints
from calsync.store.connect import accounts
from calsync.store.database import Db, Row, Store
from calsync.store.ledger import batches, deliveries, journal, sessions
from calsync.store.ledger.deliveries import Write
from calsync.store.queue import route_lock, slots
from calsync.store.vault import Vault

Rows = Mapping[str, Sequence[Row]]  # deliveries by session


@dataclass(frozen=True, slots=True)
class Ground:
    """What a tenant's configuration says about writing wants."""

    limits: Limits
    # Addresses in these domains have a domain-wide grant, of the provider named there.
    domains: Mapping[str, str] = field(default_factory=dict)
    mail_lanes: int = 4


@dataclass(frozen=True)
class Intake:
    """One source's way into the ledger. It keeps nothing between two calls.

    source  its name; `tenant`: whose the records are that cannot be used
    ground  by tenant; records may be of several
    """

    store: Store
    vault: Vault
    source: str
    tenant: str
    ground: Callable[[str], Ground]
    at: failpoints.At = failpoints.nowhere

    def write(self, name: str) -> AbstractContextManager[Db]:
        """A write transaction between two named points."""
        return failpoints.write(self.store, self.at, name)

    def take_page(self, db: Db, page: Page) -> PolledPage:
        """Take in a page: what its sessions are to show, and what of it cannot be used."""
        by_tenant = changes.newest(page.sessions)
        parts = [
            self.take_sessions(db, tenant, found) for tenant, found in sorted(by_tenant.items())
        ]
        self.set_aside(db, page.refused)
        return summed([*parts, read_only(page)])

    def take_sessions(self, db: Db, tenant: str, found: Mapping[str, BookedSession]) -> PolledPage:
        """Take in versions of a tenant's sessions, by id."""
        known = sessions.stored(db, tenant, found)
        news = changes.news(found.values(), known)
        if not news.fresh:
            return PolledPage(older=news.older)
        route_lock.choosing(db, tenant)
        rows = deliveries.of_sessions(db, tenant, [one.id for one in news.fresh])
        lossy = {
            one.id: error
            for one in news.fresh
            if (error := changes.lost_people(one, rows.get(one.id, ())))
        }
        self.set_aside(db, lossy.values(), tenant)
        fresh = [one for one in news.fresh if one.id not in lossy]
        changed = self._write_all(db, tenant, fresh, rows, known)
        sessions.save(db, self.source, fresh)
        sessions.take_back(db, self.source, [one.id for one in fresh])
        return PolledPage(
            older=news.older, news=len(fresh), changed=changed, lossy=tuple(lossy.values())
        )

    def set_aside(
        self, db: Db, refused: Collection[RecordError], tenant: str | None = None
    ) -> None:
        """Remember records and updates that cannot be used; what is shown of their sessions
        stays. `tenant` None: the source's own."""
        sessions.set_aside(db, self.source, refused)
        owner = self.tenant if tenant is None else tenant
        for error in refused:
            if sessions.mark_stale(db, owner, error.record, str(error)):
                journal.note(
                    db,
                    "update_refused",
                    tenant=owner,
                    session=error.record,
                    field=error.field,
                    reason=error.reason,
                )

    def _write_all(
        self,
        db: Db,
        tenant: str,
        fresh: Sequence[BookedSession],
        rows: Rows,
        known: Mapping[str, Row],
    ) -> int:
        people = self.accounts_of(db, tenant, fresh)
        written = [changes.to_write(one, rows.get(one.id, ()), db.now) for one in fresh]
        return self.write_wants(db, tenant, [one for one in written if one], rows, people, known)

    def accounts_of(
        self, db: Db, tenant: str, found: Iterable[BookedSession]
    ) -> dict[str, list[Account]]:
        """Accounts of everybody in these sessions; a domain-wide grant makes one on first sight."""
        emails = {address_key(p.email) for one in found for p in one.participants if p.email}
        domains.connect(db, self.vault, tenant, emails, self.ground(tenant).domains)
        return accounts.of_emails(db, tenant, emails)

    def write_wants(
        self,
        db: Db,
        tenant: str,
        found: Sequence[BookedSession],
        rows: Rows,
        people: Mapping[str, Sequence[Account]],
        known: Mapping[str, Row],
    ) -> int:
        """Write what these sessions are to show, into the source's open batch; returns how many
        deliveries changed.

        rows    the sessions' deliveries, locked
        people  accounts by the key of their address
        known   the sessions as last accepted
        """
        if not found:
            return 0
        batch = batches.open_batch(db, tenant, self.source)
        slots.ensure(db, tenant, MAIL, None, self.ground(tenant).mail_lanes)
        changed = 0
        for one in found:
            write = Write(batch, roster=changes.is_roster_only(known.get(one.id), one))
            mine, wanted = rows.get(one.id, ()), wanted_of(one, people)
            changed += len(deliveries.write_wanted(db, tenant, one.id, wanted, mine, write=write))
        return changed


def read_only(page: Page) -> PolledPage:
    """What a page says of itself, before anything is done with it."""
    seen, refused = len(page.sessions) + len(page.refused), len(page.refused)
    return PolledPage(seen=seen, refused=refused, warnings=tuple(page.warnings))
