"""POST of a booking system's webhook: "something has changed"."""

import time
from collections.abc import Callable, Mapping

from fastapi import APIRouter, Request, Response

from calsync.platform_api.inbound import Inbound
from calsync.web.api.problems import ProblemError


def router(inbound: Mapping[str, Inbound], wake: Callable[[], None]) -> APIRouter:
    """The route; `inbound` by the source's name. `wake` is called when something new was read."""
    routes = APIRouter(prefix="/in", include_in_schema=False)  # its callers are other systems

    @routes.post("/{name}", status_code=202)
    async def changed(name: str, request: Request) -> Response:
        known, body = inbound.get(name), await request.body()
        # The same answer for no such source: who cannot prove anything learns no names.
        if known is None or not known.take(request.headers, body, time.time(), wake):
            message = "the signature is missing, wrong or too old; check the secret on both sides"
            raise ProblemError(401, "not_proven", message)
        return Response(status_code=202)

    return routes
