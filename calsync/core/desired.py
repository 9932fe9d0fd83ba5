"""From a booked session to what each participant should see, and where. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from calsync.core.account import Account
from calsync.core.address import address_key
from calsync.core.booked import BookedSession, Status
from calsync.core.content.event import DesiredEvent
from calsync.core.content.fingerprints import Roster, shown_material
from calsync.core.content.render import desired_events
from calsync.core.ledger import Route
from calsync.core.routing import Member, choose, cover
from calsync.values import replaced


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one participant should see; `event` None: nothing."""

    participant: str
    email: str
    person: str
    event: DesiredEvent | None
    route: Route | None
    covered_by: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a participant was to see until now. `email` is as `Address` writes it."""

    participant: str
    email: str
    material_fp: str | None
    covered_by: str | None


@dataclass(frozen=True, slots=True)
class Former:
    """What is known of a session whose new version has come: the version accepted before, and what
    its participants are to see by that."""

    session: BookedSession | None = None
    standing: Sequence[Standing] = ()


NOTHING_KNOWN = Former()


def wanted_of(
    session: BookedSession,
    accounts: Mapping[str, Sequence[Account]],
    events: Mapping[str, DesiredEvent] | None = None,
    former: Former = NOTHING_KNOWN,
) -> list[Wanted]:
    """What everybody in the session should see; nobody anything when it is cancelled.

    accounts   by the key of the platform's address
    events     the session's desired events, where they were made before
    former     so that what looks the same stays as it is: a person who has another id now goes on
               seeing what they were shown under the former one
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
    merged = _merged(session, former)
    found = covered(
        replaced(one, participant=merged.get(one.participant, one.participant)) for one in wanted
    )
    shown = {one.participant: one for one in found}
    for new, old in merged.items():
        by = shown[old].covered_by or old
        found.append(replaced(shown[old], participant=new, covered_by=by))
    return _as_it_looks(found, session, former, merged)


def _merged(session: BookedSession, former: Former) -> dict[str, str]:
    """The former id of everybody who is shown the session under one that it names no more: of the
    same address and name when that changed, and from then on covered by it."""
    named = {one.id for one in session.participants}
    before = former.session.participants if former.session is not None else ()
    names = {one.id: one.name for one in before}
    covered_by = {one.participant: one.covered_by for one in former.standing}
    unnamed = {
        address_key(one.email): one.participant
        for one in former.standing
        if one.participant not in named | set(session.set_aside) and one.covered_by is None
    }
    found: dict[str, str] = {}
    for one in session.participants:
        old = unnamed.get(address_key(one.email), "")
        first = one.id not in covered_by and names.get(old) == one.name
        # Two people of one mailbox are covered as well, but the session named them both.
        if first or (old and old not in names and covered_by.get(one.id) == old):
            found[one.id] = unnamed.pop(address_key(one.email))
    return found


def _as_it_looks(
    found: Sequence[Wanted], session: BookedSession, former: Former, merged: Mapping[str, str]
) -> list[Wanted]:
    """With the fingerprint of what is shown until now wherever that looks the same: fingerprints
    know people by their ids."""
    before = former.session
    if before is None or before.status is not Status.BOOKED:
        return list(found)
    rosters = Roster.of(before), Roster.of(session)
    then = {one.id: one for one in before.participants}
    now = {merged.get(one.id, one.id): one for one in session.participants}
    kept = {}
    for one in former.standing:
        new = now.get(one.participant)
        old = then.get(one.participant) or (then.get(new.id) if new else None)
        if one.material_fp is None or old is None or new is None:
            continue
        looks = shown_material(before, old, rosters[0])
        if looks == shown_material(session, new, rosters[1]):
            kept[one.participant] = one.material_fp
    return [_with_material(one, kept.get(one.participant)) for one in found]


def _with_material(wanted: Wanted, material_fp: str | None) -> Wanted:
    if wanted.event is None or material_fp in (None, wanted.event.material_fp):
        return wanted
    return replaced(wanted, event=replaced(wanted.event, material_fp=material_fp))


def covered(found: Iterable[Wanted]) -> list[Wanted]:
    """The same, with everybody who sees another participant's copy marked as covered by it."""
    wanted = list(found)
    present = [one for one in wanted if one.event is not None]
    by = cover(Member(one.participant, one.route, one.person) for one in present)
    return [
        Wanted(
            one.participant, one.email, one.person, one.event, one.route, by.get(one.participant)
        )
        for one in wanted
    ]
