"""Whether a calendar copy was hidden from others by us."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("copy", sa.Column("marked_private", sa.Boolean(), nullable=True))
