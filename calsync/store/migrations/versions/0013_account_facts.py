"""What an account notice tells of, as it was when it happened."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notice", sa.Column("fact", sa.Text(), nullable=True))
