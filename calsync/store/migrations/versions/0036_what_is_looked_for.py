"""Indexes of the few rows that are looked for among many, and none that no question reads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

# What these were there for is found by another index, or nothing is.
UNREAD = (
    ("ix_delivery_lease", "delivery"),
    ("ix_record_warning_since", "record_warning"),
    ("ix_fact_unnumbered", "fact"),
)
# These lacked what their questions ask besides, so that other ones were taken.
WIDENED = (
    (
        "ix_booked_session_nobody",
        "booked_session",
        ["source", "ends_at"],
        "nobody_since IS NOT NULL",
    ),
    ("ix_slot_failing", "slot", ["tenant", "channel"], "failures > 0"),
)
NEW = (
    ("ix_account_check", "account", ["state", "check_at"], "check_at IS NOT NULL"),
    ("ix_account_leaving", "account", ["state"], "chosen_at IS NULL"),
    ("ix_notice_kept", "notice", ["created"], "wire IS NOT NULL OR fact IS NOT NULL"),
)


def upgrade() -> None:
    for name, table in UNREAD:
        op.drop_index(name, table)
    for name, table, _, _ in WIDENED:
        op.drop_index(name, table)
    for name, table, columns, what in WIDENED + NEW:
        part = sa.text(what)
        op.create_index(name, table, columns, sqlite_where=part, postgresql_where=part)
