"""Since when calls of a slot fail, and which deliveries are tried again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import calsync.store.database

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

FAILING = "attempts > 0 AND due_at IS NOT NULL AND batch IS NULL AND parked IS NULL"


def upgrade() -> None:
    utc = calsync.store.database.Utc(timezone=True)
    op.add_column("slot", sa.Column("failing_since", utc, nullable=True))
    op.create_index(
        "ix_slot_failing",
        "slot",
        ["channel"],
        sqlite_where=sa.text("failures > 0"),
        postgresql_where=sa.text("failures > 0"),
    )
    op.create_index(
        "ix_delivery_failing",
        "delivery",
        ["starts_at"],
        sqlite_where=sa.text(FAILING),
        postgresql_where=sa.text(FAILING),
    )
