"""What the keys of this ledger must yield, by their ids."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import calsync.store.database

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "key_canary",
        sa.Column("kid", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("since", calsync.store.database.Utc(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kid", name="pk_key_canary"),
    )
