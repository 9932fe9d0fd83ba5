"""What a ledger that was put back from a backup may still believe of its copies.

Between the backup and now, a time of which it knows nothing, copies were made, changed and
withdrawn, and mails were sent. What is in a calendar can be looked at; what is in a mailbox cannot.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from calsync.core.ledger import MAIL, Copy, CopyState, Delivery, Do, Want

S = CopyState


def recovered(copy: Copy, now: datetime, delivery: Delivery) -> Copy:
    """The copy as it counts after a restore; applied again it changes nothing more."""
    if copy.channel != MAIL:
        return _in_a_calendar(copy)
    if copy.state in (S.LIVE, S.ELSEWHERE) and _was_to_change(copy, delivery):
        copy = replace(copy, material_fp=None)
    return _mailed(copy, now)


def _was_to_change(copy: Copy, delivery: Delivery) -> bool:
    """An update or a cancellation was due when the backup was made, and went since, perhaps."""
    if delivery.want is Want.ABSENT or copy.material_fp != delivery.material_fp:
        return True
    route = delivery.route
    return delivery.wanted and route is not None and copy.destination != route.destination


def _in_a_calendar(copy: Copy) -> Copy:
    """Whatever stood there is stranded, showing nothing known: it is looked up before anything is
    made in its place. Of a planned one nobody knows any more that nothing was made."""
    if copy.state is S.PLANNED:
        return replace(copy, state=S.GONE, before=None, occupies=False)
    if copy.state is S.STRANDED:
        return replace(copy, recovered=True, own_revision=None)
    if copy.state not in (S.LIVE, S.UNSURE, S.TAKEN):
        return copy
    return replace(
        copy,
        state=S.STRANDED,
        before=None,
        occupies=False,
        material_fp=None,
        quiet_fp=None,
        content=copy.content or (copy.attempt.content if copy.attempt else None),
        recovered=True,
        own_revision=None,
    )


def _mailed(copy: Copy, now: datetime) -> Copy:
    """No stored bytes are sent again: newer ones were, perhaps. An invitation of which nobody knows
    whether it went is followed by one of a higher SEQUENCE, a cancellation by a new one; of one
    that was certainly not sent nobody knows that any more. What a mail client made of a withdrawn
    invitation is looked for again."""
    if copy.state is S.GONE and copy.handed_to is not None:
        return replace(copy, look_at=now, looks_done=0)
    attempt = copy.attempt
    if copy.state not in (S.UNSURE, S.PLANNED) or attempt is None:
        return replace(copy, handed_to=None) if copy.state is S.LIVE else copy
    unknown = replace(copy, state=S.LIVE, before=None, handed_to=None)
    if attempt.do is Do.WITHDRAW:
        return replace(unknown, replace=True, occupies=False)
    return replace(unknown, material_fp=None, content=attempt.content or copy.content)
