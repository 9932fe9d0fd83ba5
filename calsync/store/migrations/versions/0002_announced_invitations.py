"""A first invitation by mail may wait for its day, announced by a digest."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import calsync.store.database

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "delivery",
        sa.Column("mail_from", calsync.store.database.Utc(timezone=True), nullable=True),
    )
