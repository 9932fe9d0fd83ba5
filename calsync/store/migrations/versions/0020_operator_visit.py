"""Browsers of operators, and the tickets that let them in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import calsync.store.database

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "operator_visit",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("acts", sa.Boolean(), nullable=False),
        sa.Column("expires_at", calsync.store.database.Utc(timezone=True), nullable=False),
        sa.Column("spent", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_operator_visit"),
    )
    op.create_index("ix_operator_visit_expires_at", "operator_visit", ["expires_at"])
