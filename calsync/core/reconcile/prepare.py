"""What is stored before a call: the copy as its attempt leaves it, and what the call is to show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from calsync.core.calls import PreparedRequest
from calsync.core.content.causes import told_by_mail
from calsync.core.content.event import DesiredEvent, with_line
from calsync.core.ledger import (
    MAIL,
    Attempt,
    Copy,
    CopyState,
    Do,
    Outcome,
    Snapshot,
    copy_uid,
    marker_of,
    next_generation,
)
from calsync.core.reconcile.actions import Send
from calsync.core.reconcile.predicates import untold_move
from calsync.messages.language import language
from calsync.values import replaced

S = CopyState

SEQUENCES_FROM = datetime(2026, 1, 1, tzinfo=UTC)


def attempt_copy(
    snapshot: Snapshot, step: Send, uid: Callable[[str, int], str], organizer: str
) -> Copy:
    """The copy as it must be stored together with the attempt of this step (not for replays).

    `uid` makes one of a destination and a generation. A withdrawal never takes a place; a create
    and a change hold theirs from here on.
    """
    if step.do is Do.CREATE:
        return _named(snapshot, _new_copy(snapshot, step, organizer), uid)
    old = named_copy(snapshot, step.n)
    raised = step.channel == MAIL and not step.resend
    return replaced(
        old,
        state=S.UNSURE,
        before=old.state,
        account=step.account if step.channel == old.channel else old.account,
        sequence=next_sequence(old.sequence, snapshot.now) if raised else old.sequence,
        occupies=old.occupies or step.do is Do.CHANGE,
    )


def next_sequence(previous: int, now: datetime) -> int:
    """The SEQUENCE of the next mail of a copy: higher than every one sent before it, also than
    those of which a restored ledger knows nothing, unless they came more than one a minute. A mail
    client ignores an update whose SEQUENCE is lower than what it holds (RFC 5546, section 2.1.5).
    """
    return max(previous + 1, (now - SEQUENCES_FROM) // timedelta(minutes=1))


def marked_copy(snapshot: Snapshot, step: Send, namespace: UUID, organizer: str) -> Copy:
    """`attempt_copy` with the uid and the marker that this installation gives it."""
    key = snapshot.delivery.key
    copy = attempt_copy(snapshot, step, partial(copy_uid, namespace, key), organizer)
    return replaced(copy, marker=marker_of(namespace, key, copy.generation))


def with_attempt(
    copy: Copy, attempt: Attempt, prepared: PreparedRequest, event: DesiredEvent
) -> Copy:
    """The copy as it waits for the answer to its attempt. Of a mailed one the first mail is known,
    to which later ones refer. One in a calendar may be hidden from others by us from here on: what
    the answer leaves certain is noted by the outcome."""
    mailed, is_made = copy.channel == MAIL, prepared.do is Do.CREATE
    is_first = mailed and (is_made or copy.before is S.ELSEWHERE)
    hides = not mailed and prepared.do is not Do.WITHDRAW and event.private
    return replaced(
        copy,
        attempt=attempt,
        message_id=prepared.key if is_first else copy.message_id,
        marked_private=copy.marked_private or hides,
    )


def hoped_for(snapshot: Snapshot, step: Send) -> Copy:
    """The copy as a plain yes to this step leaves it, as far as the next decision sees it."""
    if step.do is Do.WITHDRAW:
        return replaced(named_copy(snapshot, step.n), state=S.GONE, occupies=False)
    is_new, wanted = step.do is Do.CREATE, snapshot.delivery
    copy = _new_copy(snapshot, step, "") if is_new else named_copy(snapshot, step.n)
    return replaced(
        copy,
        state=S.LIVE,
        material_fp=wanted.material_fp,
        quiet_fp=wanted.quiet_fp,
        replace=False,
        occupies=True,
    )


def _named(snapshot: Snapshot, copy: Copy, uid: Callable[[str, int], str]) -> Copy:
    """The new copy with its uid; one of which certainly nothing was made yet keeps its own."""
    planned = copy_number(snapshot, copy.n)
    if planned is not None:
        return replaced(copy, uid=planned.uid, generation=planned.generation)
    generation = next_generation(snapshot.copies, copy.destination)
    return replaced(copy, uid=uid(copy.destination, generation), generation=generation)


def _new_copy(snapshot: Snapshot, step: Send, organizer: str) -> Copy:
    route = snapshot.delivery.route
    if route is None:
        raise ValueError(f"copy {step.n} is to be made, but the delivery has no route")
    return Copy(
        n=step.n,
        uid="",
        channel=step.channel,
        account=step.account,
        address=route.address,
        destination=route.destination,
        state=S.UNSURE,
        organizer=organizer,
        sequence=next_sequence(0, snapshot.now) if step.channel == MAIL else 0,
        before=S.PLANNED,
        occupies=True,
    )


def event_for(
    snapshot: Snapshot, step: Send, *, invited_again: bool = False
) -> DesiredEvent | None:
    """What the call is to show; for a withdrawal what the copy last showed, as far as known.

    A mail tells what happened as well (`invited_again` as in `told_by_mail`), a new event that an
    older one may have been moved to where it cannot be found. What a discreet program hides is in
    none, although the copy shows it since a time at which it was open.
    """
    event = _shown_by(snapshot, step)
    if event is None or step.channel != MAIL:
        return event
    return replaced(event, told=told_by_mail(snapshot, step, invited_again=invited_again))


def _shown_by(snapshot: Snapshot, step: Send) -> DesiredEvent | None:
    wanted = snapshot.delivery.content
    if step.resend:
        return _neutral(_as_shown(copy_number(snapshot, step.n)), wanted)
    if step.do is not Do.WITHDRAW:
        if step.channel == MAIL or step.do is not Do.CREATE or untold_move(snapshot) is None:
            return wanted
        return wanted and with_line(wanted, language(wanted.locale).text("event.older_entry"))
    copy = copy_number(snapshot, step.n)
    return _neutral((copy.content if copy is not None else None) or wanted, wanted)


def _neutral(shown: DesiredEvent | None, wanted: DesiredEvent | None) -> DesiredEvent | None:
    """What was shown, without what the program hides by now."""
    if shown is None or wanted is None or not wanted.private or shown.private:
        return shown
    return replaced(
        shown,
        title=wanted.title,
        text=wanted.text,
        html=wanted.html,
        details=wanted.details,
        private=True,
    )


def _as_shown(copy: Copy | None) -> DesiredEvent | None:
    """What a copy shows, under its own fingerprints: sent again it changes nothing."""
    if copy is None or copy.content is None:
        return None
    return replaced(
        copy.content,
        material_fp=copy.material_fp or copy.content.material_fp,
        quiet_fp=copy.quiet_fp or copy.content.quiet_fp,
    )


def copy_number(snapshot: Snapshot, n: int) -> Copy | None:
    return next((copy for copy in snapshot.copies if copy.n == n), None)


def named_copy(snapshot: Snapshot, n: int) -> Copy:
    """The copy that a step names. Raises ValueError where there is none."""
    copy = copy_number(snapshot, n)
    if copy is None:
        raise ValueError(f"there is no copy {n}")
    return copy


def with_copy(snapshot: Snapshot, copy: Copy | None, now: datetime | None = None) -> Snapshot:
    """The snapshot with this copy, if any, in the place of the one with its number; with `now` as
    if it had been taken then."""
    copies = copies_with(snapshot.copies, copy)
    return replaced(snapshot, copies=copies, now=now or snapshot.now)


def copies_with(copies: Sequence[Copy], copy: Copy | None) -> Sequence[Copy]:
    """These copies with this one, if any, in the place of the one with its number."""
    if copy is None:
        return copies
    return sorted([*(one for one in copies if one.n != copy.n), copy], key=lambda one: one.n)


def sent_again(attempt: Attempt, deadline: datetime) -> Attempt:
    """The attempt as it must be stored before its bytes are sent once more."""
    return replaced(attempt, sends=attempt.sends + 1, outcome=Outcome.OPEN, deadline=deadline)
