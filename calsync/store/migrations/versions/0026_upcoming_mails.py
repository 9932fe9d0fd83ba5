"""The Upcoming Session mail: which deliveries are asked about, and who does not want it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import calsync.store.database

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

UNASKED = (
    "want = 'present' AND covered_by IS NULL AND batch IS NULL AND parked IS NULL "
    "AND (upcoming_start IS NULL OR upcoming_start <> starts_at)"
)


def upgrade() -> None:
    utc = calsync.store.database.Utc(timezone=True)
    op.add_column("instance", sa.Column("unsubscribing", sa.LargeBinary(), nullable=True))
    op.add_column("booked_session", sa.Column("upcoming_hours", sa.Integer(), nullable=True))
    op.add_column("delivery", sa.Column("upcoming_at", utc, nullable=True))
    op.add_column("delivery", sa.Column("upcoming_start", utc, nullable=True))
    op.create_table(
        "upcoming_since",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("since", utc, nullable=False),
        sa.PrimaryKeyConstraint("tenant", name=op.f("pk_upcoming_since")),
    )
    op.create_table(
        "unsubscribed",
        sa.Column("reader", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("since", utc, nullable=False),
        sa.PrimaryKeyConstraint("reader", name=op.f("pk_unsubscribed")),
    )
    _partial("ix_booked_session_upcoming", "upcoming_hours", "upcoming_hours IS NOT NULL")
    _partial("ix_delivery_unasked", "starts_at", UNASKED)
    _partial("ix_delivery_upcoming", "upcoming_at", "upcoming_at IS NOT NULL")


def _partial(name: str, column: str, where: str) -> None:
    table = "booked_session" if "booked_session" in name else "delivery"
    only = sa.text(where)
    op.create_index(name, table, ["tenant", column], sqlite_where=only, postgresql_where=only)
