"""Notices: plain mails without .ics, each sent once per key."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from calsync.core.content.notices import AccountFact, fact_from_json, fact_to_json
from calsync.core.ledger import MAIL, Delivery
from calsync.core.upcoming.rules import UPCOMING
from calsync.store.database import Db, Row
from calsync.store.lease import NOTICE, new_token
from calsync.store.ledger.rows import table
from calsync.store.upsert import upsert

DIGEST = "digest"
LOST, CONNECTED, DISCONNECTED = "account_lost", "account_connected", "account_disconnected"
OWNER_LOST, OWNER_MANY = "owner_account_lost", "owner_many_lost"
# A session, the material version of what its person is to see, and the material fingerprint of that
# (calsync/core/content/fingerprints.py): versions may come again after a restore.
OF_SESSION = re.compile(r"(.+?)(?: v(\d+))? \d+\.[0-9a-f]{20}")
OPEN = ("due", "unsure")  # states in which it is still to be sent
TRIED = (*OPEN, "refused")  # what is refused is tried again when its time comes, where it has one


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice under a lease.

    subject_key  what it is about: a session and what of it, or an account or provider and which
                 time
    sealed       the exact bytes of an earlier send
    attempts     sends so far
    fact         what one about an account tells of; None: from before facts were kept
    token        of the lease
    """

    tenant: str
    kind: str
    person: str
    subject_key: str
    created: datetime
    sealed: bytes | None = field(repr=False)
    attempts: int
    token: str
    fact: AccountFact | None = None

    @property
    def state(self) -> str:
        """How it stands in the queue: never sent, or nobody knows."""
        return "due" if self.sealed is None else "unsure"

    @property
    def place(self) -> str:
        """What its sealed bytes are bound to."""
        return f"notice:{self.tenant}:{self.kind}:{self.person}:{self.subject_key}"

    @property
    def account(self) -> str:
        """The account that it is about, or the provider of many: its subject's first word."""
        return self.subject_key.partition(" ")[0]

    @property
    def session(self) -> str:
        """The session that it is about: its subject without the material fingerprint, which rows
        from before fingerprints were part of it do not have."""
        return self._subject[0]

    @property
    def material_version(self) -> int | None:
        """Of the delivery that it tells of; None: a row from before versions were part of it."""
        return self._subject[1]

    @property
    def _subject(self) -> tuple[str, int | None]:
        found = OF_SESSION.fullmatch(self.subject_key)
        if found is None:
            return self.subject_key, None
        return found[1], int(found[2]) if found[2] else None


def want(
    db: Db,
    tenant: str,
    kind: str,
    person: str,
    subject_key: str,
    *,
    after: timedelta = timedelta(),
    fact: AccountFact | None = None,
) -> None:
    """Have this notice sent, not before then, unless it ever was wanted before."""
    row = {
        "tenant": tenant,
        "kind": kind,
        "person": person,
        "subject_key": subject_key,
        "state": "due",
        "attempts": 0,
        "due_at": db.now + after,
        "created": db.now,
        "fact": fact_to_json(fact) if fact is not None else None,
    }
    upsert(db, table("notice"), [row])


def want_of_session(db: Db, delivery: Delivery, kind: str) -> None:
    """Have this notice about a session sent: once for each material version. Where one was wanted
    before versions were part of the key, and nothing changed since, that stays the only one."""
    key, c = delivery.key, table("notice").c
    about = f"{key.session} v{delivery.material_version} {delivery.material_fp}"
    if delivery.wanted_since is None:
        older = [key.session, f"{key.session} {delivery.material_fp}"]
        mine = sa.and_(c.tenant == key.tenant, c.person == delivery.email)
        if db.first(sa.select(c.kind).where(mine, c.subject_key.in_(older))) is not None:
            return
    want(db, key.tenant, kind, delivery.email, about)


def is_repeated(db: Db, notice: Notice, kinds: Collection[str]) -> bool:
    """Another notice of these kinds about the same session was wanted for the same person."""
    c = table("notice").c
    theirs = (c.tenant == notice.tenant, c.kind.in_(kinds), c.person == notice.person)
    about = c.subject_key.startswith(f"{notice.session} v", autoescape=True)
    others = sa.and_(*theirs, about, c.subject_key != notice.subject_key)
    return db.first(sa.select(c.kind).where(others).limit(1)) is not None


def state_of_told(db: Db, delivery: Row) -> str | None:
    """What became of the mail that tells this delivery's person what stands wrong; None: it left so
    long ago that nothing is kept of it."""
    c = table("notice").c
    about = f"{delivery['session']} v{delivery['told_version']} "
    mine = (c.tenant == delivery["tenant"], c.kind == delivery["told"])
    hers = (c.person == delivery["email"], c.subject_key.startswith(about, autoescape=True))
    found = db.first(sa.select(c.state).where(*mine, *hers).order_by(c.created.desc()).limit(1))
    return str(found["state"]) if found is not None else None


def drop(db: Db, tenant: str, kind: str) -> None:
    """Send none of these that still wait for their first send."""
    notice = table("notice")
    mine = sa.and_(notice.c.tenant == tenant, notice.c.kind == kind, notice.c.state == "due")
    db.run(sa.update(notice).where(mine).values(state="dropped", due_at=None))


def forget(db: Db, ids: Collection[str]) -> None:
    """Delete notices about these accounts, whoever is told."""
    notice = table("notice")
    about = sa.or_(*(notice.c.subject_key.startswith(f"{ident} ") for ident in ids), sa.false())
    kinds = (LOST, CONNECTED, DISCONNECTED, OWNER_LOST)
    db.run(sa.delete(notice).where(notice.c.kind.in_(kinds), about))


def is_to_be_written(db: Db, tenant: str, kind: str, person: str) -> bool:
    """A notice of this kind to this person is due, and its text does not exist yet."""
    c = table("notice").c
    theirs = sa.and_(c.tenant == tenant, c.kind == kind, c.person == person)
    query = sa.select(sa.func.count()).where(theirs, c.state == "due", c.wire.is_(None))
    return bool(db.scalar(query))


def any_open(db: Db) -> bool:
    """Some notice is still to be sent."""
    c = table("notice").c
    return db.first(sa.select(c.tenant).where(c.state.in_(OPEN)).limit(1)) is not None


def place(row: Mapping[str, Any]) -> str:
    """What the sealed bytes of this row are bound to."""
    return _notice_of(row, "").place


def _notice_of(row: Mapping[str, Any], token: str) -> Notice:
    return Notice(
        tenant=row["tenant"],
        kind=row["kind"],
        person=row["person"],
        subject_key=row["subject_key"],
        created=row["created"],
        sealed=row["wire"],
        attempts=row["attempts"],
        token=token,
        fact=fact_from_json(row["fact"]) if row["fact"] else None,
    )


def _mine(one: Notice) -> sa.ColumnElement[bool]:
    c = table("notice").c
    return sa.and_(
        c.tenant == one.tenant,
        c.kind == one.kind,
        c.person == one.person,
        c.subject_key == one.subject_key,
    )


def claim(db: Db, lease: timedelta) -> Notice | None:
    """Take the next due notice under a lease, or None. Where mail is paused none is due. Upcoming
    Session mails are not taken here: each is sent once, by its own decision."""
    notice, pause = table("notice"), table("pause")
    paused = sa.exists().where(
        sa.or_(pause.c.tenant == notice.c.tenant, pause.c.tenant == "*"),
        pause.c.channel.in_([MAIL, "*"]),
        sa.or_(pause.c.until.is_(None), pause.c.until > db.now),
    )
    row = db.first(
        sa.select(notice)
        .where(
            notice.c.state.in_(TRIED),
            notice.c.due_at <= db.now,
            notice.c.kind != UPCOMING,
            NOTICE.free(db.now),
            ~paused,
        )
        .order_by(notice.c.due_at)
        .limit(1)
        .with_for_update(skip_locked=True, of=notice)
    )
    if row is None:
        return None
    one = _notice_of(row, new_token())
    taken = NOTICE.taken(one.token, db.now + lease)
    db.run(sa.update(notice).where(_mine(one)).values(**taken))
    return one


def still_leased(db: Db, one: Notice) -> bool:
    """Its outcome is not stored. Locks its row."""
    ours = sa.select(table("notice").c.kind).where(_mine(one), NOTICE.mine(one.token))
    return db.first(ours.with_for_update()) is not None


def start(db: Db, one: Notice, sealed: bytes | None) -> None:
    """Store the exact bytes before the call, and count it; a replay sends the same. None: there are
    none."""
    values = {"wire": sealed, "state": "unsure", "attempts": one.attempts + 1}
    db.run(sa.update(table("notice")).where(_mine(one)).values(**values))


def finish(db: Db, one: Notice, state: str, due_at: datetime | None = None) -> None:
    """Store the outcome: sent, refused or dropped, and when it is due again; None: never, so that
    its bytes go."""
    blanked = {"wire": None} if due_at is None else {}
    db.run(
        sa.update(table("notice"))
        .where(_mine(one), NOTICE.mine(one.token))
        .values(state=state, due_at=due_at, **blanked, **NOTICE.given_back())
    )
