"""Indexes by which a claim and an inspection pass over what they may not call."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_slot_due", "slot", ["tenant", "channel", "next_due"])
    op.drop_index("ix_slot_tenant_next_due", "slot")
    op.drop_index("ix_slot_next_due", "slot")
    looked_at = sa.text("look_at IS NOT NULL")
    op.create_index(
        "ix_delivery_inspect",
        "delivery",
        ["tenant", "channel", "look_at"],
        sqlite_where=looked_at,
        postgresql_where=looked_at,
    )
    op.drop_index("ix_delivery_account", "delivery")  # ix_delivery_look begins with it
