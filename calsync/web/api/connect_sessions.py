"""POST of a connect session: the platform asks for a way in for one person."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from calsync.core.visit import Visitor
from calsync.selfservice.entry import Arrivals, VisitorError
from calsync.store.api.tokens import Caller, Scope
from calsync.web.api.auth import Callers
from calsync.web.api.problems import FieldProblem, ProblemError, answers

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
    )
    def post_connect_session(
        body: ConnectSession, caller: Annotated[Caller, Depends(allowed)]
    ) -> ConnectSessionAnswer:
        visitor = Visitor(caller.tenant, body.email, body.name, body.return_url, body.locale)
        try:
            offered = arrivals.offer(visitor)
        except VisitorError as error:
            problems = [
                FieldProblem(field=name, reason=reason) for name, reason in error.problems.items()
            ]
            message = "the request cannot be used"
            raise ProblemError(422, "request_invalid", message, errors=problems) from None
        return ConnectSessionAnswer(url=offered.url, expires_at=offered.expires_at)

    return routes
