"""The ops page: rendered here, works without scripts. On this machine it lets in by a one-time link
or a token, in public by the organization's sign-in alone."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from calsync.errors import CalsyncError, beside_source
from calsync.ops.page.access import VISIT_LASTS, Operators
from calsync.ops.page.desk import desk
from calsync.ops.page.signing_in import SigningIn
from calsync.ops.questions import person
from calsync.ops.questions.explain import explain, knows_session
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
    """What every route of the page needs. `signing_in`: how operators come in where the page is
    public; None on this machine."""

    def __init__(
        self, context: Context, operators: Operators, signing_in: SigningIn | None = None
    ) -> None:
        self.context, self.operators, self.signing_in = context, operators, signing_in
        self._templates = Environment(
            loader=PackageLoader("calsync.web.ops"), autoescape=True, undefined=StrictUndefined
        )
        self._templates.filters["iso"] = iso
        self._templates.filters["beside"] = beside_source
        self._templates.globals["counted"] = counted

    def operator(self, request: Request) -> Operator:
        """Who asks, by cookie or bearer token; in public by cookie. Raises NoOperatorError."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and self.signing_in is None:
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
        if request.headers.get("authorization") and self.signing_in is None:
            return await posted(request)
        cookie = request.cookies.get(COOKIE, "")
        here = f"http://{request.headers.get('host', '')}"
        origin = self.signing_in.base if self.signing_in else here
        return await own_fields(request, origin, self.operators.proof(cookie) if cookie else "")

    def page(
        self, request: Request, template: str, *, status: int = HTTPStatus.OK, **values: Any
    ) -> Response:
        cookie = request.cookies.get(COOKIE, "")
        proof = self.operators.proof(cookie) if cookie else ""
        page = self._templates.get_template(f"ops/{template}")
        shown = page.render(csrf=proof, public=self.signing_in is not None, **values)
        return HTMLResponse(shown, status, headers={"Cache-Control": "no-store"})

    def refuse(self, request: Request, text: str, status: int) -> Response:
        return self.page(
            request, "message.html", status=status, title="Not done", text=text, operator=None
        )

    def closed(self, request: Request) -> Response:
        if self.signing_in is not None:
            return self.page(request, "sign_in.html", status=HTTPStatus.FORBIDDEN, operator=None)
        text = "Run `calsync ops-link` and open what it prints, or send a token of scope ops:read."
        title, status = "Not signed in", HTTPStatus.FORBIDDEN
        return self.page(
            request, "message.html", status=status, title=title, text=text, operator=None
        )

    def let_in(self, response: Response, cookie: str) -> Response:
        """With what this browser shows from now on. Lax: who comes from the sign-in service brings
        it at once; what acts asks for more than the cookie."""
        public = self.signing_in is not None
        response.set_cookie(
            COOKIE,
            cookie,
            max_age=int(VISIT_LASTS.total_seconds()),
            path="/ops",
            httponly=True,
            samesite="lax" if public else "strict",
            secure=bool(self.signing_in and self.signing_in.base.startswith("https:")),
        )
        return response


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
        return ops.let_in(RedirectResponse("/ops", HTTPStatus.SEE_OTHER), cookie)

    async def leave(request: Request) -> Response:
        if await ops.fields(request) is None:
            return ops.closed(request)
        cookie = request.cookies.get(COOKIE, "")
        await run_in_threadpool(ops.operators.leave, cookie)
        response = RedirectResponse("/ops", HTTPStatus.SEE_OTHER)
        response.delete_cookie(COOKIE, path="/ops")
        return response

    shown = [
        Route("/ops", home),
        Route("/ops/find", find),
        Route("/ops/leave", leave, methods=["POST"]),
    ]
    by_link = [
        Route("/ops/enter", show_entry, methods=["GET"]),
        Route("/ops/enter", enter, methods=["POST"]),
    ]
    return shown + (by_link if ops.signing_in is None else [])


def _found(ops: Ops, request: Request, operator: Operator, q: str) -> Response:
    """A session by its id, else a person."""
    tenant = None if operator.tenant == EVERY else operator.tenant
    done = DONE.get(request.query_params.get("done", ""), "")
    asked: dict[str, Any] = {"q": q, "operator": operator, "done": done}
    try:
        if knows_session(ops.context, q, tenant):
            story = explain(ops.context, q, None, tenant)
            return ops.page(request, "session.html", story=story, **asked)
        people = person.person(ops.context, q, tenant)
    except CalsyncError as error:
        page = {"title": "Nothing found", "text": str(error), "operator": operator}
        return ops.page(request, "message.html", status=HTTPStatus.NOT_FOUND, **page)
    return ops.page(request, "person.html", people=people, **asked)


def find_path(q: str, done: str) -> str:
    return f"/ops/find?{urlencode({'q': q, 'done': done})}"
