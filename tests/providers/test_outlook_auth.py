"""Access tokens: what MSAL is let ask of Microsoft's sign-in, and what its refusals mean."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import requests
import responses

from calsync.core.account import FreshToken
from calsync.errors import AccessLost, ChannelError, Setup, TryLater
from providers.outlook.auth import CACHE
from providers.outlook.signin import ERRORS, Discovery
from tests.dripping import dripping
from tests.providers.signin_calls import (
    LOGIN,
    NOW,
    ONE,
    SCOPE,
    SETTINGS,
    auth,
    consent,
    discovery_of,
    forms,
    granted,
    refused,
    signing_in,
    soon,
    tokens,
    told,
)


@pytest.fixture
def mocked() -> Iterator[responses.RequestsMock]:
    with signing_in() as mocked:
        yield mocked


# --- own consent ---


def test_a_refresh_token_from_elsewhere_opens_an_account_named_by_directory_and_object(
    mocked: responses.RequestsMock,
) -> None:
    got = consent(mocked)
    assert (got.identity, got.address, got.writes) == (
        "oid-maya.tenant-1",
        "maya@contoso.example",
        True,
    )
    (form,) = forms(mocked)
    assert (form["grant_type"], form["refresh_token"]) == ("refresh_token", "from-elsewhere")
    assert SCOPE in form["scope"].split()
    assert "offline_access" in form["scope"].split()


def test_without_an_id_token_the_account_is_named_by_the_client_info(
    mocked: responses.RequestsMock,
) -> None:
    got = consent(mocked, id_token=None)
    assert (got.identity, got.address) == ("uid-maya.utid-1", "")


def test_a_consent_for_reading_only_is_told_apart(mocked: responses.RequestsMock) -> None:
    reads = SCOPE.replace("ReadWrite", "Read")
    assert not consent(mocked, scope=f"openid profile {reads}").writes
    assert consent(mocked, scope="openid Calendars.ReadWrite").writes


def test_a_token_that_names_nobody_is_no_account(mocked: responses.RequestsMock) -> None:
    mocked.post(tokens(), json=granted(id_token=None, client_info=None))
    error = refused(lambda: auth().redeem("from-elsewhere", soon()))
    assert told(error) == (AccessLost, "no", "account")


def test_a_refresh_uses_the_stored_cache_and_hands_the_new_one_back(
    mocked: responses.RequestsMock,
) -> None:
    by = auth()
    first = consent(mocked, by)
    mocked.replace("POST", tokens(), json=granted(2))
    second = by.refresh(first.secret, soon())
    mocked.replace("POST", tokens(), json=granted(3))
    third = by.refresh(second.secret or {}, soon())
    assert [one.token for one in (second, third)] == ["token-2", "token-3"]
    assert second.expires_at == NOW + timedelta(seconds=3599)
    assert [form["refresh_token"] for form in forms(mocked)] == [
        "from-elsewhere",
        "refresh-1",
        "refresh-2",
    ]


def test_a_cache_that_holds_a_good_token_is_refreshed_all_the_same(
    mocked: responses.RequestsMock,
) -> None:
    """The authorizer asks when a token was refused: the cached one is that one."""
    by = auth()
    first = consent(mocked, by)
    assert "token-1" in first.secret[CACHE]
    mocked.replace("POST", tokens(), json=granted(2))
    assert by.refresh(first.secret, soon()).token == "token-2"


def test_a_refused_refresh_is_asked_again_the_next_time_and_not_answered_from_memory(
    mocked: responses.RequestsMock,
) -> None:
    by = auth()
    first = consent(mocked, by)
    for status, body in ((400, {"error": "invalid_grant"}), (429, {"error": "slow_down"})):
        mocked.replace("POST", tokens(), json=body, status=status, headers={"Retry-After": "600"})
        refused(lambda: by.refresh(first.secret, soon()))
        mocked.replace("POST", tokens(), json=granted(2))
        assert by.refresh(first.secret, soon()).token == "token-2"


def test_msal_itself_remembers_no_refusal(mocked: responses.RequestsMock) -> None:
    """By default one application object answers the same refused request from memory."""
    by = auth()
    app = by.app(by.http(soon()), None)
    mocked.post(tokens(), json={"error": "invalid_grant"}, status=400)
    for _ in range(2):
        assert app.acquire_token_by_refresh_token("x", [SCOPE])["error"] == "invalid_grant"
    assert len(forms(mocked)) == 2


def test_accounts_share_one_discovery(mocked: responses.RequestsMock) -> None:
    shared = Discovery()
    for _ in range(3):
        by = auth(discovery=shared)
        by.refresh(consent(mocked, by).secret, soon())
    assert [one.request.method for one in mocked.calls].count("GET") == 1


def test_a_secret_without_a_refresh_token_has_to_connect_again(
    mocked: responses.RequestsMock,
) -> None:
    assert told(refused(lambda: auth().refresh({}, soon()))) == (AccessLost, "no", "account")


@pytest.mark.parametrize("wrong", [{"id_token": "hush"}, {"access_token": 7}])
def test_an_answer_that_makes_no_sense_costs_nobody_the_connection(
    mocked: responses.RequestsMock, wrong: dict[str, Any]
) -> None:
    by = auth()
    first = consent(mocked, by)
    mocked.replace("POST", tokens(), json=granted(2, **wrong))
    error = refused(lambda: by.refresh(first.secret, soon()))
    assert (type(error), error.happened) == (TryLater, "no")
    assert "hush" not in repr(error)


# --- refusals ---

REFUSALS = [
    # status, error, kind, scope; the same as an application
    (400, "invalid_grant", AccessLost, "account"),
    (400, "interaction_required", AccessLost, "account"),
    (400, "login_required", AccessLost, "account"),
    (400, "consent_required", AccessLost, "account"),
    (401, "invalid_client", Setup, "tenant"),
    (400, "unauthorized_client", Setup, "tenant"),
    (400, "invalid_request", Setup, "tenant"),
    (400, "invalid_resource", Setup, "tenant"),
    (400, "invalid_scope", Setup, "tenant"),
    (400, "temporarily_unavailable", TryLater, "provider"),
    (400, "server_error", TryLater, "provider"),
    (429, "slow_down", TryLater, "provider"),
    (500, "", TryLater, "provider"),
    (503, "server_error", TryLater, "provider"),
    (504, "", TryLater, "provider"),
    (408, "", TryLater, "provider"),
    # on a sign-in page, never in a refresh
    (400, "access_denied", TryLater, "account"),
    (400, "something_new", TryLater, "account"),
]


@pytest.mark.parametrize(("status", "word", "kind", "scope"), REFUSALS)
def test_a_refused_token_says_what_to_do_next(
    mocked: responses.RequestsMock, status: int, word: str, kind: type[ChannelError], scope: str
) -> None:
    by = auth()
    first = consent(mocked, by)
    body = {"error": word, "error_description": "AADSTS0 hush"} if word else {}
    mocked.replace("POST", tokens(), json=body, status=status)
    error = refused(lambda: by.refresh(first.secret, soon()))
    assert told(error) == (kind, "no", scope)
    assert error.reason == f"token {status} {word}".strip()
    assert told(refused(lambda: by.redeem("another", soon()))) == (kind, "no", scope)
    mocked.post(tokens("tenant-1"), json=body, status=status)
    as_application = refused(lambda: auth(ONE).as_application(soon()))
    lost = kind is AccessLost
    assert told(as_application) == ((Setup, "no", "tenant") if lost else (kind, "no", scope))


@pytest.mark.parametrize(
    ("word", "suberror", "number"),
    [
        ("invalid_grant", "bad_token", 50173),
        ("invalid_grant", "consent_required", 65001),
        ("invalid_grant", "", 50057),
        ("interaction_required", "basic_action", 50076),
        ("interaction_required", "message_only", 53003),
    ],
)
def test_only_the_error_decides_and_no_number_or_suberror(
    mocked: responses.RequestsMock, word: str, suberror: str, number: int
) -> None:
    by = auth()
    first = consent(mocked, by)
    body = {"error": word, "suberror": suberror, "error_codes": [number]}
    mocked.replace("POST", tokens(), json=body, status=400)
    assert told(refused(lambda: by.refresh(first.secret, soon()))) == (AccessLost, "no", "account")


@pytest.mark.parametrize("broken", [requests.ConnectionError, requests.ReadTimeout])
def test_a_connection_that_breaks_touches_no_account(
    mocked: responses.RequestsMock, broken: type[Exception]
) -> None:
    by = auth()
    first = consent(mocked, by)
    mocked.replace("POST", tokens(), body=broken("reset"))
    error = refused(lambda: by.refresh(first.secret, soon()))
    assert told(error) == (TryLater, "no", "provider")


def test_every_word_has_its_case() -> None:
    words = {word for _, word, *_ in REFUSALS}
    assert words >= {*ERRORS.lost, *ERRORS.operator, *ERRORS.busy}


def test_a_page_that_is_no_answer_is_tried_again(mocked: responses.RequestsMock) -> None:
    by = auth()
    first = consent(mocked, by)
    for status in (200, 400, 502):
        mocked.replace("POST", tokens(), body="<html>hush</html>", status=status)
        error = refused(lambda: by.refresh(first.secret, soon()))
        assert (type(error), error.happened) == (TryLater, "no")
        assert "hush" not in repr(error)


def test_the_wait_that_the_sign_in_asks_for_is_kept(mocked: responses.RequestsMock) -> None:
    by = auth()
    first = consent(mocked, by)
    mocked.replace("POST", tokens(), status=503, headers={"Retry-After": "77"})
    assert refused(lambda: by.refresh(first.secret, soon())).after == 77.0


def test_an_unknown_directory_is_the_operators_fault(mocked: responses.RequestsMock) -> None:
    url, _ = discovery_of(LOGIN, "nowhere")
    mocked.get(url, json={"error": "invalid_tenant"}, status=400)
    by = auth(replace(SETTINGS, tenant="nowhere"))
    assert told(refused(lambda: by.redeem("x", soon()))) == (Setup, "no", "tenant")


def test_a_sign_in_that_is_down_touches_no_account(mocked: responses.RequestsMock) -> None:
    url, _ = discovery_of(LOGIN, "organizations")
    mocked.replace("GET", url, status=503)
    assert told(refused(lambda: auth().redeem("x", soon()))) == (TryLater, "no", "provider")


def test_no_answer_in_time_touches_no_account() -> None:
    with dripping(lambda visitor: (visitor.request(), visitor.hang())[1]) as server:
        by = auth(replace(SETTINGS, authority=server.url))
        with pytest.raises(TryLater) as caught:
            by.redeem("x", time.monotonic() + 0.2)
    assert told(caught.value) == (TryLater, "no", "provider")


# --- another authority ---


@pytest.mark.parametrize("told_as", ["http", "https"])
def test_a_sign_in_on_this_machine_is_asked_over_plain_http(told_as: str) -> None:
    """MSAL refuses http; the sandbox's discovery may name its endpoints either way."""
    with responses.RequestsMock() as mocked:
        local = "http://127.0.0.1:4711"
        url, _ = discovery_of(local, "organizations")
        _, document = discovery_of(f"{told_as}://127.0.0.1:4711", "organizations")
        mocked.get(url, json=document)
        mocked.post(f"{local}/organizations/oauth2/v2.0/token", json=granted())
        settings = replace(SETTINGS, authority=local + "/", graph_base="http://127.0.0.1:4711")
        by = auth(settings)
        assert by.redeem("x", soon()).identity == "oid-maya.tenant-1"


def test_plain_http_to_another_machine_is_refused() -> None:
    by = auth(replace(SETTINGS, authority="http://login.contoso.example"))
    error = refused(lambda: by.redeem("x", soon()))
    assert (type(error), error.happened) == (Setup, "no")


def test_nothing_secret_shows_in_values_or_errors(mocked: responses.RequestsMock) -> None:
    by = auth()
    got = consent(mocked, by, access_token="hush", refresh_token="hush")
    mocked.replace("POST", tokens(), json={"error": "invalid_grant", "claims": "hush"}, status=400)
    error = refused(lambda: by.refresh(got.secret, soon()))
    fresh = FreshToken("hush", NOW, {"msal": "hush"})
    assert "hush" not in f"{error!r} {error} {SETTINGS!r} {fresh!r} {got!r}"
