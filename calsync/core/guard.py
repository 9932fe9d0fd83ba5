"""The guard: which of a batch's changes may leave, and which wait for a person's yes.

A poll that suddenly changes much is more often a mistake in the source than a busy day; what
leaves as mail or disappears from calendars cannot be taken back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from calsync.core.ledger import MAIL, CopyState, DeliveryKey


class ChangeKind(StrEnum):
    """What carrying out a delivery's change would do to its person."""

    NOTHING = "nothing"
    QUIET = "quiet"  # a calendar entry is reworded, silently
    FIRST_EVENT = "first_event"  # appears in a calendar, silently
    FIRST_MAIL = "first_mail"  # an invitation to someone who had nothing
    WITHDRAW = "withdraw"
    INFERRED = "inferred"  # withdrawn because the source no longer shows it
    WENT_BACK = "went_back"  # what an older version changes that was accepted
    NOBODY_LEFT = "nobody_left"  # withdrawn because no participant of the session was listed
    MOVE = "move"  # time, place or link of something shown
    SWITCH = "switch"  # shown elsewhere from now on, with a mail


# The guard never holds these.
SILENT = frozenset({ChangeKind.NOTHING, ChangeKind.QUIET, ChangeKind.FIRST_EVENT})
WITHDRAWALS = frozenset({ChangeKind.WITHDRAW, ChangeKind.INFERRED})
ALWAYS_HELD = frozenset({ChangeKind.NOBODY_LEFT})  # however few they are
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
    email: str = ""
    starts_at: datetime | None = None
    nobody_left: bool = False
    went_back: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """What may leave without a person's yes.

    max_changes, max_share   withdrawals, moves or switches: the larger of a number of deliveries
                             and a part of the tenant's deliveries ahead
    max_inferred             withdrawals concluded from what a source no longer shows; and changes
                             by versions that are older than what was accepted
    max_first_mails          first invitations by mail
    max_withdrawn,           withdrawals of both kinds together: more than this many, of more than
    max_withdrawn_share      `free_sessions` sessions, that are more than this part of what stands
                             ahead, are held however small the tenant is
    free_sessions            changes of up to so many sessions are never held
    """

    max_changes: int = 50
    max_share: float = 0.2
    max_inferred: int = 10
    max_first_mails: int = 200
    max_withdrawn: int = 10
    max_withdrawn_share: float = 0.5
    free_sessions: int = 3


@dataclass(frozen=True, slots=True)
class Tally:
    """How many deliveries changed in one way, and the sessions they belong to."""

    deliveries: int = 0
    sessions: frozenset[str] = field(default_factory=frozenset)

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.deliveries + other.deliveries, self.sessions | other.sessions)


NONE = Tally()


def kind_of(change: Change) -> ChangeKind:
    """What this change would do."""
    kind = _kind_of(change)
    return ChangeKind.WENT_BACK if change.went_back and kind not in SILENT else kind


def _kind_of(change: Change) -> ChangeKind:
    shown = [one for one in change.had if one.state in SHOWN]
    if not change.wanted:
        return _withdrawal(change) if shown else ChangeKind.NOTHING
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
        return ChangeKind.FIRST_MAIL if change.channel == MAIL else ChangeKind.FIRST_EVENT
    by_mail = change.channel == MAIL or any(one.channel == MAIL for one in shown)
    return ChangeKind.SWITCH if by_mail else ChangeKind.FIRST_EVENT


def _withdrawal(change: Change) -> ChangeKind:
    if change.nobody_left:
        return ChangeKind.NOBODY_LEFT
    return ChangeKind.INFERRED if change.inferred else ChangeKind.WITHDRAW


def tallies(changes: Iterable[tuple[Change, ChangeKind]]) -> dict[ChangeKind, Tally]:
    """The changes counted by what they would do."""
    found: dict[ChangeKind, list[str]] = {}
    for change, kind in changes:
        found.setdefault(kind, []).append(change.key.session)
    return {kind: Tally(len(ids), frozenset(ids)) for kind, ids in found.items()}


def held_kinds(
    counts: Mapping[ChangeKind, Tally],
    recent: Mapping[ChangeKind, Tally],
    future: int,
    standing: int,
    limits: Limits,
) -> frozenset[ChangeKind]:
    """Kinds of `counts` that are, with those of the last 60 minutes, too much to let go by itself.

    future    the tenant's deliveries of sessions still ahead
    standing  how many of them are wanted after these changes
    """
    total = {kind: counts[kind] + recent.get(kind, NONE) for kind in counts}
    share = max(limits.max_changes, int(limits.max_share * future))
    allowed = {
        ChangeKind.WITHDRAW: share,
        ChangeKind.MOVE: share,
        ChangeKind.SWITCH: share,
        ChangeKind.INFERRED: limits.max_inferred,
        ChangeKind.WENT_BACK: limits.max_inferred,
        ChangeKind.FIRST_MAIL: limits.max_first_mails,
    }
    held = {
        kind
        for kind, most in allowed.items()
        if kind in total and _is_mass(total[kind], most, limits)
    }
    if _empties(counts, recent, standing, limits):
        held |= WITHDRAWALS & counts.keys()
    return frozenset(held | ALWAYS_HELD & counts.keys())


def _is_mass(tally: Tally, most: int, limits: Limits) -> bool:
    return tally.deliveries > most and len(tally.sessions) > limits.free_sessions


def _empties(
    counts: Mapping[ChangeKind, Tally],
    recent: Mapping[ChangeKind, Tally],
    standing: int,
    limits: Limits,
) -> bool:
    """Most of what a small tenant has ahead would be withdrawn."""
    gone = _sum([one.get(kind, NONE) for one in (counts, recent) for kind in WITHDRAWALS])
    had = standing + gone.deliveries
    return (
        _is_mass(gone, limits.max_withdrawn, limits)
        and gone.deliveries > limits.max_withdrawn_share * had
    )


def _sum(tallies: Sequence[Tally]) -> Tally:
    total = NONE
    for one in tallies:
        total += one
    return total


def checksum(changes: Iterable[tuple[Change, ChangeKind]]) -> str:
    """Names exactly this set of changes; another change gives another checksum."""
    rows = sorted(
        [*(c.key.tenant, c.key.session, c.key.participant), str(c.version), kind.value]
        for c, kind in changes
    )
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:12]
