"""What was left out of accepted records."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import calsync.store.database

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "record_warning",
        *(_text(name) for name in ("tenant", "session")),
        sa.Column("n", sa.Integer(), nullable=False),
        *(_text(name) for name in ("source", "participant", "field", "reason")),
        sa.Column("set_aside", sa.Boolean(), nullable=False),
        _utc("since"),
        sa.PrimaryKeyConstraint("tenant", "session", "n", name="pk_record_warning"),
    )
    op.create_index("ix_record_warning_since", "record_warning", ["since"])


def _utc(name: str) -> sa.Column[object]:
    return sa.Column(name, calsync.store.database.Utc(timezone=True), nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)
