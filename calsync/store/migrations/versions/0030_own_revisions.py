"""What is all ours in a calendar, and which servers refuse a stale change of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("copy", sa.Column("own_revision", sa.String(), nullable=True))
    op.add_column(
        "account",
        sa.Column("refuses_stale", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
