"""What is shown of a held batch, so that nobody counts all of it again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("batch", sa.Column("summary", sa.String(), nullable=True))
