"""Access tokens: what is asked of Google's token endpoint, and what its refusals mean."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import responses

from calsync.errors import AccessLost, ChannelError, Refused, Setup, TryLater
from calsync.sandbox import Sandbox
from providers.google.auth import SCOPE, GoogleAuth, TokenAnswer
from providers.google.settings import GoogleSettings
from providers.http.transport import Transport
from providers.http.watchdog import Watchdog
from tests.dripping import dripping

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
TOKENS = "https://oauth2.googleapis.com/token"
REVOKE = "https://oauth2.googleapis.com/revoke"
OWN = {"refresh_token": "1//refresh"}
DOMAIN = {"subject": "maya@example.org"}
SETTINGS = GoogleSettings(client_id="id", client_secret="hush")


@pytest.fixture
def mocked() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mocked:
        yield mocked


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        sandbox.add_person("maya@example.org", google=True)
        yield sandbox


@pytest.fixture(scope="module")
def key(sandbox: Sandbox) -> dict[str, Any]:
    return sandbox.make_service_account()


@pytest.fixture
def key_file(key: dict[str, Any], tmp_path: Path) -> Path:
    path = tmp_path / "key.json"
    path.write_text(json.dumps(key))
    return path


def auth(settings: GoogleSettings = SETTINGS, *, clock: Any = lambda: NOW) -> GoogleAuth:
    return GoogleAuth(settings, Transport(Watchdog()), clock)


def of(sandbox: Sandbox, **changes: Any) -> GoogleAuth:
    settings = GoogleSettings(
        client_id=sandbox.client_id,
        client_secret=sandbox.client_secret,
        token_uri=sandbox.token_uri,
    )
    return auth(replace(settings, **changes), clock=lambda: datetime.now(UTC))


def soon() -> float:
    return time.monotonic() + 30


def refused(by: GoogleAuth, credentials: dict[str, str] = OWN) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        by.refresh(credentials, soon())
    return caught.value


def told(error: ChannelError) -> tuple[type[ChannelError], str, str]:
    return type(error), error.happened, error.scope


# --- own consent ---


def test_a_refresh_sends_the_stored_token_and_asks_for_no_scope(
    mocked: responses.RequestsMock,
) -> None:
    mocked.post(TOKENS, json={"access_token": "ya29.new", "expires_in": 3599})
    assert auth().refresh(OWN, soon()) == TokenAnswer("ya29.new", NOW + timedelta(seconds=3599))
    assert parse_qs(str(mocked.calls[0].request.body, "ascii")) == {
        "grant_type": ["refresh_token"],
        "refresh_token": ["1//refresh"],
        "client_id": ["id"],
        "client_secret": ["hush"],
    }


@pytest.mark.parametrize(
    ("told", "lasts"),
    [
        ("0", 3600),
        ("-1", 3600),
        ("1e400", 3600),
        ("9" * 400, 3600),
        ('"soon"', 3600),
        ("null", 3600),
        ('"60"', 60),
        ("1e14", 86_400),
    ],
)
def test_a_token_that_lasts_absurdly_long_is_used_for_a_day_or_an_hour(
    mocked: responses.RequestsMock, told: str, lasts: int
) -> None:
    mocked.post(TOKENS, body=f'{{"access_token": "a", "expires_in": {told}}}')
    assert auth().refresh(OWN, soon()).expires_at == NOW + timedelta(seconds=lasts)


def test_a_new_refresh_token_is_handed_on(mocked: responses.RequestsMock) -> None:
    mocked.post(TOKENS, json={"access_token": "a", "expires_in": "60", "refresh_token": "1//new"})
    assert auth().refresh(OWN, soon()).refresh_token == "1//new"


def test_a_token_from_the_sandbox_opens_the_calendar(sandbox: Sandbox) -> None:
    sandbox.switch("rotate_refresh_tokens", True)
    try:
        got = of(sandbox).refresh({"refresh_token": sandbox.grant("maya@example.org")}, soon())
    finally:
        sandbox.switch("rotate_refresh_tokens", False)
    assert got.refresh_token
    assert sandbox.tokens.opened_by(got.token)


def test_a_withdrawn_consent_is_access_lost(sandbox: Sandbox) -> None:
    token = sandbox.grant("maya@example.org")
    sandbox.revoke("maya@example.org")
    error = refused(of(sandbox), {"refresh_token": token})
    assert told(error) == (AccessLost, "no", "account")
    sandbox.grant("maya@example.org")


def test_a_wrong_client_secret_is_the_operators_fault(sandbox: Sandbox) -> None:
    token = sandbox.grant("maya@example.org")
    error = refused(of(sandbox, client_secret="wrong"), {"refresh_token": token})
    assert told(error) == (Setup, "no", "tenant")


def test_without_a_refresh_token_the_person_has_to_connect_again() -> None:
    assert told(refused(auth(), {})) == (AccessLost, "no", "account")


# --- in a domain's name ---


def test_the_assertion_names_the_person_and_the_narrow_scope(
    mocked: responses.RequestsMock, key_file: Path, key: dict[str, Any]
) -> None:
    mocked.post(TOKENS, json={"access_token": "a", "expires_in": 3600})
    auth(GoogleSettings(service_account_file=str(key_file))).refresh(DOMAIN, soon())
    form = parse_qs(str(mocked.calls[0].request.body, "ascii"))
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    head, claims, _ = form["assertion"][0].split(".")
    assert decoded(head) == {"typ": "JWT", "alg": "RS256", "kid": key["private_key_id"]}
    issued = int(NOW.timestamp())
    assert decoded(claims) == {
        "iss": key["client_email"],
        "sub": "maya@example.org",
        "scope": SCOPE,
        "aud": key["token_uri"],
        "iat": issued,
        "exp": issued + 3600,
    }


def decoded(part: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_a_domain_token_from_the_sandbox_opens_that_persons_calendar(
    sandbox: Sandbox, key_file: Path
) -> None:
    got = of(sandbox, service_account_file=str(key_file)).refresh(DOMAIN, soon())
    access = sandbox.tokens.opened_by(got.token)
    assert access is not None
    assert (access.person, access.scopes) == ("maya@example.org", frozenset({SCOPE}))
    assert got.refresh_token is None


def test_a_person_the_domain_does_not_have_is_access_lost(sandbox: Sandbox, key_file: Path) -> None:
    by = of(sandbox, service_account_file=str(key_file))
    error = refused(by, {"subject": "nobody@example.org"})
    assert told(error) == (AccessLost, "no", "account")


def test_a_key_the_administrator_did_not_allow_is_the_operators_fault(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    key = sandbox.make_service_account(scopes=["openid"])
    path = tmp_path / "key.json"
    path.write_text(json.dumps(key))
    error = refused(of(sandbox, service_account_file=str(path)), DOMAIN)
    assert told(error) == (Setup, "no", "tenant")


def test_a_wrong_clock_is_no_reason_to_lose_an_account(sandbox: Sandbox, key_file: Path) -> None:
    settings = GoogleSettings(service_account_file=str(key_file), token_uri=sandbox.token_uri)
    late = datetime.now(UTC) - timedelta(days=1)
    error = refused(auth(settings, clock=lambda: late), DOMAIN)
    assert told(error) == (Setup, "no", "tenant")


def test_a_key_google_does_not_know_is_no_reason_either(
    sandbox: Sandbox, key: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "key.json"
    path.write_text(json.dumps({**key, "client_email": "gone@sandbox.iam.gserviceaccount.com"}))
    error = refused(of(sandbox, service_account_file=str(path)), DOMAIN)
    assert told(error) == (Setup, "no", "tenant")


@pytest.mark.parametrize(
    "content", [None, "", "[]", "{}", '{"client_email": "a", "private_key": "b"}', "\udcff"]
)
def test_an_unusable_key_file_is_the_operators_fault_and_named(
    content: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "key.json"
    if content is not None:
        path.write_bytes(content.encode("utf-8", "surrogateescape"))
    error = refused(auth(GoogleSettings(service_account_file=str(path))), DOMAIN)
    assert told(error) == (Setup, "no", "tenant")
    assert "google.service_account_file" in error.reason
    assert str(path) not in error.reason


def test_a_broken_private_key_and_a_missing_setting_are_the_operators_fault(
    key: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "key.json"
    path.write_text(json.dumps({**key, "private_key": "-----BEGIN PRIVATE KEY-----\nAAAA\n"}))
    for settings in (GoogleSettings(service_account_file=str(path)), GoogleSettings()):
        assert told(refused(auth(settings), DOMAIN)) == (Setup, "no", "tenant")


# --- refusals ---


@pytest.mark.parametrize(
    ("status", "body", "kind", "scope", "after"),
    [
        (400, {"error": "invalid_grant"}, AccessLost, "account", None),
        (400, {"error": "invalid_scope"}, AccessLost, "account", None),
        (401, {"error": "invalid_client"}, Setup, "tenant", None),
        (401, {"error": "deleted_client"}, Setup, "tenant", None),
        (401, {"error": "unauthorized_client"}, Setup, "tenant", None),
        (500, {"error": "internal_failure"}, TryLater, "provider", 7.0),
        (503, None, TryLater, "provider", 7.0),
        (429, {"error": "invalid_grant"}, TryLater, "provider", 7.0),
        (400, {"error": "temporarily_unavailable"}, TryLater, "provider", 7.0),
        (400, {"error": "something_new"}, TryLater, "account", 3600.0),
        (400, {"error": {"message": "odd"}}, TryLater, "account", 3600.0),
        (404, None, TryLater, "account", 3600.0),
        (302, None, TryLater, "account", 3600.0),
        (200, {"token": "a"}, TryLater, "provider", None),
        (200, None, TryLater, "provider", None),
        (200, {"access_token": 7}, TryLater, "provider", None),
    ],
)
def test_what_a_refusal_costs(
    mocked: responses.RequestsMock,
    status: int,
    body: Any,
    kind: type[ChannelError],
    scope: str,
    after: float | None,
) -> None:
    text = "<html>" if body is None else json.dumps(body)
    mocked.post(TOKENS, body=text, status=status, headers={"Retry-After": "7"})
    error = refused(auth())
    assert (*told(error), error.after) == (kind, "no", scope, after)


def test_a_description_of_an_own_consent_never_blames_the_operator(
    mocked: responses.RequestsMock,
) -> None:
    body = {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
    mocked.post(TOKENS, json=body, status=400)
    assert told(refused(auth())) == (AccessLost, "no", "account")


def test_no_answer_in_time_touches_no_account() -> None:
    with dripping(lambda visitor: (visitor.request(), visitor.hang())[1]) as server:
        by = auth(replace(SETTINGS, token_uri=server.url + "/token"))
        with pytest.raises(TryLater) as caught:
            by.refresh(OWN, time.monotonic() + 0.2)
    assert told(caught.value) == (TryLater, "no", "provider")


def test_nothing_secret_shows_in_values_or_errors(mocked: responses.RequestsMock) -> None:
    mocked.post(TOKENS, json={"error": "invalid_grant", "error_description": "hush"}, status=400)
    error = refused(auth())
    fresh = TokenAnswer("hush", NOW, "hush")
    assert "hush" not in f"{error!r} {error} {SETTINGS!r} {fresh!r}"
    assert error.reason == "token 400 invalid_grant"


# --- ending a grant ------------------------------------------------------------------------------


def revoke() -> bool:
    return auth().revoke("1//refresh", time.monotonic() + 30)


def test_a_grant_is_ended_by_its_refresh_token_in_the_body(
    mocked: responses.RequestsMock,
) -> None:
    mocked.post(REVOKE, json={})
    assert revoke() is True
    (call,) = mocked.calls
    assert parse_qs(str(call.request.body, "ascii")) == {"token": ["1//refresh"]}
    assert call.request.url == REVOKE


def test_a_grant_that_google_knows_no_more_has_ended(mocked: responses.RequestsMock) -> None:
    answer = {"error": "invalid_token", "error_description": "Token expired or revoked"}
    mocked.post(REVOKE, json=answer, status=400)
    assert revoke() is False


@pytest.mark.parametrize(
    ("status", "answer", "error"),
    [
        (503, {}, TryLater),
        (429, {}, TryLater),
        (400, {"error": "server_error"}, TryLater),
        (400, {"error": "invalid_request", "error_description": "1//refresh"}, Refused),
        (404, {}, Refused),
    ],
)
def test_what_google_answers_otherwise_to_a_revocation_says_what_to_do(
    mocked: responses.RequestsMock, status: int, answer: dict[str, str], error: type[ChannelError]
) -> None:
    mocked.post(REVOKE, json=answer, status=status)
    with pytest.raises(error) as caught:
        revoke()
    assert caught.value.happened == "no"
    assert "1//refresh" not in str(caught.value)
