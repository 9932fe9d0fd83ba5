"""What an answer does to a copy.

An answer is a fact whoever holds the lease; only a `no` needs care, because another call of the
same attempt may have said yes (see `after_error`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from calsync.core.calls import Receipt
from calsync.core.ledger import MAIL, Attempt, Copy, CopyState, Do, Outcome, RefusalKind
from calsync.core.schedule import REFUSED
from calsync.errors import Changed, ChannelError, Missing, Refused, UnknownZone
from calsync.values import replaced

S = CopyState

MAYBES = 4  # so many unknown answers to one mail, then it counts as sent
ACCEPTED: Mapping[str, Any] = MappingProxyType(
    {"refusal": None, "refusals": 0, "refused_version": None, "again_at": None}
)
OCCUPYING = (S.UNSURE, S.LIVE, S.TAKEN)


@dataclass(frozen=True, slots=True)
class After:
    """What to store.

    copy     as the answer leaves it; `copy.attempt` carries the attempt's new outcome and counts
    refused  park the delivery with this reason
    alert    ops are told this
    """

    copy: Copy
    refused: str | None = None
    alert: str | None = None


# --- after a call that changes something ---------------------------------------------------------


def outcome_of(answer: Receipt | ChannelError) -> Outcome:
    """What to note on an attempt whose copy has moved on meanwhile."""
    if isinstance(answer, Receipt):
        return Outcome.YES
    return Outcome.NO if answer.happened == "no" else Outcome.MAYBE


def after_receipt(
    copy: Copy, attempt: Attempt, receipt: Receipt, siblings: Sequence[Copy]
) -> After:
    """The provider said yes. What was sent is shown now, whatever is wanted by now.

    When the answer does not show our fields, the copy is to be replaced, once for each
    material_fp and place; `siblings`, all copies of the delivery, tell whether that was tried.
    """
    attempt = replaced(attempt, outcome=Outcome.YES)
    if attempt.do is Do.WITHDRAW:
        return After(ended(copy, S.GONE, attempt=attempt, **ACCEPTED))
    tried = any(
        c.replace
        and c.n != copy.n
        and (c.material_fp, c.destination) == (attempt.material_fp, copy.destination)
        for c in siblings
    )
    live = _sent(
        copy,
        attempt,
        remote_id=receipt.remote_id,
        revision=receipt.revision,
        own_revision=receipt.revision if receipt.all_ours else None,
    )
    if receipt.applied:
        return After(live)
    if tried:
        return After(live, refused="the calendar does not show the event as it was sent")
    return After(replaced(live, replace=True))


@dataclass(frozen=True, slots=True)
class Moment:
    """When an answer came: the database's clock, and the delivery's version that was claimed."""

    now: datetime
    version: int


def after_error(
    copy: Copy, attempt: Attempt, error: ChannelError, moment: Moment, *, mine: bool
) -> After:
    """The call failed. `mine`: our lease still stood when the answer came.

    Only a `no` to the first and only send, under our own lease, proves that nothing happened;
    otherwise the copy stays unsure and is looked up (mail: sent again). What is refused by name
    and would show something new parks its delivery; every other refusal comes again. An event whose
    zone the provider does not know is sent with another name at once; what has changed is looked up
    at once.
    """
    if isinstance(error, Changed) and mine:
        attempt = _answered(attempt, moment)
    if _existed_before(attempt, error):
        return _after_conflict(copy, attempt, error)
    renamed = isinstance(error, UnknownZone)
    parks = error.happened == "no" and attempt.do is not Do.WITHDRAW and not renamed
    refused = error.reason if isinstance(error, Refused) and parks else None
    if isinstance(error, Refused) and not renamed:
        copy = refused_again(copy, error, moment)
    if isinstance(error, Missing) and (attempt.do is not Do.CREATE or attempt.sends > 1):
        return After(_missing(copy, replaced(attempt, outcome=Outcome.NO), moment, mine=mine))
    if isinstance(error, Changed):
        return After(replaced(copy, attempt=attempt))
    if error.happened == "maybe":
        return _after_maybe(copy, attempt)
    if _proves_nothing_happened(attempt, renamed or refused is not None, mine):
        attempt = replaced(attempt, outcome=Outcome.NO)
        failed = refused is not None and attempt.do is Do.CREATE
        state = S.FAILED if failed else copy.before or S.PLANNED
        return After(ended(copy, state, attempt=attempt), refused)
    return After(replaced(copy, attempt=attempt), refused)


def _answered(attempt: Attempt, moment: Moment) -> Attempt:
    """A definite answer came to the last send, and earlier ones were over before that began: no
    call is running any more, so that the look-up need not wait for the deadline."""
    return replaced(attempt, deadline=min(attempt.deadline, moment.now))


def after_unjudged(
    copy: Copy, attempt: Attempt, answer: Receipt | ChannelError, moment: Moment
) -> Copy:
    """The copy after an answer that came, and that no rule could judge. A mail that its server has
    accepted is not sent again; everything else comes again like whatever nobody foresaw: an event
    is looked up, a mail is repeated, MAYBES times at most where it may have arrived."""
    if isinstance(answer, Receipt) and attempt.channel == MAIL:
        return after_receipt(copy, attempt, answer, ()).copy
    refused = Refused("not judged", happened="maybe")
    copy = refused_again(copy, refused, moment)
    if isinstance(answer, ChannelError) and answer.happened == "no":
        return replaced(copy, attempt=replaced(attempt, outcome=Outcome.MAYBE))
    return _after_maybe(copy, attempt).copy


def refused_again(copy: Copy, error: Refused, moment: Moment) -> Copy:
    """The copy after one more refused call about it. When that comes again is the copy's own
    affair: no change on the route waits for it, but the one that was refused."""
    if error.happened == "maybe":
        what = RefusalKind.UNKNOWN
    else:
        what = RefusalKind.ADDRESS if error.of_address else RefusalKind.NAMED
    return replaced(
        copy,
        refusal=what,
        refusals=copy.refusals + 1,
        refused_version=moment.version,
        again_at=moment.now + REFUSED.wait(copy.refusals + 1),
    )


def _existed_before(attempt: Attempt, error: ChannelError) -> bool:
    """The first send of a create is told that its key was used: not by this attempt. A ledger put
    back from a backup meets so what it made in the time it knows nothing of."""
    only = attempt.do is Do.CREATE and attempt.sends == 1 and attempt.maybes == 0
    return only and isinstance(error, Changed | Missing)


def _after_conflict(copy: Copy, attempt: Attempt, error: ChannelError) -> After:
    """To be looked up; where the answer says already that it was deleted, its key is used up."""
    attempt = replaced(attempt, conflict=True)
    if isinstance(error, Missing):
        return After(ended(copy, S.GONE, attempt=replaced(attempt, outcome=Outcome.NO)))
    return After(replaced(copy, attempt=attempt))


def _proves_nothing_happened(attempt: Attempt, final: bool, mine: bool) -> bool:
    """A create is sent a second time to a calendar only after a look has shown nothing there, so
    its refusal is final as well; without this the old bytes would be refused for ever."""
    looked_up = attempt.do is Do.CREATE and attempt.channel != MAIL and final
    return mine and (attempt.sends == 1 or looked_up)


def _after_maybe(copy: Copy, attempt: Attempt) -> After:
    attempt = replaced(attempt, outcome=Outcome.MAYBE, maybes=attempt.maybes + 1)
    if attempt.channel != MAIL or attempt.maybes < MAYBES:
        return After(replaced(copy, attempt=attempt))
    alert = f"the mail server left {MAYBES} sends of copy {copy.n} unanswered; taken as sent"
    if attempt.do is Do.WITHDRAW:
        return After(ended(copy, S.GONE, attempt=attempt), alert=alert)
    return After(_sent(copy, attempt), alert=alert)


def _missing(copy: Copy, attempt: Attempt, moment: Moment, *, mine: bool) -> Copy:
    """What is not where it was may have been moved to another calendar of its account: before it
    counts as removed it is looked up, at once where no other call can be running. A repeated create
    answers so when it made the event before and its person deleted that."""
    if copy.channel == MAIL:
        return ended(copy, S.GONE, attempt=attempt)
    if attempt.do is Do.CREATE:
        seen: dict[str, Any] = {
            "seen_version": attempt.version,
            "material_fp": attempt.material_fp,
        }
        return ended(copy, S.DISMISSED, attempt=attempt, **seen)
    over = moment.now if mine and attempt.sends == 1 else attempt.deadline
    return replaced(copy, attempt=replaced(attempt, deadline=over))


def _sent(copy: Copy, attempt: Attempt, **changes: Any) -> Copy:
    """Live, showing what this attempt sent."""
    return ended(
        copy,
        S.LIVE,
        attempt=attempt,
        material_fp=attempt.material_fp,
        quiet_fp=attempt.quiet_fp,
        content=attempt.content or copy.content,
        marked_private=attempt.content.private if attempt.content else copy.marked_private,
        replace=False,
        **ACCEPTED,
        **changes,
    )


def ended(copy: Copy, state: CopyState, **changes: Any) -> Copy:
    """The copy in a state nothing is open in. Only what stands out there holds its place."""
    occupies = copy.occupies and state in OCCUPYING
    return replaced(copy, state=state, before=None, occupies=occupies, **changes)
