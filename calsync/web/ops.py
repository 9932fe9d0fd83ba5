"""What operators' machines ask on the loopback listener: is all well, and how much is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from calsync.web.middleware import Doors, Log

LOOPBACK = ("127.0.0.1", "localhost", "::1")
# prometheus.io/docs/instrumenting/exposition_formats
TEXT = "text/plain; version=0.0.4; charset=utf-8"


def make_ops_app(
    health: Callable[[], dict[str, Any]],
    figures: Callable[[], dict[str, float]],
    *,
    log: Log = lambda *_args, **_fields: None,
) -> Starlette:
    """`/health`: 200 while nothing needs a person, else 503 with the problems. `/metrics`: the
    figures as Prometheus reads them."""

    def show_health(_: Request) -> Response:
        found = health()
        return JSONResponse(found, 503 if found["problems"] else 200)

    def show_metrics(_: Request) -> Response:
        lines = []
        for name, value in figures().items():
            full = f"calsync_{name}"
            lines += [f"# TYPE {full} gauge", f"{full} {value:g}"]
        return PlainTextResponse("\n".join(lines) + "\n", media_type=TEXT)

    return Starlette(
        routes=[Route("/health", show_health), Route("/metrics", show_metrics)],
        middleware=[Middleware(Doors, hosts=LOOPBACK, secure=False, log=log)],
    )
