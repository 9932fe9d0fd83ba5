"""What providers were seen to do, by tenant."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import calsync.store.database

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proof",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("proven_at", calsync.store.database.Utc(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "provider", "question", name="pk_proof"),
    )
