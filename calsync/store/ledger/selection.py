"""Which deliveries an operator means."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from calsync.core.address import address_key
from calsync.core.ledger import DeliveryKey
from calsync.store.database import Db, Row
from calsync.store.engine.among import any_value
from calsync.store.ledger.rows import key_of, table


@dataclass(frozen=True, slots=True)
class Selection:
    """Empty fields do not limit. `start` and `end` are instants the session's start must lie
    between; `person` is an address or a participant id."""

    sessions: Sequence[str] = ()
    person: str | None = None
    program: str | None = None
    tenant: str | None = None
    start: datetime | None = None
    end: datetime | None = None


def ahead(db: Db, selection: Selection) -> list[Row]:
    """Selected deliveries of sessions that have not ended, the nearest first."""
    delivery = table("delivery")
    query = sa.select(delivery).where(_where(selection), delivery.c.ends_at > db.now)
    return db.all(query.order_by(delivery.c.starts_at))


def keys(db: Db, selection: Selection) -> list[DeliveryKey]:
    """Every selected delivery, past ones too."""
    c = table("delivery").c
    query = sa.select(c.tenant, c.session, c.participant).where(_where(selection))
    return [key_of(row) for row in db.all(query)]


def by_tenant(rows: Iterable[Row]) -> dict[str, list[str]]:
    """The sessions of these deliveries, by tenant."""
    found: dict[str, dict[str, None]] = {}
    for row in rows:
        found.setdefault(row["tenant"], {})[row["session"]] = None
    return {tenant: list(ids) for tenant, ids in found.items()}


def unknown_sessions(db: Db, ids: Collection[str]) -> list[str]:
    """Those of the ids that no delivery has."""
    session = table("delivery").c.session
    rows = db.all(sa.select(session).where(session.in_(list(ids))).distinct())
    known = {row["session"] for row in rows}
    return [one for one in ids if one not in known]


def _where(selection: Selection) -> sa.ColumnElement[bool]:
    c = table("delivery").c
    mine = c.tenant == selection.tenant if selection.tenant else any_value(c.tenant)
    parts: list[sa.ColumnElement[bool]] = [mine]
    if selection.sessions:
        parts.append(c.session.in_(list(selection.sessions)))
    if selection.person:
        email = sa.func.lower(c.email) == address_key(selection.person)
        parts.append(sa.or_(email, c.participant == selection.person))
    if selection.start:
        parts.append(c.starts_at >= selection.start)
    if selection.end:
        parts.append(c.starts_at < selection.end)
    if selection.program:
        parts.append(_of_program(selection.program))
    return sa.and_(*parts)


def _of_program(program: str) -> sa.ColumnElement[bool]:
    c, session = table("delivery").c, table("booked_session").c
    mine = (session.tenant == c.tenant, session.id == c.session, session.program == program)
    return sa.exists().where(*mine)
