"""A draft: what somebody looks at of the ledger, copied into a file of its own to be tried on.

The code that works on a ledger works on a draft as well, and nobody else sees what it does there.
No row of the ledger is locked, and it does not matter how large that is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from calsync.core.address import address_key
from calsync.core.ledger import MAIL
from calsync.store.database import Db, Row, Store, open_engine
from calsync.store.engine.among import among, these
from calsync.store.guard.ahead import WINDOW, counted
from calsync.store.guard.changes import RANGE
from calsync.store.ledger.rows import table
from calsync.store.prepared import built_once
from calsync.store.queue import slots
from calsync.store.tables.plain import tables
from calsync.store.upsert import upsert

WHOLE = ("instance", "pause", "source_cursor")  # as many rows as somebody configured
OF_SESSIONS: Mapping[str, str] = MappingProxyType(
    {
        "booked_session": "id",
        "delivery": "session",
        "copy": "session",
        "attempt": "session",
        "older_version": "session",
    }
)
WAITING = ("open", "closing", "held")
INDEXES = (  # of what is asked while a whole source is tried; the rest is found by its keys
    "booked_session (source, ends_at, id)",
    "delivery (tenant, ends_at, want, covered_by)",
    "delivery (batch, session, participant) WHERE batch IS NOT NULL",
    "account (tenant, email)",
    "slot (account)",
)
Found = dict[str, list[Row]]  # rows by table


class DraftLedger(Store):
    """A ledger that holds some rows of another one.

    made_at    the instant at which everything is tried
    looked_at  by tenant, how many deliveries are in sessions that were brought to be looked at
    """

    def __init__(self, ledger: Store, file: Path) -> None:
        engine = open_engine(f"sqlite:///{file}", size=2)
        sa.event.listen(engine, "connect", _hurried)
        super().__init__(engine)
        with ledger.peek() as db:
            self.made_at = db.now
        self.looked_at: Counter[str] = Counter()
        self._ledger = ledger
        self._tenants: set[str] = set()

    def _now(self, conn: Connection) -> datetime:
        """The ledger's clock, which stands still here: however long a source is read, it is one
        pass that is tried."""
        return self.made_at

    def begin(self) -> None:
        """Make the tables, and bring what every pass looks at: the batches that wait, with all that
        waits in them."""
        with self.write() as db:
            for one in tables().values():
                db.run(sa.schema.CreateTable(one))
            for number, columns in enumerate(INDEXES):
                db.conn.exec_driver_sql(f"CREATE INDEX draft_{number} ON {columns}")
        c = table("batch").c
        with self._ledger.read() as db:
            found = {name: db.all(sa.select(table(name))) for name in WHOLE}
            waiting = sa.select(table("batch")).where(c.state.in_(WAITING))
            newest = sa.select(table("batch")).order_by(c.id.desc()).limit(1)
            found["batch"] = db.all(waiting)
            latest = db.all(newest)  # the next one has a number of its own
        self._put({**found, "batch": [*found["batch"], *latest]})
        for row in found["batch"]:
            self._bring_batch(row["tenant"], row["id"])

    def bring(self, tenant: str, sessions: Collection[str]) -> None:
        """Bring these sessions, to be looked at: whatever may change about them."""
        wanted = list(sessions)
        for start in range(0, len(wanted), RANGE):
            part = wanted[start : start + RANGE]
            self._bring(tenant, part)
            with self.read() as db:
                self.looked_at[tenant] += int(db.scalar(_deliveries(), these(tenant, part)))

    def bring_people(self, tenant: str, emails: Collection[str]) -> None:
        """Bring the accounts of these people."""
        wanted = sorted({address_key(one) for one in emails if one})
        for start in range(0, len(wanted), RANGE):
            with self._ledger.read() as db:
                theirs = these(tenant, wanted[start : start + RANGE])
                found = {"account": db.all(_of("account", "email"), theirs)}
                _add_slots(db, tenant, found)
            self._put(found)

    def bring_ahead(self, tenant: str, most: int) -> None:
        """Bring so many wanted deliveries of sessions ahead as there are, up to `most`: the guard
        counts them."""
        after: tuple[datetime, str] | None = None
        while True:
            with self.read() as db:
                if counted(db, tenant, most)[1] >= most:
                    return
            with self._ledger.read() as db:
                rows = _next_ahead(db, tenant, after)
            if not rows:
                return
            self._bring(tenant, list(dict.fromkeys(row["session"] for row in rows)))
            after = rows[-1]["ends_at"], rows[-1]["session"]

    def sessions(self) -> set[tuple[str, str]]:
        """Tenant and id of every session of which the draft has a delivery."""
        c = table("delivery").c
        with self.read() as db:
            rows = db.all(sa.select(c.tenant, c.session).distinct())
        return {(row["tenant"], row["session"]) for row in rows}

    def _bring_batch(self, tenant: str, batch: int) -> None:
        c, last = table("delivery").c, ""
        while True:
            of_batch = sa.select(c.session).distinct().where(c.batch == batch, c.session > last)
            with self._ledger.read() as db:
                found = db.all(of_batch.order_by(c.session).limit(RANGE))
            if not found:
                return
            self.bring(tenant, [row["session"] for row in found])
            last = found[-1]["session"]

    def _bring(self, tenant: str, sessions: Sequence[str]) -> None:
        """What is here already may have been changed here, and stays."""
        with self.read() as db:
            here = {
                row["id"] for row in db.all(_of("booked_session", "id"), these(tenant, sessions))
            }
        wanted = these(tenant, [one for one in sessions if one not in here])
        with self._ledger.read() as db:
            found = {name: db.all(_of(name, key), wanted) for name, key in OF_SESSIONS.items()}
            if tenant not in self._tenants:
                found["batch"] = _recent_batches(db, tenant)
            _add_accounts(db, tenant, found)
            _add_slots(db, tenant, found)
        self._tenants.add(tenant)
        self._put(found)

    def _put(self, found: Found) -> None:
        with self.write() as db:
            for name, rows in found.items():
                upsert(db, table(name), rows)


@contextmanager
def drafted(ledger: Store) -> Iterator[DraftLedger]:
    """A draft of this ledger, gone at the end."""
    with TemporaryDirectory(prefix="calsync-plan-") as folder:
        draft = DraftLedger(ledger, Path(folder) / "draft.db")
        try:
            draft.begin()
            yield draft
        finally:
            draft.close()


def _hurried(raw: Any, _entry: object) -> None:
    """Nobody needs the file once the process has ended."""
    raw.execute("PRAGMA synchronous=OFF")


@built_once
def _of(name: str, key: str) -> sa.Select[Any]:
    c = table(name).c
    return sa.select(table(name)).where(among(c.tenant, c[key]))


@built_once
def _deliveries() -> sa.Select[Any]:
    c = table("delivery").c
    return (
        sa.select(sa.func.count()).select_from(table("delivery")).where(among(c.tenant, c.session))
    )


def _recent_batches(db: Db, tenant: str) -> list[Row]:
    """Those that the guard counts with the next one."""
    c = table("batch").c
    return db.all(sa.select(table("batch")).where(c.tenant == tenant, c.closed > db.now - WINDOW))


def _next_ahead(db: Db, tenant: str, after: tuple[datetime, str] | None) -> list[Row]:
    c = table("delivery").c
    query = sa.select(c.session, c.ends_at).where(c.tenant == tenant, c.ends_at > db.now)
    if after is not None:
        end, session = after
        behind = sa.or_(c.ends_at > end, c.session > session)
        query = query.where(c.ends_at >= end, behind)
    return db.all(query.order_by(c.ends_at, c.session).limit(RANGE))


def _add_accounts(db: Db, tenant: str, found: Found) -> None:
    """Accounts of the people of these rows, and those that are named in them."""
    emails = {address_key(row["email"]) for row in found["delivery"]}
    found["account"] = db.all(_of("account", "email"), these(tenant, sorted(emails)))
    rows = [*found["delivery"], *found["copy"]]
    ids = [one for row in rows for one in (row["account"], row.get("handed_to")) if one]
    known = {row["id"] for row in found["account"]}
    found["account"] += _in(db, "account", "id", set(ids) - known)


def _add_slots(db: Db, tenant: str, found: Found) -> None:
    """Where calls of these rows queue."""
    names = {row["slot"] for row in found.get("delivery", ()) if row["slot"]}
    names |= {slots.slot_name(tenant, one["provider"], one["id"]) for one in found["account"]}
    found["slot"] = _in(db, "slot", "slot", names | {slots.slot_name(tenant, MAIL, None)})


def _in(db: Db, name: str, column: str, values: Collection[str]) -> list[Row]:
    found, wanted = list[Row](), sorted(values)
    for start in range(0, len(wanted), RANGE):
        mine = table(name).c[column].in_(wanted[start : start + RANGE])
        found += db.all(sa.select(table(name)).where(mine))
    return found
