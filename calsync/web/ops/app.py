"""What operators and their machines ask on listeners of their own: is all well, how much is there,
and what needs a person."""

from __future__ import annotations

from collections.abc import Collection

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

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
    """What `make_probes_app` answers, and `/ops`: the page. For this machine alone."""
    ops = Ops(context, Operators(context))
    routes = [
        *_probes(context),
        *page_routes(ops),
        *act_routes(ops),
        Mount("/static", Static()),
    ]
    return Starlette(routes=routes, middleware=[_guard(context, LOOPBACK, log)])


def make_probes_app(context: Context, *, log: Log = lambda *_args, **_fields: None) -> Starlette:
    """What machines ask, under whatever name they reach it. `/live`: 200, this process answers.
    `/health`: 200 while its database does, else 503 with the problems. `/metrics`: as Prometheus
    reads them."""
    return Starlette(routes=_probes(context), middleware=[_guard(context, None, log)])


def _guard(context: Context, hosts: Collection[str] | None, log: Log) -> Middleware:
    return Middleware(RequestGuard, hosts=hosts, secure=False, log=log, report=reporting(context))


def _probes(context: Context) -> list[BaseRoute]:
    def show_live(_: Request) -> Response:
        return JSONResponse({"problems": []})

    def show_health(_: Request) -> Response:
        found = verdict.readiness(context)
        return JSONResponse(to_json(found), 503 if found.problems else 200)

    def show_metrics(_: Request) -> Response:
        return Response(metrics.exposition(context), media_type=metrics.MEDIA_TYPE)

    return [
        Route("/live", show_live),
        Route("/health", show_health),
        Route("/metrics", show_metrics),
    ]
