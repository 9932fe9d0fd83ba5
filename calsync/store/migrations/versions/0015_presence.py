"""Sessions that their source was asked for and had not."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import calsync.store.database

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("gone_since", "returned_at"):
        utc = calsync.store.database.Utc(timezone=True)
        op.add_column("booked_session", sa.Column(name, utc, nullable=True))
    for name in ("asked_soon", "asked_later"):
        op.add_column("source_cursor", sa.Column(name, sa.String(), nullable=True))
