"""Sessions that end at the same instant are asked for in the order of their index."""

from __future__ import annotations

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_booked_session_ahead", "booked_session")
    columns = ["source", "ends_at", "id", "status"]
    op.create_index("ix_booked_session_ahead", "booked_session", columns)
