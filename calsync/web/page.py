"""The participant's page."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from calsync.store.visits import Visit
from calsync.web.arrive import HOME
from calsync.web.pages import Pages
from calsync.work.platform import Platform


def router(pages: Pages, platform: Platform) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get(HOME)
    def show(request: Request, visit: Annotated[Visit, Depends(pages.visitor)]) -> Response:
        return pages.page(request, visit, "page.html")

    return routes
