"""Polling: booked sessions in, what is wanted written down. Makes no call but to the source."""

from __future__ import annotations

import dataclasses
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from calsync.accounts import domains
from calsync.core.account import Account
from calsync.core.address import address_key
from calsync.core.booked import BookedSession, ProgramKind, Status
from calsync.core.desired import wanted_of
from calsync.core.guard import Limits
from calsync.core.ledger import MAIL
from calsync.errors import CalsyncError, RecordError, SourceError
from calsync.ports import Page, SessionSource
from calsync.runtime import failpoints
from calsync.store.connect import accounts
from calsync.store.database import Db, Row, Store
from calsync.store.ledger import batches, deliveries, journal, sessions
from calsync.store.ledger.deliveries import Write
from calsync.store.queue import route_lock, slots
from calsync.store.vault import Vault

TURN = timedelta(minutes=2)  # renewed with every page
SWEEP_AGAIN = timedelta(minutes=15)


class BusyError(CalsyncError):
    """Somebody else reads this source right now; nothing is lost by letting them."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a tenant's configuration says about writing wants."""

    limits: Limits
    # Addresses in these domains have a domain-wide grant, of the provider named there.
    domains: Mapping[str, str] = field(default_factory=dict)
    mail_lanes: int = 4


@dataclass(slots=True)
class Polled:
    """What one poll or sweep did."""

    source: str
    seen: int = 0
    changed: int = 0
    news: int = 0
    older: int = 0
    refused: int = 0
    lossy: list[RecordError] = field(default_factory=list)  # updates that would lose somebody
    warnings: list[str] = field(default_factory=list)
    held: list[batches.Held] = field(default_factory=list)
    error: str | None = None


class Poller:
    """Reads one source into the ledger. Two pollers of one source at a time are harmless."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        source: SessionSource,
        ground: Callable[[str], Ground],
        *,
        sweep_gap: timedelta,
        at: failpoints.At = failpoints.nowhere,
        patience: float = 30.0,
    ) -> None:
        self.store, self.vault, self.source, self.ground = store, vault, source, ground
        self.sweep_gap, self.at, self.patience = sweep_gap, at, patience

    def _named(self, name: str) -> AbstractContextManager[Db]:
        return failpoints.write(self.store, self.at, name)

    def run_once(self, progress: Callable[[int], None] = lambda _: None) -> Polled:
        """Take in what changed since the last poll. A source that cannot be read changes nothing;
        pages read before it failed stay, the next poll goes on after them, and their work waits
        for a complete one."""
        with self._turn() as token:
            return self._poll(token, progress)

    def _poll(self, token: str, progress: Callable[[int], None]) -> Polled:
        done = Polled(self.source.name)
        with self.store.read() as db:
            row = sessions.cursor(db, self.source.name)
        cursor = row["cursor"] if row else None
        opened: dict[str, int] = {}
        try:
            for page in self.source.changes(cursor):
                self._take_in(token, page, opened, done)
                cursor = page.cursor
                progress(done.seen)
        except SourceError as error:
            return self._failed(done, error, cursor=cursor)
        with self._named("poll_close") as db:
            self._close(db, opened, done)
            sessions.set_cursor(
                db,
                self.source.name,
                cursor=cursor,
                last_ok=db.now,
                last_error=None,
                failing_since=None,
            )
        return done

    @contextmanager
    def _turn(self) -> Iterator[str]:
        """One poll or sweep of a source at a time, on whatever machine: two would share a batch.

        Raises BusyError when somebody else reads it for longer than we wait.
        """
        token, end = secrets.token_hex(8), time.monotonic() + self.patience
        while True:
            with self._named("turn_take") as db:
                if sessions.take_turn(db, self.source.name, token, TURN):
                    break
            if time.monotonic() >= end:
                raise BusyError(f"source {self.source.name} is being read by another process")
            time.sleep(0.2)
        try:
            yield token
        finally:
            with self._named("turn_end") as db:
                sessions.end_turn(db, self.source.name, token)

    def sweep_due(self) -> bool:
        with self.store.read() as db:
            row = sessions.cursor(db, self.source.name)
            if row is None:
                return True
            tried = row["sweep_tried_at"]
            if tried is not None and row["sweep_error"] and db.now - tried < SWEEP_AGAIN:
                return False
            return row["swept_at"] is None or db.now - row["swept_at"] >= self.sweep_gap

    def sweep(self) -> Polled:
        """Compare the whole source with what is known: catches missed updates, and withdraws
        what two complete sweeps at least `sweep_gap` apart no longer showed."""
        with self._turn() as token:
            done = self._sweep(token)
        with self._named("sweep_tried") as db:
            sessions.set_cursor(db, done.source, sweep_tried_at=db.now, sweep_error=done.error)
        return done

    def _sweep(self, token: str) -> Polled:
        done, opened = Polled(self.source.name), dict[str, int]()
        with self.store.read() as db:
            began = db.now
        seen: dict[str, set[str]] = {}
        refused: set[str] = set()
        try:
            for page in self.source.sweep():
                for session in page.sessions:
                    seen.setdefault(session.tenant, set()).add(session.id)
                refused |= {error.record for error in page.refused}
                for error in page.refused:  # a refused record is there all the same
                    seen.setdefault(self.source.tenant, set()).add(error.record)
                self._take_in(token, page, opened, done)
        except SourceError as error:
            return self._failed(done, error)
        with self._named("sweep_close") as db:
            for tenant in set(seen) | {self.source.tenant}:
                self._compare(db, tenant, seen.get(tenant, set()), began, opened, done)
            self._close(db, opened, done)
            sessions.keep_aside(db, self.source.name, refused)
            sessions.set_cursor(db, self.source.name, swept_at=db.now)
        return done

    def take_one(self, session: BookedSession) -> Polled:
        """One session by itself, in one transaction; those of this source follow one another."""

        def take(db: Db) -> Polled:
            done, opened = Polled(self.source.name, seen=1), dict[str, int]()
            sessions.set_cursor(db, self.source.name, last_ok=db.now)
            self._take_tenant(db, session.tenant, {session.id: session}, opened, done)
            self._close(db, opened, done)
            for batch in opened.values():
                batches.drop_harmless(db, batch)
            return done

        return failpoints.transact(self.store, self.at, "push", take)

    def refuse_one(self, error: RecordError) -> None:
        """An update that cannot be used. Of a session nobody knows nothing is remembered."""
        with self._named("push_refused") as db:
            if sessions.stored(db, self.source.tenant, [error.record]):
                self._set_aside(db, Page((), (error,)))

    def _failed(self, done: Polled, error: SourceError, **reached: str | None) -> Polled:
        """`reached`: the cursor after the pages that were taken in, of a poll."""
        done.error = str(error)
        with self._named("poll_failed") as db:
            row = sessions.cursor(db, self.source.name)
            since = row["failing_since"] if row and row["failing_since"] else db.now
            if row is None or row["last_error"] != done.error:
                journal.note(
                    db,
                    "source_failed",
                    tenant=self.source.tenant,
                    source=done.source,
                    reason=done.error,
                )
            sessions.set_cursor(
                db, done.source, last_error=done.error, failing_since=since, **reached
            )
        return done

    def _take_in(self, token: str, page: Page, opened: dict[str, int], done: Polled) -> None:
        done.seen += len(page.sessions) + len(page.refused)
        done.refused += len(page.refused)
        done.warnings.extend(page.warnings)
        if not page.sessions and not page.refused:
            return
        with self._named("poll_page") as db:
            sessions.take_turn(db, self.source.name, token, TURN)
            by_tenant: dict[str, dict[str, BookedSession]] = {}
            for session in page.sessions:
                known = by_tenant.setdefault(session.tenant, {})
                before = known.get(session.id)
                if before is None or session.updated_at >= before.updated_at:
                    known[session.id] = session
            for tenant, found in sorted(by_tenant.items()):
                self._take_tenant(db, tenant, found, opened, done)
            self._set_aside(db, page)

    def _take_tenant(
        self,
        db: Db,
        tenant: str,
        found: Mapping[str, BookedSession],
        opened: dict[str, int],
        done: Polled,
    ) -> None:
        known = sessions.stored(db, tenant, found)
        fresh = [one for one in found.values() if _is_news(one, known.get(one.id), done)]
        if not fresh:
            return
        route_lock.choosing(db, tenant)
        rows = deliveries.of_sessions(db, tenant, [one.id for one in fresh])
        lossy = [self._lost_by(db, one, rows.get(one.id, [])) for one in fresh]
        done.lossy += [error for error in lossy if error is not None]
        fresh = [one for one, error in zip(fresh, lossy, strict=True) if error is None]
        done.news += len(fresh)
        people = self.accounts_of(db, tenant, fresh)
        for session in fresh:
            over = session.ends_at is not None and session.ends_at <= db.now
            before = known.get(session.id)
            if over and session.id not in rows:
                continue
            if over:  # corrected into the past: what still stands ahead is taken away
                session = dataclasses.replace(session, status=Status.CANCELLED)  # noqa: PLW2901
            write = Write(batch=None, roster=_roster_only(before, session))
            self._write(db, session, people, rows.get(session.id, []), write, opened, done)
        sessions.save(db, self.source.name, fresh)
        sessions.take_back(db, self.source.name, [one.id for one in fresh])

    def _lost_by(self, db: Db, session: BookedSession, rows: Sequence[Row]) -> RecordError | None:
        """A person who is shown the session cannot be read any more: a mistake in the record, not
        a departure. The whole update is refused, and what is shown stays."""
        shown = {row["participant"] for row in rows if row["want"] == "present"}
        lost = sorted(shown & set(session.set_aside))
        if not lost:
            return None
        reason = f"{', '.join(lost)} cannot be used any more; correct the name and address"
        error = RecordError(session.id, "participants", reason)
        sessions.set_aside(db, self.source.name, [error])
        if sessions.mark_stale(db, session.tenant, session.id, str(error)):
            journal.note(
                db,
                "update_refused",
                tenant=session.tenant,
                session=session.id,
                field=error.field,
                reason=error.reason,
            )
        return error

    def _write(
        self,
        db: Db,
        session: BookedSession,
        people: Mapping[str, Sequence[Account]],
        rows: Sequence[Row],
        write: Write,
        opened: dict[str, int],
        done: Polled,
    ) -> None:
        tenant = session.tenant
        if tenant not in opened:
            opened[tenant] = batches.open_batch(db, tenant, self.source.name)
            slots.ensure(db, tenant, MAIL, None, self.ground(tenant).mail_lanes)
        write = dataclasses.replace(write, batch=opened[tenant])
        wanted = wanted_of(session, people)
        changed = deliveries.write_wanted(db, tenant, session.id, wanted, rows, write=write)
        done.changed += len(changed)

    def accounts_of(
        self, db: Db, tenant: str, found: Iterable[BookedSession]
    ) -> dict[str, list[Account]]:
        """Accounts of everybody in these sessions; a domain-wide grant makes one on first sight."""
        emails = {address_key(p.email) for one in found for p in one.participants if p.email}
        domains.connect(db, self.vault, tenant, emails, self.ground(tenant).domains)
        return accounts.of_emails(db, tenant, emails)

    def _set_aside(self, db: Db, page: Page) -> None:
        sessions.set_aside(db, self.source.name, page.refused)
        for error in page.refused:
            if sessions.mark_stale(db, self.source.tenant, error.record, str(error)):
                journal.note(
                    db,
                    "update_refused",
                    tenant=self.source.tenant,
                    session=error.record,
                    field=error.field,
                    reason=error.reason,
                )

    def _compare(
        self,
        db: Db,
        tenant: str,
        seen: set[str],
        began: object,
        opened: dict[str, int],
        done: Polled,
    ) -> None:
        known = sessions.future(db, self.source.name, tenant)
        if known and not seen:
            journal.note(db, "sweep_empty", tenant=tenant, source=done.source, known=len(known))
            return
        missing = [
            one for one, row in known.items() if one not in seen and row["stored_at"] < began
        ]
        sessions.clear_missing(db, tenant, self.source.name, seen)
        gone = sessions.mark_missing(db, tenant, missing, self.sweep_gap)
        rows = deliveries.of_sessions(db, tenant, gone)
        for ident in gone:
            session = BookedSession(ident, tenant, known[ident]["updated_at"], Status.CANCELLED)
            journal.note(db, "session_vanished", tenant=tenant, session=ident, source=done.source)
            self._write(db, session, {}, rows.get(ident, []), Write(batch=None), opened, done)
        sessions.mark_vanished(db, tenant, gone)

    def _close(self, db: Db, opened: Mapping[str, int], done: Polled) -> None:
        left = batches.left_open(db, self.source.name)  # by a poll that died, or failed half-way
        for tenant, batch in {**left, **opened}.items():
            limits = self.ground(tenant).limits
            for one in {batch, *batches.touched(db, tenant)}:
                held = batches.close(db, one, limits)
                if held is not None:
                    done.held.append(held)


def _is_news(session: BookedSession, row: Row | None, done: Polled) -> bool:
    if row is None:
        return True
    if session.updated_at < row["updated_at"]:
        done.older += 1
        return False
    return bool(row["digest"] != sessions.content_hash(session)) or bool(row["stale"])


def _roster_only(row: Row | None, session: BookedSession) -> bool:
    """In a group, only who takes part has changed."""
    group = session.program is not None and session.program.kind is ProgramKind.GROUP
    if not group or row is None or row["record"] is None:
        return False
    before = sessions.from_json(row["record"])
    same = dataclasses.replace(
        session, participants=before.participants, updated_at=before.updated_at
    )
    return same == before
