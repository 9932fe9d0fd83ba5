"""The hash of the raw record that a session was accepted from, so that sweeps need not read it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("booked_session", sa.Column("record_hash", sa.String(), nullable=True))
