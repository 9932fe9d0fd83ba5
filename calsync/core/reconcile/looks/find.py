"""What a look by key or by uid does to a copy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from calsync.core.calls import Seen, Sighting
from calsync.core.ledger import Attempt, Copy, CopyState, Do, Outcome, Snapshot
from calsync.core.reconcile.actions import Find, FindUid, Send
from calsync.core.reconcile.outcome import After, ended
from calsync.core.reconcile.prepare import named_copy
from calsync.core.schedule import FIND_MAILED

S = CopyState


@dataclass(frozen=True, slots=True)
class Replay:
    """Send the attempt's stored bytes again now; `copy` knows the artefact's present revision."""

    copy: Copy


@dataclass(frozen=True, slots=True)
class Found:
    """Put `copy` into the snapshot and make an attempt for `step` now, under the same lease."""

    copy: Copy
    step: Send


# --- after a look by key -------------------------------------------------------------------------


def after_find(snapshot: Snapshot, find: Find, sightings: Sequence[Sighting]) -> After | Replay:
    """The answer to `Find`: what bears the copy's key, tombstones included."""
    copy = named_copy(snapshot, find.n)
    there = next((s for s in sightings if s.state is Seen.LIVE), None)
    if there is not None and there.has_guests:
        seen = replace(copy, remote_id=there.remote_id, revision=there.revision)
        return After(ended(seen, S.TAKEN))
    if copy.state is S.STRANDED:
        return After(_after_stranded(snapshot, find, copy, there, sightings))
    attempt = copy.attempt
    if copy.state is not S.UNSURE or attempt is None:
        raise ValueError(f"copy {copy.n} is {copy.state}: nothing to look up")
    if attempt.do is Do.CREATE:
        return _after_unsure_create(copy, attempt, there, sightings)
    # What a restore brought back may have been withdrawn by us: that says nothing of a move.
    may_remain = _unsearched(sightings) and not copy.recovered
    return _after_unsure_rewrite(snapshot, copy, attempt, there, may_remain=may_remain)


def _after_unsure_rewrite(
    snapshot: Snapshot, copy: Copy, attempt: Attempt, there: Sighting | None, *, may_remain: bool
) -> After | Replay:
    """What was moved is followed: the next call goes to where it is now."""
    is_removal = attempt.do is Do.WITHDRAW
    if there is None and is_removal:
        return After(ended(copy, S.GONE, may_remain=may_remain))
    if there is None:
        answered = attempt.outcome is Outcome.NO  # the call was told so: it changed nothing
        seen = attempt.version if answered else snapshot.delivery.version
        return After(ended(copy, S.DISMISSED, seen_version=seen, may_remain=may_remain))
    if not is_removal:
        return After(_shows(copy, there))
    found = replace(copy, remote_id=there.remote_id, revision=there.revision)
    if has_moved(copy, there):
        return After(ended(found, copy.before or S.LIVE))
    return Replay(found)


def has_moved(copy: Copy, there: Sighting) -> bool:
    """Its person put it into another calendar of the account."""
    return copy.remote_id not in (None, there.remote_id)


def _unsearched(sightings: Sequence[Sighting]) -> bool:
    return any(one.unsearched for one in sightings)


def _after_unsure_create(
    copy: Copy, attempt: Attempt, there: Sighting | None, sightings: Sequence[Sighting]
) -> After | Replay:
    if there is not None:
        return After(_shows(copy, there))
    states = {s.state for s in sightings}
    if attempt.conflict and Seen.NOT_OURS not in states:  # who removed it nobody knows
        return After(ended(copy, S.GONE))
    if Seen.GONE in states:
        seen = {"seen_version": attempt.version, "material_fp": attempt.material_fp}
        may_remain = _unsearched(sightings)
        return After(ended(copy, S.DISMISSED, **seen, may_remain=may_remain))
    if Seen.NOT_OURS in states:  # somebody else's event bears our key: take the next one
        return After(ended(copy, S.FAILED))
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
        if copy.recovered:
            revived = _as_written_since(snapshot, revived)
        return replace(revived, recovered=False)
    if there is not None:
        return replace(copy, remote_id=there.remote_id, revision=there.revision)
    removed = any(s.state is Seen.GONE for s in sightings)
    may_remain = _unsearched(sightings) and not copy.recovered
    if find.why == "revive" and removed and not copy.recovered:
        seen = snapshot.delivery.version
        return ended(copy, S.DISMISSED, seen_version=seen, may_remain=may_remain)
    return ended(copy, S.GONE, may_remain=may_remain)


def _shows(copy: Copy, there: Sighting) -> Copy:
    """Live with the fingerprints it shows, whoever wrote them."""
    attempt = copy.attempt
    sent = attempt.content if attempt is not None else None
    as_sent = attempt is not None and attempt.material_fp == there.material_fp
    return ended(
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


def _as_written_since(snapshot: Snapshot, copy: Copy) -> Copy:
    """After a restore: what is found as it is wanted was written by us in the lost time, and hidden
    where it is discreet, so that it can be shown openly again."""
    delivery = snapshot.delivery
    wanted = delivery.material_fp, delivery.quiet_fp
    if delivery.content is None or (copy.material_fp, copy.quiet_fp) != wanted:
        return copy
    return replace(copy, content=delivery.content, marked_private=delivery.content.private)


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
        return After(ended(copy, S.GONE)) if there is None else Replay(copy)
    copy = replace(
        copy,
        handed_to=look.account,
        looks_done=copy.looks_done + 1,
        look_at=_next_look(snapshot, copy.looks_done),
    )
    if there is not None:
        return Found(copy, Send(Do.WITHDRAW, look.n, look.channel, look.account))
    if copy.state is S.LIVE and not snapshot.policy.handover_cancel:
        return After(ended(copy, S.GONE))
    return After(copy)


def _next_look(snapshot: Snapshot, looks_done: int) -> datetime | None:
    at = snapshot.now + FIND_MAILED.wait(looks_done + 1)
    return at if at < snapshot.delivery.ends_at else None
