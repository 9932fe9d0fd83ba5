"""Sessions into the ledger: what is wanted is written down, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeVar

from calsync.accounts import domains
from calsync.core.account import Account
from calsync.core.address import address_key
from calsync.core.booked import BookedSession, Status
from calsync.core.content.fingerprints import is_discreet
from calsync.core.desired import wanted_of
from calsync.core.guard import ChangeKind, Limits
from calsync.core.ledger import MAIL, DeliveryKey
from calsync.errors import RecordError
from calsync.ingest import changes
from calsync.ingest.polled import PolledPage, read_only, summed
from calsync.ingest.prepared import Events, Prepared, prepare, said_new
from calsync.ports import Page
from calsync.runtime import failpoints
from calsync.store import retention
from calsync.store.connect import accounts, route_lock
from calsync.store.database import Db, Row, Store
from calsync.store.findings import record_warnings
from calsync.store.guard import pages, summary
from calsync.store.ledger import batches, deliveries, journal, recovery, sessions
from calsync.store.ledger.deliveries import Write
from calsync.store.ledger.wants import Wants
from calsync.store.queue import slots
from calsync.store.records import accepted, hashes, older_versions, presence
from calsync.store.vault import Vault

T = TypeVar("T")
Rows = Mapping[str, Sequence[Row]]  # deliveries by session


@dataclass(frozen=True, slots=True)
class Ground:
    """What a tenant's configuration says about writing wants."""

    limits: Limits
    # Addresses in these domains have a domain-wide grant, of the provider named there.
    domains: Mapping[str, str] = field(default_factory=dict)
    mail_lanes: int = 4


@dataclass(frozen=True, slots=True)
class KnownSessions:
    """What is known of sessions of which something is to be written.

    rows      their deliveries, locked
    people    accounts by the key of their address
    sessions  as last accepted, by id
    events    their desired events, as far as they were made before
    """

    rows: Rows
    people: Mapping[str, Sequence[Account]] = field(default_factory=dict)
    sessions: Mapping[str, Row] = field(default_factory=dict)
    events: Mapping[tuple[str, str], Events] = field(default_factory=dict)


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

    def transact(self, name: str, work: Callable[[Db], T]) -> T:
        """The result of `work` in a write transaction between two named points, done again where it
        lost against another one."""
        return failpoints.transact(self.store, self.at, name, work)

    def prepare(
        self,
        found: Iterable[BookedSession],
        warnings: Iterable[str] = (),
        hashes: Mapping[str, str] = MappingProxyType({}),
    ) -> Prepared:
        """What takes time and no transaction: to be handed to `take_page` or `take_sessions`."""
        by_tenant = changes.newest(found)
        with self.store.read() as db:
            fresh = said_new(db, by_tenant)
        return prepare(by_tenant, fresh, warnings, hashes)

    def take_page(self, db: Db, page: Page, prepared: Prepared) -> PolledPage:
        """Take in a page: what its sessions are to show, and what of it cannot be used."""
        read = [one.id for one in page.sessions] + [error.record for error in page.refused]
        presence.sighted(db, self.tenant, read)
        parts = [
            self.take_sessions(db, tenant, prepared, page.without_people)
            for tenant in sorted(prepared.sessions)
        ]
        self.set_aside(db, page.refused)
        return summed([*parts, read_only(page)])

    def take_sessions(
        self, db: Db, tenant: str, prepared: Prepared, without_people: Collection[str] = ()
    ) -> PolledPage:
        """Take in versions of a tenant's sessions. `without_people`: ids of those whose people were
        not listed where they should be."""
        found = prepared.sessions[tenant]
        broken = tuple(prepared.refused.get(tenant, ()))
        known = sessions.stored(db, tenant, found)
        lost_time = recovery.lost_time(db, self.source)
        news = changes.news(found.values(), known, lost_time)
        older_versions.drop(db, tenant, news.current)
        if not news.fresh:
            self._read(db, tenant, known, news.current, prepared)
            self.set_aside(db, broken, tenant)
            return PolledPage(older=news.older, refused=len(broken), lossy=broken)
        route_lock.choosing(db, tenant)
        rows = deliveries.of_sessions(db, tenant, [one.id for one in news.fresh])
        emptied = {
            one.id
            for one in news.fresh
            if one.id in without_people and changes.had_people(known.get(one.id), rows.get(one.id))
        }
        lost = [
            changes.nobody_left(one)
            if one.id in emptied
            else changes.lost_people(one, known.get(one.id), rows.get(one.id, ()))
            for one in news.fresh
        ]
        lossy = (*broken, *(one for one in lost if one))
        self.set_aside(db, lossy, tenant)
        _mark_without_people(db, tenant, emptied, known)
        fresh = [one for one, error in zip(news.fresh, lost, strict=True) if error is None]
        refused = {error.record for error in lossy}
        read = [ident for ident in news.current if ident not in refused]
        self._read(db, tenant, known, read, prepared)
        mine = KnownSessions(rows, {}, known, prepared.events)
        changed = self._store(db, tenant, fresh, mine, prepared.hashes)
        if lost_time is not None:
            recovery.forget_shown(db, tenant, changes.known_before(fresh, known, lost_time))
        return PolledPage(
            older=news.older,
            news=len(fresh),
            changed=changed,
            refused=len(lossy),
            lossy=lossy,
            emptied=len(emptied),
        )

    def accept(
        self, db: Db, tenant: str, fresh: Sequence[BookedSession], prepared: Prepared
    ) -> PolledPage:
        """Take these versions, whatever is known of their sessions."""
        route_lock.choosing(db, tenant)
        ids = [one.id for one in fresh]
        rows, known = deliveries.of_sessions(db, tenant, ids), sessions.stored(db, tenant, ids)
        mine = KnownSessions(rows, {}, known, prepared.events)
        changed = self._store(db, tenant, fresh, mine, prepared.hashes)
        return PolledPage(news=len(fresh), changed=changed)

    def withdraw(self, db: Db, tenant: str, cancelled: Sequence[BookedSession]) -> int:
        """Want nothing of these sessions any more; returns how many deliveries changed."""
        rows = deliveries.of_sessions(db, tenant, [one.id for one in cancelled])
        return self.write_wants(db, tenant, cancelled, KnownSessions(rows))

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

    def _read(
        self,
        db: Db,
        tenant: str,
        known: Mapping[str, Row],
        read: Collection[str],
        prepared: Prepared,
    ) -> None:
        """The records of these sessions were read now, and can be used."""
        record_warnings.store(db, tenant, self.source, read, prepared.warnings)
        hashes.remember(db, tenant, known, read, prepared.hashes)

    def _store(
        self,
        db: Db,
        tenant: str,
        fresh: Sequence[BookedSession],
        known: KnownSessions,
        read_from: Mapping[str, str],
    ) -> int:
        """Write what these versions are to show, and that they are accepted; returns how many
        deliveries changed."""
        changed = self._write_all(db, tenant, fresh, known)
        accepted.save(db, self.source, fresh, read_from)
        sessions.take_back(db, self.source, [one.id for one in fresh])
        summary.forget_of(db, tenant, changes.counted_otherwise(fresh, known.sessions))
        return changed

    def _write_all(
        self, db: Db, tenant: str, fresh: Sequence[BookedSession], known: KnownSessions
    ) -> int:
        people = self.accounts_of(db, tenant, fresh)
        written = [changes.to_write(one, known.rows.get(one.id, ()), db.now) for one in fresh]
        found = [one for one in written if one]
        return self.write_wants(db, tenant, found, replace(known, people=people))

    def accounts_of(
        self, db: Db, tenant: str, found: Iterable[BookedSession]
    ) -> dict[str, list[Account]]:
        """Accounts of everybody in these sessions; a domain-wide grant makes one on first sight."""
        emails = {address_key(p.email) for one in found for p in one.participants if p.email}
        domains.connect(db, self.vault, tenant, emails, self.ground(tenant).domains)
        return accounts.of_emails(db, tenant, emails)

    def write_wants(
        self, db: Db, tenant: str, found: Sequence[BookedSession], known: KnownSessions
    ) -> int:
        """Write what these sessions are to show, into the source's open batch; returns how many
        deliveries changed."""
        if not found:
            return 0
        batch = batches.open_batch(db, tenant, self.source)
        slots.ensure(db, tenant, MAIL, None, self.ground(tenant).mail_lanes)
        firsts: dict[DeliveryKey, ChangeKind] | None = {}
        wants, changed, left = Wants(db, tenant), 0, list[Row]()
        for one in found:
            write = Write(
                batch,
                roster=changes.is_roster_only(known.sessions.get(one.id), one),
                cancelled=one.status is Status.CANCELLED,
            )
            mine = known.rows.get(one.id, ())
            former = changes.former(known.sessions.get(one.id), mine)
            events = known.events.get((tenant, one.id))
            wanted = wanted_of(one, known.people, events, former)
            keys = wants.write(one.id, wanted, mine, write)
            changed += len(keys)
            if is_discreet(one):
                named = {other.participant for other in wanted}
                left += [row for row in mine if row["participant"] not in named]
            if mine or one.id in known.sessions:
                firsts = None if keys else firsts
            elif firsts is not None:
                firsts |= changes.first_kinds(keys, wanted)
        wants.store()
        retention.hide_details(db, left)
        if changed:
            pages.written(db, batch, firsts, self.ground(tenant).limits)
        return changed


def _mark_without_people(
    db: Db, tenant: str, emptied: Collection[str], known: Mapping[str, Row]
) -> None:
    """Remember of these sessions that nobody is listed for them; their deliveries are locked."""
    sessions.mark_without_people(db, tenant, emptied)
    fresh = [one for one in emptied if one in known and known[one]["nobody_since"] is None]
    summary.forget_of(db, tenant, fresh)
