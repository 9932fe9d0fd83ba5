"""What people see instead of a page: always a page, with what happened and what to do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as PlainError
from starlette.requests import Request
from starlette.responses import Response

from calsync.web.middleware import REQUEST, failed_request
from calsync.web.pages.base import PageError, Pages
from calsync.web.pages.entry import HOME
from calsync.web.pages.event_files import EVENT
from calsync.web.pages.unsubscribing import UNSUBSCRIBE

Handler = Callable[[Request, Exception], Response | Awaitable[Response]]


def install(app: FastAPI, pages: Pages) -> None:
    """Addresses of pages answer with pages; all others as they did before."""

    def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, PageError)
        response = pages.message(request, None, error.name, error.status, error.values)
        if error.status == HTTPStatus.TOO_MANY_REQUESTS:
            response.headers["Retry-After"] = "60"
        return response

    app.add_exception_handler(PageError, refused)
    for kind in (PlainError, RequestValidationError):
        app.add_exception_handler(kind, _absent(pages, app.exception_handlers[kind]))


def failed(pages: Pages) -> Callable[[Request], Response]:
    """What is answered when calsync itself breaks."""

    def answer(request: Request) -> Response:
        if not _is_page(request):
            return failed_request(request)
        values = {"request": request.scope[REQUEST]}
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        return pages.message(request, None, "failed", status, values)

    return answer


def _absent(pages: Pages, otherwise: Handler) -> Handler:
    def absent(request: Request, error: Exception) -> Response | Awaitable[Response]:
        if not _is_page(request):
            return otherwise(request, error)
        status = error.status_code if isinstance(error, PlainError) else HTTPStatus.BAD_REQUEST
        return pages.message(request, None, "absent", status)

    return absent


def _is_page(request: Request) -> bool:
    path = request.url.path
    return path == HOME or path.startswith((f"{HOME}/", f"{UNSUBSCRIBE}/", f"{EVENT}/"))
