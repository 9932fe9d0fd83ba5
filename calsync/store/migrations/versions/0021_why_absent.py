"""Why nothing is wanted any more: the session was cancelled, or its person does not take part."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("delivery", sa.Column("cancelled", sa.Boolean(), nullable=True))
    delivery = sa.table(
        "delivery",
        *(sa.column(name) for name in ("tenant", "session", "want", "cancelled", "ends_at")),
    )
    session = sa.table("booked_session", *(sa.column(n) for n in ("tenant", "id", "status")))
    cancelled = sa.exists().where(
        session.c.tenant == delivery.c.tenant,
        session.c.id == delivery.c.session,
        session.c.status == "cancelled",
    )
    absent = delivery.c.want == "absent"
    op.execute(sa.update(delivery).where(absent, cancelled).values(cancelled=True))
