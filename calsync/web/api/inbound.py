"""POST of a booking system's webhook: a changed booking, or "something has changed"."""

import time
from collections.abc import Callable, Mapping

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from calsync.ingest.push import Pushed
from calsync.platform_api.inbound import Inbound
from calsync.web.api.problems import ProblemError
from calsync.web.api.sessions import session_answer


def router(inbound: Mapping[str, Inbound], wake: Callable[[], None]) -> APIRouter:
    """The route; `inbound` by the source's name. `wake` is called when something new was read."""
    routes = APIRouter(prefix="/in", include_in_schema=False)  # its callers are other systems

    @routes.post("/{name}", status_code=202)
    async def changed(name: str, request: Request) -> Response:
        known, body = inbound.get(name), await request.body()
        # The same answer for no such source: who cannot prove anything learns no names.
        if known is None or not known.proven(request.headers, body, time.time()):
            message = "the signature is missing, wrong or too old; check the secret and both clocks"
            raise ProblemError(401, "not_proven", message)
        return _answered(await run_sync(known.take, body, wake), wake)

    return routes


def _answered(taken: Mapping[str, Pushed], wake: Callable[[], None]) -> Response:
    """What became of the sessions in the body; nothing where the source is polled instead."""
    outcomes = {one.outcome for one in taken.values()}
    if "accepted" in outcomes:
        wake()
    if not taken:
        return Response(status_code=202)
    sessions = [session_answer(ident, one).model_dump() for ident, one in taken.items()]
    return JSONResponse({"sessions": sessions}, 202 if "held" in outcomes else 200)
