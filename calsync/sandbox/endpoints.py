"""The providers' endpoints behind one door: who is meant, the answer, and errors in their words."""

from __future__ import annotations

from base64 import b64decode
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from http import HTTPStatus
from typing import Protocol
from urllib.parse import parse_qsl

from calsync.sandbox.faults import Fault
from calsync.sandbox.google.google import PREFIX as GOOGLE_PREFIX
from calsync.sandbox.google.google_consent import PATH as GOOGLE_CONSENT
from calsync.sandbox.google.google_error import GoogleError
from calsync.sandbox.microsoft.graph_batch import AT_ONCE, Batch
from calsync.sandbox.microsoft.graph_error import GraphError
from calsync.sandbox.microsoft.graph_events import PREFIX as GRAPH_PREFIX
from calsync.sandbox.microsoft.outlook_consent import PATH as OUTLOOK_CONSENT
from calsync.sandbox.reply import Incoming, Reply
from calsync.sandbox.sign_in import staff
from calsync.sandbox.sign_in.consent import Consent
from calsync.sandbox.sign_in.sign_in import PATH as SIGN_IN_PATH
from calsync.sandbox.sign_in.sign_in_error import SignInError, asked_error
from calsync.sandbox.sign_in.tokens import TokenError
from calsync.sandbox.world import World

BATCH = GRAPH_PREFIX + "$batch"


class Endpoint(Protocol):
    """One provider's HTTP. Everything but `slot` is called under the sandbox's lock."""

    def owns(self, path: str) -> bool:
        """Whether a path is this endpoint's."""
        ...

    def person(self, asked: Incoming) -> str:
        """Whose data it is about, "" when nobody's."""
        ...

    def answer(self, asked: Incoming) -> Reply:
        """Do the work."""
        ...

    def failed(self, fault: Fault) -> Reply:
        """The error that a fault asks for."""
        ...

    def slot(self, asked: Incoming) -> AbstractContextManager[Reply | None]:
        """Around the whole call, answer included; gives a refusal when there is no place."""
        ...


class GoogleEndpoint:
    """Google Calendar."""

    def __init__(self, world: World) -> None:
        self._world = world

    def owns(self, path: str) -> bool:
        return path.startswith(GOOGLE_PREFIX)

    def person(self, asked: Incoming) -> str:
        return self._world.tokens.person_of((asked.headers.get("Authorization") or "")[7:])

    def answer(self, asked: Incoming) -> Reply:
        return self._world.google.answer(
            asked.method, asked.path, asked.query, asked.headers, asked.body
        )

    def failed(self, fault: Fault) -> Reply:
        if not fault.reason:  # a gateway in front of the API knows no reasons
            return gateway_page(fault)
        error = GoogleError(fault.status, fault.reason, fault.message or fault.reason)
        return Reply(fault.status, error.to_json(), retry_headers(fault))

    def slot(self, asked: Incoming) -> AbstractContextManager[Reply | None]:
        del asked
        return nullcontext()


class GoogleTokenEndpoint:
    """Google's token and revocation endpoints."""

    def __init__(self, world: World) -> None:
        self._world = world

    def owns(self, path: str) -> bool:
        return path in ("/token", "/revoke")

    def person(self, asked: Incoming) -> str:
        return self._world.tokens.asked_for(form_of(asked.body))

    def answer(self, asked: Incoming) -> Reply:
        tokens = self._world.tokens
        if asked.method != "POST":
            return Reply(405, {"error": "invalid_request"})
        form = basic_of(asked) | dict(parse_qsl(asked.query)) | form_of(asked.body)
        if asked.path == "/revoke":
            if tokens.revoke_token(form.get("token", "")):
                return Reply(200, {})
            return Reply(400, {"error": "invalid_token"})
        try:
            return Reply(200, tokens.answer(form), {"Cache-Control": "no-store"})
        except TokenError as error:
            return Reply(error.status, error.payload)

    def failed(self, fault: Fault) -> Reply:
        message = fault.message or fault.reason or HTTPStatus(fault.status).phrase
        body = {"error": fault.reason or "server_error", "error_description": message}
        return Reply(fault.status, body, retry_headers(fault))

    def slot(self, asked: Incoming) -> AbstractContextManager[Reply | None]:
        del asked
        return nullcontext()


class GraphEndpoint:
    """Microsoft Graph, with its limit of requests at a time."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._batch = Batch(world.graph, world.chosen, self._answer_part)
        self._busy: Counter[str] = Counter()

    def owns(self, path: str) -> bool:
        return path.startswith(GRAPH_PREFIX)

    def person(self, asked: Incoming) -> str:
        return self._world.graph.owner_of(asked)

    def answer(self, asked: Incoming) -> Reply:
        if asked.path == BATCH and asked.method == "POST":
            return self._batch.answer(asked)
        return self._world.graph.answer(asked)

    def failed(self, fault: Fault) -> Reply:
        if fault.kind == "commit_then_504":
            error = GraphError(fault.status, "UnknownError", "")
        elif not fault.reason:
            return gateway_page(fault)
        else:
            error = GraphError(fault.status, fault.reason, fault.message or None)
        return Reply(fault.status, error.to_json(), retry_headers(fault))

    @contextmanager
    def slot(self, asked: Incoming) -> Iterator[Reply | None]:
        """More than four at a time for one mailbox, or for the application by switch: 429."""
        if asked.path == BATCH:
            yield None
            return
        world = self._world
        with world.lock:
            per_app = world.chosen["concurrency"] == "app"
            key = "" if per_app else self.person(asked)
            self._busy[key] += 1
            full = self._busy[key] > AT_ONCE
        try:
            error = GraphError(429, "ApplicationThrottled")
            yield Reply(429, error.to_json(), {"Retry-After": "1"}) if full else None
        finally:
            with world.lock:
                self._busy[key] -= 1

    def _answer_part(self, asked: Incoming) -> Reply:
        """One part of a batch: faults that fit it hit it alone. A part cannot be cut: 504."""
        fault = self._world.faults.take(asked.method, asked.path, self.person(asked))
        reply = answered(self, asked, fault)
        if fault and fault.kind in ("drop", "commit_then_drop"):
            return Reply(504, GraphError(504, "UnknownError").to_json())
        return reply


class SignInEndpoint:
    """Microsoft's sign-in service."""

    def __init__(self, world: World) -> None:
        self._world = world

    def owns(self, path: str) -> bool:
        return SIGN_IN_PATH.fullmatch(path) is not None

    def person(self, asked: Incoming) -> str:
        return self._world.sign_in.asked_for(form_of(asked.body))

    def answer(self, asked: Incoming) -> Reply:
        found = SIGN_IN_PATH.fullmatch(asked.path)
        tenant, what = found.groups() if found else ("", "")
        is_token = what.endswith("/token")
        if asked.method != ("POST" if is_token else "GET"):
            return Reply(405, {"error": "invalid_request"})
        try:
            if not is_token:
                return Reply(200, self._world.sign_in.discovery(tenant))
            answer = self._world.sign_in.answer(tenant, form_of(asked.body))
            return Reply(200, answer, {"Cache-Control": "no-store, no-cache"})
        except SignInError as error:
            return Reply(error.status, error.to_json(self._world.clock))

    def failed(self, fault: Fault) -> Reply:
        if not fault.reason:
            return gateway_page(fault)
        if fault.kind == "commit_then_504":
            return gateway_page(fault)
        body = asked_error(fault.reason, fault.message, self._world.clock())
        return Reply(fault.status, body, retry_headers(fault))

    def slot(self, asked: Incoming) -> AbstractContextManager[Reply | None]:
        del asked
        return nullcontext()


class ConsentEndpoint:
    """The pages of both providers that a browser sees while it signs in."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._pages: dict[str, Consent] = {
            "/consent/google": world.google_consent,
            "/consent/outlook": world.outlook_consent,
            "/consent/staff": world.staff,
        }

    def owns(self, path: str) -> bool:
        known = path in self._pages or path in (GOOGLE_CONSENT, staff.AUTHORIZE)
        return known or bool(OUTLOOK_CONSENT.fullmatch(path))

    def person(self, asked: Incoming) -> str:
        return form_of(asked.body).get("person", "")

    def answer(self, asked: Incoming) -> Reply:
        page = self._pages.get(asked.path)
        if asked.method != ("POST" if page else "GET"):
            return Reply(405, {"error": "invalid_request"})
        if page:
            return page.decide(asked.body)
        if asked.path == GOOGLE_CONSENT:
            return self._world.google_consent.open(asked.query)
        if asked.path == staff.AUTHORIZE:
            return self._world.staff.open(asked.query)
        outlook = self._world.outlook_consent
        admin = asked.path.endswith("/adminconsent")
        return outlook.open_admin(asked.query) if admin else outlook.open(asked.query)

    def failed(self, fault: Fault) -> Reply:
        return gateway_page(fault)

    def slot(self, asked: Incoming) -> AbstractContextManager[Reply | None]:
        del asked
        return nullcontext()


class StaffEndpoint:
    """The organization's sign-in service: discovery, keys and tokens."""

    def __init__(self, world: World) -> None:
        self._world = world

    def owns(self, path: str) -> bool:
        return path in (staff.DISCOVERY, staff.KEYS, staff.TOKEN)

    def person(self, asked: Incoming) -> str:
        return self._world.staff.codes.owner(form_of(asked.body).get("code", ""))

    def answer(self, asked: Incoming) -> Reply:
        if asked.path == staff.DISCOVERY:
            return Reply(200, self._world.staff.discovery())
        if asked.path == staff.KEYS:
            return Reply(200, self._world.staff.keys())
        try:
            form = basic_of(asked) | form_of(asked.body)
            return Reply(200, self._world.staff.answer(form), {"Cache-Control": "no-store"})
        except TokenError as error:
            return Reply(error.status, error.payload)

    def failed(self, fault: Fault) -> Reply:
        return gateway_page(fault)

    def slot(self, asked: Incoming) -> AbstractContextManager[Reply | None]:
        del asked
        return nullcontext()


def providers(world: World) -> tuple[Endpoint, ...]:
    """Every endpoint of the sandbox that stands for a provider's."""
    return (
        GoogleEndpoint(world),
        GoogleTokenEndpoint(world),
        GraphEndpoint(world),
        SignInEndpoint(world),
        ConsentEndpoint(world),
        StaffEndpoint(world),
    )


def answered(endpoint: Endpoint, asked: Incoming, fault: Fault | None) -> Reply:
    """The endpoint's answer, or what a fault makes of it."""
    if fault and fault.kind == "fail":
        return endpoint.failed(fault)
    if fault and fault.kind == "drop":
        return Reply(0)
    reply = endpoint.answer(asked)
    after = fault and fault.kind in ("commit_then_504", "commit_then_fail")
    return endpoint.failed(fault) if fault and after else reply


def gateway_page(fault: Fault) -> Reply:
    """What stands in front of an API answers HTML."""
    message = fault.message or HTTPStatus(fault.status).phrase
    text = f"<html><title>{message}</title></html>"
    return Reply(fault.status, text, retry_headers(fault))


def retry_headers(fault: Fault) -> dict[str, str]:
    return {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}


def form_of(body: bytes) -> dict[str, str]:
    return dict(parse_qsl(body.decode("utf-8", "replace")))


def basic_of(asked: Incoming) -> dict[str, str]:
    """The client's id and secret, where they came by HTTP Basic (RFC 6749 section 2.3.1) as
    google-auth-oauthlib sends them."""
    scheme, _, pair = (asked.headers.get("Authorization") or "").partition(" ")
    if scheme.lower() != "basic":
        return {}
    client, _, secret = b64decode(pair).decode("utf-8", "replace").partition(":")
    return {"client_id": client, "client_secret": secret}
