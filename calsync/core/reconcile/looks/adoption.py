"""What is made of an event that another system put into a person's calendar: a copy of ours, which
is changed and withdrawn from then on. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from calsync.core.account import Account
from calsync.core.calls import Seen, Sighting
from calsync.core.ledger import Copy, CopyState, Delivery, Marker
from calsync.errors import ChannelError, Missing

S = CopyState
NO_EVENT = "there is no such event in the calendar"
NOT_ONE = (
    "the event is a series, lasts whole days, or was made by calsync for another session or "
    "installation"
)


LEFT_OUT = "deliver.only_to leaves this person out"


def why_not(
    delivery: Delivery, account: Account | None, provider: str, *, excluded: bool
) -> str | None:
    """Why nothing of this provider's can be taken over for the delivery."""
    route = delivery.route
    if excluded:
        return LEFT_OUT
    if route is None or route.channel != provider or account is None:
        return f"the person has no {provider} calendar connected"
    if account.lost:
        return f"calsync has no access to the {provider} calendar; have the person connect it again"
    return None


def is_to_adopt(delivery: Delivery, copies: int, now: datetime) -> bool:
    """Something is wanted that is ahead, and nothing was made or taken over for it yet."""
    return delivery.wanted and delivery.ends_at > now and not copies


def adoptable(delivery: Delivery, account: Account, remote_id: str, marker: Marker) -> Copy:
    """The copy as it is known before its event was read."""
    return Copy(
        n=1,
        uid="",
        channel=account.provider,
        account=account.id,
        address=account.address,
        destination=account.destination,
        state=S.ELSEWHERE,
        remote_id=remote_id,
        content=delivery.content,
        marker=marker,
    )


def after_adoption(copy: Copy, seen: Sighting) -> Copy | None:
    """The copy as it is from now on. One whose event has guests is its person's own: a write would
    mail these, and what it shows is right as long as its times are. None: the event is not one
    session's."""
    known = replace(
        copy,
        uid=seen.uid or seen.remote_id,
        remote_id=seen.remote_id,
        revision=seen.revision,
        material_fp=seen.material_fp,
        quiet_fp=seen.quiet_fp,
    )
    if seen.has_guests:
        wanted = copy.content
        right = wanted if wanted and seen.span == (wanted.starts_at, wanted.ends_at) else None
        return replace(known, state=S.TAKEN, material_fp=right.material_fp if right else None)
    return replace(known, state=S.LIVE, occupies=True) if seen.state is Seen.LIVE else None


def refused(error: ChannelError) -> str:
    """Why the event could not be read or marked, in words."""
    if isinstance(error, Missing):
        return NO_EVENT
    return f"the calendar did not let calsync read or mark it ({error.kind}: {error.reason})"
