"""The guard: which of a batch's changes may leave, and which wait for a person's yes.

A poll that suddenly changes much is more often a mistake in the source than a busy day; what
leaves as mail or disappears from calendars cannot be taken back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from calsync.core.ledger import CopyState, DeliveryKey


class ChangeKind(StrEnum):
    """What carrying out a delivery's change would do to its person."""

    NOTHING = "nothing"
    QUIET = "quiet"  # a calendar entry is reworded, silently
    FIRST_EVENT = "first_event"  # appears in a calendar, silently
    FIRST_MAIL = "first_mail"  # an invitation to someone who had nothing
    WITHDRAW = "withdraw"
    INFERRED = "inferred"  # withdrawn because the source no longer shows it
    MOVE = "move"  # time, place or link of something shown
    SWITCH = "switch"  # shown elsewhere from now on, with a mail


SHOWN = frozenset(
    {CopyState.LIVE, CopyState.UNSURE, CopyState.TAKEN, CopyState.STRANDED, CopyState.ELSEWHERE}
)


@dataclass(frozen=True, slots=True)
class Had:
    """One copy a person has, as far as the guard cares."""

    channel: str
    destination: str
    state: CopyState
    material_fp: str | None
    quiet_fp: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """What is wanted for one delivery in the batch, beside what its person has."""

    key: DeliveryKey
    version: int
    wanted: bool
    inferred: bool
    channel: str | None
    destination: str | None
    material_fp: str
    quiet_fp: str
    had: tuple[Had, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    max_changes: int = 50
    max_share: float = 0.2
    max_inferred: int = 10
    max_first_mails: int = 200


def kind_of(change: Change, mail: str = "mail") -> ChangeKind:
    """What this change would do."""
    shown = [one for one in change.had if one.state in SHOWN]
    if not change.wanted:
        if not shown:
            return ChangeKind.NOTHING
        return ChangeKind.INFERRED if change.inferred else ChangeKind.WITHDRAW
    here = [one for one in shown if one.destination == change.destination]
    if here:
        if all(one.material_fp == change.material_fp for one in here):
            return (
                ChangeKind.QUIET
                if any(one.quiet_fp != change.quiet_fp for one in here)
                else ChangeKind.NOTHING
            )
        return ChangeKind.MOVE
    if not shown:
        return ChangeKind.FIRST_MAIL if change.channel == mail else ChangeKind.FIRST_EVENT
    by_mail = change.channel == mail or any(one.channel == mail for one in shown)
    return ChangeKind.SWITCH if by_mail else ChangeKind.FIRST_EVENT


def held_kinds(
    counts: Mapping[ChangeKind, int], recent: Mapping[ChangeKind, int], future: int, limits: Limits
) -> frozenset[ChangeKind]:
    """Kinds whose count, with that of the last 60 minutes, is too much to let go by itself.

    future   the tenant's deliveries of sessions still ahead
    """
    share = max(limits.max_changes, int(limits.max_share * future))
    allowed = {
        ChangeKind.WITHDRAW: share,
        ChangeKind.MOVE: share,
        ChangeKind.SWITCH: share,
        ChangeKind.INFERRED: limits.max_inferred,
        ChangeKind.FIRST_MAIL: limits.max_first_mails,
    }
    return frozenset(
        kind
        for kind, most in allowed.items()
        if counts.get(kind, 0) and counts.get(kind, 0) + recent.get(kind, 0) > most
    )


def checksum(changes: Iterable[tuple[Change, ChangeKind]]) -> str:
    """Names exactly this set of changes; another change gives another checksum."""
    rows = sorted(
        [*(c.key.tenant, c.key.session, c.key.participant), str(c.version), kind.value]
        for c, kind in changes
    )
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:12]
