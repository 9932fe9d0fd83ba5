"""A claim, and how it ends: everything that the end of one claim stores, as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from types import MappingProxyType
from typing import Final

from calsync.core.account import AccountState
from calsync.core.ledger import Attempt, Copy, Delivery, Snapshot
from calsync.core.reconcile.prepare import copies_with
from calsync.core.reconcile.refused_sender import RefusedMail
from calsync.core.reconcile.telling import Outlook, outlook
from calsync.core.schedule import LONGEST_FOR_ALL, at_least
from calsync.errors import ChannelError, Setup, TryLater
from calsync.values import replaced

SETUP_AGAIN = timedelta(minutes=5)
PROVIDER_AGAIN = timedelta(seconds=20)
BY_SETUP, BY_PROVIDER = "setup", "provider"  # who stops a channel by itself


class Unchanged(Enum):
    """The one value that stands for "leave it as it is" where None says something else."""

    UNCHANGED = "unchanged"


UNCHANGED: Final = Unchanged.UNCHANGED


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery under one worker's lease, as it was when it was claimed.

    failures  how many calls through the slot failed in a row before this one
    probes    the channel of which its call finds out whether the provider takes calls again, after
              a break that it asked for; "" when nobody waits for that
    """

    token: str
    slot: str
    lane: int
    delivery: Delivery
    failures: int = 0
    probes: str = ""


@dataclass(frozen=True, slots=True)
class Reread:
    """What the ledger says of a claim when its answer has come.

    version  of the delivery while the lease is still the claim's; None: somebody else has it
    copies   all copies of the delivery, by n
    refused_sender  mails through the claim's slot that were refused in a row for their sender, as
             stored
    unread   it was not asked: this is what the claim stored itself
    """

    version: int | None
    copies: Sequence[Copy]
    refused_sender: str | None = None
    unread: bool = False


@dataclass(frozen=True, slots=True)
class Schedule:
    """How a lease ends. Whoever changed or woke the delivery meanwhile wins: then it is due at
    once, in the slot it was given, and not parked for what it no longer is.

    slot    where the next call queues; None: where it was claimed
    parked  the reason to wait until something changes; None: it does not
    outlook what stands wrong from here on; None: that is not known
    """

    due_at: datetime | None
    slot: str | None = None
    parked: str | None = None
    attempts: int | Unchanged = UNCHANGED
    last_error: str | Unchanged | None = UNCHANGED
    inspect_at: datetime | Unchanged | None = UNCHANGED
    outlook: Outlook | None = None


def with_outlook(
    schedule: Schedule, known: Snapshot, copy: Copy | None = None, now: datetime | None = None
) -> Schedule:
    """The schedule with what stands wrong from here on, as `known` shows it with this copy and at
    this instant."""
    parked = schedule.parked or known.delivery.parked
    delivery = replaced(known.delivery, due_at=schedule.due_at, parked=parked)
    copies = copies_with(known.copies, copy)
    left = replaced(known, delivery=delivery, copies=copies, now=now or known.now)
    return replaced(schedule, outlook=outlook(left))


@dataclass(frozen=True, slots=True)
class ChannelStop:
    """No claims for a channel until an instant: of one tenant, or of all (`everywhere`)."""

    tenant: str
    channel: str
    by: str
    reason: str
    until: datetime
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class ForeignZone:
    """A zone's name that a channel's provider does not know."""

    channel: str
    zone: str


@dataclass(frozen=True, slots=True)
class LostAccount:
    """An account that can no longer be written."""

    account: str
    state: AccountState
    reason: str


@dataclass(frozen=True, slots=True)
class Note:
    """One line, of the journal or of the log: a fixed past-tense name and harmless facts."""

    what: str
    facts: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    n: int | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """Everything that the end of one claim stores, in one transaction.

    schedule     None: the lease is somebody else's, who schedules
    was, copy    a copy as it is stored, and as it is from now on
    unread       `was` is what the claim stored itself: whoever stores this finds out that the copy
                 still waits for this attempt
    attempt      an attempt as it is from now on, with the provider's answer to it
    wake         the delivery is due now, whoever has its lease
    called       a call was made, and this is what came of it
    news_since   since when what is shown from now on was wanted, where it was not shown before
    failed       a call failed for its whole slot, which cools until `cools_until`
    warm         a call went through: the slot's failures are over
    one_by_one_until  a call of an account was not answered in time: one call at a time until then
    counts_mail  a mail left that counts for the day
    sender_refused   a mail that was refused for its sender
    sender_accepted  a mail was accepted: what was refused so before it was in no row
    lines, log   for the journal and, once all of it is stored, for the log
    """

    claim: Claim
    schedule: Schedule | None
    was: Copy | None = None
    copy: Copy | None = None
    unread: bool = False
    attempt: Attempt | None = None
    answer: str | None = None
    request_id: str | None = None
    wake: bool = False
    called: bool = False
    news_since: datetime | None = None
    cools_until: datetime | None = None
    failed: bool = False
    warm: bool = False
    one_by_one_until: datetime | None = None
    counts_mail: bool = False
    sender_refused: RefusedMail | None = None
    sender_accepted: bool = False
    stop: ChannelStop | None = None
    lost: LostAccount | None = None
    foreign_zone: ForeignZone | None = None
    lines: tuple[Note, ...] = ()
    log: tuple[Note, ...] = ()


def setup_stop(tenant: str, channel: str, error: Setup, now: datetime) -> ChannelStop:
    """The operator's fault stops that channel, for the tenant or everywhere."""
    everywhere = error.scope == "provider"
    return ChannelStop(tenant, channel, BY_SETUP, error.reason, now + SETUP_AGAIN, everywhere)


def asks_for_a_break(error: ChannelError) -> bool:
    """Whether the answer speaks of all calls, and not of this one or of its account."""
    return isinstance(error, TryLater) and error.scope in ("tenant", "provider")


def provider_stop(
    tenant: str, channel: str, error: ChannelError, now: datetime
) -> ChannelStop | None:
    """A provider that asks for a break gets one, from a tenant or from everybody; None for an
    answer that concerns less."""
    if not asks_for_a_break(error):
        return None
    until = now + at_least(PROVIDER_AGAIN, error.after, LONGEST_FOR_ALL)
    everywhere = error.scope == "provider"
    return ChannelStop(tenant, channel, BY_PROVIDER, error.reason, until, everywhere)
