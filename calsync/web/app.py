"""The application the platform calls, built from wired parts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from urllib.parse import urlsplit

import anyio.to_thread
from fastapi import FastAPI

from calsync.bootstrap.components import WebParts
from calsync.ops.page.access import Operators
from calsync.web.api import changes, connect_sessions, inbound, problems, questions, sessions
from calsync.web.api.auth import Callers, Pace
from calsync.web.middleware import Log, RequestGuard, reporting
from calsync.web.ops.acts import act_routes
from calsync.web.ops.page import Ops, page_routes
from calsync.web.ops.sign_in import sign_in_routes
from calsync.web.pages import caldav, consents, entry, errors, event_files, overview, unsubscribing
from calsync.web.pages.assets import Static
from calsync.web.pages.base import Pages

ABOUT = """How a platform talks to calsync: it sends booked sessions and cancellations, and reads
what became of them. Every call carries an API token, which says which tenant is meant."""
THREADS = 16  # calls worked on at once; each may need a database connection


def make_app(
    parts: WebParts,
    *,
    wake: Callable[[], None] = lambda: None,
    log: Log = lambda *_args, **_fields: None,
) -> FastAPI:
    """The application. Answers only to the host of `web.public_url`.

    wake  called when there is something new to deliver
    tell  one log line for each request: never its query, body, or token
    """
    settings = parts.settings
    public = urlsplit(settings.public_url)
    app = FastAPI(
        title="calsync",
        description=ABOUT,
        version=version("calsync"),
        openapi_url="/api/openapi.json",
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
        lifespan=_few_threads,
        redirect_slashes=False,  # would lead to http, and to the port of any Host header
        servers=[{"url": settings.public_url.rstrip("/")}],
    )
    callers = Callers(parts.context, Pace(settings.calls_per_minute))
    app.include_router(sessions.router(parts.pushers, callers, wake))
    app.include_router(questions.router(parts.context, callers))
    app.include_router(inbound.router(parts.inbound, wake))
    app.include_router(changes.router(parts.context, callers))
    app.include_router(connect_sessions.router(parts.arrivals, callers))
    problems.install(app)
    pages = Pages(parts.arrivals)
    app.include_router(entry.router(pages))
    app.include_router(overview.router(pages, parts.self_service, parts.unsubscribing, wake))
    app.include_router(unsubscribing.router(pages, parts.unsubscribing))
    app.include_router(event_files.router(pages, parts.event_files))
    app.include_router(caldav.router(pages, parts.self_service, wake))
    app.include_router(consents.router(pages, parts.consents, wake))
    if parts.signing_in is not None:
        ops = Ops(parts.context, Operators(parts.context), parts.signing_in)
        ways_in = sign_in_routes(ops, parts.signing_in)
        app.router.routes.extend([*page_routes(ops), *act_routes(ops), *ways_in])
    app.mount("/static", Static())
    errors.install(app, pages)
    app.add_middleware(
        RequestGuard,
        hosts={public.hostname or ""},
        secure=public.scheme == "https",
        log=log,
        report=reporting(parts.context),
        failed=errors.failed(pages),
    )
    return app


@asynccontextmanager
async def _few_threads(_: FastAPI) -> AsyncIterator[None]:
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    yield
