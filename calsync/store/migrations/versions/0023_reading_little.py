"""Indexes by which what operators and participants are shown is read, however much is stored."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

ALERTS = "what IN ('alert', 'person_told', 'mass_account_loss', 'many_dismissed')"
PARTS = (
    ("ix_journal_alerts", "journal", "id", ALERTS),
    ("ix_delivery_parked", "delivery", "ends_at", "parked IS NOT NULL"),
    ("ix_delivery_announced", "delivery", "mail_from", "mail_from IS NOT NULL"),
    ("ix_delivery_kept", "delivery", "ends_at", "content IS NOT NULL"),
    ("ix_attempt_kept", "attempt", "started", "wire IS NOT NULL"),
    ("ix_booked_session_kept", "booked_session", "ends_at", "record IS NOT NULL"),
    ("ix_copy_handed_to", "copy", "handed_to", "handed_to IS NOT NULL"),
    ("ix_booked_session_stale", "booked_session", "ends_at", "stale IS NOT NULL"),
)


def upgrade() -> None:
    op.create_index(
        "ix_delivery_person", "delivery", ["tenant", sa.text("lower(email)"), "ends_at"]
    )
    op.drop_index("ix_delivery_email", "delivery")
    op.create_index("ix_delivery_ahead", "delivery", ["tenant", "ends_at", "want", "covered_by"])
    op.drop_index("ix_delivery_future", "delivery")
    op.create_index("ix_copy_state", "copy", ["tenant", "channel", "state"])
    op.drop_index("ix_copy_uid", "copy")  # nothing is looked up by it
    op.create_index("ix_booked_session_ahead", "booked_session", ["source", "ends_at", "status"])
    op.drop_index("ix_booked_session_source_ends_at", "booked_session")
    op.drop_index("ix_attempt_started", "attempt")
    for name, table, column, what in PARTS:
        part = sa.text(what)
        op.create_index(name, table, [column], sqlite_where=part, postgresql_where=part)
