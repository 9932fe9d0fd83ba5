"""Refusals that come again, and what people are told of that stands wrong."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

import calsync.store.database

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (_text("refusal"), _count("refusals"), _number("refused_version")):
        op.add_column("copy", column)
    op.add_column("copy", _utc("again_at"))
    for name in ("stands_until", "wanted_since", "tell_at"):
        op.add_column("delivery", _utc(name))
    for column in (_text("told"), _number("told_version")):
        op.add_column("delivery", column)
    _index("ix_delivery_tell", "tell_at", "tell_at IS NOT NULL")
    _index("ix_delivery_told", "starts_at", "told IS NOT NULL")
    op.add_column("slot", _text("refused_sender"))
    _ask_about_what_waits()


def _ask_about_what_waits() -> None:
    """What is parked, or waits in a stopped channel, is claimed by nobody who would say when to ask
    whether its person must be told."""
    delivery = sa.table(
        "delivery", _utc("tell_at"), _utc("ends_at"), _utc("due_at"), sa.Column("parked")
    )
    c, now = delivery.c, datetime.now(UTC)
    waits = sa.or_(c.due_at.is_not(None), c.parked.is_not(None))
    op.execute(sa.update(delivery).where(c.ends_at > now, waits).values(tell_at=now))


def _index(name: str, column: str, where: str) -> None:
    some = sa.text(where)
    op.create_index(name, "delivery", [column], sqlite_where=some, postgresql_where=some)


def _utc(name: str) -> sa.Column[object]:
    return sa.Column(name, calsync.store.database.Utc(timezone=True), nullable=True)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=True)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=True)


def _count(name: str) -> sa.Column[int]:
    """Rows of older processes count from 0."""
    return sa.Column(name, sa.Integer(), nullable=False, server_default="0")
