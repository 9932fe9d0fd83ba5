"""PUT and DELETE of one booked session: the `push` source."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Depends, Path, Query, Response
from pydantic import BaseModel, Field

from calsync.ingest.push import Pushed, Pusher
from calsync.sources.records.format import IDENTIFIER
from calsync.sources.records.record import schema
from calsync.store.api.tokens import Caller, Scope
from calsync.web.api.auth import Callers
from calsync.web.api.problems import Instant, ProblemError, Responses, answers

EXAMPLE = {
    "updated_at": "2026-11-20T09:30:00Z",
    "status": "booked",
    "title": "Session 1: Getting to know each other",
    "program": {"id": "prog-7", "name": "Women in Engineering", "kind": "individual"},
    "starts_at": "2026-12-03T15:00:00",
    "ends_at": "2026-12-03T15:45:00",
    "time_zone": "America/Toronto",
    "place": {"kind": "online", "url": "https://zoom.us/j/123456789", "label": "Zoom"},
    "agenda": {"text": "1. Introductions\n2. Goals", "format": "markdown"},
    "url": "https://app.example.org/sessions/1001",
    "participants": [
        {"id": "u-1", "name": "Maya Chen", "email": "maya@example.org", "role": "mentee"},
        {"id": "u-2", "name": "Sam Okafor", "email": "sam@example.org", "role": "mentor"},
    ],
}
PUT = """Book a session, or change it. The body is a record of the session format
(docs/session-format.md); `id` may be left out, and `tenant` is the token's. Calendars and
mailboxes follow by themselves, usually within a second.

Sending the same record again changes nothing. A record with an older `updated_at` than the known
one is ignored, and the answer says so. A record that cannot be used is refused as a whole; a fault
in one person or one field sets only that aside, and is told in `warnings`."""
DELETE = """Cancel a session: it leaves calendars, and who was mailed an invitation is mailed a
cancellation. The session is remembered as cancelled, so that an older record that arrives late
does not bring it back; a newer `PUT` books it again. Cancelling twice is harmless, and so is
cancelling what was never sent."""


class SessionAnswer(BaseModel):
    """What became of the call."""

    id: str = Field(description="The session's id.")
    outcome: Literal["accepted", "unchanged", "older", "held"] = Field(
        description=(
            "`accepted`: it is carried out now. `unchanged`: this was known already. `older`: a "
            "newer version is known, nothing was changed. `held`: too much changed within an "
            "hour, a person must approve it first."
        )
    )
    batch: int | None = Field(
        default=None, description="The held batch, for `calsync approve BATCH`."
    )
    warnings: list[str] = Field(
        default=[], description="What was left out or cut, and what to write instead."
    )


def router(pushers: Mapping[str, Pusher], callers: Callers, wake: Callable[[], None]) -> APIRouter:
    """The routes; `wake` is called when there is something new to deliver."""
    routes = APIRouter(prefix="/api/sessions", tags=["sessions"])
    allowed = callers.needs(Scope.SESSIONS_WRITE)
    ident = Path(
        description="The platform's id of the session.",
        examples=["ses-1001"],
        json_schema_extra={"pattern": IDENTIFIER},
    )
    record = {"requestBody": {"content": {"application/json": {"schema": _schema()}}}}
    held: Responses = {
        202: {"model": SessionAnswer, "description": "Held: a person must approve it."}
    }

    @routes.put(
        "/{session_id:path}",
        summary="Book or change a session",
        description=PUT,
        responses=held | answers(400, 401, 403, 404, 409, 413, 422, 429),
        openapi_extra=record,
    )
    def put_session(
        session_id: Annotated[str, ident],
        body: Annotated[dict[str, Any], Body()],
        caller: Annotated[Caller, Depends(allowed)],
        response: Response,
    ) -> SessionAnswer:
        pushed = _pusher(pushers, caller).put(session_id, body)
        return _answered(session_id, pushed, response, wake)

    @routes.delete(
        "/{session_id:path}",
        summary="Cancel a session",
        description=DELETE,
        responses=held | answers(400, 401, 403, 404, 409, 422, 429),
    )
    def delete_session(
        session_id: Annotated[str, ident],
        caller: Annotated[Caller, Depends(allowed)],
        response: Response,
        updated_at: Annotated[
            Instant,
            Query(description="When it was cancelled, with an offset; now when left out."),
        ] = None,
    ) -> SessionAnswer:
        pushed = _pusher(pushers, caller).cancel(session_id, updated_at)
        return _answered(session_id, pushed, response, wake)

    return routes


def _schema() -> dict[str, Any]:
    """The record's schema, with its parts inside: it has no place of its own in OpenAPI."""
    made = schema()
    made.pop("$schema", None)
    required = [name for name in made["required"] if name not in ("id", "tenant")]
    parts = made.pop("$defs", {})
    whole = _inlined(made, parts)
    return {**whole, "required": required, "examples": [EXAMPLE]}


def _inlined(value: Any, parts: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [_inlined(one, parts) for one in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        return _inlined(parts[value["$ref"].rpartition("/")[2]], parts)
    return {name: _inlined(one, parts) for name, one in value.items() if name != "discriminator"}


def _pusher(pushers: Mapping[str, Pusher], caller: Caller) -> Pusher:
    found = pushers.get(caller.tenant)
    if found is None:
        message = (
            f"tenant {caller.tenant} has no source of kind push; its operator adds one to the "
            "configuration"
        )
        raise ProblemError(409, "push_not_configured", message)
    return found


def _answered(
    ident: str, pushed: Pushed, response: Response, wake: Callable[[], None]
) -> SessionAnswer:
    if pushed.outcome == "accepted":
        wake()
    if pushed.outcome == "held":
        response.status_code = 202
    return session_answer(ident, pushed)


def session_answer(ident: str, pushed: Pushed) -> SessionAnswer:
    """What a caller is told of one session."""
    return SessionAnswer.model_validate(
        {
            "id": ident,
            "outcome": pushed.outcome,
            "batch": pushed.batch,
            "warnings": list(pushed.warnings),
        }
    )
