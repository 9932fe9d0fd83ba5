"""A consent at Google: where the browser is sent, and what is made of what it brings back."""

from __future__ import annotations

import base64
import hashlib
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses

from calsync.core.consent import ConsentError, SignInProblem
from providers.google.auth import SCOPE
from providers.google.consent import GoogleConsent, Granted
from providers.google.settings import GoogleSettings
from providers.http.transport import Transport
from providers.http.watchdog import Watchdog
from tests.dripping import dripping
from tests.make import NOW
from tests.providers.signin_calls import part

TOKENS = "https://oauth2.googleapis.com/token"
BACK = "https://calsync.example.org/connect/google/callback"
SETTINGS = GoogleSettings(client_id="id", client_secret="hush")
CLAIMS = {
    "iss": "https://accounts.google.com",
    "aud": "id",
    "sub": "1101",
    "email": "Maya@Example.org",
    "email_verified": True,
    "exp": int(NOW.timestamp()) + 3600,
}
ANSWER = {
    "access_token": "ya29.new",
    "expires_in": 3599,
    "refresh_token": "1//new",
    "scope": f"openid https://www.googleapis.com/auth/userinfo.email {SCOPE}",
    "token_type": "Bearer",
}


@pytest.fixture
def mocked() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        yield mocked


def consent(settings: GoogleSettings = SETTINGS) -> GoogleConsent:
    return GoogleConsent(settings, Transport(Watchdog()), lambda: NOW)


def soon() -> float:
    return time.monotonic() + 30


def answer(claims: Mapping[str, Any] = CLAIMS, **changes: Any) -> dict[str, Any]:
    id_token = f"{part({'alg': 'RS256'})}.{part(dict(claims))}.c2ln"
    whole = {**ANSWER, "id_token": id_token, **changes}
    return {name: value for name, value in whole.items() if value is not None}


def asked(url: str) -> dict[str, str]:
    return {name: value[0] for name, value in parse_qs(urlsplit(url).query).items()}


def come_back(
    mocked: responses.RequestsMock | None,
    by: GoogleConsent | None = None,
    *,
    given: Mapping[str, Any] | None = None,
    status: int = 200,
    **params: str,
) -> Granted:
    by = by or consent()
    if mocked is not None:
        mocked.post(TOKENS, json=given if given is not None else answer(), status=status)
    url, kept = by.begin(BACK, "maya@example.org")
    whole = {"state": asked(url)["state"], "code": "4/code", **params}
    return by.finish(kept, {name: value for name, value in whole.items() if value}, soon())


def refused(*args: Any, **kwargs: Any) -> ConsentError:
    with pytest.raises(ConsentError) as caught:
        come_back(*args, **kwargs)
    assert "hush" not in repr(caught.value)
    return caught.value


def test_the_browser_is_sent_to_consent_with_pkce_for_lasting_access() -> None:
    url, kept = consent().begin(BACK, "maya@example.org")
    assert url.startswith("https://accounts.google.com/o/oauth2/v2/auth?")
    found = asked(url)
    assert set(found.pop("scope").split()) == {"openid", "email", SCOPE}
    digest = hashlib.sha256(kept["code_verifier"].encode()).digest()
    assert found == {
        "response_type": "code",
        "client_id": "id",
        "redirect_uri": BACK,
        "state": kept["state"],
        "access_type": "offline",
        "prompt": "consent",
        "login_hint": "maya@example.org",
        "code_challenge_method": "S256",
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
    }


def test_every_consent_has_a_state_and_a_verifier_of_its_own() -> None:
    (_, one), (_, other) = (consent().begin(BACK, "") for _ in range(2))
    assert one["state"] != other["state"]
    assert one["code_verifier"] != other["code_verifier"]


def test_another_account_is_chosen_by_the_person() -> None:
    url, _ = consent().begin(BACK, "maya@example.org", other=True)
    assert asked(url)["prompt"] == "consent select_account"
    assert "login_hint" not in asked(url)


def test_a_code_is_redeemed_with_its_verifier_and_says_whose_account_it_is(
    mocked: responses.RequestsMock,
) -> None:
    mocked.post(TOKENS, json=answer())
    by = consent()
    _, kept = by.begin(BACK, "")
    got = by.finish(kept, {"state": kept["state"], "code": "4/code"}, soon())
    assert (got.fresh.token, got.fresh.refresh_token) == ("ya29.new", "1//new")
    assert (got.identity.subject, got.identity.address) == ("1101", "maya@example.org")
    sent = mocked.calls[0].request
    assert "Authorization" not in sent.headers
    assert parse_qs(str(sent.body, "ascii")) == {
        "grant_type": ["authorization_code"],
        "code": ["4/code"],
        "redirect_uri": [BACK],
        "code_verifier": [kept["code_verifier"]],
        "client_id": ["id"],
        "client_secret": ["hush"],
    }


def test_scopes_other_than_those_asked_for_are_told_and_raise_nothing(
    mocked: responses.RequestsMock,
) -> None:
    assert come_back(mocked, given=answer(scope="openid")).fresh.scopes == "openid"


def test_without_a_refresh_token_the_caller_is_told(mocked: responses.RequestsMock) -> None:
    assert come_back(mocked, given=answer(refresh_token=None)).fresh.refresh_token is None


def test_no_switch_of_the_process_is_set(mocked: responses.RequestsMock) -> None:
    before = dict(os.environ)
    come_back(mocked)
    assert dict(os.environ) == before
    assert not [name for name in os.environ if name.startswith("OAUTHLIB")]


def test_a_sign_in_on_this_machine_is_asked_over_plain_http() -> None:
    local = replace(
        SETTINGS, auth_uri="http://127.0.0.1:4711/auth", token_uri="http://127.0.0.1:4711/token"
    )
    with responses.RequestsMock() as mocked:
        mocked.post("http://127.0.0.1:4711/token", json=answer())
        by = consent(local)
        url, _ = by.begin(BACK, "")
        assert url.startswith("http://127.0.0.1:4711/auth?")
        assert come_back(None, by).fresh.token == "ya29.new"


# --- what the browser brings back ---


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        ({"state": "another"}, SignInProblem.FOREIGN),
        ({"state": "\u00e9"}, SignInProblem.FOREIGN),
        ({"state": ""}, SignInProblem.FOREIGN),
        ({"iss": "https://accounts.evil.example"}, SignInProblem.FOREIGN),
        ({"iss": "https://accounts.evil.example", "error": "access_denied"}, SignInProblem.FOREIGN),
        ({"code": ""}, SignInProblem.BUSY),
        ({"error": "access_denied"}, SignInProblem.DENIED),
        ({"error": "admin_policy_enforced"}, SignInProblem.ADMIN),
        ({"error": "redirect_uri_mismatch"}, SignInProblem.OURS),
        ({"error": "org_internal"}, SignInProblem.OURS),
        ({"error": "server_error"}, SignInProblem.BUSY),
        ({"error": "temporarily_unavailable"}, SignInProblem.BUSY),
        ({"error": "hush <b>"}, SignInProblem.BUSY),
    ],
)
def test_what_is_no_code_of_ours_is_not_redeemed(
    mocked: responses.RequestsMock, params: dict[str, str], problem: SignInProblem
) -> None:
    assert refused(mocked, **params).problem is problem
    assert len(mocked.calls) == 0


@pytest.mark.parametrize("issuer", ["https://accounts.google.com", "accounts.google.com"])
def test_googles_own_issuer_is_accepted(mocked: responses.RequestsMock, issuer: str) -> None:
    assert come_back(mocked, iss=issuer).fresh.token == "ya29.new"


@pytest.mark.parametrize(
    ("status", "word", "problem"),
    [
        (400, "invalid_grant", SignInProblem.EXPIRED),
        (401, "invalid_client", SignInProblem.OURS),
        (400, "redirect_uri_mismatch", SignInProblem.OURS),
        (400, "invalid_request", SignInProblem.OURS),
        (400, "something_new", SignInProblem.BUSY),
        (429, "invalid_grant", SignInProblem.BUSY),
        (500, "internal_failure", SignInProblem.BUSY),
        (503, "", SignInProblem.BUSY),
    ],
)
def test_a_refused_code_says_what_to_do_next(
    mocked: responses.RequestsMock, status: int, word: str, problem: SignInProblem
) -> None:
    given = {"error": word, "error_description": "hush"} if word else {}
    assert refused(mocked, given=given, status=status).problem is problem
    assert len(mocked.calls) == 1


@pytest.mark.parametrize("where", ["https://elsewhere.example/token", TOKENS + "2"])
def test_a_code_is_never_sent_where_a_redirect_leads(
    mocked: responses.RequestsMock, where: str
) -> None:
    mocked.post(TOKENS, status=307, headers={"Location": where})
    mocked.post(where, json=answer())
    assert refused(None).problem is SignInProblem.BUSY
    assert [str(one.request.url) for one in mocked.calls] == [TOKENS]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"access_token": "hush", "expires_in": "soon"},
        {**ANSWER, "expires_at": [1], "expires_in": {}},
        ["hush"],
        ANSWER,
    ],
)
def test_an_answer_without_sense_is_tried_again(mocked: responses.RequestsMock, given: Any) -> None:
    assert refused(mocked, given=given).problem is SignInProblem.BUSY


@pytest.mark.parametrize(
    "changes", [{"aud": "another"}, {"iss": "https://evil.example"}, {"exp": 1}, {"sub": ""}]
)
def test_an_id_token_that_is_not_for_us_connects_nothing(
    mocked: responses.RequestsMock, changes: dict[str, Any]
) -> None:
    assert refused(mocked, given=answer({**CLAIMS, **changes})).problem is SignInProblem.FOREIGN


def test_no_answer_in_time_is_tried_again() -> None:
    with dripping(lambda visitor: (visitor.request(), visitor.hang())[1]) as server:
        by = consent(replace(SETTINGS, token_uri=server.url + "/token"))
        _, kept = by.begin(BACK, "")
        with pytest.raises(ConsentError) as caught:
            by.finish(kept, {"state": kept["state"], "code": "4/code"}, time.monotonic() + 0.2)
    assert caught.value.problem is SignInProblem.BUSY


def test_plain_http_to_another_machine_is_the_operators_fault() -> None:
    by = consent(replace(SETTINGS, token_uri="http://oauth2.example/token"))
    assert refused(None, by).problem is SignInProblem.OURS


def test_nothing_secret_shows_in_what_was_granted(mocked: responses.RequestsMock) -> None:
    shown = repr(come_back(mocked))
    assert "ya29" not in shown
    assert "1//" not in shown
