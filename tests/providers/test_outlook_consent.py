"""A consent at Microsoft: where the browser is sent, and what is made of what it brings back."""

from __future__ import annotations

import base64
import hashlib
import json
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses

from calsync.core.consent import ConsentError, SignInProblem
from providers.outlook.consent import Granted, OutlookConsent, meant
from providers.outlook.settings import OutlookSettings
from tests.providers.signin_calls import (
    LOGIN,
    NOW,
    ONE,
    SCOPE,
    SETTINGS,
    auth,
    discovery_of,
    forms,
    granted,
    part,
    signing_in,
    soon,
    tokens,
)

BACK = "https://calsync.example.org/connect/outlook/callback"
ISSUER = f"{LOGIN}/{{tenantid}}/v2.0"
CLAIMS = {
    "aud": "app-1",
    "iss": f"{LOGIN}/tenant-1/v2.0",
    "exp": int(NOW.timestamp()) + 3600,
    "sub": "pairwise",
    "oid": "oid-maya",
    "tid": "tenant-1",
    "preferred_username": "Maya@Contoso.example",
}


@pytest.fixture
def mocked() -> Iterator[responses.RequestsMock]:
    with signing_in() as mocked:
        url, document = discovery_of(LOGIN, "organizations")
        mocked.replace("GET", url, json={**document, "issuer": ISSUER})
        yield mocked


def consent(settings: OutlookSettings = SETTINGS) -> OutlookConsent:
    return OutlookConsent(auth(settings), lambda: NOW)


def asked(url: str) -> dict[str, str]:
    return {name: value[0] for name, value in parse_qs(urlsplit(url).query).items()}


def come_back(
    mocked: responses.RequestsMock,
    by: OutlookConsent | None = None,
    *,
    claims: Mapping[str, Any] | None = None,
    given: Mapping[str, Any] | None = None,
    status: int = 200,
    answer: Mapping[str, Any] | None = None,
    **params: str,
) -> Granted:
    by = by or consent()
    url, kept = by.begin(BACK, "maya@contoso.example", soon())
    # it is kept as JSON meanwhile
    kept = json.loads(json.dumps(kept))
    whole = {**CLAIMS, "nonce": asked(url)["nonce"], **(claims or {})}
    id_token = f"{part({'alg': 'none'})}.{part(whole)}."
    body = given if given is not None else granted(**{"id_token": id_token, **(answer or {})})
    mocked.post(tokens(), json=body, status=status)
    query = {"state": asked(url)["state"], "code": "0.code", **params}
    return by.finish(kept, {name: value for name, value in query.items() if value}, soon())


def refused(*args: Any, **kwargs: Any) -> ConsentError:
    with pytest.raises(ConsentError) as caught:
        come_back(*args, **kwargs)
    assert "hush" not in repr(caught.value)
    return caught.value


def test_the_browser_is_sent_to_consent_with_pkce_and_a_nonce(
    mocked: responses.RequestsMock,
) -> None:
    with warnings.catch_warnings(record=True) as warned:
        url, kept = consent().begin(BACK, "maya@contoso.example", soon())
    assert warned == []
    assert url.startswith(f"{LOGIN}/organizations/oauth2/v2.0/authorize?")
    found = asked(url)
    wanted = {SCOPE, "email", "openid", "profile", "offline_access"}
    assert set(found.pop("scope").split()) == wanted
    digest = hashlib.sha256(kept["code_verifier"].encode()).digest()
    nonce = hashlib.sha256(kept["nonce"].encode()).hexdigest()
    assert {
        name: found[name] for name in found if name not in ("client_info", "X-AnchorMailbox")
    } == {
        "response_type": "code",
        "response_mode": "query",
        "client_id": "app-1",
        "redirect_uri": BACK,
        "state": kept["state"],
        "nonce": nonce,
        "login_hint": "maya@contoso.example",
        "code_challenge_method": "S256",
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
    }


def test_another_account_is_chosen_and_a_consent_can_be_asked_for_again(
    mocked: responses.RequestsMock,
) -> None:
    other, _ = consent().begin(BACK, "maya@contoso.example", soon(), other=True)
    assert asked(other)["prompt"] == "select_account"
    assert "login_hint" not in asked(other)
    again, _ = consent().begin(BACK, "", soon(), again=True)
    assert asked(again)["prompt"] == "consent"


def test_a_code_is_redeemed_with_its_verifier_and_the_cache_opens_the_account_later(
    mocked: responses.RequestsMock,
) -> None:
    got = come_back(mocked)
    assert (got.identity, got.address) == ("oid-maya.tenant-1", "maya@contoso.example")
    assert (got.writes, got.lasts, got.fresh.token) == (True, True, "token-1")
    (form,) = forms(mocked)
    assert (form["grant_type"], form["code"], form["redirect_uri"]) == (
        "authorization_code",
        "0.code",
        BACK,
    )
    assert 43 <= len(form["code_verifier"]) <= 128
    mocked.replace("POST", tokens(), json=granted(2))
    assert auth().refresh(got.fresh.secret or {}, soon()).token == "token-2"
    assert forms(mocked)[1]["refresh_token"] == "refresh-1"


def test_an_unticked_scope_and_a_missing_refresh_token_are_told(
    mocked: responses.RequestsMock,
) -> None:
    assert not come_back(mocked, answer={"scope": "openid profile"}).writes
    mocked.remove("POST", tokens())
    assert not come_back(mocked, answer={"refresh_token": None}).lasts


def test_a_sign_in_on_this_machine_is_asked_over_plain_http() -> None:
    local = "http://127.0.0.1:4711"
    settings = replace(SETTINGS, authority=local + "/")
    with responses.RequestsMock() as mocked:
        url, _ = discovery_of(local, "organizations")
        _, document = discovery_of("https://127.0.0.1:4711", "organizations")
        mocked.get(url, json={**document, "issuer": ISSUER})
        address, _ = consent(settings).begin(BACK, "", soon())
    assert address.startswith(f"{local}/organizations/oauth2/v2.0/authorize?")


# --- what the browser brings back ---


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        ({"state": "another"}, SignInProblem.FOREIGN),
        ({"state": ""}, SignInProblem.FOREIGN),
        ({"state": "another", "error": "access_denied"}, SignInProblem.FOREIGN),
        ({"iss": "https://login.evil.example/tenant-1/v2.0"}, SignInProblem.FOREIGN),
        ({"iss": f"{LOGIN}/a/b/v2.0"}, SignInProblem.FOREIGN),
        ({"code": ""}, SignInProblem.BUSY),
        (
            {"error": "access_denied", "error_description": "AADSTS65004: hush"},
            SignInProblem.DENIED,
        ),
        ({"error": "access_denied", "error_description": "AADSTS90094: hush"}, SignInProblem.ADMIN),
        ({"error": "access_denied", "error_description": "AADSTS90095: hush"}, SignInProblem.ADMIN),
        (
            {"error": "invalid_client", "error_description": "AADSTS90094: hush"},
            SignInProblem.ADMIN,
        ),
        ({"error": "consent_required"}, SignInProblem.ADMIN),
        ({"error": "interaction_required"}, SignInProblem.ADMIN),
        ({"error": "login_required"}, SignInProblem.EXPIRED),
        ({"error": "unauthorized_client"}, SignInProblem.OURS),
        ({"error": "server_error"}, SignInProblem.BUSY),
        ({"error": "hush"}, SignInProblem.BUSY),
    ],
)
def test_what_is_no_code_of_ours_is_not_redeemed(
    mocked: responses.RequestsMock, params: dict[str, str], problem: SignInProblem
) -> None:
    assert refused(mocked, **params).problem is problem
    assert forms(mocked) == []


def test_only_a_known_number_changes_what_a_word_means() -> None:
    told = "AADSTS90094: An administrator must approve. AADSTS7 Trace ID: 90095"
    assert meant("access_denied", told) is SignInProblem.ADMIN
    assert meant("access_denied", "AADSTS65004: declined. Trace ID: 90095") is SignInProblem.DENIED
    assert meant("access_denied", told, 503) is SignInProblem.BUSY


def test_the_issuer_of_any_directory_is_accepted_where_all_may_come(
    mocked: responses.RequestsMock,
) -> None:
    assert come_back(mocked, iss=f"{LOGIN}/tenant-1/v2.0").writes


@pytest.mark.parametrize("client_info", ["hush", "aHVzaA", "\u00e9"])
def test_client_info_from_the_browser_is_not_read(
    mocked: responses.RequestsMock, client_info: str
) -> None:
    assert come_back(mocked, client_info=client_info).writes


@pytest.mark.parametrize(
    ("status", "body", "problem"),
    [
        (400, {"error": "invalid_grant"}, SignInProblem.EXPIRED),
        (401, {"error": "invalid_client"}, SignInProblem.OURS),
        (400, {"error": "invalid_request"}, SignInProblem.OURS),
        (
            400,
            {"error": "invalid_grant", "error_description": "AADSTS90094: hush"},
            SignInProblem.ADMIN,
        ),
        (400, {"error": "something_new"}, SignInProblem.BUSY),
        (429, {"error": "invalid_grant"}, SignInProblem.BUSY),
        (503, {"error": "server_error"}, SignInProblem.BUSY),
        (200, {"token": "hush"}, SignInProblem.BUSY),
        (200, {}, SignInProblem.BUSY),
    ],
)
def test_a_refused_code_says_what_to_do_next(
    mocked: responses.RequestsMock, status: int, body: dict[str, str], problem: SignInProblem
) -> None:
    assert refused(mocked, given=body, status=status).problem is problem


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"nonce": "hush"}, SignInProblem.FOREIGN),
        ({"nonce": None}, SignInProblem.FOREIGN),
        ({"aud": "another"}, SignInProblem.FOREIGN),
        ({"iss": f"{LOGIN}/tenant-2/v2.0"}, SignInProblem.FOREIGN),
        ({"iss": None}, SignInProblem.FOREIGN),
        ({"exp": 1}, SignInProblem.FOREIGN),
        ({"oid": None}, SignInProblem.FOREIGN),
        ({"tid": 7}, SignInProblem.FOREIGN),
    ],
)
def test_an_id_token_that_is_not_for_this_request_connects_nothing(
    mocked: responses.RequestsMock, changes: dict[str, Any], problem: SignInProblem
) -> None:
    assert refused(mocked, claims=changes).problem is problem


@pytest.mark.parametrize("id_token", [None, "hush", "a.b.c"])
def test_without_a_readable_id_token_nothing_is_connected(
    mocked: responses.RequestsMock, id_token: str | None
) -> None:
    assert refused(mocked, answer={"id_token": id_token}).problem is SignInProblem.BUSY


def test_a_sign_in_that_is_down_is_tried_again(mocked: responses.RequestsMock) -> None:
    url, _ = discovery_of(LOGIN, "organizations")
    mocked.replace("GET", url, status=503)
    with pytest.raises(ConsentError) as caught:
        consent().begin(BACK, "", soon())
    assert caught.value.problem is SignInProblem.BUSY
    mocked.replace("GET", url, body=requests.ConnectionError("reset"))
    with pytest.raises(ConsentError) as caught:
        consent().begin(BACK, "", soon())
    assert caught.value.problem is SignInProblem.BUSY


def test_an_unknown_directory_is_the_operators_fault(mocked: responses.RequestsMock) -> None:
    url, _ = discovery_of(LOGIN, "nowhere")
    mocked.get(url, json={"error": "invalid_tenant"}, status=400)
    with pytest.raises(ConsentError) as caught:
        consent(replace(SETTINGS, tenant="nowhere")).begin(BACK, "", soon())
    assert caught.value.problem is SignInProblem.OURS


def test_nothing_secret_shows_in_what_was_granted(mocked: responses.RequestsMock) -> None:
    shown = repr(come_back(mocked))
    assert "token-1" not in shown
    assert "refresh-1" not in shown


# --- an administrator's approval ---


@pytest.mark.parametrize(
    ("settings", "directory"), [(SETTINGS, "organizations"), (ONE, "tenant-1")]
)
def test_an_administrator_approves_what_people_are_asked_for(
    settings: OutlookSettings, directory: str
) -> None:
    url = consent(settings).admin_url(BACK, "state-1", application=False)
    assert url.startswith(f"{LOGIN}/{directory}/v2.0/adminconsent?")
    assert asked(url) == {
        "client_id": "app-1",
        "scope": SCOPE,
        "redirect_uri": BACK,
        "state": "state-1",
    }


def test_an_administrator_approves_what_the_application_may_do() -> None:
    url = consent(ONE).admin_url(BACK, "state-1", application=True)
    assert asked(url)["scope"] == "https://graph.microsoft.com/.default"
