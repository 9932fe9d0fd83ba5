"""What operators and their machines ask on the loopback listener: is all well, how much is there,
and what needs a person."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from calsync.ops import metrics, verdict
from calsync.ops.page.access import Operators
from calsync.runtime.context import Context
from calsync.text.as_json import to_json
from calsync.web.middleware import Log, RequestGuard, reporting
from calsync.web.ops.acts import act_routes
from calsync.web.ops.page import Ops, page_routes
from calsync.web.pages.assets import Static

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def make_ops_app(context: Context, *, log: Log = lambda *_args, **_fields: None) -> Starlette:
    """`/live`: 200, this process answers. `/health`: 200 while its database does, else 503 with the
    problems. `/metrics`: as Prometheus reads them. `/ops`: the page."""

    def show_live(_: Request) -> Response:
        return JSONResponse({"problems": []})

    def show_health(_: Request) -> Response:
        found = verdict.readiness(context)
        return JSONResponse(to_json(found), 503 if found.problems else 200)

    def show_metrics(_: Request) -> Response:
        return Response(metrics.exposition(context), media_type=metrics.MEDIA_TYPE)

    guard = Middleware(
        RequestGuard, hosts=LOOPBACK, secure=False, log=log, report=reporting(context)
    )
    ops = Ops(context, Operators(context))
    return Starlette(
        routes=[
            Route("/live", show_live),
            Route("/health", show_health),
            Route("/metrics", show_metrics),
            *page_routes(ops),
            *act_routes(ops),
            Mount("/static", Static()),
        ],
        middleware=[guard],
    )
