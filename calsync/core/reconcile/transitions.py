"""What the snapshot alone changes about copies, without any call: lost accounts (row 1a), mails
that were overtaken (row 2), and calendars lost while a mailed copy was handed over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from calsync.core.ledger import MAIL, Copy, CopyState, Do, Outcome, Snapshot
from calsync.core.reconcile.actions import Transition
from calsync.core.reconcile.predicates import call_open_until, is_lost, on_route

S = CopyState


def transitions_of(snapshot: Snapshot) -> Iterator[Transition]:
    """What the snapshot changes about its copies."""
    return filter(None, (transition_of(snapshot, copy) for copy in snapshot.copies))


def transition_of(snapshot: Snapshot, copy: Copy) -> Transition | None:
    """What it changes about this one."""
    for rule in (strand_lost_row_1a, mail_moved_on_row_2, lost_the_calendar, looks_over):
        changes = rule(snapshot, copy)
        if changes:
            return Transition(copy.n, changes)
    return None


def strand_lost_row_1a(snapshot: Snapshot, copy: Copy) -> Mapping[str, object] | None:
    """Its account is lost; it may stay out there. After an unsure call nobody knows what it
    shows."""
    if copy.state not in (S.LIVE, S.TAKEN, S.UNSURE) or not is_lost(snapshot, copy):
        return None
    changes: dict[str, object] = {"state": S.STRANDED, "occupies": False, "before": None}
    if copy.state is S.UNSURE:
        content = copy.content or (copy.attempt and copy.attempt.content)
        changes |= {"material_fp": None, "quiet_fp": None, "content": content}
    return changes


def mail_moved_on_row_2(snapshot: Snapshot, copy: Copy) -> Mapping[str, object] | None:
    """An invitation that may have arrived is no longer what is wanted: take it as arrived, showing
    nothing we could rely on. (An unsure CANCEL is always replayed: its uid is never used again.)"""
    attempt, wanted = copy.attempt, snapshot.delivery.material_fp
    if copy.channel != MAIL or copy.state is not S.UNSURE or attempt is None:
        return None
    if attempt.do is Do.WITHDRAW or call_open_until(snapshot, copy) is not None:
        return None
    if on_route(snapshot, copy) and attempt.material_fp == wanted:
        return None
    content = attempt.content or copy.content
    return {"state": S.LIVE, "material_fp": None, "before": None, "content": content}


def lost_the_calendar(snapshot: Snapshot, copy: Copy) -> Mapping[str, object] | None:
    """A mailed copy was being taken out of a calendar that is lost now: the mailbox must do."""
    attempt = copy.attempt
    if copy.channel != MAIL or copy.state is not S.UNSURE or attempt is None:
        return None
    if not snapshot.lost(attempt.account) or call_open_until(snapshot, copy) is not None:
        return None
    if copy.before is S.GONE:
        return {"state": S.GONE, "before": None}
    return {"state": S.LIVE, "material_fp": None, "before": None}


def looks_over(snapshot: Snapshot, copy: Copy) -> Mapping[str, object] | None:
    """The calendar that took over is lost and the CANCEL was sent: nothing more to look for."""
    if copy.state is S.GONE and copy.look_at and snapshot.lost(copy.handed_to) and _cancelled(copy):
        return {"look_at": None}
    return None


def _cancelled(copy: Copy) -> bool:
    """The last thing done for this mailed copy was a CANCEL that was accepted."""
    last = copy.attempt
    return (
        last is not None
        and last.channel == MAIL
        and last.do is Do.WITHDRAW
        and last.outcome in (Outcome.YES, Outcome.MAYBE)
    )
