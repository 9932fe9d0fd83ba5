"""In which zones sessions are, and how far they are computed again after other zone data."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("booked_session", sa.Column("time_zone", sa.String(), nullable=True))
    op.add_column("source_cursor", sa.Column("recompute_from", sa.String(), nullable=True))
    named = "json_extract(record, '$.time_zone')"
    if op.get_bind().dialect.name == "postgresql":
        named = "record::json ->> 'time_zone'"
    op.execute(
        f"UPDATE booked_session SET time_zone = {named} "  # noqa: S608 - no value of anybody's
        "WHERE record IS NOT NULL AND ends_at > CURRENT_TIMESTAMP"
    )
    op.create_index("ix_booked_session_zone", "booked_session", ["time_zone", "ends_at"])
