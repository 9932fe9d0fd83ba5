"""Sessions for which a source listed nobody, who had people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import calsync.store.database

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NOBODY = "nobody_since IS NOT NULL"


def upgrade() -> None:
    utc = calsync.store.database.Utc(timezone=True)
    op.add_column("booked_session", sa.Column("nobody_since", utc, nullable=True))
    op.create_index(
        "ix_booked_session_nobody",
        "booked_session",
        ["source"],
        sqlite_where=sa.text(NOBODY),
        postgresql_where=sa.text(NOBODY),
    )
