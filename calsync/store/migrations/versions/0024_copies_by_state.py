"""Copies are counted by channel and state in the order of their index."""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_copy_state", "copy")
    op.create_index("ix_copy_state", "copy", ["channel", "state", "tenant"])
