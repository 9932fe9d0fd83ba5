"""The form by which a person connects a calendar server."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from calsync.core.visit import Visit
from calsync.selfservice.actions import Connected, SelfService
from calsync.web.pages.base import Pages, see
from calsync.web.pages.entry import HOME
from calsync.web.pages.presets import OTHER, PRESETS

LONGEST = 500  # characters of a field
NEEDED = ("url", "username", "password")
SHOWN = ("server", "url", "username")  # again, after a mistake: not the password


def router(pages: Pages, service: SelfService, wake: Callable[[], None]) -> APIRouter:
    """The routes; `wake` is called when there is something new to deliver."""
    routes = APIRouter(prefix=HOME, include_in_schema=False)

    @routes.get("/caldav")
    def ask(request: Request, visit: Annotated[Visit, Depends(pages.visitor)]) -> Response:
        return form_page(request, visit, {"username": visit.visitor.email})

    @routes.post("/caldav")
    def connect(
        request: Request,
        visit: Annotated[Visit, Depends(pages.visitor)],
        form: Annotated[dict[str, str], Depends(pages.own_form)],
    ) -> Response:
        typed = {name: form.get(name, "").strip()[:LONGEST] for name in SHOWN}
        preset = PRESETS.get(typed["server"])
        used = {**typed, "url": preset[1] if preset else typed["url"]}
        used["password"] = form.get("password", "")[:LONGEST]
        missing = [name for name in NEEDED if not used[name]]
        if missing:
            return form_page(request, visit, typed, missing=missing)
        with pages.outside(visit):
            outcome = service.connect_caldav(visit.visitor, *(used[name] for name in NEEDED))
        return answer_page(request, visit, typed, outcome)

    @routes.post("/caldav/other")
    def connect_other(
        request: Request,
        visit: Annotated[Visit, Depends(pages.visitor)],
        form: Annotated[dict[str, str], Depends(pages.own_form)],
    ) -> Response:
        """The click that lets another server than the one that was named have the password."""
        with pages.outside(visit):
            outcome = service.connect_offered(visit.visitor, form.get("offer", ""))
        return answer_page(request, visit, {"username": visit.visitor.email}, outcome)

    def answer_page(
        request: Request, visit: Visit, typed: dict[str, str], outcome: Connected
    ) -> Response:
        if outcome.offer:
            other = outcome.detail
            return pages.page(request, visit, "caldav-other.html", host=other, offer=outcome.offer)
        if outcome.trouble:
            return form_page(request, visit, typed, trouble=outcome.trouble, detail=outcome.detail)
        wake()
        return see(f"{HOME}?done=connected")

    def form_page(
        request: Request,
        visit: Visit,
        typed: dict[str, str],
        *,
        missing: Sequence[str] = (),
        trouble: str = "",
        detail: str = "",
    ) -> Response:
        wrong = bool(missing or trouble)
        return pages.page(
            request,
            visit,
            "caldav.html",
            status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
            presets={key: name for key, (name, _) in PRESETS.items()},
            other=OTHER,
            given={name: typed.get(name, "") for name in SHOWN},
            missing=missing,
            trouble=trouble,
            detail=detail,
            upcoming=service.overview(visit.visitor).progress.total,
        )

    return routes
