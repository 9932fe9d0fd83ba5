"""The tables. Rows become core values in the neighbouring modules; nobody else sees a row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from calsync.store.database import Utc
from calsync.store.engine.packed import Packed
from calsync.store.upcoming.condition import UNASKED

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


CLAIMABLE = "due_at IS NOT NULL AND batch IS NULL AND parked IS NULL"
FAILING = f"attempts > 0 AND {CLAIMABLE}"


class Table(SQLModel):
    """The base of ours alone, so that another SQLModel in the process cannot mix in."""

    metadata = sa.MetaData(naming_convention=NAMES)


def utc(**options: Any) -> Any:
    return Field(sa_type=Utc, **options)


def partial_index(name: str, *columns: Any, where: str, unique: bool = False) -> sa.Index:
    """An index of the rows alone for which the condition holds, in both databases."""
    only = sa.text(where)
    return sa.Index(name, *columns, unique=unique, sqlite_where=only, postgresql_where=only)


class InstanceRow(Table, table=True):
    """One row: what this installation is. `namespace` makes every uid; back it up."""

    __tablename__ = "instance"
    id: int = Field(primary_key=True)
    namespace: str
    tzdata: str | None = None
    configuration: str | None = None  # digest of the settings that decide what may leave
    heartbeat: datetime | None = utc(default=None)
    owner: str | None = None  # the `run` that holds this database, by token
    owner_until: datetime | None = utc(default=None)
    copied_at: datetime | None = utc(default=None)  # a backup: made then, or known to end then
    recovered_at: datetime | None = utc(default=None)  # the last time a backup was put back
    unsubscribing: bytes | None = None  # sealed: what the tokens of unsubscribe links are made with


class AccountRow(Table, table=True):
    __tablename__ = "account"
    __table_args__ = (
        sa.UniqueConstraint("tenant", "provider", "vendor_id"),
        sa.Index(None, "tenant", "email"),
        partial_index("ix_account_check", "state", "check_at", where="check_at IS NOT NULL"),
        partial_index("ix_account_leaving", "state", where="chosen_at IS NULL"),
    )
    id: str = Field(primary_key=True)
    tenant: str
    email: str  # the key of the platform address
    provider: str
    vendor_id: str
    address: str
    calendar: str
    endpoint: str = ""
    username: str = ""
    scopes: str = ""
    grant: str
    state: str
    reason: str | None = None
    chosen_at: datetime | None = utc(default=None)  # None: on its way out, only withdrawn from
    state_at: datetime = utc()
    secret: bytes | None = None  # sealed refresh token or password
    token: bytes | None = None  # sealed access token
    token_until: datetime | None = utc(default=None)
    token_version: int = 0
    lock_token: str | None = None
    lock_until: datetime | None = utc(default=None)
    check_at: datetime | None = utc(default=None)
    listed_at: datetime | None = utc(default=None)  # its calendar was listed by our marker
    refuses_stale: bool = False  # its server was seen to refuse a change of another revision


class SlotRow(Table, table=True):
    """Where calls queue: one per account, and one per tenant's mail sender.

    next_due is the earliest due_at among the slot's claimable deliveries, or the end of its cooling
    where that is later.
    """

    __tablename__ = "slot"
    __table_args__ = (
        sa.Index("ix_slot_due", "tenant", "channel", "next_due"),
        sa.Index(None, "account"),
        partial_index("ix_slot_failing", "tenant", "channel", where="failures > 0"),
    )
    slot: str = Field(primary_key=True)
    tenant: str
    channel: str
    account: str | None = None
    cooling_until: datetime | None = utc(default=None)
    failures: int = 0
    failing_since: datetime | None = utc(default=None)  # the first of these failures
    refused_sender: str | None = None  # mails in a row whose refusals speak of us, as JSON
    next_due: datetime | None = utc(default=None)


class LaneRow(Table, table=True):
    """One call at a time may run in a lane; a slot has one or several."""

    __tablename__ = "lane"
    slot: str = Field(primary_key=True)
    lane: int = Field(primary_key=True)
    lease_token: str | None = None
    lease_until: datetime | None = utc(default=None)


class DeliveryRow(Table, table=True):
    __tablename__ = "delivery"
    __table_args__ = (
        partial_index(
            "ix_delivery_claim", "slot", "priority", "due_at", "starts_at", where=CLAIMABLE
        ),
        partial_index(
            "ix_delivery_batched", "batch", "session", "participant", where="batch IS NOT NULL"
        ),
        sa.Index("ix_delivery_person", "tenant", sa.text("lower(email)"), "ends_at"),
        sa.Index("ix_delivery_ahead", "tenant", "ends_at", "want", "covered_by"),
        partial_index("ix_delivery_kept", "ends_at", where="content IS NOT NULL"),
        partial_index("ix_delivery_parked", "ends_at", where="parked IS NOT NULL"),
        partial_index("ix_delivery_announced", "mail_from", where="mail_from IS NOT NULL"),
        sa.Index("ix_delivery_look", "account", "look_at"),
        partial_index(
            "ix_delivery_inspect", "tenant", "channel", "look_at", where="look_at IS NOT NULL"
        ),
        partial_index("ix_delivery_tell", "tell_at", where="tell_at IS NOT NULL"),
        partial_index("ix_delivery_failing", "starts_at", where=FAILING),
        partial_index("ix_delivery_told", "starts_at", where="told IS NOT NULL"),
        partial_index("ix_delivery_unasked", "tenant", "starts_at", where=UNASKED),
        partial_index(
            "ix_delivery_upcoming", "tenant", "upcoming_at", where="upcoming_at IS NOT NULL"
        ),
    )
    tenant: str = Field(primary_key=True)
    session: str = Field(primary_key=True)
    participant: str = Field(primary_key=True)
    email: str
    person: str = ""
    want: str
    content: str | None = Field(default=None, sa_type=Packed)
    material_fp: str
    quiet_fp: str
    starts_at: datetime = utc()
    ends_at: datetime = utc()
    channel: str | None = None
    account: str | None = None
    address: str | None = None
    place_key: str | None = None
    covered_by: str | None = None
    version: int = 1
    material_version: int = 1
    batch: int | None = None
    due_at: datetime | None = utc(default=None)
    settle_from: datetime | None = utc(default=None)
    settle_until: datetime | None = utc(default=None)
    mail_from: datetime | None = utc(default=None)  # a digest announced its first invitation
    look_at: datetime | None = utc(default=None)
    slot: str | None = None
    priority: int = 1
    attempts: int = 0
    parked: str | None = None
    last_error: str | None = None
    lease_token: str | None = None
    lease_until: datetime | None = utc(default=None)
    lease_version: int | None = None
    stands_until: datetime | None = utc(default=None)  # a copy shows an end later than `ends_at`
    wanted_since: datetime | None = utc(default=None)  # of what is material, once released
    tell_at: datetime | None = utc(default=None)  # when to ask whether what is shown is wrong
    told: str | None = None  # the kind of plain mail that told of it, and in which material version
    told_version: int | None = None
    cancelled: bool | None = None  # why nothing is wanted; None: not known, or it is wanted
    upcoming_at: datetime | None = utc(default=None)  # when to ask again about its Upcoming mail
    upcoming_start: datetime | None = utc(default=None)  # the start that was asked about


class CopyRow(Table, table=True):
    """One artefact ever made. At most one copy of a session holds a place: a database rule."""

    __tablename__ = "copy"
    __table_args__ = (
        partial_index(
            "uq_copy_holds", "tenant", "session", "place_key", unique=True, where="holds"
        ),
        sa.Index("ix_copy_state", "channel", "state", "tenant"),
        sa.Index("ix_copy_account", "account"),
        partial_index("ix_copy_handed_to", "handed_to", where="handed_to IS NOT NULL"),
    )
    tenant: str = Field(primary_key=True)
    session: str = Field(primary_key=True)
    participant: str = Field(primary_key=True)
    n: int = Field(primary_key=True)
    uid: str
    channel: str
    account: str | None = None
    address: str
    place_key: str
    state: str
    organizer: str = ""
    remote_id: str | None = None
    revision: str | None = None
    sequence: int = 0
    material_fp: str | None = None
    quiet_fp: str | None = None
    content: bytes | None = None  # sealed
    replace: bool = False
    holds: bool = False
    before: str | None = None
    seen_version: int | None = None
    last_attempt: int | None = None
    look_at: datetime | None = utc(default=None)
    handed_to: str | None = None
    looks_done: int = 0
    message_id: str | None = None  # of the first mail sent of it
    marked_private: bool | None = None  # None: from before this was noted
    generation: int = 0  # of its delivery in its place; 0: made before generations were counted
    recovered: bool = False  # known from before a restore, or from a calendar after one
    refusal: str | None = None
    refusals: int = 0
    refused_version: int | None = None
    again_at: datetime | None = utc(default=None)
    may_remain: bool = False  # not found there; the account's other calendars could not be asked
    own_revision: str | None = None  # of our last write, where nobody else had anything in it
    changed_at: datetime = utc()


class AttemptRow(Table, table=True):
    """One call. `wire` (sealed exact bytes) is blanked once it is accepted, and by the purge; the
    row is kept."""

    __tablename__ = "attempt"
    __table_args__ = (
        sa.Index("ix_attempt_copy", "tenant", "session", "participant", "n"),
        partial_index("ix_attempt_kept", "started", where="wire IS NOT NULL"),
    )
    id: int | None = Field(default=None, primary_key=True)
    tenant: str
    session: str
    participant: str
    n: int
    do: str
    version: int
    channel: str
    account: str | None = None
    material_fp: str
    quiet_fp: str
    wire: bytes | None = None
    outcome: str
    started: datetime = utc()
    deadline: datetime = utc()
    sends: int = 1
    maybes: int = 0
    conflict: bool = False  # a create that was answered: this exists
    ended: datetime | None = utc(default=None)
    vendor_request_id: str | None = None
    answer: str | None = None


class BatchRow(Table, table=True):
    __tablename__ = "batch"
    __table_args__ = (sa.Index(None, "state"), sa.Index(None, "tenant", "closed"))
    id: int | None = Field(default=None, primary_key=True)
    tenant: str
    source: str
    state: str  # open | closing | released | held | rejected
    counts: str = "{}"
    digest: str = ""
    opened: datetime = utc()
    closed: datetime | None = utc(default=None)
    verdict: str | None = None  # of one that is closing: which kinds go, as JSON
    revision: int = 0  # +1 when somebody else than its source changes what it holds
    summary: str | None = None  # what is shown of one that is held, as JSON


class NoticeRow(Table, table=True):
    """A plain mail without .ics, sent once per key. `fact`: what one about an account tells of."""

    __tablename__ = "notice"
    __table_args__ = (
        sa.Index(None, "state", "due_at"),
        partial_index("ix_notice_kept", "created", where="wire IS NOT NULL OR fact IS NOT NULL"),
    )
    tenant: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    person: str = Field(primary_key=True)
    subject_key: str = Field(primary_key=True)
    wire: bytes | None = None
    fact: str | None = Field(default=None, sa_type=sa.Text)
    state: str  # due | unsure | sent | refused | dropped | maybe
    attempts: int = 0
    due_at: datetime | None = utc(default=None)
    lease_token: str | None = None
    lease_until: datetime | None = utc(default=None)
    created: datetime = utc()


class PauseRow(Table, table=True):
    """Claims are stopped for a tenant and channel ("*" for all): by ops, or by a Setup error."""

    __tablename__ = "pause"
    tenant: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    by: str = Field(primary_key=True)  # ops | setup | provider
    reason: str = ""
    since: datetime = utc()
    until: datetime | None = utc(default=None)


class LimiterRow(Table, table=True):
    """A rate limit as one instant (GCRA): the theoretical arrival time of the next call."""

    __tablename__ = "limiter"
    key: str = Field(primary_key=True)
    tat: datetime = utc()
