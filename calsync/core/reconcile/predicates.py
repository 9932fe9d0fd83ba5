"""What the decision's rows speak about: where a copy stands, whether it can be reached, and what
it shows against what is wanted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from calsync.core.ledger import Copy, CopyState, Facts, Outcome, Want
from calsync.core.reconcile.actions import MAIL

S = CopyState


def on_route(facts: Facts, copy: Copy) -> bool:
    """This copy stands where the session should be shown."""
    route = facts.delivery.route
    return facts.delivery.wanted and route is not None and copy.place_key == route.place_key


def reach(facts: Facts, copy: Copy) -> str | None:
    """The account through which a calendar copy can be reached: its own, or another one of the
    same place (a new consent for the same calendar). None: it is lost."""
    if not facts.lost(copy.account):
        return copy.account
    same = (a.id for a in facts.accounts.values() if a.place_key == copy.place_key and not a.lost)
    return min(same, default=None)


def is_lost(facts: Facts, copy: Copy) -> bool:
    return copy.channel != MAIL and reach(facts, copy) is None


def in_place(facts: Facts, *states: CopyState) -> list[Copy]:
    """Own copies on the route in one of these states."""
    return [c for c in facts.copies if c.state in states and on_route(facts, c)]


def call_open_until(facts: Facts, copy: Copy) -> datetime | None:
    """Until when a call for this copy may still be running, if that is ahead."""
    attempt = copy.attempt
    unresolved = copy.state is S.UNSURE or (
        attempt is not None
        and copy.state is S.STRANDED
        and attempt.outcome in (Outcome.OPEN, Outcome.MAYBE)
    )
    if attempt is None or not unresolved or attempt.deadline <= facts.now:
        return None
    return attempt.deadline


def differs(facts: Facts, copy: Copy) -> bool:
    """A live copy shows something else than wanted. A quiet change is never mailed."""
    wanted = facts.delivery
    if copy.material_fp != wanted.material_fp:
        return True
    return copy.channel != MAIL and copy.quiet_fp != wanted.quiet_fp


def settling_until(facts: Facts) -> datetime | None:
    until = facts.delivery.settle_until
    return until if until is not None and until > facts.now else None


def announced_until(facts: Facts) -> datetime | None:
    """A digest told of the session: until when its first invitation waits, if that is ahead."""
    at = facts.delivery.mail_from
    return at if at is not None and at > facts.now else None


def dismissed_here(facts: Facts) -> bool:
    """The user removed it, having seen the latest material version: it is not made again."""
    delivery = facts.delivery
    return any(
        c.material_fp == delivery.material_fp
        and c.seen_version is not None
        and c.seen_version >= delivery.material_version
        for c in in_place(facts, S.DISMISSED)
    )


def shown_elsewhere(facts: Facts) -> bool:
    """What is wanted already stands where we do not write: made by the former system, or in a
    calendar we lost (then a mail would only say again what that calendar shows)."""
    route, wanted = facts.delivery.route, facts.delivery.material_fp
    by_mail = route is not None and route.channel == MAIL
    return any(
        c.material_fp == wanted
        and (c.state is S.ELSEWHERE or (c.state is S.STRANDED and by_mail and is_lost(facts, c)))
        for c in facts.copies
    )


def taken_here(facts: Facts) -> bool:
    """An event that a user took over stands on the route, made for this delivery or another."""
    return facts.place_taken or bool(in_place(facts, S.TAKEN))


def unreachable_at(facts: Facts) -> datetime | None:
    """When to tell the person by a plain mail that the session could not be shown, if it is not
    shown by then. None: it is shown, removed by the user, or not wanted. A retry is due no later.
    """
    delivery = facts.delivery
    if not delivery.wanted or in_place(facts, S.LIVE) or taken_here(facts):
        return None
    if dismissed_here(facts) or shown_elsewhere(facts):
        return None
    return delivery.starts_at - facts.policy.unreachable_mail


def notices_due(facts: Facts) -> Iterator[str]:
    """Kinds of plain mail to send now, as far as they were not sent before."""
    at = unreachable_at(facts)
    if at is not None and at <= facts.now and (facts.delivery.attempts or facts.place_held):
        yield "unreachable"
    if any(_may_remain(facts, copy) for copy in facts.copies):
        yield "entry_may_remain"


def _may_remain(facts: Facts, copy: Copy) -> bool:
    """It stands there, is wrong by now, and we cannot take it away: the user's guests would be
    mailed, or the account is lost. (A session that goes on by mail says so in that mail.)"""
    if copy.state is S.STRANDED:
        return facts.delivery.want is Want.ABSENT and is_lost(facts, copy)
    return copy.state is S.TAKEN and not on_route(facts, copy)
