"""Generations of uids, the first Message-ID of a copy, and what a restored ledger must know."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import calsync.store.database

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("copy", sa.Column("message_id", sa.String(), nullable=True))
    op.add_column("copy", sa.Column("generation", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("copy", _flag("recovered"))
    op.add_column("attempt", _flag("conflict"))
    op.add_column("instance", _utc("copied_at"))
    op.add_column("instance", _utc("recovered_at"))
    op.add_column("account", _utc("listed_at"))


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())


def _utc(name: str) -> sa.Column[object]:
    return sa.Column(name, calsync.store.database.Utc(timezone=True), nullable=True)
