"""Batches that are counted and released by ranges."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    batched = sa.text("batch IS NOT NULL")
    op.create_index(
        "ix_delivery_batched",
        "delivery",
        ["batch", "session", "participant"],
        sqlite_where=batched,
        postgresql_where=batched,
    )
    op.drop_index("ix_delivery_batch", "delivery")
    op.add_column("batch", sa.Column("verdict", sa.String(), nullable=True))
    op.add_column("batch", sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
