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

from calsync.core.desired import Wanted
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
# What a session that nobody knew before brings.
FIRST = frozenset({ChangeKind.NOTHING, ChangeKind.FIRST_EVENT, ChangeKind.FIRST_MAIL})
BY_SHARE = (ChangeKind.WITHDRAW, ChangeKind.MOVE, ChangeKind.SWITCH)
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

    def keeping(self, most: int) -> Tally:
        """The same with the ids of at most so many sessions: whether they are more than a few is
        all that is asked of them."""
        if len(self.sessions) <= most:
            return self
        return Tally(self.deliveries, frozenset(sorted(self.sessions)[:most]))


NONE = Tally()


def kind_of(change: Change) -> ChangeKind:
    """What this change would do."""
    kind = _kind_of(change)
    return ChangeKind.WENT_BACK if change.went_back and kind not in SILENT else kind


def first_kind(wanted: Wanted) -> ChangeKind:
    """What it does to somebody who has nothing of the session yet."""
    if wanted.event is None or wanted.covered_by is not None:
        return ChangeKind.NOTHING
    by_mail = wanted.route is not None and wanted.route.channel == MAIL
    return ChangeKind.FIRST_MAIL if by_mail else ChangeKind.FIRST_EVENT


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


def sessions_kept(limits: Limits) -> int:
    """How many sessions a tally has to remember for these limits."""
    return limits.free_sessions + 1


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
        **dict.fromkeys(BY_SHARE, share),
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


def count_ahead_to(
    counts: Mapping[ChangeKind, Tally], recent: Mapping[ChangeKind, Tally], limits: Limits
) -> int:
    """As far as deliveries ahead have to be counted for `held_kinds`: more of them change nothing.
    0 where the numbers alone decide."""
    total = {kind: counts[kind] + recent.get(kind, NONE) for kind in counts}
    of_share = max((total[kind].deliveries for kind in total if kind in BY_SHARE), default=0)
    gone = _sum([one.get(kind, NONE) for one in (counts, recent) for kind in WITHDRAWALS])
    needed = [0]
    if of_share > limits.max_changes and limits.max_share:
        needed.append(int((of_share + 1) / limits.max_share) + 1)
    if gone.deliveries > limits.max_withdrawn and limits.max_withdrawn_share:
        needed.append(int(gone.deliveries / limits.max_withdrawn_share) + 1)
    return max(needed)


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
    return checksum_of(sum(fingerprint(change, kind) for change, kind in changes))


def fingerprint(change: Change, kind: ChangeKind) -> int:
    """What this change adds to the checksum of its set. A sum, so that a set may be gone through in
    parts and in any order."""
    row = [*(change.key.tenant, change.key.session, change.key.participant)]
    text = json.dumps([*row, str(change.version), kind.value])
    return int.from_bytes(hashlib.sha256(text.encode()).digest())


def checksum_of(total: int) -> str:
    """The checksum of changes whose fingerprints have this sum."""
    return hashlib.sha256(str(total).encode()).hexdigest()[:12]
