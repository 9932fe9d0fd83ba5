"""GET of sessions and people: where each session is for each person, now."""

import base64
import binascii
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AfterValidator, BaseModel, Field

from calsync.core.address import Address, AddressError
from calsync.core.content.visibility import VisibilityState
from calsync.platform_api import questions
from calsync.runtime.context import Context
from calsync.sources.records.format import IDENTIFIER
from calsync.store.api.tokens import Caller, Scope
from calsync.store.records.by_start import Starting, StartPosition
from calsync.web.api.auth import Callers
from calsync.web.api.problems import Instant, ProblemError, answers, unusable

Allowed = Callable[..., Caller]  # a dependency that lets callers in

SESSION = """Where a session is for each of its participants, since when, what it waits for, and
the last problem: what the participant's own page says."""
SESSIONS = """The tenant's sessions by their start, cancelled ones too, and for how many people each
is shown. Begin without `after`, go on with the answer's `next` until it is null."""
PERSON = """Who has this address: their calendars, and the nearest 100 of their sessions ahead."""
STATES = {
    VisibilityState.CALENDAR: "It is in the connected calendar.",
    VisibilityState.MAIL: "The person was invited by mail.",
    VisibilityState.COMING: "It is about to be shown, or changed.",
    VisibilityState.LATER: "A digest told of it; the invitation follows.",
    VisibilityState.HELD: "It waits until a person approves the batch.",
    VisibilityState.REMOVED: "The person removed it from the calendar.",
    VisibilityState.TAKEN: "The person made it an event of their own.",
    VisibilityState.BEFORE: "It was put there before, by another system or into a lost calendar.",
    VisibilityState.THROUGH: "The person sees it through another address or id.",
    VisibilityState.TROUBLE: "It cannot be shown; the operator of calsync knows.",
}
STATE = "\n".join(["Where it is.", *(f"- `{one.value}`: {STATES[one]}" for one in STATES)])


class ShownAnswer(BaseModel):
    """Where one session is for one person."""

    state: VisibilityState = Field(description=STATE)
    where: str = Field(description='The same in plain words, as the end of "it is ...".')
    channel: str | None = Field(description="google, outlook, caldav or mail; null: no way there.")
    since: datetime | None = Field(description="Since when; null: nothing is there yet.")
    waits_for: str | None = Field(description="What keeps it from being shown as it is wanted.")
    waits_until: datetime | None = Field(description="Until when, where that is known.")
    problem: str | None = Field(description="The last problem: what it means and what to do.")


class ParticipantAnswer(BaseModel):
    participant: str = Field(description="The participant's id in the session.")
    shown: ShownAnswer


class OneSession(BaseModel):
    """A session as it was taken in last."""

    id: str = Field(description="The session's id.")
    status: Literal["booked", "cancelled"]
    title: str = Field(description="Its title; empty where it is not kept any more.")
    program: str | None = Field(description="The program's id.")
    starts_at: datetime | None
    ends_at: datetime | None
    updated_at: datetime = Field(description="The record's `updated_at`.")
    stale: bool = Field(description="A newer version was refused; this one goes on being shown.")
    participants: list[ParticipantAnswer] = Field(description="Empty once it is cancelled.")


class CountedSession(BaseModel):
    """A session, and for how many people it is shown."""

    id: str
    status: Literal["booked", "cancelled"]
    title: str
    program: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    updated_at: datetime
    stale: bool
    people: int = Field(description="Who is to see it.")
    shown: int = Field(description="For how many of them it is where they look.")
    waiting: int = Field(description="For how many it is on its way.")
    trouble: int = Field(description="To how many it cannot be shown.")


class SessionsAnswer(BaseModel):
    """A page of sessions."""

    sessions: list[CountedSession]
    next: str | None = Field(description="What to send as `after`; null on the last page.")


class AccountAnswer(BaseModel):
    """A calendar of the person."""

    id: str
    provider: str = Field(description="google, outlook or caldav.")
    state: str = Field(
        description="active, free_busy_only, reconnect (access is lost), unusable or disconnected."
    )
    since: datetime = Field(description="Since when it has been in this state.")
    used: bool = Field(description="Sessions go there now.")


class PersonSessionAnswer(BaseModel):
    session: str
    participant: str
    title: str
    starts_at: datetime
    shown: ShownAnswer


class PersonAnswer(BaseModel):
    """A person of the tenant."""

    email: str
    channel: str = Field(description="Where their sessions go now: google, outlook, caldav, mail.")
    accounts: list[AccountAnswer]
    session_count: int = Field(description="How many sessions they have ahead.")
    sessions: list[PersonSessionAnswer] = Field(description="The nearest of them, 100 at most.")


def router(context: Context, callers: Callers) -> APIRouter:
    """The routes of what is asked."""
    routes = APIRouter(prefix="/api", tags=["questions"])
    allowed = callers.needs(Scope.SESSIONS_READ)
    _add_sessions(routes, context, allowed)
    _add_session(routes, context, allowed)
    _add_person(routes, context, allowed)
    return routes


def _add_sessions(routes: APIRouter, context: Context, allowed: Allowed) -> None:
    @routes.get(
        "/sessions",
        summary="List sessions",
        description=SESSIONS,
        responses=answers(401, 403, 422, 429),
    )
    def get_sessions(
        caller: Annotated[Caller, Depends(allowed)],
        program: Annotated[
            str | None, Query(description="Only of this program, by its id.")
        ] = None,
        start: Annotated[
            Instant, Query(alias="from", description="Starting then or later.")
        ] = None,
        end: Annotated[Instant, Query(alias="to", description="Starting before then.")] = None,
        after: Annotated[
            str | None, AfterValidator(_given), Query(description="`next` of the page before.")
        ] = None,
        limit: Annotated[int, Query(ge=1, le=100, description="The most sessions to get.")] = 50,
    ) -> SessionsAnswer:
        meant = _storable(program) if program else None
        chosen = Starting(meant, start, end, _position(after))
        page = questions.listed(context, caller.tenant, chosen, limit)
        return SessionsAnswer.model_validate(
            {"sessions": page.sessions, "next": _written(page.next)}, from_attributes=True
        )


def _add_session(routes: APIRouter, context: Context, allowed: Allowed) -> None:
    @routes.get(
        "/sessions/{session_id:path}",
        summary="Where a session is for each participant",
        description=SESSION,
        responses=answers(401, 403, 404, 422, 429),
    )
    def get_session(
        session_id: Annotated[
            str,
            Path(
                description="The platform's id of the session.",
                examples=["ses-1001"],
                json_schema_extra={"pattern": IDENTIFIER},
            ),
        ],
        caller: Annotated[Caller, Depends(allowed)],
    ) -> OneSession:
        found = questions.session(context, caller.tenant, _storable(session_id))
        if found is None:
            message = "no session of this id was ever taken in for this tenant"
            raise ProblemError(404, "session_unknown", message)
        return OneSession.model_validate(found, from_attributes=True)


def _add_person(routes: APIRouter, context: Context, allowed: Allowed) -> None:
    @routes.get(
        "/people/{address:path}",
        summary="What a person sees",
        description=PERSON,
        responses=answers(401, 403, 404, 422, 429),
    )
    def get_person(
        address: Annotated[
            str, Path(description="The platform's address.", examples=["maya@example.org"])
        ],
        caller: Annotated[Caller, Depends(allowed)],
    ) -> PersonAnswer:
        try:
            email = str(Address.read(address))
        except AddressError:
            raise unusable("address", "write one e-mail address") from None
        found = questions.person(context, caller.tenant, email)
        if found is None:
            message = "nobody of this address has a session ahead or a calendar; check how the "
            raise ProblemError(404, "person_unknown", message + "platform writes it")
        return PersonAnswer.model_validate(found, from_attributes=True)


def _storable(text: str) -> str:
    """A text as it can be compared with a stored one: none has a NUL or half a character."""
    return text.encode(errors="replace").decode().replace("\0", "?")


def _written(position: StartPosition | None) -> str | None:
    if position is None:
        return None
    text = json.dumps([position.starts_at.isoformat(), position.id])
    return base64.urlsafe_b64encode(text.encode()).decode()


def _given(after: str | None) -> str | None:
    """Raises ValueError for what no page gave."""
    _position(after)
    return after


def _position(after: str | None) -> StartPosition | None:
    """Where a page begins. Raises ValueError for what no page gave."""
    if after is None:
        return None
    try:
        at, ident = json.loads(base64.urlsafe_b64decode(after.encode()))
        return StartPosition(datetime.fromisoformat(at).astimezone(UTC), _storable(str(ident)))
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error):
        raise ValueError("write `next` of the page before as it came") from None
