"""Whether a copy that is gone may stand in another calendar of its account."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "copy",
        sa.Column("may_remain", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
