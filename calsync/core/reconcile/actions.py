"""What a decision is made of: steps, and marks that need no call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, cast

from calsync.core.ledger import Copy, Do, Snapshot
from calsync.core.reconcile.reasons import Obstacle, Reason, strongest

ENDED_BY_SOMEBODY = frozenset({Reason.PARKED, Reason.EXCLUDED, Reason.HELD})


@dataclass(frozen=True, slots=True)
class Transition:
    """A change to copy `n` that follows from the snapshot alone and needs no call."""

    n: int
    changes: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Send:
    """One call that changes something, through (channel, account).

    n       an existing copy, or the number of a new one
    replay  send the stored bytes of the copy's attempt again
    resend  a mail asked for by ops: keeps the SEQUENCE
    """

    do: Do
    n: int
    channel: str
    account: str | None
    replay: bool = False
    resend: bool = False


@dataclass(frozen=True, slots=True)
class Find:
    """Look copy `n` up by its key: is it there? `why` says what hangs on the answer."""

    n: int
    channel: str
    account: str
    why: Literal["unsure", "revive", "withdraw"]


@dataclass(frozen=True, slots=True)
class FindUid:
    """Look in the calendar that took over for what a mail client made of mailed copy `n`."""

    n: int
    channel: str
    account: str


Act = Send | Find | FindUid


@dataclass(frozen=True, slots=True)
class Nothing:
    """No step before `due_at` (None: until something wakes the delivery).

    told  the reason in words, where that is more than `why`
    then  the call that is kept waiting, where one is decided
    """

    due_at: datetime | None
    why: Reason
    told: str = ""
    then: Act | None = None

    @property
    def until(self) -> datetime | None:
        """When it ends by itself; None: something has to happen first."""
        return None if self.why in ENDED_BY_SOMEBODY else self.due_at

    def __str__(self) -> str:
        return self.told or self.why


Step = Nothing | Act


@dataclass(frozen=True, slots=True)
class Decision:
    """`step` is decided as if `transitions` were applied already.

    due_at   when the delivery is due next; of a call that changes something: once its answer is the
             yes that is hoped for
    hoped    the copy as that yes leaves it, as far as the next decision sees it; None for any other
             step
    """

    transitions: tuple[Transition, ...]
    step: Step
    due_at: datetime | None = None
    hoped: Copy | None = field(default=None, compare=False)


def apply(copy: Copy, transition: Transition) -> Copy:
    """The copy as this mark leaves it."""
    return replace(copy, **cast(Mapping[str, Any], transition.changes))


def with_transitions(snapshot: Snapshot, transitions: Sequence[Transition]) -> Snapshot:
    """The snapshot as if these marks were stored already."""
    if not transitions:
        return snapshot
    copies = list(snapshot.copies)
    for transition in transitions:
        copies = [apply(copy, transition) if copy.n == transition.n else copy for copy in copies]
    return replace(snapshot, copies=copies)


def as_queued(step: Step, obstacles: Iterable[Obstacle]) -> Step:
    """The step as the queue lets it happen: a call whose slot is kept waiting is nothing for now.

    A claim never asks: what it decides on came out of a slot that nothing keeps waiting, and a call
    through another slot is handed over to that one, where it waits. Whoever tells what will happen
    (`explain`, `plan`) asks, and names the obstacles of both slots, for a delivery in a slot that
    waits is not even decided upon.
    """
    obstacle = None if isinstance(step, Nothing) else strongest(obstacles)
    if isinstance(step, Nothing) or obstacle is None:
        return step
    return Nothing(obstacle.until, obstacle.reason, obstacle.told, step)
