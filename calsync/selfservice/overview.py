"""What a person's page tells: their calendars, and where each upcoming session is shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from calsync.core.account import Account, AccountState, Grant
from calsync.core.content.event import DesiredEvent
from calsync.core.content.visibility import WAITING, ShownCopy, Visibility, visibility
from calsync.core.ledger import CopyState, DeliveryKey
from calsync.core.routing import choose
from calsync.runtime.context import Context
from calsync.store.database import Db, Row
from calsync.store.ledger.rows import account_of, delivery_of, key_of, table

MOST = 200  # sessions on the page, the nearest first


@dataclass(frozen=True, slots=True)
class Calendar:
    """A calendar of the person. `since` is when it was connected, or when it got into its state;
    `used`: sessions go there now."""

    account: Account
    since: datetime | None
    used: bool
    last_title: str = ""
    last_at: datetime | None = None

    @property
    def leaving(self) -> bool:
        """Disconnected, and still being cleared."""
        return self.account.chosen_at is None and self.account.state is AccountState.ACTIVE

    @property
    def managed(self) -> bool:
        """Connected by the organisation, for its whole mail domain."""
        return self.account.grant is Grant.DOMAIN

    @property
    def health(self) -> str:
        """leaving, or the state: active, free_busy_only, reconnect, unusable."""
        return "leaving" if self.leaving else self.account.state.value


@dataclass(frozen=True, slots=True)
class Upcoming:
    """A session ahead of the person, as it should be seen, and where it is."""

    event: DesiredEvent
    visibility: Visibility
    channel: str
    address: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How many upcoming sessions there are, and of those: shown, on their way, in trouble."""

    total: int
    shown: int
    waiting: int
    trouble: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The page's content; `sessions` are the nearest, `progress` counts them all."""

    calendars: Sequence[Calendar]
    sessions: Sequence[Upcoming]
    progress: Progress
    locale: str = ""

    def to_leave(self, account: str) -> Calendar | None:
        """One of the person's own calendars that they may leave, None for any other."""
        mine = (one for one in self.calendars if one.account.id == account)
        return next((one for one in mine if not one.managed and not one.leaving), None)

    def in_calendar(self, one: Calendar) -> int:
        """How many of the sessions on the page stand in this calendar or are on their way there."""
        place = (one.account.provider, one.account.address)
        return sum((session.channel, session.address) == place for session in self.sessions)

    @property
    def used(self) -> Calendar | None:
        """The calendar that sessions go to; None: they go by mail."""
        return next((one for one in self.calendars if one.used), None)


def overview(context: Context, tenant: str, email: str) -> Overview:
    """Everything about a person of a tenant, by the platform address in lower case."""
    with context.store.read() as db:
        rows = _upcoming(db, tenant, email)
        marks = _marks(db, [key_of(row) for row in rows])
        known = _connected(db, tenant, email)
        last = {row["id"]: _last(db, row["id"]) for row in known}
        now = db.now
    found = [(row, _session(row, marks.get(key_of(row), []), now)) for row in rows]
    sessions = [one for _, one in found if one is not None]
    return Overview(
        _calendars(email, known, last), sessions[:MOST], _progress(sessions), _locale(sessions)
    )


def _connected(db: Db, tenant: str, email: str) -> list[Row]:
    account = table("account")
    mine = sa.and_(account.c.tenant == tenant, account.c.email == email)
    gone = account.c.state == AccountState.DISCONNECTED.value
    return db.all(sa.select(account).where(mine, ~gone))


def _upcoming(db: Db, tenant: str, email: str) -> list[Row]:
    delivery = table("delivery")
    query = sa.select(delivery).where(
        delivery.c.tenant == tenant,
        sa.func.lower(delivery.c.email) == email,
        delivery.c.want == "present",
        delivery.c.ends_at > db.now,
    )
    return db.all(query.order_by(delivery.c.starts_at, delivery.c.session))


def _marks(db: Db, keys: Collection[DeliveryKey]) -> dict[DeliveryKey, list[ShownCopy]]:
    """Copies of these deliveries of one tenant, without their content."""
    copy = table("copy")
    wanted, found = set(keys), dict[DeliveryKey, list[ShownCopy]]()
    columns = ("tenant", "session", "participant", "place_key", "state", "material_fp")
    query = sa.select(*(copy.c[name] for name in columns), copy.c.seen_version)
    query = query.where(copy.c.tenant.in_({key.tenant for key in keys}))  # else the whole table
    ids = sorted({key.session for key in keys})
    for start in range(0, len(ids), 500):
        for row in db.all(query.where(copy.c.session.in_(ids[start : start + 500]))):
            if key_of(row) in wanted:
                mark = ShownCopy(
                    row["place_key"],
                    CopyState(row["state"]),
                    row["material_fp"],
                    row["seen_version"],
                )
                found.setdefault(key_of(row), []).append(mark)
    return found


def _last(db: Db, account: str) -> Row | None:
    """The session that was written into this account last."""
    copy, delivery = table("copy"), table("delivery")
    joined = copy.join(
        delivery,
        sa.and_(
            delivery.c.tenant == copy.c.tenant,
            delivery.c.session == copy.c.session,
            delivery.c.participant == copy.c.participant,
        ),
    )
    query = (
        sa.select(delivery, copy.c.changed_at)
        .select_from(joined)
        .where(copy.c.account == account, copy.c.state == CopyState.LIVE.value)
    )
    return db.first(query.order_by(copy.c.changed_at.desc()).limit(1))


def _session(row: Row, marks: Sequence[ShownCopy], now: datetime) -> Upcoming | None:
    delivery = delivery_of(row)
    if delivery.content is None:  # its content was blanked: forgotten, or past its retention
        return None
    where = visibility(delivery, marks, held=row["batch"] is not None, now=now)
    return Upcoming(delivery.content, where, row["channel"] or "", row["address"] or "")


def _calendars(email: str, rows: Sequence[Row], last: Mapping[str, Row | None]) -> list[Calendar]:
    """The used one first, then the newest."""
    known = {row["id"]: account_of(row) for row in rows}
    route = choose(email, known.values())
    made = []
    for row in rows:
        wrote = last[row["id"]]
        content = delivery_of(wrote).content if wrote else None
        made.append(
            Calendar(
                account=known[row["id"]],
                since=row["chosen_at"] if row["state"] == "active" else row["state_at"],
                used=route is not None and route.account == row["id"],
                last_title=content.title if content else "",
                last_at=wrote["changed_at"] if wrote and content else None,
            )
        )
    return sorted(made, key=lambda one: (not one.used, one.leaving, one.account.id))


def _progress(sessions: Sequence[Upcoming]) -> Progress:
    waiting = sum(one.visibility in WAITING for one in sessions)
    trouble = sum(one.visibility is Visibility.TROUBLE for one in sessions)
    total = len(sessions)
    return Progress(total, total - waiting - trouble, waiting, trouble)


def _locale(sessions: Sequence[Upcoming]) -> str:
    """The language the platform says this person reads, "" when it did not."""
    return next((one.event.locale for one in sessions if one.event.locale), "")
