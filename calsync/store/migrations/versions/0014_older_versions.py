"""Versions of sessions that are older than what was accepted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import calsync.store.database

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("booked_session", _utc("went_back_at", nullable=True))
    op.add_column(
        "booked_session",
        sa.Column("taken_back", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "older_version",
        *(_text(name) for name in ("tenant", "session", "source", "digest")),
        sa.Column("record", sa.Text(), nullable=False),
        _utc("updated_at"),
        _utc("seen_at"),
        _utc("since", nullable=True),
        sa.PrimaryKeyConstraint("tenant", "session", name="pk_older_version"),
    )
    op.create_index("ix_older_version_source", "older_version", ["source"])


def _utc(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, calsync.store.database.Utc(timezone=True), nullable=nullable)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)
