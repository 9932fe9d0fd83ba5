"""The ledger's values: delivery, copy, attempt, and the snapshot a decision is made from.

A *delivery* is what one participant should see of one session. A *copy* is one artefact that was
made for it out there. An *attempt* is one call with its exact bytes. Rows become these values at
the edge of the store; core and channels never see a row.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid5

from calsync.core.account import Account
from calsync.core.address import address_key
from calsync.core.content.event import DesiredEvent

MAIL = "mail"  # the channel of everybody without a usable calendar; its copies cannot be looked up


class Want(StrEnum):
    PRESENT = "present"
    ABSENT = "absent"


class Do(StrEnum):
    CREATE = "create"
    CHANGE = "change"
    WITHDRAW = "withdraw"


class CopyState(StrEnum):
    PLANNED = "planned"  # has a uid, nothing was sent
    UNSURE = "unsure"  # an attempt is stored; its call may or may not have happened
    LIVE = "live"  # it is out there, showing its fingerprints
    FAILED = "failed"  # refused for good, never existed
    GONE = "gone"  # we took it away, or know it is not there
    DISMISSED = "dismissed"  # the user removed it
    TAKEN = "taken"  # the user added guests: never written again
    STRANDED = "stranded"  # its account is lost; it may still be out there
    ELSEWHERE = "elsewhere"  # made by another system before the cut-over (baseline)


class Outcome(StrEnum):
    OPEN = "open"
    YES = "yes"
    NO = "no"
    MAYBE = "maybe"


class RefusalKind(StrEnum):
    """What an answer that says no for good is about."""

    NAMED = "named"  # this call, for a reason of its own
    ADDRESS = "address"  # the mailbox: another mail to it would be refused as well
    UNKNOWN = "unknown"  # nobody knows what it means, or whether the call happened


@dataclass(frozen=True, slots=True, order=True)
class DeliveryKey:
    tenant: str
    session: str
    participant: str


@dataclass(frozen=True, slots=True)
class Route:
    """Where a delivery goes. `account` is None for mail; `address` is the mailbox or login."""

    channel: str
    account: str | None
    address: str
    destination: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One stored call. Its bytes stay sealed in the store.

    version    the delivery's version it was made for
    via        channel and account the call goes through; differs from its copy's only when a mailed
               copy is taken out of a calendar
    sends      how often its bytes were handed to the channel (crashes included)
    maybes     how many answers `maybe` came from the server after the body began
    deadline   no call of this attempt can still be running after this instant
    conflict   the provider answered that the event to be made exists, made by no send known here
    """

    id: int
    do: Do
    version: int
    channel: str
    account: str | None
    material_fp: str
    quiet_fp: str
    outcome: Outcome
    deadline: datetime
    sends: int = 1
    maybes: int = 0
    conflict: bool = False
    content: DesiredEvent | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Marker:
    """What an artefact carries so that a calendar can be listed for what is ours. Nobody who does
    not know the installation's namespace can make one, or read anything in it.

    instance  the same on everything of this installation
    item      of the delivery and the generation
    """

    instance: str
    item: str


@dataclass(frozen=True, slots=True)
class Copy:
    """One artefact of a delivery; see ledger columns in docs/architecture.md.

    n, uid       number within its delivery; `uid` is "" only for an `elsewhere` without one
    address      mail: the one recipient; calendars: the account's verified address
    content      what it last showed for certain
    before       state to return to when an attempt on a live copy answers `no`
    seen_version for dismissed: the version the user had seen
    look_at      for a gone mailed copy: when to look again for what a mail client made of it
    handed_to    for a mailed copy: the account whose calendar took over
    looks_done   how many of those looks were made
    generation   the how-manieth copy of its delivery in its destination; 0: from before these were
                 counted, or another system's
    recovered    known from before a restore, or found after one: nobody knows who removed it, if it
                 is not there
    marker       what its artefact carries; made for each call, not stored
    message_id   of the first mail sent of it; None: it was made of the uid alone, or is not known
    marked_private  in a calendar: we hid what it showed last from others
    refusal      what the last refusal was about; None: the last call about it was not refused
    refusals     how many calls about it were refused in a row
    refused_version  the delivery's version when that happened
    again_at     when a refused call may be made again
    may_remain   it was not found where it stood, and the account's other calendars could not be
                 asked for it
    own_revision  the revision that our last write gave it, where nobody else had anything in it
                 then; while it is the `revision` as well, that is still so
    """

    n: int
    uid: str
    channel: str
    account: str | None
    address: str
    destination: str
    state: CopyState
    organizer: str = ""
    remote_id: str | None = None
    revision: str | None = None
    sequence: int = 0
    material_fp: str | None = None
    quiet_fp: str | None = None
    content: DesiredEvent | None = field(default=None, repr=False)
    replace: bool = False
    occupies: bool = False
    before: CopyState | None = None
    seen_version: int | None = None
    attempt: Attempt | None = None
    look_at: datetime | None = None
    handed_to: str | None = None
    looks_done: int = 0
    generation: int = 0
    recovered: bool = False
    marker: Marker | None = None
    message_id: str | None = None
    marked_private: bool = False
    refusal: RefusalKind | None = None
    refusals: int = 0
    refused_version: int | None = None
    again_at: datetime | None = None
    may_remain: bool = False
    own_revision: str | None = None

    @property
    def is_all_ours(self) -> bool:
        """Nobody but us has written anything in it, as far as is known: to be written over only
        where the provider checks that it is still the one of this revision."""
        return self.own_revision is not None and self.own_revision == self.revision


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one participant should see of one session.

    email             the participant's address as the platform knows it
    version           +1 with every change of want, fingerprint or route
    material_version  version at the last change of want or material_fp
    due_at            None: nothing to do
    debounce_until    no change is sent to a live copy before this instant
    mail_from         a digest announced the session: no first invitation by mail before this
    route             None: nowhere to go (no usable address)
    covered_by        participant whose copy this person sees; counts as want absent
    batch             the batch that is not released yet, with which it waits
    parked            why it waits for something to change, in the ledger's word
    wanted_since      since when what is material is wanted so, and nothing holds it
    told              the kind of plain mail that told of what still stands wrong
    told_version      the material version in which a plain mail told of it last
    cancelled         nothing is wanted because the session does not take place
    """

    key: DeliveryKey
    want: Want
    content: DesiredEvent | None = field(repr=False)
    material_fp: str
    quiet_fp: str
    starts_at: datetime
    ends_at: datetime
    route: Route | None
    version: int = 1
    material_version: int = 1
    email: str = ""
    covered_by: str | None = None
    batch: int | None = None
    due_at: datetime | None = None
    debounce_until: datetime | None = None
    mail_from: datetime | None = None
    attempts: int = 0
    parked: str | None = None
    wanted_since: datetime | None = None
    told: str | None = None
    told_version: int | None = None
    cancelled: bool = False

    @property
    def wanted(self) -> bool:
        return self.want is Want.PRESENT and self.covered_by is None and self.route is not None


@dataclass(frozen=True, slots=True)
class Rate:
    """Calls per minute a channel allows: over all accounts of a tenant, and for one account. None:
    no limit.

    client  the provider's client that these calls are counted for, whichever tenant makes them;
            "" where each tenant is counted by itself
    """

    provider: int | None = None
    account: int | None = None
    client: str = ""

    def counted_for(self, tenant: str) -> str:
        """Whose calls the limit over all accounts counts together."""
        return f"client {self.client}" if self.client else tenant


@dataclass(frozen=True, slots=True)
class Policy:
    handover_cancel: bool = True
    drift: str = "report"  # or "restore"
    unreachable_mail: timedelta = timedelta(minutes=120)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything one decision is made from, read in one transaction.

    now              the database's clock, aware UTC
    copies           all copies of the delivery, by n
    accounts         every account named by the route or a copy, by id; a missing one is lost
    destination_occupied  another delivery's copy occupies the route's destination
    destination_taken     a `taken` copy of any delivery of this session stands there
    excluded         `only_to` excludes this person
    """

    now: datetime
    delivery: Delivery
    copies: Sequence[Copy]
    accounts: Mapping[str, Account]
    policy: Policy = Policy()
    destination_occupied: bool = False
    destination_taken: bool = False
    excluded: bool = False

    def lost(self, account: str | None) -> bool:
        """A copy behind this account cannot be reached now. Mail (None) is never lost."""
        if account is None:
            return False
        known = self.accounts.get(account)
        return known is None or known.lost

    def cooling(self, account: str | None) -> datetime | None:
        """Until when this account must be left alone, if that is still ahead."""
        known = self.accounts.get(account) if account else None
        until = known.cooling_until if known else None
        return until if until is not None and until > self.now else None


def copy_uid(namespace: UUID, key: DeliveryKey, destination: str, generation: int) -> str:
    """The uid of a delivery's copy in one destination: the same for the same instance, for ever.

    It follows from what a ledger that was put back from a backup knows as well. The number of the
    copy would not do: what was made in the lost time has taken the next ones, elsewhere perhaps.
    """
    name = json.dumps(
        [key.tenant, key.session, key.participant, destination, generation],
        separators=(",", ":"),
        ensure_ascii=False,
    )
    return str(uuid5(namespace, name))


def marker_of(namespace: UUID, key: DeliveryKey, generation: int) -> Marker:
    """The marker of a delivery's copy: the same for the same instance, for ever."""
    item = [key.tenant, key.session, key.participant, generation]
    return Marker(instance_marker(namespace), _keyed(namespace, json.dumps(item)))


def instance_marker(namespace: UUID) -> str:
    """What everything that this installation made is marked with."""
    return _keyed(namespace, "instance")


def _keyed(namespace: UUID, text: str) -> str:
    return hmac.new(namespace.bytes, text.encode(), hashlib.sha256).hexdigest()[:32]


def next_generation(copies: Sequence[Copy], destination: str) -> int:
    """Which generation of its delivery in this destination a new copy is. Copies from before
    generations were counted count one each."""
    here = [c.generation for c in copies if c.destination == destination and c.uid]
    return 1 + max(max(here, default=0), sum(1 for one in here if not one))


def mail_destination(address: str) -> str:
    """The place key of a mailbox: one per address, however it is spelt."""
    return f"mail:{address_key(address)}"
