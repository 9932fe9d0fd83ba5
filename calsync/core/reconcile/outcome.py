"""What an answer does to a copy.

An answer is a fact whoever holds the lease; only a `no` needs care, because another call of the
same attempt may have said yes (see `after_error`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from calsync.core.calls import Receipt, Seen, Sighting
from calsync.core.ledger import MAIL, Attempt, Copy, CopyState, Do, Outcome, RefusalKind, Snapshot
from calsync.core.reconcile.actions import Find, FindUid, Send
from calsync.core.reconcile.prepare import named_copy
from calsync.core.schedule import FIND_MAILED, REFUSED
from calsync.errors import Changed, ChannelError, Missing, Refused, UnknownZone

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


@dataclass(frozen=True, slots=True)
class Replay:
    """Send the attempt's stored bytes again now; `copy` knows the artefact's present revision."""

    copy: Copy


@dataclass(frozen=True, slots=True)
class Found:
    """Put `copy` into the snapshot and make an attempt for `step` now, under the same lease."""

    copy: Copy
    step: Send


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
    attempt = replace(attempt, outcome=Outcome.YES)
    if attempt.do is Do.WITHDRAW:
        return After(_ended(copy, S.GONE, attempt=attempt, **ACCEPTED))
    tried = any(
        c.replace
        and c.n != copy.n
        and (c.material_fp, c.destination) == (attempt.material_fp, copy.destination)
        for c in siblings
    )
    live = _sent(copy, attempt)
    live = replace(live, remote_id=receipt.remote_id, revision=receipt.revision)
    if receipt.applied:
        return After(live)
    if tried:
        return After(live, refused="the calendar does not show the event as it was sent")
    return After(replace(live, replace=True))


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
        return After(_missing(copy, replace(attempt, outcome=Outcome.NO)))
    if isinstance(error, Changed):
        return After(replace(copy, attempt=attempt))
    if error.happened == "maybe":
        return _after_maybe(copy, attempt)
    if _proves_nothing_happened(attempt, renamed or refused is not None, mine):
        attempt = replace(attempt, outcome=Outcome.NO)
        failed = refused is not None and attempt.do is Do.CREATE
        state = S.FAILED if failed else copy.before or S.PLANNED
        return After(_ended(copy, state, attempt=attempt), refused)
    return After(replace(copy, attempt=attempt), refused)


def _answered(attempt: Attempt, moment: Moment) -> Attempt:
    """A definite answer came to the last send, and earlier ones were over before that began: no
    call is running any more, so that the look-up need not wait for the deadline."""
    return replace(attempt, deadline=min(attempt.deadline, moment.now))


def refused_again(copy: Copy, error: Refused, moment: Moment) -> Copy:
    """The copy after one more refused call about it. When that comes again is the copy's own
    affair: no change on the route waits for it, but the one that was refused."""
    if error.happened == "maybe":
        what = RefusalKind.UNKNOWN
    else:
        what = RefusalKind.ADDRESS if error.of_address else RefusalKind.NAMED
    return replace(
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
    attempt = replace(attempt, conflict=True)
    if isinstance(error, Missing):
        return After(_ended(copy, S.GONE, attempt=replace(attempt, outcome=Outcome.NO)))
    return After(replace(copy, attempt=attempt))


def _proves_nothing_happened(attempt: Attempt, final: bool, mine: bool) -> bool:
    """A create is sent a second time to a calendar only after a look has shown nothing there, so
    its refusal is final as well; without this the old bytes would be refused for ever."""
    looked_up = attempt.do is Do.CREATE and attempt.channel != MAIL and final
    return mine and (attempt.sends == 1 or looked_up)


def _after_maybe(copy: Copy, attempt: Attempt) -> After:
    attempt = replace(attempt, outcome=Outcome.MAYBE, maybes=attempt.maybes + 1)
    if attempt.channel != MAIL or attempt.maybes < MAYBES:
        return After(replace(copy, attempt=attempt))
    alert = f"the mail server left {MAYBES} sends of copy {copy.n} unanswered; taken as sent"
    if attempt.do is Do.WITHDRAW:
        return After(_ended(copy, S.GONE, attempt=attempt), alert=alert)
    return After(_sent(copy, attempt), alert=alert)


def _missing(copy: Copy, attempt: Attempt) -> Copy:
    """A repeated create answers so when it made the event before and its person deleted that."""
    if attempt.do is Do.WITHDRAW:
        return _ended(copy, S.GONE, attempt=attempt)
    shown = attempt.material_fp if attempt.do is Do.CREATE else copy.material_fp
    seen: dict[str, Any] = {"seen_version": attempt.version, "material_fp": shown}
    return _ended(copy, S.DISMISSED, attempt=attempt, **seen)


def _sent(copy: Copy, attempt: Attempt) -> Copy:
    """Live, showing what this attempt sent."""
    return _ended(
        copy,
        S.LIVE,
        attempt=attempt,
        material_fp=attempt.material_fp,
        quiet_fp=attempt.quiet_fp,
        content=attempt.content or copy.content,
        marked_private=attempt.content.private if attempt.content else copy.marked_private,
        replace=False,
        **ACCEPTED,
    )


def _ended(copy: Copy, state: CopyState, **changes: Any) -> Copy:
    """The copy in a state nothing is open in. Only what stands out there holds its place."""
    occupies = copy.occupies and state in OCCUPYING
    return replace(copy, state=state, before=None, occupies=occupies, **changes)


# --- after a look by key -------------------------------------------------------------------------


def after_find(snapshot: Snapshot, find: Find, sightings: Sequence[Sighting]) -> After | Replay:
    """The answer to `Find`: what bears the copy's key, tombstones included."""
    copy = named_copy(snapshot, find.n)
    there = next((s for s in sightings if s.state is Seen.LIVE), None)
    if there is not None and there.has_guests:
        seen = replace(copy, remote_id=there.remote_id, revision=there.revision)
        return After(_ended(seen, S.TAKEN))
    if copy.state is S.STRANDED:
        return After(_after_stranded(snapshot, find, copy, there, sightings))
    attempt = copy.attempt
    if copy.state is not S.UNSURE or attempt is None:
        raise ValueError(f"copy {copy.n} is {copy.state}: nothing to look up")
    if attempt.do is Do.CREATE:
        return _after_unsure_create(copy, attempt, there, sightings)
    return _after_unsure_rewrite(snapshot, copy, attempt, there)


def _after_unsure_rewrite(
    snapshot: Snapshot, copy: Copy, attempt: Attempt, there: Sighting | None
) -> After | Replay:
    if attempt.do is Do.CHANGE:
        if there is None:
            return After(_ended(copy, S.DISMISSED, seen_version=snapshot.delivery.version))
        return After(_shows(copy, there))
    if there is None:
        return After(_ended(copy, S.GONE))
    return Replay(replace(copy, remote_id=there.remote_id, revision=there.revision))


def _after_unsure_create(
    copy: Copy, attempt: Attempt, there: Sighting | None, sightings: Sequence[Sighting]
) -> After | Replay:
    if there is not None:
        return After(_shows(copy, there))
    states = {s.state for s in sightings}
    if attempt.conflict and Seen.NOT_OURS not in states:  # who removed it nobody knows
        return After(_ended(copy, S.GONE))
    if Seen.GONE in states:
        seen = {"seen_version": attempt.version, "material_fp": attempt.material_fp}
        return After(_ended(copy, S.DISMISSED, **seen))
    if Seen.NOT_OURS in states:  # somebody else's event bears our key: take the next one
        return After(_ended(copy, S.FAILED))
    return Replay(copy)


def _after_stranded(
    snapshot: Snapshot,
    find: Find,
    copy: Copy,
    there: Sighting | None,
    sightings: Sequence[Sighting],
) -> Copy:
    if there is not None and find.why == "revive":
        revived = replace(_shows(copy, there), occupies=True, account=find.account)
        return replace(revived, recovered=False)
    if there is not None:
        return replace(copy, remote_id=there.remote_id, revision=there.revision)
    removed = any(s.state is Seen.GONE for s in sightings)
    if find.why == "revive" and removed and not copy.recovered:
        return _ended(copy, S.DISMISSED, seen_version=snapshot.delivery.version)
    return _ended(copy, S.GONE)


def _shows(copy: Copy, there: Sighting) -> Copy:
    """Live with the fingerprints it shows, whoever wrote them."""
    attempt = copy.attempt
    sent = attempt.content if attempt is not None else None
    as_sent = attempt is not None and attempt.material_fp == there.material_fp
    return _ended(
        copy,
        S.LIVE,
        remote_id=there.remote_id,
        revision=there.revision,
        material_fp=there.material_fp,
        quiet_fp=there.quiet_fp,
        content=(sent or copy.content) if as_sent else (copy.content or sent),
        marked_private=sent.private
        if sent and _is_as_sent(there, attempt)
        else copy.marked_private,
        replace=False,
    )


def _is_as_sent(there: Sighting, attempt: Attempt | None) -> bool:
    return attempt is not None and attempt.quiet_fp == there.quiet_fp


# --- after a look for what a mail client made ----------------------------------------------------


def after_find_uid(
    snapshot: Snapshot, look: FindUid, sightings: Sequence[Sighting]
) -> After | Replay | Found:
    """The answer to `FindUid`. Found: delete it there. Not found: the next decision sends the
    CANCEL, or the copy is gone without one (policy). The next look is noted either way."""
    copy = named_copy(snapshot, look.n)
    there = next((s for s in sightings if s.state is not Seen.GONE), None)
    if there is not None:
        copy = replace(copy, remote_id=there.remote_id, revision=there.revision)
    if copy.state is S.UNSURE:
        return After(_ended(copy, S.GONE)) if there is None else Replay(copy)
    copy = replace(
        copy,
        handed_to=look.account,
        looks_done=copy.looks_done + 1,
        look_at=_next_look(snapshot, copy.looks_done),
    )
    if there is not None:
        return Found(copy, Send(Do.WITHDRAW, look.n, look.channel, look.account))
    if copy.state is S.LIVE and not snapshot.policy.handover_cancel:
        return After(_ended(copy, S.GONE))
    return After(copy)


def _next_look(snapshot: Snapshot, looks_done: int) -> datetime | None:
    at = snapshot.now + FIND_MAILED.wait(looks_done + 1)
    return at if at < snapshot.delivery.ends_at else None
