"""The page behind the link that turns off mails of a category, and what mail programs post there
(RFC 8058). Nobody signs in: who has the link may use it, for these mails alone. Opening the page
changes nothing, for programs open links as well."""

from http import HTTPStatus

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from calsync.selfservice.unsubscribing import Unsubscribing
from calsync.web.pages.base import PageError, Pages

UNSUBSCRIBE = "/unsubscribe"


def router(pages: Pages, service: Unsubscribing) -> APIRouter:
    routes = APIRouter(
        prefix=f"{UNSUBSCRIBE}/{{category}}/{{token}}",
        include_in_schema=False,
        dependencies=[Depends(pages.slowly)],
    )

    def reader(category: str, token: str) -> str:
        found = service.reader(category, token)
        if found is None:
            raise PageError("unknown", HTTPStatus.NOT_FOUND)
        return found

    def shown(request: Request, category: str, token: str, *, wanted: bool) -> Response:
        here = f"{UNSUBSCRIBE}/{category}/{token}"
        return pages.page(request, None, "mails.html", category=category, here=here, wanted=wanted)

    @routes.get("")
    def ask(request: Request, category: str, token: str) -> Response:
        return shown(request, category, token, wanted=service.gets(reader(category, token)))

    @routes.post("")
    def turn_off(request: Request, category: str, token: str) -> Response:
        """One click, whatever form the body has; the answer is no redirect (RFC 8058, section
        3.2)."""
        service.choose(category, reader(category, token), wanted=False)
        return shown(request, category, token, wanted=False)

    @routes.post("/undo")
    def turn_on(request: Request, category: str, token: str) -> Response:
        service.choose(category, reader(category, token), wanted=True)
        return shown(request, category, token, wanted=True)

    return routes
