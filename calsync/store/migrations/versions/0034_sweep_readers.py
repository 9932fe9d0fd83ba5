"""What the last sweep of a source was read with: whoever reads with something else leaves the next
one to that process for a while."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("source_cursor", sa.Column("swept_with", sa.String(), nullable=True))
