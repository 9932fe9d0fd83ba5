"""From a booked session to what each participant should see, and where. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from calsync.core.account import Account
from calsync.core.address import address_key
from calsync.core.booked import BookedSession, Status
from calsync.core.content.event import DesiredEvent
from calsync.core.content.render import desired_events
from calsync.core.ledger import Route
from calsync.core.routing import Member, choose, cover


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one participant should see; `event` None: nothing."""

    participant: str
    email: str
    person: str
    event: DesiredEvent | None
    route: Route | None
    covered_by: str | None = None


def wanted_of(
    session: BookedSession,
    accounts: Mapping[str, Sequence[Account]],
    events: Mapping[str, DesiredEvent] | None = None,
) -> list[Wanted]:
    """What everybody in the session should see; nobody anything when it is cancelled.

    accounts   by the key of the platform's address
    events     the session's desired events, where they were made before
    """
    if session.status is not Status.BOOKED:
        return []
    if events is None:
        events = desired_events(session)
    wanted = [
        Wanted(
            participant=one.id,
            email=one.email,
            person=one.person,
            event=events[one.id],
            route=choose(one.email, accounts.get(address_key(one.email), ())),
        )
        for one in session.participants
    ]
    return covered(wanted)


def covered(wanted: Sequence[Wanted]) -> list[Wanted]:
    """The same, with everybody who sees another participant's copy marked as covered by it."""
    present = [one for one in wanted if one.event is not None]
    by = cover(Member(one.participant, one.route, one.person) for one in present)
    return [
        Wanted(
            one.participant, one.email, one.person, one.event, one.route, by.get(one.participant)
        )
        for one in wanted
    ]
