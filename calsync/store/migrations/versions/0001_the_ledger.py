"""The ledger."""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel
from alembic import op

import calsync.store.database

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("tenant", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("provider", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("vendor_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("address", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("calendar", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("endpoint", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("username", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("scopes", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("grant", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("chosen_at", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.Column("state_at", calsync.store.database.Utc(timezone=True), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("token", sa.LargeBinary(), nullable=True),
        sa.Column("token_until", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.Column("token_version", sa.Integer(), nullable=False),
        sa.Column("lock_token", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
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
        sa.Column("tenant", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("session", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("participant", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("do", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("channel", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("account", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("material_fp", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("quiet_fp", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("wire", sa.LargeBinary(), nullable=True),
        sa.Column("outcome", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("started", calsync.store.database.Utc(timezone=True), nullable=False),
        sa.Column("deadline", calsync.store.database.Utc(timezone=True), nullable=False),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("maybes", sa.Integer(), nullable=False),
        sa.Column("ended", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.Column("vendor_request_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("answer", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
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
        sa.Column("tenant", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("counts", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("opened", calsync.store.database.Utc(timezone=True), nullable=False),
        sa.Column("closed", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
    )
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_batch_state"), ["state"], unique=False)

    op.create_table(
        "booked_session",
        sa.Column("tenant", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("updated_at", calsync.store.database.Utc(timezone=True), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("program", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("starts_at", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.Column("ends_at", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.Column("record", sa.Text(), nullable=True),
        sa.Column("stale", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
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
        sa.Column("tenant", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("session", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("participant", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("uid", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("channel", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("account", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("address", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("place_key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("organizer", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("remote_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("revision", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("material_fp", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("quiet_fp", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("replace", sa.Boolean(), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("before", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("seen_version", sa.Integer(), nullable=True),
        sa.Column("last_attempt", sa.Integer(), nullable=True),
        sa.Column("look_at", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.Column("handed_to", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
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
        sa.Column("tenant", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("session", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("participant", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("person", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("want", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("material_fp", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("quiet_fp", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("starts_at", calsync.store.database.Utc(timezone=True), nullable=False),
        sa.Column("ends_at", calsync.store.database.Utc(timezone=True), nullable=False),
        sa.Column("channel", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("account", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("address", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("place_key", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("covered_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("material_version", sa.Integer(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=True),
        sa.Column("due_at", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.Column("settle_from", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.Column("settle_until", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.Column("look_at", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.Column("slot", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("parked", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("last_error", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("lease_token", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
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
        sa.Column("namespace", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("tzdata", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("configuration", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("heartbeat", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.Column("owner", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("owner_until", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instance")),
    )
    op.create_table(
        "journal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", calsync.store.database.Utc(timezone=True), nullable=False),
        sa.Column("tenant", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("session", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("participant", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.Column("what", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("detail", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
    )
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_journal_at"), ["at"], unique=False)
        batch_op.create_index(
            "ix_journal_delivery", ["tenant", "session", "participant"], unique=False
        )

    op.create_table(
        "lane",
        sa.Column("slot", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("lease_token", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("lease_until", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("slot", "lane", name=op.f("pk_lane")),
    )
    op.create_table(
        "limiter",
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("tat", calsync.store.database.Utc(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_limiter")),
    )
    op.create_table(
        "mail_count",
        sa.Column("tenant", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("session", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("participant", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("day", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant", "session", "participant", "day", name=op.f("pk_mail_count")
        ),
    )
    op.create_table(
        "notice",
        sa.Column("tenant", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("person", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("subject_key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("wire", sa.LargeBinary(), nullable=True),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.Column("lease_token", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
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
        sa.Column("tenant", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("channel", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("since", calsync.store.database.Utc(timezone=True), nullable=False),
        sa.Column("until", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "channel", "by", name=op.f("pk_pause")),
    )
    op.create_table(
        "quarantine",
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("record", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("field", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("since", calsync.store.database.Utc(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "record", name=op.f("pk_quarantine")),
    )
    op.create_table(
        "slot",
        sa.Column("slot", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("tenant", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("channel", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("account", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
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
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("last_ok", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.Column("last_error", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("failing_since", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.Column("swept_at", calsync.store.database.Utc(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_source_cursor")),
    )
