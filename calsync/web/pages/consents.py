"""Out to a provider's sign-in and back; every way that can end is a page of its own."""

from collections.abc import Callable
from contextlib import nullcontext
from http import HTTPStatus
from types import MappingProxyType
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from calsync.core.consent import ConsentError, SignInProblem
from calsync.core.visit import Visit
from calsync.errors import InputError
from calsync.selfservice.oauth import Consents
from calsync.web.pages.base import PageError, Pages, see
from calsync.web.pages.entry import HOME

STATUS = MappingProxyType(
    {
        SignInProblem.ADMIN: HTTPStatus.FORBIDDEN,
        SignInProblem.FOREIGN: HTTPStatus.FORBIDDEN,
        SignInProblem.EXPIRED: HTTPStatus.GONE,
        SignInProblem.BUSY: HTTPStatus.SERVICE_UNAVAILABLE,
        SignInProblem.OURS: HTTPStatus.BAD_GATEWAY,
    }
)
# What the person may do next, apart from going back to their page.
RETRY = (
    SignInProblem.DENIED,
    SignInProblem.EXPIRED,
    SignInProblem.BUSY,
    SignInProblem.UNTICKED,
    SignInProblem.NO_RETURN,
)
OTHER = (SignInProblem.UNUSABLE, SignInProblem.ADMIN)
# Microsoft's page for "your administrator must approve" leads back like a plain refusal.
ADMINS = (SignInProblem.ADMIN, SignInProblem.DENIED)


def router(pages: Pages, consents: Consents, wake: Callable[[], None]) -> APIRouter:
    """The routes; `wake` is called when there is something new to deliver."""
    routes, steps = APIRouter(prefix=HOME, include_in_schema=False), _Steps(pages, consents, wake)

    @routes.get("/confirm")
    def ask(request: Request, visit: Annotated[Visit, Depends(pages.visitor)]) -> Response:
        """Whether the account that came back is meant, when its address is another one."""
        waiting = consents.waiting(visit)
        if waiting is None:
            return see(HOME)
        return pages.page(request, visit, "confirm.html", waiting=waiting)

    @routes.post("/confirm")
    def answer(
        request: Request,
        visit: Annotated[Visit, Depends(pages.visitor)],
        form: Annotated[dict[str, str], Depends(pages.own_form)],
    ) -> Response:
        return steps.answer(request, visit, form.get("consent", ""), form.get("answer", ""))

    for provider in consents.providers:
        _out_and_back(routes, pages, steps, provider)
    return routes


def _out_and_back(routes: APIRouter, pages: Pages, steps: "_Steps", provider: str) -> None:
    @routes.post(f"/{provider}")
    def begin(
        request: Request,
        visit: Annotated[Visit, Depends(pages.visitor)],
        form: Annotated[dict[str, str], Depends(pages.own_form)],
    ) -> Response:
        return steps.begin(request, visit, provider, other=form.get("other") == "yes")

    @routes.get(f"/{provider}/callback")
    def come_back(request: Request, visit: Annotated[Visit, Depends(pages.visitor)]) -> Response:
        return steps.come_back(request, visit, provider)

    @routes.get(f"/{provider}/admin", dependencies=[Depends(pages.slowly)])
    def approved(request: Request) -> Response:
        return steps.approved(request, provider)


class _Steps:
    """What is answered at each step of a consent."""

    def __init__(self, pages: Pages, consents: Consents, wake: Callable[[], None]) -> None:
        self.pages, self.consents, self.wake = pages, consents, wake

    def begin(self, request: Request, visit: Visit, provider: str, *, other: bool) -> Response:
        try:
            calls = self.consents.calls_to_begin(visit, provider)
            with self.pages.outside(visit) if calls else nullcontext():
                url = self.consents.begin(visit, provider, other=other)
        except ConsentError as error:
            return self._ended(request, visit, provider, error.problem)
        except InputError:
            raise _absent() from None
        return self._leaving(request, visit, provider, url)

    def come_back(self, request: Request, visit: Visit, provider: str) -> Response:
        try:
            # Loaded again later, what came back still counts.
            with self.pages.outside(visit, returning=True):
                landing = self.consents.finish(visit, provider, dict(request.query_params))
        except ConsentError as error:
            return self._ended(request, visit, provider, error.problem)
        except InputError:
            raise _absent() from None
        if landing.step == "again":
            return self._leaving(request, visit, provider, landing.url, again=True)
        if landing.step == "confirm":
            return see(f"{HOME}/confirm")
        return self._connected()

    def answer(self, request: Request, visit: Visit, ident: str, said: str) -> Response:
        """The account with another address is meant ("yes"), or not, or the person wants to sign in
        with "other" one. What is over leads back to the page."""
        waiting = self.consents.waiting(visit)
        if waiting is None or waiting.id != ident:
            return see(HOME)
        if said == "yes":
            return self._connected() if self.consents.confirm(visit, ident) else see(HOME)
        self.consents.decline(visit, ident)
        if said == "other":
            return self.begin(request, visit, waiting.provider, other=True)
        return see(HOME)

    def approved(self, request: Request, provider: str) -> Response:
        """Where an administrator ends up, mostly in a browser that never was here."""
        how, status = "done", HTTPStatus.OK
        try:
            self.consents.approved(provider, dict(request.query_params))
        except ConsentError as error:
            how = "refused"
            if error.problem in (SignInProblem.FOREIGN, SignInProblem.EXPIRED):
                how, status = error.problem.value, STATUS[error.problem]
        return self.pages.page(request, None, "approval.html", status=status, how=how)

    def _connected(self) -> Response:
        self.wake()
        return see(f"{HOME}?done=connected")

    def _leaving(
        self, request: Request, visit: Visit, provider: str, url: str, *, again: bool = False
    ) -> Response:
        """A page that leads on by itself: our policy lets forms lead to us alone, a redirect
        after one included."""
        return self.pages.page(
            request, visit, "leaving.html", provider=provider, url=url, again=again
        )

    def _ended(
        self, request: Request, visit: Visit, provider: str, problem: SignInProblem
    ) -> Response:
        tenant = visit.visitor.tenant
        return self.pages.page(
            request,
            visit,
            "problem.html",
            status=STATUS.get(problem, HTTPStatus.OK),
            problem=problem.value,
            provider=provider,
            retry=problem in RETRY,
            other=problem in OTHER,
            admin_link=self.consents.admin_link(tenant, provider) if problem in ADMINS else "",
        )


def _absent() -> PageError:
    return PageError("absent", HTTPStatus.NOT_FOUND)
