"""Time zones whose names a provider does not know."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import calsync.store.database

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unknown_zone",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("since", calsync.store.database.Utc(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("channel", "zone", name="pk_unknown_zone"),
    )
