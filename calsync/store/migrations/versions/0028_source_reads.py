"""Since when a source is being read: one that never answers is told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import calsync.store.database

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    since: sa.Column[object] = sa.Column(
        "poll_since", calsync.store.database.Utc(timezone=True), nullable=True
    )
    op.add_column("source_cursor", since)
