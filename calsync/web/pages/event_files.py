"""A session as a calendar file, by the link in a mail. Nobody signs in: who has the link may have
the file. Opening it changes nothing."""

from http import HTTPStatus

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from calsync.selfservice.event_files import EventFiles, NoFile
from calsync.web.pages.base import PageError, Pages

EVENT = "/event"
STATUS = {NoFile.GONE: HTTPStatus.GONE, NoFile.UNAVAILABLE: HTTPStatus.NOT_FOUND}


def router(pages: Pages, service: EventFiles) -> APIRouter:
    routes = APIRouter(prefix=EVENT, include_in_schema=False, dependencies=[Depends(pages.slowly)])

    @routes.get("/{token}.ics")
    def event(token: str) -> Response:
        key = service.key(token)
        if key is None:
            raise PageError("unknown", HTTPStatus.NOT_FOUND)
        found = service.file(key)
        if isinstance(found, NoFile):
            raise PageError(found.value, STATUS[found])
        return Response(
            found,
            media_type="text/calendar; charset=utf-8",
            headers={
                "Content-Disposition": 'attachment; filename="session.ics"',
                "Cache-Control": "no-store",
            },
        )

    return routes
