"""What an inspection of one copy means for it. Pure: who inspects stores what comes out of here."""

from __future__ import annotations

from dataclasses import dataclass, replace

from calsync.core.calls import Seen, Sighting, Span
from calsync.core.ledger import Copy, CopyState, Delivery
from calsync.core.reconcile.claimed import Note
from calsync.core.reconcile.looks.find import has_moved
from calsync.text.instants import iso

S = CopyState
DISMISSED, HELD = "copy_dismissed", "dismissal_held"  # the journal's words for a proven removal


@dataclass(frozen=True, slots=True)
class Inspected:
    """What to store.

    copy   as it is from now on
    lines  for the journal
    due    the delivery decides again at once
    """

    copy: Copy
    lines: tuple[Note, ...] = ()
    due: bool = False


def after_inspection(
    copy: Copy, seen: Sighting, delivery: Delivery, *, many: bool, restores: bool
) -> Inspected:
    """What a calendar shows of a copy. An event that its person moved to another calendar of the
    account is followed; one that they took over stays theirs, whatever it shows, until they remove
    it.

    delivery  as it was at the look: whoever removed the event had seen this version
    many      too many were removed at once to be believed
    restores  drift is undone by policy
    """
    if seen.state is Seen.GONE:
        return _removed(copy, seen, delivery.version, many=many)
    if seen.state is Seen.NOT_OURS:
        return Inspected(copy)
    lines: tuple[Note, ...] = ()
    if has_moved(copy, seen):
        copy = replace(copy, remote_id=seen.remote_id, revision=seen.revision)
        lines = (Note("copy_followed", n=copy.n),)
    if copy.state is S.TAKEN:
        return Inspected(copy, lines)
    if seen.has_guests:
        taken = replace(copy, state=S.TAKEN)
        return Inspected(taken, (*lines, Note("copy_taken", n=copy.n)), due=True)
    return _compared(copy, seen, delivery, lines, restores=restores)


def _removed(copy: Copy, seen: Sighting, version: int, *, many: bool) -> Inspected:
    facts = {"may_remain": True} if seen.unsearched else {}
    if many:
        return Inspected(copy, (Note(HELD, facts, copy.n),))
    after = replace(
        copy,
        state=S.DISMISSED,
        occupies=False,
        seen_version=version,
        may_remain=seen.unsearched,
    )
    return Inspected(after, (Note(DISMISSED, facts, copy.n),), due=True)


def _compared(
    copy: Copy, seen: Sighting, delivery: Delivery, lines: tuple[Note, ...], *, restores: bool
) -> Inspected:
    if (seen.material_fp, seen.quiet_fp) == (copy.material_fp, copy.quiet_fp):
        # Only what is the person's own has changed, a colour or a reminder: the next change is sent
        # for the event as it is now, instead of being told that it is another.
        known = replace(copy, revision=seen.revision) if seen.revision is not None else copy
        return Inspected(known, lines)
    lines = (*lines, Note("copy_drifted", _drift(copy, seen, delivery, restores), copy.n))
    if not restores:
        return Inspected(copy, lines)
    shown = replace(
        copy,
        material_fp=seen.material_fp,
        quiet_fp=seen.quiet_fp,
        revision=seen.revision,
    )
    return Inspected(shown, lines, due=True)


def _drift(copy: Copy, seen: Sighting, delivery: Delivery, restores: bool) -> dict[str, object]:
    """What was edited, and how it is dealt with; of a material edit the times before and since."""
    if seen.material_fp == copy.material_fp:
        return {"material": False}
    written = (delivery.starts_at, delivery.ends_at)
    known = copy.material_fp == delivery.material_fp  # else the copy still shows an older version
    return {
        "material": True,
        "policy": "restore" if restores else "report",
        "old": _texts(written) if known else None,
        "new": _texts(seen.span) if seen.span else None,
    }


def _texts(span: Span) -> list[str | None]:
    """Start and end as the journal has them."""
    return [iso(one) for one in span]
