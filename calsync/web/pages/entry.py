"""The way in: a page that spends nothing until a person says so, and the way out."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from calsync.core.address import in_unicode
from calsync.core.visit import Visit
from calsync.messages.catalogue import languages
from calsync.selfservice.entry import VISIT_LASTS
from calsync.selfservice.signed_links import ArrivalError
from calsync.store.connect import visits
from calsync.web.pages.base import DOOR_SECONDS, PageError, Pages, see

HOME = "/connect"
STATUS = {"spent": HTTPStatus.GONE, "expired": HTTPStatus.GONE}


def router(pages: Pages) -> APIRouter:
    routes = APIRouter(prefix=HOME, include_in_schema=False)
    arrivals = pages.arrivals

    async def door_form(request: Request) -> dict[str, str]:
        return await pages.form(request, request.cookies.get(pages.door, ""))

    @routes.get("/arrive", dependencies=[Depends(pages.slowly)])
    def show_arrival(request: Request, ticket: str = "") -> Response:
        """Programs that open links for people spend nothing here."""
        try:
            visitor = arrivals.peek(ticket)
        except ArrivalError as error:
            raise _as_page(error) from None
        door = request.cookies.get(pages.door) or visits.new_secret()  # opened twice: both work
        address = in_unicode(visitor.email)
        person = f"{visitor.name} ({address})" if visitor.name else address
        proof = arrivals.proof(door)
        response = pages.page(
            request, None, "arrive.html", ticket=ticket, person=person, proof=proof
        )
        pages.keep(response, pages.door, door, DOOR_SECONDS)
        return response

    @routes.post("/arrive", dependencies=[Depends(pages.slowly)])
    def arrive(request: Request, form: Annotated[dict[str, str], Depends(door_form)]) -> Response:
        try:
            cookie, _ = arrivals.enter(form.get("ticket", ""), pages.cookie(request))
        except ArrivalError as error:
            raise _as_page(error) from None
        response = see(HOME)
        pages.keep(response, pages.name, cookie, int(VISIT_LASTS.total_seconds()))
        pages.keep(response, pages.door, "", 0)
        return response

    @routes.post("/language")
    def speak(
        visit: Annotated[Visit, Depends(pages.visitor)],
        form: Annotated[dict[str, str], Depends(pages.own_form)],
    ) -> Response:
        if form.get("lang") in languages():
            arrivals.speak(visit, form["lang"])
        return see(HOME)

    @routes.post("/leave")
    def leave(
        request: Request,
        visit: Annotated[Visit, Depends(pages.visitor)],
        form: Annotated[dict[str, str], Depends(pages.own_form)],
    ) -> Response:
        del form
        arrivals.leave(visit)
        response = pages.message(request, None, "left", HTTPStatus.OK)
        pages.keep(response, pages.name, "", 0)
        return response

    return routes


def _as_page(error: ArrivalError) -> PageError:
    return PageError(error.kind, STATUS.get(error.kind, HTTPStatus.FORBIDDEN))
