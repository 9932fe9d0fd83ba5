"""What a platform asks: where a session is for each of its people, which there are, and what one
person sees. Words and states are those of the participant's page (core/content/visibility.py).

No address of a calendar and no text of a provider is told: a person's own calendar is none of the
platform's business beyond what the person sees there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from calsync.core.account import Account
from calsync.core.content.visibility import UNSHOWN, Visibility, VisibilityState
from calsync.core.ledger import MAIL, Delivery, Want
from calsync.core.routing import choose
from calsync.ops.questions.answers import meaning
from calsync.ops.questions.words import CALENDARS, WHERE
from calsync.runtime.context import Context
from calsync.store.connect import accounts
from calsync.store.database import Db, Row
from calsync.store.ledger import deliveries, people, sessions
from calsync.store.ledger.rows import delivery_of
from calsync.store.records.by_start import Starting, StartPosition, start_position, starting

MOST_OF_A_PERSON = 100
UNNAMED = "a call failed; the operator of calsync sees the answer"


@dataclass(frozen=True, slots=True)
class ShownWhere:
    """Where one session is for one person now.

    where        in plain words
    since        since when that has been so; None: nothing is there yet
    waits_for    what keeps it from being shown as it is wanted, until when where that is known
    problem      what the last call that failed means and what to do; None: none failed
    """

    state: str
    where: str
    channel: str | None
    since: datetime | None
    waits_for: str | None
    waits_until: datetime | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class ParticipantNow:
    """A participant of a session, by the platform's id."""

    participant: str
    shown: ShownWhere


@dataclass(frozen=True, slots=True)
class SessionNow:
    """A session as it was taken in last. `stale`: a newer version of it was refused.

    participants  empty once it is cancelled
    """

    id: str
    status: str
    title: str
    program: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    updated_at: datetime
    stale: bool
    participants: Sequence[ParticipantNow]


@dataclass(frozen=True, slots=True)
class SessionCounts:
    """A session in a list, and for how many of its people it is shown, on its way, in trouble."""

    id: str
    status: str
    title: str
    program: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    updated_at: datetime
    stale: bool
    people: int
    shown: int
    waiting: int
    trouble: int


@dataclass(frozen=True, slots=True)
class SessionsPage:
    """Sessions in order of their start. `next`: where the next page begins; None: the last one."""

    sessions: Sequence[SessionCounts]
    next: StartPosition | None


@dataclass(frozen=True, slots=True)
class ConnectedAccount:
    """A calendar of a person. `since`: since when it has been in its state."""

    id: str
    provider: str
    state: str
    since: datetime
    used: bool


@dataclass(frozen=True, slots=True)
class SessionOfPerson:
    """A session ahead of a person."""

    session: str
    participant: str
    title: str
    starts_at: datetime
    shown: ShownWhere


@dataclass(frozen=True, slots=True)
class PersonNow:
    """Somebody of a tenant: their calendars, and the nearest of their sessions ahead.

    channel  where their sessions go now
    """

    email: str
    channel: str
    accounts: Sequence[ConnectedAccount]
    session_count: int
    sessions: Sequence[SessionOfPerson]


def session(context: Context, tenant: str, ident: str) -> SessionNow | None:
    """One session; None when none of that id was ever taken in."""
    with context.store.read() as db:
        row = next(iter(sessions.named(db, ident, tenant)), None)
        if row is None:
            return None
        return SessionNow(**_facts(row), participants=_participants(db, tenant, ident))


def listed(context: Context, tenant: str, chosen: Starting, limit: int) -> SessionsPage:
    """A page of the tenant's sessions, cancelled ones too."""
    with context.store.read() as db:
        rows = starting(db, tenant, chosen, limit)
        wanted = people.wanted_in(db, tenant, [row["id"] for row in rows])
        visible = people.visible(db, wanted)
    states: dict[str, Counter[VisibilityState]] = {}
    for key, one in visible.items():
        states.setdefault(key.session, Counter())[one.state] += 1
    counted = [_counts(row, states.get(row["id"], Counter())) for row in rows]
    more = len(rows) == limit
    return SessionsPage(counted, start_position(rows[-1]) if more else None)


def person(context: Context, tenant: str, email: str) -> PersonNow | None:
    """Who has this address; None for somebody without a session ahead and without a calendar."""
    with context.store.read() as db:
        ahead = people.ahead(db, tenant, email)
        stored = accounts.of_person(db, tenant, email)
        if not ahead and not stored:
            return None
        nearest = ahead[:MOST_OF_A_PERSON]
        visible = people.visible(db, nearest)
        problems = {one.key: _problem(deliveries.get(db, one.key)) for one in nearest}
    route = choose(email, [one.account for one in stored])
    return PersonNow(
        email=email,
        channel=route.channel if route else MAIL,
        accounts=[
            _account(one.account, one.state_at, route.account if route else None) for one in stored
        ],
        session_count=len(ahead),
        sessions=[_of_person(one, visible[one.key], problems[one.key]) for one in nearest],
    )


def _facts(row: Row) -> dict[str, Any]:
    record = sessions.from_json(row["record"]) if row["record"] else None
    return {
        "id": row["id"],
        "status": row["status"],
        "title": record.title if record else "",
        "program": row["program"],
        "starts_at": row["starts_at"],
        "ends_at": row["ends_at"],
        "updated_at": row["updated_at"],
        "stale": row["stale"] is not None,
    }


def _participants(db: Db, tenant: str, ident: str) -> list[ParticipantNow]:
    rows = deliveries.of_session(db, tenant, ident)
    wanted = [(row, one) for row in rows if (one := delivery_of(row)).want is Want.PRESENT]
    visible = people.visible(db, [one for _, one in wanted])
    return [
        ParticipantNow(one.key.participant, _shown(visible[one.key], _problem(row)))
        for row, one in wanted
    ]


def _counts(row: Row, states: Counter[VisibilityState]) -> SessionCounts:
    unshown = sum(count for state, count in states.items() if state in UNSHOWN)
    trouble, total = states[VisibilityState.TROUBLE], states.total()
    return SessionCounts(
        **_facts(row),
        people=total,
        shown=total - unshown,
        waiting=unshown - trouble,
        trouble=trouble,
    )


def _shown(one: Visibility, problem: str | None) -> ShownWhere:
    mailed = one.channel == MAIL
    place = "their mailbox" if mailed else CALENDARS.get(one.channel or "", "their calendar")
    return ShownWhere(
        state=one.state.value,
        where=WHERE[one.state].format(place=place, address="their address"),
        channel=one.channel,
        since=one.since,
        waits_for=one.wait.reason.value if one.wait else None,
        waits_until=one.wait.until if one.wait else None,
        problem=problem,
    )


def _problem(row: Row | None) -> str | None:
    """Of a delivery whose last call failed, or that is parked."""
    if row is None or not row["last_error"] or not (row["attempts"] or row["parked"]):
        return None
    return meaning(row["last_error"]) or UNNAMED


def _account(one: Account, since: datetime, used: str | None) -> ConnectedAccount:
    return ConnectedAccount(one.id, one.provider, one.state.value, since, one.id == used)


def _of_person(one: Delivery, visible: Visibility, problem: str | None) -> SessionOfPerson:
    return SessionOfPerson(
        session=one.key.session,
        participant=one.key.participant,
        title=one.content.title if one.content else "",
        starts_at=one.starts_at,
        shown=_shown(visible, problem),
    )
