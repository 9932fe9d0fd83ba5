"""What became of an order of an operator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Approval:
    """A held batch that was let go, or rejected."""

    batch: int
    changes: Mapping[str, int]
    digest: str
    rejected: bool


@dataclass(frozen=True, slots=True)
class RecordedBaseline:
    """What of another system is known from now on.

    recorded     deliveries that stand elsewhere
    adopted      events that were taken over
    with_guests  whose event has guests and is left alone, as session and participant
    left_out     whose event could not be taken over, with the reason
    """

    recorded: int
    adopted: int = 0
    with_guests: Sequence[str] = ()
    left_out: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much was stored about a person who is forgotten, and what is beyond our reach.

    revoking          consents that are being taken back at their provider
    events_left       events in calendars; invitations_left: in mailboxes
    named_in          sessions ahead whose other participants may still see the name
    """

    deliveries: int
    accounts: int
    revoking: int = 0
    events_left: int = 0
    invitations_left: int = 0
    named_in: int = 0
