"""GET of the feed: what became of sessions and accounts."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from calsync.core.facts import MEANING, REASONS, FactKind
from calsync.platform_api import feed
from calsync.platform_api.feed import CursorError
from calsync.runtime.context import Context
from calsync.store.api.tokens import Caller, Scope
from calsync.web.api.auth import Callers
from calsync.web.api.problems import ProblemError, answers

GET = """What happened since a cursor, oldest first. Begin without `after`, keep the `cursor` of
each answer, and go on with it; an answer without facts has the same cursor again. No fact is left
out or told twice by following the cursor. Facts are kept as long as the journal
(`retention.journal_days`)."""
KINDS = "\n".join(["What happened.", *(f"- `{kind.value}`: {MEANING[kind]}" for kind in FactKind)])
WHY = "\n".join(
    [
        "For `not_delivered` and `account_disconnected`.",
        *(f"- `{name}`: {text}" for name, text in REASONS.items()),
    ]
)


class TodoAnswer(BaseModel):
    """What somebody has to do; done when the same account is connected or disconnected."""

    action: Literal["reconnect"] = Field(description="`reconnect`: the person connects it again.")
    url: str | None = Field(description="Where they do that: `web.reconnect_url`.")
    email: str = Field(description="The platform's address of the person who has to do it.")


class TimeAnswer(BaseModel):
    """From when to when, in UTC."""

    starts_at: datetime
    ends_at: datetime


class FactAnswer(BaseModel):
    """One thing that happened."""

    id: str = Field(description="Never given twice; the webhook tells the same fact by it.")
    cursor: str = Field(description="The cursor behind this fact.")
    at: datetime = Field(description="When it happened, in UTC.")
    kind: FactKind = Field(description=KINDS)
    session: str | None = Field(description="The session's id; null for facts of an account.")
    participant: str | None = Field(description="The participant's id in the session.")
    account: str | None = Field(description="The calendar account; null for facts of a session.")
    person: str | None = Field(
        description="The platform's address of whoever connected the account, while it is known."
    )
    channel: str | None = Field(description="google, outlook, caldav or mail, where one is meant.")
    reason: str | None = Field(description=WHY)
    field: str | None = Field(description="The field of a refused record.")
    policy: Literal["report", "restore"] | None = Field(
        description=(
            "Of `event_moved`: `policy.drift`, as it was. `report`: the event stays as the person "
            "left it. `restore`: it is put back."
        )
    )
    old_time: TimeAnswer | None = Field(
        description=(
            "Of `event_moved`: the time that calsync had written; null while a newer one of the "
            "session was under way."
        )
    )
    new_time: TimeAnswer | None = Field(
        description=(
            "Of `event_moved`: the time that the event shows; the old one where only its place or "
            "link was changed, null for an entry of whole days."
        )
    )
    todo: TodoAnswer | None = Field(
        description="For `account_lost`, when its person can repair it."
    )
    message: str = Field(description="The same in a sentence for people.")


class ChangesAnswer(BaseModel):
    """A page of the feed."""

    facts: list[FactAnswer]
    cursor: str = Field(description="What to send as `after` next time.", examples=["1042"])
    more: bool = Field(description="There may be more already: ask again at once.")


def router(context: Context, callers: Callers) -> APIRouter:
    routes = APIRouter(prefix="/api/changes", tags=["changes"])
    allowed = callers.needs(Scope.CHANGES_READ)

    @routes.get(
        "",
        summary="Read what happened",
        description=GET,
        responses=answers(401, 403, 410, 422, 429),
    )
    def get_changes(
        caller: Annotated[Caller, Depends(allowed)],
        after: Annotated[
            str,
            Query(
                pattern=r"^[0-9]{1,15}$", description="The last answer's cursor; 0: from the start."
            ),
        ] = "0",
        limit: Annotated[int, Query(ge=1, le=1000, description="The most facts to get.")] = 100,
    ) -> ChangesAnswer:
        try:
            found = feed.changes(context, caller.tenant, int(after), limit)
        except CursorError as error:
            message = f"this cursor {error}; begin anew without `after`"
            raise ProblemError(410, "cursor_gone", message) from None
        return ChangesAnswer.model_validate(found, from_attributes=True)

    return routes
