"""Operators sign in at the organization's own service, and come back."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from calsync.errors import InputError
from calsync.ops.page.signing_in import BACK, SigningIn
from calsync.web.ops.page import Ops

COOKIE = "calsync-ops-sign-in"
LASTS = 600  # seconds to sign in there
LONGEST = 100  # characters of a tenant's name


def sign_in_routes(ops: Ops, signing_in: SigningIn) -> list[Route]:
    def begin(request: Request) -> Response:
        tenant = request.query_params.get("tenant", "")[:LONGEST]
        try:
            address, secret = signing_in.begin(tenant)
        except InputError as error:
            return _not_in(ops, request, str(error))
        response = RedirectResponse(address, HTTPStatus.SEE_OTHER)
        response.set_cookie(
            COOKIE,
            secret,
            max_age=LASTS,
            path="/ops",
            httponly=True,
            samesite="lax",
            secure=signing_in.base.startswith("https:"),
        )
        return response

    def finish(request: Request) -> Response:
        secret = request.cookies.get(COOKIE, "")
        try:
            entered = signing_in.finish(secret, dict(request.query_params))
        except InputError as error:
            response = _not_in(ops, request, str(error))
        else:
            if entered.cookie:
                response = RedirectResponse("/ops", HTTPStatus.SEE_OTHER)
                response = ops.let_in(response, entered.cookie)
            else:
                ways = [
                    (one, f"/ops/sign-in?{urlencode({'tenant': one})}") for one in entered.tenants
                ]
                response = ops.page(request, "tenants.html", ways=ways, operator=None)
        response.delete_cookie(COOKIE, path="/ops")
        return response

    return [Route("/ops/sign-in", begin), Route(BACK, finish)]


def _not_in(ops: Ops, request: Request, text: str) -> Response:
    return ops.page(request, "sign_in.html", status=HTTPStatus.FORBIDDEN, text=text, operator=None)
