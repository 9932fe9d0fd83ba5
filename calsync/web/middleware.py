"""What every request passes: its id, the host check, limits, security headers, one log line.

Written for ASGI itself: a middleware that handles whole responses would wait for long ones.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from calsync.errors import DatabaseError, origin_of
from calsync.runtime import unexpected
from calsync.runtime.context import Context
from calsync.web.api.problems import ProblemError, as_response

LONGEST_BODY = 512 * 1024
BODY_SECONDS = 10.0
REQUEST = "calsync.request"  # in the scope: the request's id, which is in the log too
CALLER = "calsync.caller"  # in the scope: the id of the token that was shown
# Pages get styles, scripts and images of their own; nothing inline, nothing from elsewhere.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
HSTS = "max-age=31536000"

Log = Callable[..., None]


def reporting(context: Context) -> Callable[[Exception], None]:
    """Has operators hear of a request that failed in a way nobody foresaw (`ops.verdict`)."""

    def report(error: Exception) -> None:
        with suppress(DatabaseError):
            unexpected.caught(context, "request", error)

    return report


def failed_request(request: Request) -> Response:
    """Calsync's own fault; the log says under this number what it was."""
    message = f"calsync failed; tell its operator the request id {request.scope[REQUEST]}"
    return as_response(ProblemError(500, "failed", message))


class RequestGuard:
    """Around an application: checks the host, bounds the body, numbers and logs each request.

    hosts   what the Host header may name, ports left out; None: anything, where no browser's
            cookies count
    secure  browsers reach it by https
    failed  what is answered when the application breaks
    report  has operators hear of that; called in a thread, once the answer is out
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Collection[str] | None,
        secure: bool,
        log: Log,
        report: Callable[[Exception], None],
        failed: Callable[[Request], Response] = failed_request,
    ) -> None:
        self.failed, self.report = failed, report
        self.app, self.secure, self.log = app, secure, log
        self.hosts = frozenset(hosts) if hosts is not None else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        passing = _Passing(self, scope, receive, send)
        await passing.run()


class _Passing:
    """One request on its way."""

    def __init__(self, guard: RequestGuard, scope: Scope, receive: Receive, send: Send) -> None:
        self.guard, self.scope = guard, scope
        self._receive, self._send = receive, send
        self.id = scope[REQUEST] = secrets.token_hex(8)
        self.began = time.monotonic()
        self.taken = 0
        self.whole = False
        self.status = 0

    async def run(self) -> None:
        error: BaseException | None = None
        try:
            self._check()
            await self.guard.app(self.scope, self.receive, self.send)
        except ProblemError as problem:
            await self._end(as_response(problem))
        except Exception as failed:
            error = failed
            origin = origin_of(failed)
            self.guard.log(
                "request_failed", request=self.id, error=origin.error, reason=str(origin)
            )
            await self._end(self.guard.failed(Request(self.scope)))
            await run_in_threadpool(self.guard.report, failed)
        finally:
            self._log()
        if error is not None and self.status != 500:  # the answer had begun: break it off
            raise error

    def _check(self) -> None:
        headers = Headers(scope=self.scope)
        hosts = self.guard.hosts
        if hosts is not None and _host(headers.get("host", "")) not in hosts:
            raise ProblemError(421, "wrong_host", "this server is not the one that was asked for")
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length) > LONGEST_BODY:
            raise self._too_long()

    def _too_long(self) -> ProblemError:
        return ProblemError(413, "too_long", f"send at most {LONGEST_BODY} bytes")

    async def receive(self) -> Message:
        """The next part of the body, within the limits."""
        if self.whole:
            return await self._receive()
        left = self.began + BODY_SECONDS - time.monotonic()
        try:
            async with asyncio.timeout(max(0.0, left)):
                message = await self._receive()
        except TimeoutError:
            raise ProblemError(408, "too_slow", "the body did not arrive in time") from None
        self.taken += len(message.get("body", b""))
        self.whole = not message.get("more_body", False)
        if self.taken > LONGEST_BODY:
            raise self._too_long()
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Cache-Control", "no-store")
            headers["X-Request-ID"] = self.id
            if self.guard.secure:
                headers["Strict-Transport-Security"] = HSTS
            if not self.whole and self.status in (408, 413):
                headers["Connection"] = "close"
        await self._send(message)

    async def _end(self, response: Response) -> None:
        if not self.status:
            await response(self.scope, self.receive, self.send)

    def _log(self) -> None:
        """The address as it is documented: what is filled in may be a secret of its own."""
        route = getattr(self.scope.get("route"), "path", "(none)")
        self.guard.log(
            "request",
            request=self.id,
            method=self.scope["method"],
            path=route,
            status=self.status,
            caller=self.scope.get(CALLER),
            ms=round((time.monotonic() - self.began) * 1000),
        )


def _host(header: str) -> str:
    """The name in a Host header, without its port; "" for one that cannot be read."""
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""
