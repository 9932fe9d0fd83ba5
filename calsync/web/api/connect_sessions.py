"""POST of a connect session: the platform asks for a way in for one person."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from calsync.core.visit import Visitor
from calsync.selfservice.entry import Arrivals
from calsync.store.api.tokens import Caller, Scope
from calsync.web.api.auth import Callers
from calsync.web.api.problems import FieldProblem, ProblemError, answers, field_problems

POST = """Get a URL for one person and send that person there at once, with a redirect. It works
for 15 minutes and lets one browser in. On the page the person connects, sees, repairs and
disconnects the calendar in which sessions appear; afterwards a link leads to `return_url`.

Only ask for a person who is signed in at the platform: whoever opens the URL acts as that
person."""


class ConnectSession(BaseModel):
    """Who is to come in."""

    model_config = ConfigDict(extra="forbid")

    email: str = Field(
        max_length=320,
        description="The person's address at the platform, as in the sessions it sends.",
        examples=["maya@example.org"],
    )
    name: str = Field("", max_length=200, description="How the person is called.")
    return_url: str = Field(
        "",
        max_length=2000,
        description="Where the page leads back to; below one of the tenant's `return_urls`.",
        examples=["https://platform.example/settings/calendar"],
    )
    locale: str = Field(
        "",
        max_length=35,
        description="The language the person reads, like `de-AT`; left out, the browser's.",
        examples=["de"],
    )


SCHEMA = ConnectSession.model_json_schema()


class ConnectSessionAnswer(BaseModel):
    """The way in."""

    url: str = Field(description="Where to send the person. A secret: keep it out of logs.")
    expires_at: datetime = Field(description="Until when it works, in UTC.")


def router(arrivals: Arrivals, callers: Callers) -> APIRouter:
    routes = APIRouter(prefix="/api/connect-sessions", tags=["connect sessions"])
    allowed = callers.needs(Scope.CONNECT_WRITE)

    @routes.post(
        "",
        status_code=201,
        summary="Let a person connect a calendar",
        description=POST,
        responses=answers(400, 401, 403, 413, 422, 429),
        openapi_extra={"requestBody": {"content": {"application/json": {"schema": SCHEMA}}}},
    )
    def post_connect_session(
        body: Annotated[dict[str, Any], Body()], caller: Annotated[Caller, Depends(allowed)]
    ) -> ConnectSessionAnswer:
        offered = arrivals.offer(_visitor(arrivals, caller.tenant, body))
        return ConnectSessionAnswer(url=offered.url, expires_at=offered.expires_at)

    return routes


def _visitor(arrivals: Arrivals, tenant: str, body: dict[str, Any]) -> Visitor:
    """Whom the body names. Raises ProblemError with every field that is wrong: what its form says
    and what the tenant allows are told together."""
    wrong: list[FieldProblem] = []
    try:
        ConnectSession.model_validate(body)
    except ValidationError as error:
        wrong.extend(field_problems(error))
    given = {name: str(body.get(name, "")) for name in ConnectSession.model_fields}
    visitor = Visitor(tenant, **given)
    told = {one.field for one in wrong}
    refused = arrivals.problems(visitor).items()
    wrong += [FieldProblem(field=name, reason=why) for name, why in refused if name not in told]
    if wrong:
        raise ProblemError(422, "request_invalid", "the request cannot be used", errors=wrong)
    return visitor
