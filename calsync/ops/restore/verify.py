"""Every connected calendar beside the ledger: doubles, orphans, stale and missing events."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from calsync.core.ledger import DeliveryKey
from calsync.errors import ChannelError, InputError
from calsync.ops import lookup
from calsync.ops.restore.comparison import Compared, Place, compare, unwanted
from calsync.ops.restore.listing import Listing, ask, known, take_in
from calsync.ops.restore.recover import recover
from calsync.ops.restore.unseen import CancelledUnseen, Unseen
from calsync.runtime.context import Context
from calsync.store.database import Db, Row
from calsync.store.ledger import batches, journal, recovery
from calsync.store.ledger.rows import account_of
from calsync.store.queue import limiter

PAGE = 50  # accounts asked for at once
TOLD = 100  # differences that are listed; all are counted
SOURCE = "verify repair"  # of batches; no source's name has a space
FIRST_READ = "run `calsync sync`, which sends nothing while a restore is not repaired, then again"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in a calendar that is not as the ledger says.

    kind  double, orphan, stale, missing or unreadable
    """

    kind: str
    tenant: str
    account: str
    session: str
    participant: str


@dataclass(frozen=True, slots=True)
class UnreadCalendar:
    """A calendar that could not be listed, and why."""

    account: str
    reason: str


@dataclass(slots=True)
class Verification:
    """What all listings showed.

    calendars   how many were listed; events: how many in them are ours
    orphans     events that the ledger does not count as standing, unknown ones included
    unknown     of these, the ones of sessions that this ledger does not have: left alone
    unreadable  events that stand there and cannot be read; the others were compared all the same
    found       the first of what differs
    held        batches of withdrawals that wait for approval
    recovered   the ledger had gone back, and every copy was taken for unknown first
    """

    calendars: int = 0
    events: int = 0
    doubles: int = 0
    orphans: int = 0
    unknown: int = 0
    stale: int = 0
    missing: int = 0
    unreadable: int = 0
    repaired: bool = False
    recovered: bool = False
    held: list[int] = field(default_factory=list)
    found: list[Difference] = field(default_factory=list)
    unread: list[UnreadCalendar] = field(default_factory=list)

    @property
    def differences(self) -> int:
        return self.doubles + self.orphans + self.stale + self.missing

    def add(self, account: Row, one: Compared) -> None:
        """Count one calendar."""
        self.calendars += 1
        self.events += one.marked
        self.unknown += one.unknown
        strays = {key for key, _, _ in one.strays}
        kinds: tuple[tuple[str, Collection[DeliveryKey]], ...] = (
            ("double", one.doubles),
            ("orphan", strays),
            ("stale", one.stale),
            ("missing", one.missing),
            ("unreadable", {key for key in one.unreadable if key is not None}),
        )
        self.doubles += len(one.doubles)
        self.orphans += len(one.strays) + one.unknown
        self.stale += len(one.stale)
        self.missing += len(one.missing)
        self.unreadable += len(one.unreadable)
        room = TOLD - len(self.found)
        self.found += [
            Difference(kind, key.tenant, account["id"], key.session, key.participant)
            for kind, keys in kinds
            for key in sorted(keys)
        ][:room]


class Verifier:
    """Lists one calendar after the other, no faster than the provider's limit for inspections.

    wait  called with the seconds until the next call may be made
    """

    def __init__(
        self,
        context: Context,
        *,
        wait: Callable[[float], None] = time.sleep,
        progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.context, self.wait, self.progress = context, wait, progress

    def report(self, tenant: str | None = None) -> Verification:
        """What differs; nothing is changed. Raises InputError for an unknown tenant."""
        result = Verification()
        for row, unseen in self._accounts(tenant, None):
            listing = self._ask(result, row, unseen)
            if listing is None:
                continue
            with self.context.store.read() as db:
                place = known(self.context, db, row, listing)
            result.add(row, compare(place, listing.sightings))
            self.progress(result.calendars)
        return result

    def repair(self, sources: Sequence[str], tenant: str | None = None) -> Verification:
        """What differed, and has been handed to the next decision. Goes on where an interrupted
        one stopped. `sources`: the names of all that are read.

        Raises InputError while a source was not read completely since the ledger was put back, and
        when the ledger turns out to have gone back without anybody saying so.
        """
        self._check_read(sources)
        result = Verification(repaired=True, recovered=self._recover_copy())
        with self.context.store.read() as db:
            since = recovery.put_back_at(db) if recovery.is_open(db) else None
        for row, unseen in self._accounts(tenant, since):
            listing = self._ask(result, row, unseen)
            if listing is not None:
                self._take_in(result, row, listing)
                self.progress(result.calendars)
        if tenant is None:
            self.context.transact("recovered", partial(_end, result.calendars))
        return result

    def _check_read(self, sources: Sequence[str]) -> None:
        with self.context.store.read() as db:
            unread = recovery.unread_sources(db, sources)
        if unread:
            names = ", ".join(unread)
            raise InputError(
                f"nothing was repaired, because {names} has not been read completely since the "
                f"ledger was put back, and what is no longer booked is not known; {FIRST_READ}"
            )

    def _recover_copy(self) -> bool:
        with self.context.store.read() as db:
            is_copy = recovery.is_unrecovered_copy(db)
        if is_copy:
            recover(self.context, read_again=False)
        return is_copy

    def _accounts(self, tenant: str | None, since: datetime | None) -> Iterable[tuple[Row, Unseen]]:
        """Connected accounts in their order, a page at a time, and what their people may have seen
        of sessions that are cancelled; with `since` only those that were not listed from then on.
        """
        if tenant is not None:
            lookup.check_tenant(self.context, tenant)
        after = ""
        while True:
            with self.context.store.read() as db:
                page = recovery.to_list(db, tenant, since or db.now, after, PAGE)
            cancelled = CancelledUnseen(self.context, page)
            for row in page:
                yield row, cancelled.of(account_of(row))
            if len(page) < PAGE:
                return
            after = page[-1]["id"]

    def _ask(self, result: Verification, row: Row, unseen: Unseen) -> Listing | None:
        try:
            self._pace(row)
            return ask(self.context, row, unseen)
        except ChannelError as error:
            result.unread.append(UnreadCalendar(row["id"], f"{error.kind}: {error.reason}"))
            return None

    def _pace(self, row: Row) -> None:
        rate = self.context.tenant(row["tenant"]).rates.get(row["provider"])
        if rate is None or rate.provider is None:
            return
        most = max(1, int(rate.provider * self.context.settings.look_share))
        key = f"look:{row['provider']}:{rate.counted_for(row['tenant'])}"
        while True:
            seconds = self.context.transact("verify_pace", partial(_spend, key, most))
            if seconds is None:
                return
            self.wait(seconds)

    def _take_in(self, result: Verification, row: Row, listing: Listing) -> None:
        with self.context.store.read() as db:
            place = known(self.context, db, row, listing)
            went_back = not recovery.is_open(db) and recovery.put_back_at(db) is None
        found = compare(place, listing.sightings)
        if went_back and any(_is_new(place, key, one.uid) for key, _, one in found.strays):
            recover(self.context)
            raise InputError(
                "a calendar holds events that this ledger never made: it was put back from a "
                f"backup. Every copy now counts as unknown, and nothing is sent; {FIRST_READ}"
            )

        def work(db: Db) -> int | None:
            self._store(db, row, listing)
            return self._guard(db, row, listing)

        held = self.context.transact("verify", work)
        result.add(row, found)
        if held is not None:
            result.held.append(held)

    def _store(self, db: Db, row: Row, listing: Listing) -> None:
        found = take_in(self.context, db, row, listing)
        recovery.inspect_now(db, found.stale | found.missing)

    def _guard(self, db: Db, row: Row, listing: Listing) -> int | None:
        """What would be withdrawn forms a batch. Returns its number when it is held."""
        keys = unwanted(known(self.context, db, row, listing))
        if not keys:
            return None
        batch = batches.open_batch(db, row["tenant"], SOURCE)
        recovery.join(db, batch, keys)
        held = batches.close(db, batch, self.context.tenant(row["tenant"]).guard)
        return held.id if held is not None else None


def _end(count: int, db: Db) -> None:
    recovery.end(db)
    journal.note(db, "recovery_ended", count=count)


def _spend(key: str, most: int, db: Db) -> float | None:
    """None when one call may be made now, else in how many seconds."""
    free_at = limiter.spend(db, key, most)
    return None if free_at is None else max(0.0, (free_at - db.now).total_seconds())


def _is_new(place: Place, key: DeliveryKey, uid: str | None) -> bool:
    """No copy of the delivery, whatever became of it, has this uid."""
    return all(one.uid != uid for one in place.copies.get(key, ()))
