"""What carrying a batch out would do: its deliveries beside what their people have."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import sqlalchemy as sa

from calsync.core.guard import Change, ChangeKind, Had, kind_of
from calsync.core.ledger import CopyState, DeliveryKey, Want
from calsync.store.database import Db, Row
from calsync.store.ledger.rows import key_of, table

RANGE = 500  # deliveries that one transaction reads or writes of a batch

Found = list[tuple[Change, ChangeKind]]
After = tuple[str, str]  # session and participant
FROM_THE_START: After = ("", "")  # no key is empty


def of_batch(db: Db, batch: int) -> Iterator[tuple[Change, ChangeKind]]:
    """All that a batch would do, read by ranges: no more than one of them is held in memory."""
    after = FROM_THE_START
    while found := in_range(db, batch, after):
        yield from found
        after = end_of(found)


def in_range(db: Db, batch: int, after: After) -> Found:
    """The next changes of a batch behind `after`, in the order of their keys."""
    keys = keys_behind(db, batch, after)
    if not keys:
        return []
    found = _changes(db, next_of(batch, after))
    place = {key: n for n, key in enumerate(keys)}  # as this database orders text
    return sorted(found, key=lambda one: place.get(_place(one[0]), len(place)))


def keys_behind(db: Db, batch: int, after: After) -> list[After]:
    """The next keys of a batch behind `after`."""
    return [(row["session"], row["participant"]) for row in db.all(_behind(batch, after))]


def next_of(batch: int, after: After) -> sa.ColumnElement[bool]:
    """For delivery: it is of the next range of the batch behind `after`. As a range between two
    keys, PostgreSQL may take it for half of all deliveries that are stored, and read them all; so
    many keys it finds one by one where that is less."""
    c = table("delivery").c
    key = sa.tuple_(c.tenant, c.session, c.participant)
    return sa.and_(c.batch == batch, key.in_(_behind(batch, after)))


def _behind(batch: int, after: After) -> sa.Select[Any]:
    c = table("delivery").alias("mine").c
    mine = (c.batch == batch, sa.tuple_(c.session, c.participant) > after)
    query = sa.select(c.tenant, c.session, c.participant).where(*mine)
    return query.order_by(c.session, c.participant).limit(RANGE)


def some_of(batch: int, most: int) -> sa.Select[Any]:
    """Sessions of up to so many deliveries of a batch, along its index: PostgreSQL may take it that
    it finds some sooner among all that are stored."""
    c = table("delivery").c
    found = sa.select(c.session).where(c.batch == batch)
    return found.order_by(c.session, c.participant).limit(most)


def of_session(db: Db, batch: int, session: str) -> Found:
    """All of one session in the batch."""
    c = table("delivery").c
    return _changes(db, sa.and_(c.batch == batch, c.session == session))


def of_keys(db: Db, batch: int, keys: Collection[DeliveryKey]) -> Found:
    """Those of these deliveries that are in the batch."""
    c, wanted = table("delivery").c, sorted(keys, key=lambda one: (one.session, one.participant))
    sessions, found = sorted({one.session for one in wanted}), Found()
    for start in range(0, len(sessions), RANGE):
        mine = c.session.in_(sessions[start : start + RANGE])
        found += _changes(db, sa.and_(c.batch == batch, mine))
    return [one for one in found if one[0].key in set(wanted)]


def end_of(found: Found) -> After:
    """Behind which the next range begins."""
    return _place(found[-1][0])


def _place(change: Change) -> After:
    return change.key.session, change.key.participant


def _changes(db: Db, where: sa.ColumnElement[bool]) -> Found:
    delivery, session = table("delivery"), table("booked_session").c
    c = delivery.c
    had = _copies(db, where)
    query = (
        sa.select(
            *(c.tenant, c.session, c.participant, c.version, c.want, c.covered_by, c.channel),
            *(c.place_key, c.material_fp, c.quiet_fp, c.email, c.starts_at),
            *(session.missing_since, session.nobody_since, session.taken_back),
        )
        .outerjoin(
            table("booked_session"), sa.and_(session.tenant == c.tenant, session.id == c.session)
        )
        .where(where)
    )
    changes = [_change(row, tuple(had.get(key_of(row), ()))) for row in db.all(query)]
    return [(one, kind_of(one)) for one in changes]


def _copies(db: Db, where: sa.ColumnElement[bool]) -> dict[DeliveryKey, list[Had]]:
    c, copy = table("delivery").c, table("copy").c
    on = sa.and_(
        copy.tenant == c.tenant, copy.session == c.session, copy.participant == c.participant
    )
    columns = (copy.tenant, copy.session, copy.participant, copy.channel, copy.place_key)
    query = sa.select(*columns, copy.state, copy.material_fp, copy.quiet_fp)
    had: dict[DeliveryKey, list[Had]] = {}
    for row in db.all(query.select_from(table("copy").join(table("delivery"), on)).where(where)):
        one = Had(
            row["channel"],
            row["place_key"],
            CopyState(row["state"]),
            row["material_fp"],
            row["quiet_fp"],
        )
        had.setdefault(key_of(row), []).append(one)
    return had


def _change(row: Row, had: tuple[Had, ...]) -> Change:
    values: dict[str, Any] = row
    return Change(
        key=key_of(row),
        version=values["version"],
        wanted=values["want"] == Want.PRESENT and values["covered_by"] is None,
        inferred=values["missing_since"] is not None,
        nobody_left=values["nobody_since"] is not None,
        went_back=bool(values["taken_back"]),
        channel=values["channel"],
        destination=values["place_key"],
        material_fp=values["material_fp"],
        quiet_fp=values["quiet_fp"],
        had=had,
        email=values["email"],
        starts_at=values["starts_at"],
    )
