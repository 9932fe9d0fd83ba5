"""The ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import calsync.store.database

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("vendor_id", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("calendar", sa.String(), nullable=False),
        sa.Column("endpoint", sa.String(), nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("grant", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("chosen_at", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.Column("state_at", calsync.store.database.Utc(timezone=True), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("token", sa.LargeBinary(), nullable=True),
        sa.Column("token_until", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.Column("token_version", sa.Integer(), nullable=False),
        sa.Column("lock_token", sa.String(), nullable=True),
        sa.Column("lock_until", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.Column("check_at", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint(
            "tenant", "provider", "vendor_id", name=op.f("uq_account_tenant_provider_vendor_id")
        ),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_account_tenant_email"), ["tenant", "email"], unique=False
        )

    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("session", sa.String(), nullable=False),
        sa.Column("participant", sa.String(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("do", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=True),
        sa.Column("material_fp", sa.String(), nullable=False),
        sa.Column("quiet_fp", sa.String(), nullable=False),
        sa.Column("wire", sa.LargeBinary(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("started", calsync.store.database.Utc(timezone=True), nullable=False),
        sa.Column("deadline", calsync.store.database.Utc(timezone=True), nullable=False),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("maybes", sa.Integer(), nullable=False),
        sa.Column("ended", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.Column("vendor_request_id", sa.String(), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index(
            "ix_attempt_copy", ["tenant", "session", "participant", "n"], unique=False
        )
        batch_op.create_index("ix_attempt_started", ["started"], unique=False)

    op.create_table(
        "batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("counts", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("opened", calsync.store.database.Utc(timezone=True), nullable=False),
        sa.Column("closed", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
    )
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_batch_state"), ["state"], unique=False)

    op.create_table(
        "booked_session",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("updated_at", calsync.store.database.Utc(timezone=True), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("program", sa.String(), nullable=True),
        sa.Column("starts_at", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.Column("ends_at", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.Column("record", sa.Text(), nullable=True),
        sa.Column("stale", sa.String(), nullable=True),
        sa.Column("stored_at", calsync.store.database.Utc(timezone=True), nullable=False),
        sa.Column("seen_at", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.Column("missing_since", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_booked_session")),
    )
    with op.batch_alter_table("booked_session", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_booked_session_source_ends_at"), ["source", "ends_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_booked_session_tenant_program"), ["tenant", "program"], unique=False
        )

    op.create_table(
        "copy",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("session", sa.String(), nullable=False),
        sa.Column("participant", sa.String(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("place_key", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("organizer", sa.String(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=True),
        sa.Column("revision", sa.String(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("material_fp", sa.String(), nullable=True),
        sa.Column("quiet_fp", sa.String(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("replace", sa.Boolean(), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("before", sa.String(), nullable=True),
        sa.Column("seen_version", sa.Integer(), nullable=True),
        sa.Column("last_attempt", sa.Integer(), nullable=True),
        sa.Column("look_at", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.Column("handed_to", sa.String(), nullable=True),
        sa.Column("looks_done", sa.Integer(), nullable=False),
        sa.Column("changed_at", calsync.store.database.Utc(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "session", "participant", "n", name=op.f("pk_copy")),
    )
    with op.batch_alter_table("copy", schema=None) as batch_op:
        batch_op.create_index("ix_copy_account", ["account"], unique=False)
        batch_op.create_index("ix_copy_uid", ["uid"], unique=False)
        batch_op.create_index(
            "uq_copy_holds",
            ["tenant", "session", "place_key"],
            unique=True,
            sqlite_where=sa.text("holds"),
            postgresql_where=sa.text("holds"),
        )

    op.create_table(
        "delivery",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("session", sa.String(), nullable=False),
        sa.Column("participant", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("want", sa.String(), nullable=False),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("material_fp", sa.String(), nullable=False),
        sa.Column("quiet_fp", sa.String(), nullable=False),
        sa.Column("starts_at", calsync.store.database.Utc(timezone=True), nullable=False),
        sa.Column("ends_at", calsync.store.database.Utc(timezone=True), nullable=False),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("account", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("place_key", sa.String(), nullable=True),
        sa.Column("covered_by", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("material_version", sa.Integer(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=True),
        sa.Column("due_at", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.Column("settle_from", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.Column("settle_until", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.Column("look_at", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.Column("slot", sa.String(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("parked", sa.String(), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("lease_token", sa.String(), nullable=True),
        sa.Column("lease_until", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.Column("lease_version", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "session", "participant", name=op.f("pk_delivery")),
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index("ix_delivery_account", ["account"], unique=False)
        batch_op.create_index("ix_delivery_batch", ["batch"], unique=False)
        batch_op.create_index(
            "ix_delivery_claim",
            ["slot", "priority", "due_at", "starts_at"],
            unique=False,
            sqlite_where=sa.text("due_at IS NOT NULL AND batch IS NULL AND parked IS NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL AND batch IS NULL AND parked IS NULL"),
        )
        batch_op.create_index("ix_delivery_email", ["tenant", "email"], unique=False)
        batch_op.create_index("ix_delivery_future", ["tenant", "ends_at"], unique=False)
        batch_op.create_index(
            "ix_delivery_lease",
            ["lease_until"],
            unique=False,
            sqlite_where=sa.text("lease_until IS NOT NULL"),
            postgresql_where=sa.text("lease_until IS NOT NULL"),
        )
        batch_op.create_index("ix_delivery_look", ["account", "look_at"], unique=False)

    op.create_table(
        "instance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("namespace", sa.String(), nullable=False),
        sa.Column("tzdata", sa.String(), nullable=True),
        sa.Column("configuration", sa.String(), nullable=True),
        sa.Column("heartbeat", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("owner_until", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instance")),
    )
    op.create_table(
        "journal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", calsync.store.database.Utc(timezone=True), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("session", sa.String(), nullable=False),
        sa.Column("participant", sa.String(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
    )
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_journal_at"), ["at"], unique=False)
        batch_op.create_index(
            "ix_journal_delivery", ["tenant", "session", "participant"], unique=False
        )

    op.create_table(
        "lane",
        sa.Column("slot", sa.String(), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("lease_token", sa.String(), nullable=True),
        sa.Column("lease_until", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("slot", "lane", name=op.f("pk_lane")),
    )
    op.create_table(
        "limiter",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("tat", calsync.store.database.Utc(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_limiter")),
    )
    op.create_table(
        "mail_count",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("session", sa.String(), nullable=False),
        sa.Column("participant", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant", "session", "participant", "day", name=op.f("pk_mail_count")
        ),
    )
    op.create_table(
        "notice",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("subject_key", sa.String(), nullable=False),
        sa.Column("wire", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.Column("lease_token", sa.String(), nullable=True),
        sa.Column("lease_until", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.Column("created", calsync.store.database.Utc(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "kind", "person", "subject_key", name=op.f("pk_notice")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_notice_state_due_at"), ["state", "due_at"], unique=False
        )

    op.create_table(
        "pause",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("since", calsync.store.database.Utc(timezone=True), nullable=False),
        sa.Column("until", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "channel", "by", name=op.f("pk_pause")),
    )
    op.create_table(
        "quarantine",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("since", calsync.store.database.Utc(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "record", name=op.f("pk_quarantine")),
    )
    op.create_table(
        "slot",
        sa.Column("slot", sa.String(), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=True),
        sa.Column("cooling_until", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_due", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("slot", name=op.f("pk_slot")),
    )
    with op.batch_alter_table("slot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slot_account"), ["account"], unique=False)
        batch_op.create_index(batch_op.f("ix_slot_next_due"), ["next_due"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_slot_tenant_next_due"), ["tenant", "next_due"], unique=False
        )

    op.create_table(
        "source_cursor",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("last_ok", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("failing_since", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.Column("swept_at", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.Column("sweep_tried_at", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.Column("sweep_error", sa.String(), nullable=True),
        sa.Column("poll_token", sa.String(), nullable=True),
        sa.Column("poll_until", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_source_cursor")),
    )
