"""Microsoft's sign-in service: its token endpoint over real HTTP, and MSAL against it."""

from __future__ import annotations

import base64
import json
from typing import Any

import msal
import pytest
import requests

from calsync.sandbox import Sandbox
from tests.sandbox.graph_caller import (
    GRAPH_SCOPE,
    OLGA,
    GraphCaller,
    ask_token,
    refresh,
)

DEFAULT = "https://graph.microsoft.com/.default"


class PlainHttp:
    """What MSAL gets instead of its own session: the same requests, said without TLS."""

    def __init__(self) -> None:
        self.http = requests.Session()
        self.http.trust_env = False

    def get(self, url: str, **options: Any) -> requests.Response:
        return self.http.get(url.replace("https://", "http://"), timeout=10, **options)

    def post(self, url: str, **options: Any) -> requests.Response:
        return self.http.post(url.replace("https://", "http://"), timeout=10, **options)

    def close(self) -> None:
        self.http.close()


@pytest.fixture
def plain() -> Any:
    http = PlainHttp()
    yield http
    http.close()


def application(sandbox: Sandbox, http: PlainHttp, tenant: str, credential: Any) -> Any:
    return msal.ConfidentialClientApplication(
        sandbox.outlook_client_id,
        authority=f"{sandbox.url.replace('http:', 'https:')}/{tenant}",
        client_credential=credential,
        http_client=http,
        instance_discovery=False,
    )


def can_write(sandbox: Sandbox, token: str, root: str = "/me") -> bool:
    with GraphCaller(sandbox, token, root) as caller:
        return caller.create().status_code == 201


def test_a_refresh_gives_tokens_an_account_and_the_requests_scope(sandbox: Sandbox) -> None:
    answer = refresh(sandbox, sandbox.grant_outlook(OLGA)).json()
    assert answer["token_type"] == "Bearer"
    assert answer["scope"].split() == [GRAPH_SCOPE, "openid", "profile"]
    who = json.loads(base64.urlsafe_b64decode(answer["client_info"] + "=="))
    assert who["utid"] == sandbox.outlook_tenant
    body = answer["id_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    assert (claims["oid"], claims["tid"]) == (who["uid"], who["utid"])
    assert (claims["aud"], claims["preferred_username"]) == (sandbox.outlook_client_id, OLGA)
    assert can_write(sandbox, answer["access_token"])


@pytest.mark.parametrize(("rule", "status"), [("valid", 200), ("ended", 400)])
def test_refresh_tokens_rotate_and_the_old_one_lives_by_switch(
    sandbox: Sandbox, rule: str, status: int
) -> None:
    sandbox.switch("old_refresh_tokens", rule)
    old = sandbox.grant_outlook(OLGA)
    new = refresh(sandbox, old).json()["refresh_token"]
    assert new != old
    assert refresh(sandbox, old).status_code == status
    assert refresh(sandbox, new).status_code == 200


@pytest.mark.parametrize(
    ("changes", "status", "error", "number"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client", 7000215),
        ({"client_secret": ""}, 401, "invalid_client", 7000218),
        ({"client_id": "wrong"}, 400, "unauthorized_client", 700016),
        ({"refresh_token": "wrong"}, 400, "invalid_grant", 70000),
        ({"scope": "https://graph.microsoft.com/Mail.Send"}, 400, "invalid_grant", 65001),
        ({"scope": "https://other.example/Calendars.ReadWrite"}, 400, "invalid_scope", 70011),
        ({"scope": ""}, 400, "invalid_request", 900144),
        ({"grant_type": "password"}, 400, "unsupported_grant_type", 70003),
        ({"tenant": "nowhere"}, 400, "invalid_tenant", 90002),
    ],
)
def test_a_bad_request_is_refused_as_the_service_words_it(
    sandbox: Sandbox, changes: dict[str, str], status: int, error: str, number: int
) -> None:
    answer = refresh(sandbox, sandbox.grant_outlook(OLGA), **changes)
    body = answer.json()
    assert (answer.status_code, body["error"], body["error_codes"]) == (status, error, [number])
    assert body["error_description"].startswith(f"AADSTS{number}: ")
    assert body["correlation_id"] in body["error_description"]
    assert body.get("suberror") == ("consent_required" if number == 65001 else None) or number in (
        70000,
    )


@pytest.mark.parametrize(("rule", "lives"), [("ended", False), ("live", True)])
def test_a_withdrawn_consent_ends_refreshing_and_access_tokens_by_switch(
    sandbox: Sandbox, rule: str, lives: bool
) -> None:
    sandbox.switch("revoked_access_tokens", rule)
    token = sandbox.grant_outlook(OLGA)
    access = refresh(sandbox, token).json()["access_token"]
    sandbox.revoke(OLGA, provider="google")
    assert refresh(sandbox, token).status_code == 200
    sandbox.revoke(OLGA)
    body = refresh(sandbox, token).json()
    assert (body["error"], body["suberror"]) == ("invalid_grant", "bad_token")
    assert can_write(sandbox, access) == lives
    with pytest.raises(ValueError, match="outlook"):
        sandbox.revoke(OLGA, provider="apple")
    assert refresh(sandbox, sandbox.grant_outlook(OLGA)).status_code == 200


def test_an_application_gets_a_token_for_its_tenant_only(sandbox: Sandbox) -> None:
    form = {"grant_type": "client_credentials", "scope": DEFAULT}
    answer = ask_token(sandbox, sandbox.outlook_tenant, **form)
    assert set(answer.json()) == {"token_type", "expires_in", "ext_expires_in", "access_token"}
    assert can_write(sandbox, answer.json()["access_token"], f"/users/{OLGA}")
    assert ask_token(sandbox, "organizations", **form).json()["error"] == "unauthorized_client"
    wrong = ask_token(sandbox, sandbox.outlook_tenant, **form | {"scope": GRAPH_SCOPE})
    assert wrong.json()["error_codes"] == [1002012]


def test_msal_finds_its_account_and_refreshes_silently(sandbox: Sandbox, plain: PlainHttp) -> None:
    app = application(sandbox, plain, "organizations", sandbox.outlook_client_secret)
    app.acquire_token_by_refresh_token(sandbox.grant_outlook(OLGA), [GRAPH_SCOPE])
    (account,) = app.get_accounts()
    assert account["username"] == OLGA
    cached = app.acquire_token_silent_with_error([GRAPH_SCOPE], account)
    assert cached["token_source"] == "cache"
    fresh = app.acquire_token_silent_with_error([GRAPH_SCOPE], account, force_refresh=True)
    assert fresh["token_source"] == "identity_provider"
    assert can_write(sandbox, fresh["access_token"])
    sandbox.revoke(OLGA)
    lost = app.acquire_token_silent_with_error([GRAPH_SCOPE], account, force_refresh=True)
    assert lost["error"] == "invalid_grant"


def test_msal_signs_in_as_application_by_certificate(sandbox: Sandbox, plain: PlainHttp) -> None:
    certificate = sandbox.make_certificate()
    app = application(sandbox, plain, sandbox.outlook_tenant, certificate)
    token = app.acquire_token_for_client([DEFAULT])["access_token"]
    assert can_write(sandbox, token, f"/users/{OLGA}")


def test_a_certificate_that_nobody_registered_is_refused(
    sandbox: Sandbox, plain: PlainHttp
) -> None:
    sandbox.make_certificate()
    with Sandbox() as elsewhere:
        foreign = elsewhere.make_certificate()
    app = application(sandbox, plain, sandbox.outlook_tenant, foreign)
    refused = app.acquire_token_for_client([DEFAULT])
    assert (refused["error"], refused["error_codes"]) == ("invalid_client", [700027])


def test_an_unknown_tenant_is_told_by_the_discovery(sandbox: Sandbox, plain: PlainHttp) -> None:
    with pytest.raises(ValueError, match="Unable to get authority configuration"):
        application(sandbox, plain, "nowhere", "secret")


# Faults


@pytest.mark.parametrize(
    ("reason", "error", "suberror"),
    [
        ("invalid_grant", "invalid_grant", "bad_token"),
        ("interaction_required", "interaction_required", "basic_action"),
        ("AADSTS53003", "interaction_required", "message_only"),
        ("AADSTS7000222", "invalid_client", None),
        ("temporarily_unavailable", "temporarily_unavailable", None),
        ("server_error", "server_error", None),
    ],
)
def test_an_error_of_the_service_comes_on_cue(
    sandbox: Sandbox, reason: str, error: str, suberror: str | None
) -> None:
    match = {"path_contains": "/oauth2/v2.0/token", "person": OLGA}
    sandbox.fail(match, status=400, reason=reason)
    token = sandbox.grant_outlook(OLGA)
    body = refresh(sandbox, token).json()
    assert (body["error"], body.get("suberror")) == (error, suberror)
    assert refresh(sandbox, token).status_code == 200


def test_a_gateway_may_answer_for_the_service(sandbox: Sandbox) -> None:
    sandbox.fail({"path_contains": "/token"}, status=502)
    answer = refresh(sandbox, sandbox.grant_outlook(OLGA))
    assert (answer.status_code, answer.text[:6]) == (502, "<html>")


def test_token_requests_are_logged_by_person(sandbox: Sandbox) -> None:
    refresh(sandbox, sandbox.grant_outlook(OLGA))
    assert sandbox.counts("/oauth2/v2.0/token") == {OLGA: {"POST": 1}}
