"""What the decision's rows speak about: where a copy stands, whether it can be reached, and what
it shows against what is wanted."""

from __future__ import annotations

from datetime import datetime

from calsync.core.ledger import MAIL, Copy, CopyState, Delivery, Outcome, Snapshot

S = CopyState


def on_route(snapshot: Snapshot, copy: Copy) -> bool:
    """This copy stands where the session should be shown."""
    route = snapshot.delivery.route
    return snapshot.delivery.wanted and route is not None and copy.destination == route.destination


def reach(snapshot: Snapshot, copy: Copy) -> str | None:
    """The account through which a calendar copy can be reached: its own, or another one of the
    same place (a new consent for the same calendar). None: it is lost."""
    if not snapshot.lost(copy.account):
        return copy.account
    same = (
        a.id for a in snapshot.accounts.values() if a.destination == copy.destination and not a.lost
    )
    return min(same, default=None)


def is_lost(snapshot: Snapshot, copy: Copy) -> bool:
    return copy.channel != MAIL and reach(snapshot, copy) is None


def at_destination(snapshot: Snapshot, *states: CopyState) -> list[Copy]:
    """Own copies on the route in one of these states."""
    return [c for c in snapshot.copies if c.state in states and on_route(snapshot, c)]


def call_open_until(snapshot: Snapshot, copy: Copy) -> datetime | None:
    """Until when a call for this copy may still be running, if that is ahead."""
    attempt = copy.attempt
    unresolved = copy.state is S.UNSURE or (
        attempt is not None
        and copy.state is S.STRANDED
        and attempt.outcome in (Outcome.OPEN, Outcome.MAYBE)
    )
    if attempt is None or not unresolved or attempt.deadline <= snapshot.now:
        return None
    return attempt.deadline


STANDING = (S.LIVE, S.UNSURE, S.STRANDED, S.TAKEN)


def shown_end(snapshot: Snapshot, copy: Copy) -> datetime:
    """The end that a copy shows, or may show; the wanted one where nobody knows."""
    ends = [one.ends_at for one in (copy.content, copy.attempt and copy.attempt.content) if one]
    return max(ends, default=snapshot.delivery.ends_at)


def over_at(snapshot: Snapshot) -> datetime:
    """When nothing of the session is ahead any more, neither as wanted nor as anything shows."""
    standing = [copy for copy in snapshot.copies if copy.state in STANDING]
    ends = [shown_end(snapshot, copy) for copy in standing]
    return max(snapshot.delivery.ends_at, *ends) if ends else snapshot.delivery.ends_at


def untold_move(snapshot: Snapshot) -> Copy | None:
    """The copy whose event its person may have moved to where it cannot be found, as long as
    nothing was made in its stead: whoever hears next of the session is told of it."""
    made = [c for c in snapshot.copies if c.state not in (S.PLANNED, S.FAILED)]
    last = max(made, key=lambda copy: copy.n, default=None)
    return last if last is not None and last.may_remain else None


def refused_until(snapshot: Snapshot, copy: Copy) -> datetime | None:
    """Until when a refused call about this copy is not made again, if that is ahead. On the route
    another version of what is wanted is another call."""
    again_at = copy.again_at
    if again_at is None or again_at <= snapshot.now:
        return None
    if on_route(snapshot, copy) and copy.refused_version != snapshot.delivery.version:
        return None
    return again_at


def is_given_up(snapshot: Snapshot, copy: Copy) -> bool:
    """Calls about it are refused, and what it shows is over."""
    return copy.again_at is not None and shown_end(snapshot, copy) <= snapshot.now


def differs(snapshot: Snapshot, copy: Copy) -> bool:
    """A live copy shows something else than wanted. A quiet change is never mailed."""
    wanted = snapshot.delivery
    if copy.material_fp != wanted.material_fp:
        return True
    return copy.channel != MAIL and copy.quiet_fp != wanted.quiet_fp


def debounced_until(snapshot: Snapshot) -> datetime | None:
    until = snapshot.delivery.debounce_until
    return until if until is not None and until > snapshot.now else None


def announced_until(snapshot: Snapshot) -> datetime | None:
    """A digest told of the session: until when its first invitation waits, if that is ahead."""
    at = snapshot.delivery.mail_from
    return at if at is not None and at > snapshot.now else None


def dismissed_here(snapshot: Snapshot) -> bool:
    """The user removed it from the route, and it is not made again there."""
    return any(
        is_dismissal_current(snapshot.delivery, copy.material_fp, copy.seen_version)
        for copy in at_destination(snapshot, S.DISMISSED)
    )


def is_dismissal_current(
    delivery: Delivery, material_fp: str | None, seen_version: int | None
) -> bool:
    """A copy that was dismissed so showed the latest material version: that is not made again."""
    if material_fp != delivery.material_fp or seen_version is None:
        return False
    return seen_version >= delivery.material_version


def shown_elsewhere(snapshot: Snapshot) -> bool:
    """What is wanted already stands where we do not write: made by the former system, or in a
    calendar we lost (then a mail would only say again what that calendar shows)."""
    route, wanted = snapshot.delivery.route, snapshot.delivery.material_fp
    by_mail = route is not None and route.channel == MAIL
    return any(
        c.material_fp == wanted
        and (c.state is S.ELSEWHERE or (c.state is S.STRANDED and by_mail and is_lost(snapshot, c)))
        for c in snapshot.copies
    )


def taken_here(snapshot: Snapshot) -> bool:
    """An event that a user took over stands on the route, made for this delivery or another."""
    return snapshot.destination_taken or bool(at_destination(snapshot, S.TAKEN))


def waits_for_listing(snapshot: Snapshot) -> bool:
    """After a restore nothing is made in a calendar before it was asked what of ours is in it, and
    what stands anywhere else is kept until then."""
    route = snapshot.delivery.route
    account = snapshot.accounts.get(route.account) if route and route.account else None
    if account is None or not account.unlisted or not snapshot.delivery.wanted:
        return False
    stands = snapshot.destination_occupied or taken_here(snapshot)
    return not stands and not at_destination(snapshot, S.LIVE)
