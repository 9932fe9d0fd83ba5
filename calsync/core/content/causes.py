"""What a mail tells its reader of: which human event, and what is different from what they saw.

The one place that decides it; how it is said is in the catalogue, by cause (docs/messages.md).
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from calsync.core.content.event import DesiredEvent, MailCause, Told
from calsync.core.ledger import MAIL, Copy, CopyState, Delivery, Do, Snapshot, Want
from calsync.core.reconcile.actions import Send
from calsync.core.reconcile.predicates import untold_move

S = CopyState


class ChangedPart(StrEnum):
    """A part of an event that is different, in the order in which it is told."""

    TIME = "when"
    VENUE = "venue"
    LINK = "link"
    PHONE = "phone"
    PASSCODE = "passcode"
    PEOPLE = "people"


CAUSES = {
    ChangedPart.TIME: MailCause.MOVED,
    ChangedPart.VENUE: MailCause.VENUE,
    ChangedPart.LINK: MailCause.LINK,
    ChangedPart.PHONE: MailCause.LINK,
    ChangedPart.PASSCODE: MailCause.LINK,
    ChangedPart.PEOPLE: MailCause.PEOPLE,
}


def changes(before: DesiredEvent, now: DesiredEvent) -> tuple[ChangedPart, ...]:
    """What is different for its reader, as far as is known."""
    found = []
    if (before.starts_at, before.ends_at) != (now.starts_at, now.ends_at):
        found.append(ChangedPart.TIME)
    old, new = before.details, now.details
    online = old is not None and new is not None and old.kind == new.kind == "online"
    if before.join_url != now.join_url:
        both = online or (before.join_url and now.join_url)
        found.append(ChangedPart.LINK if both else ChangedPart.VENUE)
    elif not (online or now.join_url) and before.location != now.location:
        found.append(ChangedPart.VENUE)
    if old is not None and new is not None:
        if old.phone != new.phone and ChangedPart.VENUE not in found:
            found.append(ChangedPart.PHONE)
        if old.passcode != new.passcode and ChangedPart.VENUE not in found:
            found.append(ChangedPart.PASSCODE)
        if old.people != new.people:
            found.append(ChangedPart.PEOPLE)
    return tuple(found)


def told_by_mail(snapshot: Snapshot, step: Send, *, invited_again: bool) -> Told:
    """What the mail of this step tells. `invited_again`: another participant of the same mailbox
    has, or gets, an invitation to the session."""
    told = _told(snapshot, step, invited_again=invited_again)
    return replace(told, repeated=_may_repeat(snapshot, step))


def _told(snapshot: Snapshot, step: Send, *, invited_again: bool) -> Told:
    lost = any(c.state is S.STRANDED and snapshot.lost(c.account) for c in snapshot.copies)
    older = lost or untold_move(snapshot) is not None
    if step.resend:
        return Told(MailCause.RESENT)
    if step.do is Do.WITHDRAW:
        return Told(_withdrawn(snapshot, step, invited_again=invited_again))
    if step.do is Do.CREATE:
        return Told(_invited(snapshot, step), older_entry=older)
    shown = next((copy.content for copy in snapshot.copies if copy.n == step.n), None)
    wanted = snapshot.delivery.content
    found = changes(shown, wanted) if shown is not None and wanted is not None else ()
    if shown is None or not found:
        return Told(MailCause.UPDATED, older_entry=older)
    if wanted is not None and wanted.private and not shown.private:
        shown = replace(shown, details=None)
    return Told(CAUSES[found[0]], before=shown, older_entry=older)


def _may_repeat(snapshot: Snapshot, step: Send) -> bool:
    """An earlier mail of this delivery may have told of the same cause, and of the same time."""
    earlier = [c for c in _before(snapshot, step) if c.channel == MAIL]
    if step.do is Do.CREATE:
        return len(earlier) > 1
    copy = next((copy for copy in snapshot.copies if copy.n == step.n), None)
    attempt = copy.attempt if copy is not None else None
    updated = attempt is not None and attempt.do is Do.CHANGE
    return bool(earlier) or (step.do is Do.CHANGE and updated)


def _before(snapshot: Snapshot, step: Send) -> list[Copy]:
    """The copies before this step's that were ever out there."""
    return [c for c in snapshot.copies if c.n < step.n and c.state not in (S.PLANNED, S.FAILED)]


def _withdrawn(snapshot: Snapshot, step: Send, *, invited_again: bool) -> MailCause:
    delivery, route = snapshot.delivery, snapshot.delivery.route
    if delivery.want is Want.ABSENT and delivery.cancelled:
        return MailCause.CANCELLED
    if invited_again or delivery.covered_by is not None:
        return MailCause.REPLACED
    if delivery.want is Want.ABSENT:
        return MailCause.REMOVED
    if route is not None and route.channel != MAIL:
        return MailCause.IN_CALENDAR
    gone = next((copy for copy in snapshot.copies if copy.n == step.n), None)
    same = route is not None and gone is not None and gone.destination == route.destination
    return MailCause.REPLACED if same else MailCause.OLD_ADDRESS


def _invited(snapshot: Snapshot, step: Send) -> MailCause:
    """By the newest copy before this one that was ever out there."""
    delivery, route = snapshot.delivery, snapshot.delivery.route
    before = _before(snapshot, step)
    if not before or route is None:
        return MailCause.BOOKED
    last = before[-1]
    was_withdrawn = last.state is S.GONE and _for_good(last, delivery)
    if was_withdrawn:
        return MailCause.BOOKED_AGAIN
    if last.channel != MAIL:
        return MailCause.BY_MAIL
    return MailCause.BOOKED if last.destination == route.destination else MailCause.NEW_ADDRESS


def _for_good(copy: Copy, delivery: Delivery) -> bool:
    """It was withdrawn in an earlier version of what is wanted, not to make room for a new one."""
    attempt = copy.attempt
    withdrawn = attempt is not None and attempt.do is Do.WITHDRAW
    return withdrawn and attempt is not None and attempt.version < delivery.version
