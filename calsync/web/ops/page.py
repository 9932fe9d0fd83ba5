"""The ops page: rendered here, works without scripts, and lets in by a one-time link or a token."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from calsync.errors import CalsyncError
from calsync.ops import queries
from calsync.ops.page.access import VISIT_LASTS, Operators
from calsync.ops.page.desk import desk
from calsync.ops.questions import person
from calsync.runtime.context import Context
from calsync.store.connect.operators import EVERY, Operator
from calsync.text.counted import counted
from calsync.text.instants import iso
from calsync.web.forms import own_fields, posted

COOKIE = "calsync-ops"
LONGEST = 320  # characters of what is searched for: an address has no more
DONE = {
    "approve": "The batch is released, exactly as it was shown.",
    "reject": "The batch is rejected: its changes wait until their records change.",
    "pause": "Paused. Calls in flight finish within seconds.",
    "resume": "Resumed.",
    "resync": "It is decided again; the daemon does what is due.",
    "resend": "The invitation was mailed once more, as the same event.",
}


class NoOperatorError(Exception):
    """Whoever asks is let in by nothing that they show."""


class Ops:
    """What every route of the page needs."""

    def __init__(self, context: Context, operators: Operators) -> None:
        self.context, self.operators = context, operators
        self._templates = Environment(
            loader=PackageLoader("calsync.web.ops"), autoescape=True, undefined=StrictUndefined
        )
        self._templates.filters["iso"] = iso
        self._templates.globals["counted"] = counted

    def operator(self, request: Request) -> Operator:
        """Who asks, by cookie or bearer token. Raises NoOperatorError."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            found = self.operators.of_token(token.strip())
        else:
            visit = self.operators.visit(request.cookies.get(COOKIE, ""))
            found = visit.operator if visit else None
        if found is None:
            raise NoOperatorError
        return found

    async def fields(self, request: Request) -> dict[str, str] | None:
        """The fields of a form of this browser's page; None for any other. A token in the header is
        no cookie that another site could make a browser send."""
        if request.headers.get("authorization"):
            return await posted(request)
        cookie = request.cookies.get(COOKIE, "")
        origin = f"http://{request.headers.get('host', '')}"
        return await own_fields(request, origin, self.operators.proof(cookie) if cookie else "")

    def page(
        self, request: Request, template: str, *, status: int = HTTPStatus.OK, **values: Any
    ) -> Response:
        cookie = request.cookies.get(COOKIE, "")
        proof = self.operators.proof(cookie) if cookie else ""
        shown = self._templates.get_template(f"ops/{template}").render(csrf=proof, **values)
        return HTMLResponse(shown, status, headers={"Cache-Control": "no-store"})

    def refuse(self, request: Request, text: str, status: int) -> Response:
        return self.page(
            request, "message.html", status=status, title="Not done", text=text, operator=None
        )

    def closed(self, request: Request) -> Response:
        text = "Run `calsync ops-link` and open what it prints, or send a token of scope ops:read."
        title, status = "Not signed in", HTTPStatus.FORBIDDEN
        return self.page(
            request, "message.html", status=status, title=title, text=text, operator=None
        )


def page_routes(ops: Ops) -> list[Route]:
    def home(request: Request) -> Response:
        try:
            operator = ops.operator(request)
        except NoOperatorError:
            return ops.closed(request)
        found = desk(ops.context, operator.tenant)
        most = max([1, *(age.count for age in found.backlog)])
        done = DONE.get(request.query_params.get("done", ""), "")
        return ops.page(
            request, "home.html", operator=operator, desk=found, most=most, done=done, every=EVERY
        )

    def find(request: Request) -> Response:
        try:
            operator = ops.operator(request)
        except NoOperatorError:
            return ops.closed(request)
        return _found(ops, request, operator, request.query_params.get("q", "").strip()[:LONGEST])

    def show_entry(request: Request) -> Response:
        """Programs that open links for people spend nothing here."""
        ticket = request.query_params.get("ticket", "")
        if not ops.operators.is_open(ticket):
            return ops.closed(request)
        return ops.page(request, "enter.html", ticket=ticket, operator=None)

    async def enter(request: Request) -> Response:
        ticket = (await posted(request) or {}).get("ticket", "")
        cookie = await run_in_threadpool(ops.operators.enter, ticket)
        if cookie is None:
            return ops.closed(request)
        response = RedirectResponse("/ops", HTTPStatus.SEE_OTHER)
        lasts = int(VISIT_LASTS.total_seconds())
        response.set_cookie(
            COOKIE, cookie, max_age=lasts, path="/ops", httponly=True, samesite="strict"
        )
        return response

    return [
        Route("/ops", home),
        Route("/ops/find", find),
        Route("/ops/enter", show_entry, methods=["GET"]),
        Route("/ops/enter", enter, methods=["POST"]),
    ]


def _found(ops: Ops, request: Request, operator: Operator, q: str) -> Response:
    """A session by its id, else a person."""
    tenant = None if operator.tenant == EVERY else operator.tenant
    done = DONE.get(request.query_params.get("done", ""), "")
    asked: dict[str, Any] = {"q": q, "operator": operator, "done": done}
    try:
        if queries.knows_session(ops.context, q, tenant):
            story = queries.explain(ops.context, q, None, tenant)
            return ops.page(request, "session.html", story=story, **asked)
        people = person.person(ops.context, q, tenant)
    except CalsyncError as error:
        page = {"title": "Nothing found", "text": str(error), "operator": operator}
        return ops.page(request, "message.html", status=HTTPStatus.NOT_FOUND, **page)
    return ops.page(request, "person.html", people=people, **asked)


def find_path(q: str, done: str) -> str:
    return f"/ops/find?{urlencode({'q': q, 'done': done})}"
