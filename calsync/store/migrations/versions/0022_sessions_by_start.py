"""The platform lists a tenant's sessions by their start."""

from __future__ import annotations

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_booked_session_tenant_starts_at_id", "booked_session", ["tenant", "starts_at", "id"]
    )
