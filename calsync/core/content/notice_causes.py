"""What a plain mail tells its reader of: what a calendar shows in place of what it should, and why.

As of other mails, how it is said is in the catalogue, by cause (docs/messages.md).
"""

from __future__ import annotations

from dataclasses import replace

from calsync.core.content.event import CalendarObstacle, MailCause, Told
from calsync.core.ledger import MAIL, Copy, CopyState, Delivery, Snapshot, Want
from calsync.core.reconcile.predicates import is_lost
from calsync.core.reconcile.telling import UNREACHABLE, wrong_copies


def told_by_notice(snapshot: Snapshot, kind: str, *, repeated: bool = False) -> Told:
    """What a plain mail of this kind tells. `repeated`: its reader had one about the session."""
    return replace(_told(snapshot, kind), repeated=repeated)


def _told(snapshot: Snapshot, kind: str) -> Told:
    wrong, delivery = wrong_copies(snapshot), snapshot.delivery
    copy = next(iter(wrong), None) or next(reversed(snapshot.copies), None)
    cause = _cause(delivery, kind)
    if copy is None or copy.channel == MAIL:
        return Told(cause)
    shown = copy.content if cause is MailCause.OUTDATED else None
    return Told(
        cause,
        before=shown,
        obstacle=_obstacle(snapshot, copy),
        channel=copy.channel,
        address=copy.address,
    )


def _cause(delivery: Delivery, kind: str) -> MailCause:
    if delivery.want is Want.ABSENT:
        return MailCause.STILL_THERE if delivery.cancelled else MailCause.STILL_THERE_REMOVED
    return MailCause.UNSHOWN if kind == UNREACHABLE else MailCause.OUTDATED


def _obstacle(snapshot: Snapshot, copy: Copy) -> CalendarObstacle:
    if copy.state is CopyState.TAKEN:
        return CalendarObstacle.GUESTS
    if copy.may_remain:
        return CalendarObstacle.MOVED
    return CalendarObstacle.LOST if is_lost(snapshot, copy) else CalendarObstacle.REFUSED
