"""Failures that nobody foresaw, counted by the place in the code that they came from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import calsync.store.database

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unexpected_failure",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("area", "error", "function")),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        *(_utc(name) for name in ("first_at", "last_at")),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("tenant", "session", "participant")
        ),
        sa.PrimaryKeyConstraint("area", "error", "function", "line", name="pk_unexpected_failure"),
    )


def _utc(name: str) -> sa.Column[object]:
    return sa.Column(name, calsync.store.database.Utc(timezone=True), nullable=False)
