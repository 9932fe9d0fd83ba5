"""The tables of what comes in: booked sessions, their sources, and records that cannot be used."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from calsync.store.engine.packed import Packed
from calsync.store.tables.journal import Table
from calsync.store.tables.ledger import partial_index, utc

__all__ = ["Table"]

NOBODY = "nobody_since IS NOT NULL"


class SessionRow(Table, table=True):
    """A booked session as last accepted. `record` is blanked by the purge."""

    __tablename__ = "booked_session"
    __table_args__ = (
        sa.Index("ix_booked_session_ahead", "source", "ends_at", "id", "status"),
        partial_index("ix_booked_session_kept", "ends_at", where="record IS NOT NULL"),
        partial_index("ix_booked_session_stale", "ends_at", where="stale IS NOT NULL"),
        sa.Index(None, "tenant", "program"),
        sa.Index(None, "tenant", "starts_at", "id"),
        sa.Index("ix_booked_session_zone", "time_zone", "ends_at"),
        partial_index("ix_booked_session_nobody", "source", "ends_at", where=NOBODY),
        partial_index(
            "ix_booked_session_upcoming",
            "tenant",
            "upcoming_hours",
            where="upcoming_hours IS NOT NULL",
        ),
    )
    tenant: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    source: str
    updated_at: datetime = utc()
    digest: str
    status: str
    program: str | None = None
    starts_at: datetime | None = utc(default=None)
    ends_at: datetime | None = utc(default=None)
    time_zone: str | None = None  # of a cancelled one nobody says it
    record: str | None = Field(default=None, sa_type=Packed)
    stale: str | None = None
    stored_at: datetime = utc()
    seen_at: datetime | None = utc(default=None)  # last time a sweep or poll showed it
    missing_since: datetime | None = utc(default=None)
    nobody_since: datetime | None = utc(default=None)  # read without people, who had some
    went_back_at: datetime | None = utc(default=None)  # an older version was accepted
    gone_since: datetime | None = utc(default=None)  # the source was asked for it and had it not
    returned_at: datetime | None = utc(default=None)  # it was gone: only sweeps miss it now
    taken_back: bool = False  # what is accepted now is such a version
    upcoming_hours: int | None = None  # of its program, in place of the tenant's
    record_hash: str | None = (
        None  # of the raw record, with what it is read by; None: is read again
    )


class SourceRow(Table, table=True):
    __tablename__ = "source_cursor"
    name: str = Field(primary_key=True)
    cursor: str | None = Field(default=None, sa_type=sa.Text)
    last_ok: datetime | None = utc(default=None)
    last_error: str | None = None
    failing_since: datetime | None = utc(default=None)
    swept_at: datetime | None = utc(default=None)
    swept_with: str | None = None  # what the records were read with
    sweep_tried_at: datetime | None = utc(default=None)
    sweep_error: str | None = None
    asked_soon: str | None = None  # how far the rounds of asking for known sessions have come
    asked_later: str | None = None
    recompute_from: str | None = None  # zones whose data changed, and how far it was followed
    poll_token: str | None = None  # one poll or sweep of a source at a time
    poll_until: datetime | None = utc(default=None)
    poll_since: datetime | None = utc(default=None)  # when that one began


class QuarantineRow(Table, table=True):
    """A record or a person set aside, with the reason; gone when a good record arrives."""

    __tablename__ = "quarantine"
    source: str = Field(primary_key=True)
    record: str = Field(primary_key=True)
    field: str
    reason: str
    since: datetime = utc()


class RecordWarningRow(Table, table=True):
    """What was left out of an accepted record, until a later one is right."""

    __tablename__ = "record_warning"
    tenant: str = Field(primary_key=True)
    session: str = Field(primary_key=True)
    n: int = Field(primary_key=True)
    source: str
    participant: str = ""
    field: str
    reason: str
    set_aside: bool = False
    since: datetime = utc()


class OlderVersionRow(Table, table=True):
    """What a sweep shows of a session of which a newer version was accepted.

    seen_at  the last sweep that showed it; since: the first complete one
    """

    __tablename__ = "older_version"
    __table_args__ = (sa.Index(None, "source"),)
    tenant: str = Field(primary_key=True)
    session: str = Field(primary_key=True)
    source: str
    updated_at: datetime = utc()
    digest: str
    record: str = Field(sa_type=Packed)
    seen_at: datetime = utc()
    since: datetime | None = utc(default=None)
