"""What a decision is made of: steps, and marks that need no call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, cast

from calsync.core.ledger import Copy, Do, Snapshot


@dataclass(frozen=True, slots=True)
class Transition:
    """A change to copy `n` that follows from the snapshot alone and needs no call."""

    n: int
    changes: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Nothing:
    """No step before `due_at` (None: until something wakes the delivery). `why` is for people."""

    due_at: datetime | None
    why: str


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
Step = Nothing | Act


@dataclass(frozen=True, slots=True)
class Decision:
    """`step` is decided as if `marks` were applied already.

    notices  kinds of plain mail that are due now ("unreachable", "entry_may_remain"); the caller
             sends each once per person and session
    """

    transitions: tuple[Transition, ...]
    step: Step
    notices: tuple[str, ...] = ()


def apply(copy: Copy, transition: Transition) -> Copy:
    """The copy as this mark leaves it."""
    return replace(copy, **cast(Mapping[str, Any], transition.changes))


def with_transitions(snapshot: Snapshot, transitions: Sequence[Transition]) -> Snapshot:
    """The snapshot as if these marks were stored already."""
    copies = list(snapshot.copies)
    for transition in transitions:
        copies = [apply(copy, transition) if copy.n == transition.n else copy for copy in copies]
    return replace(snapshot, copies=copies)
