"""The sandbox's sign-in pages: walked by a browser, redeemed by code, refused as there."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any
from urllib.parse import urlencode

import msal
import pytest
import requests
from google_auth_oauthlib.flow import Flow
from requests import PreparedRequest
from requests.adapters import HTTPAdapter

from calsync.sandbox import Sandbox
from providers.http.transport import Transport
from providers.http.watchdog import Watchdog
from providers.outlook.signin import Discovery, NothingKept, SignInHttp
from tests.consent_browser import consent, returned
from tests.providers.signin_calls import soon

# Our cookie would not come along with the form that MSAL recommends.
pytestmark = pytest.mark.filterwarnings("ignore:response_mode='form_post'")

MAYA = "maya@example.org"
HERE = "http://127.0.0.1:1/connect/google/callback"
EVENTS = "https://www.googleapis.com/auth/calendar.events.owned"
VERIFIER = "v" * 64
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
)


@pytest.fixture
def sandbox(sandbox: Sandbox) -> Sandbox:
    sandbox.add_person(MAYA, name="Maya Chen", google=True, outlook=True)
    return sandbox


def google_url(sandbox: Sandbox, **changes: str) -> str:
    given = {
        "client_id": sandbox.client_id,
        "redirect_uri": HERE,
        "response_type": "code",
        "scope": f"openid email {EVENTS}",
        "state": "s-1",
        "access_type": "offline",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **changes,
    }
    return f"{sandbox.auth_uri}?{urlencode(given)}"


def redeem(sandbox: Sandbox, code: str, **changes: str) -> requests.Response:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
        "redirect_uri": HERE,
        "code_verifier": VERIFIER,
        **changes,
    }
    return requests.post(sandbox.token_uri, data=form, timeout=30)


def allowed(sandbox: Sandbox, **changes: str) -> dict[str, str]:
    return returned(consent(google_url(sandbox, **changes), MAYA))


def claims(id_token: str) -> dict[str, Any]:
    part = id_token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def test_a_google_consent_becomes_tokens_that_open_the_calendar(sandbox: Sandbox) -> None:
    back = allowed(sandbox, nonce="n-1")
    assert (back["state"], back["iss"]) == ("s-1", "https://accounts.google.com")
    got = redeem(sandbox, back["code"]).json()
    assert set(got["scope"].split()) == {
        "openid",
        "https://www.googleapis.com/auth/userinfo.email",
        EVENTS,
    }
    told = claims(got["id_token"])
    assert (told["email"], told["nonce"], told["aud"]) == (MAYA, "n-1", sandbox.client_id)
    events = requests.get(
        f"{sandbox.url}/calendar/v3/calendars/primary/events",
        headers={"Authorization": f"Bearer {got['access_token']}"},
        timeout=30,
    )
    assert events.status_code == 200


def test_a_refresh_token_comes_once_unless_consent_is_asked_for_anew(sandbox: Sandbox) -> None:
    first = redeem(sandbox, allowed(sandbox)["code"]).json()
    second = redeem(sandbox, allowed(sandbox)["code"]).json()
    third = redeem(sandbox, allowed(sandbox, prompt="consent")["code"]).json()
    online = redeem(sandbox, allowed(sandbox, access_type="online", prompt="consent")["code"])
    had = ["refresh_token" in one for one in (first, second, third, online.json())]
    assert had == [True, False, True, False]


def test_a_code_is_good_once_for_who_asked_and_for_ten_minutes(sandbox: Sandbox) -> None:
    code = allowed(sandbox)["code"]
    assert redeem(sandbox, code).status_code == 200
    assert redeem(sandbox, code).json()["error"] == "invalid_grant"
    for changes in ({"code_verifier": "other"}, {"code_verifier": ""}, {"redirect_uri": "x"}):
        assert redeem(sandbox, allowed(sandbox)["code"], **changes).status_code == 400
    wrong = redeem(sandbox, allowed(sandbox)["code"], client_secret="x")
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    code = allowed(sandbox)["code"]
    sandbox.expire_codes()
    assert redeem(sandbox, code).json()["error"] == "invalid_grant"


def test_a_scope_may_be_unticked_and_the_whole_cancelled(sandbox: Sandbox) -> None:
    back = returned(consent(google_url(sandbox), MAYA, unticked=[EVENTS]))
    assert EVENTS not in redeem(sandbox, back["code"]).json()["scope"]
    back = returned(consent(google_url(sandbox), MAYA, cancel=True))
    assert (back["error"], back["state"], "code" in back) == ("access_denied", "s-1", False)


@pytest.mark.parametrize(
    ("changes", "status", "told"),
    [
        ({"client_id": "other"}, 401, "invalid_client"),
        ({"redirect_uri": "https://evil.example/"}, 400, "redirect_uri_mismatch"),
        ({"response_type": "token"}, 400, "response_type"),
        ({"scope": "openid everything"}, 400, "invalid_scope"),
        ({"scope": ""}, 400, "invalid_scope"),
        ({"code_challenge_method": "plain"}, 400, "code_challenge_method"),
    ],
)
def test_a_wrong_request_ends_on_googles_own_page(
    sandbox: Sandbox, changes: dict[str, str], status: int, told: str
) -> None:
    answer = requests.get(google_url(sandbox, **changes), timeout=30, allow_redirects=False)
    assert (answer.status_code, told in answer.text) == (status, True)


def test_only_registered_addresses_are_gone_back_to(sandbox: Sandbox) -> None:
    sandbox.register_redirect("google", "https://calsync.example/connect/google/callback")
    assert requests.get(google_url(sandbox), timeout=30).status_code == 400
    url = google_url(sandbox, redirect_uri="https://calsync.example/connect/google/callback")
    assert consent(url, MAYA).startswith("https://calsync.example/connect/google/callback?")


def test_an_administrator_may_have_to_consent_first(sandbox: Sandbox) -> None:
    for provider in ("google", "outlook"):
        sandbox.need_approval(MAYA, provider)
    assert consent(google_url(sandbox), MAYA) == ""
    back = returned(consent(outlook_flow(sandbox)[1]["auth_uri"], MAYA))
    assert (back["error"], "AADSTS90094" in back["error_description"]) == ("access_denied", True)


def test_a_transaction_is_over_after_the_answer(sandbox: Sandbox) -> None:
    page = requests.get(google_url(sandbox), timeout=30)
    transaction = page.text.partition('name="transaction" value="')[2].partition('"')[0]
    form = {"transaction": transaction, "person": MAYA, "decision": "allow"}
    url = f"{sandbox.url}/consent/google"
    first, second = (
        requests.post(url, data=form, timeout=30, allow_redirects=False) for _ in range(2)
    )
    assert (first.status_code, second.status_code) == (302, 400)


def test_faults_stand_before_the_pages_too(sandbox: Sandbox) -> None:
    sandbox.fail({"path_contains": "/o/oauth2/"}, status=503)
    assert requests.get(google_url(sandbox), timeout=30).status_code == 503
    assert requests.get(google_url(sandbox), timeout=30).status_code == 200


def test_googles_own_library_makes_an_address_that_works(sandbox: Sandbox) -> None:
    config = {
        "web": {
            "client_id": sandbox.client_id,
            "client_secret": sandbox.client_secret,
            "auth_uri": sandbox.auth_uri.replace("http://", "https://"),
            "token_uri": sandbox.token_uri,
        }
    }
    flow = Flow.from_client_config(config, scopes=["openid", "email", EVENTS], redirect_uri=HERE)
    url, state = flow.authorization_url(prompt="consent")
    back = returned(consent(url.replace("https://", "http://", 1), MAYA))
    assert back["state"] == state
    got = redeem(sandbox, back["code"], code_verifier=flow.code_verifier)
    assert "refresh_token" in got.json()


class Plain(HTTPAdapter):
    """Says what the library takes for https without TLS."""

    def send(self, request: PreparedRequest, *args: Any, **named: Any) -> requests.Response:
        request.url = str(request.url).replace("https://", "http://", 1)
        return super().send(request, *args, **named)


def test_googles_own_library_redeems_the_code_by_itself(sandbox: Sandbox) -> None:
    secure = sandbox.url.replace("http://", "https://")
    web = {
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
        "auth_uri": sandbox.auth_uri.replace("http://", "https://"),
        "token_uri": f"{secure}/token",
    }
    names = ["openid", "https://www.googleapis.com/auth/userinfo.email", EVENTS]
    flow = Flow.from_client_config({"web": web}, scopes=names, redirect_uri=HERE)
    flow.oauth2session.mount(secure, Plain())
    url, _ = flow.authorization_url(prompt="consent")
    back = returned(consent(url.replace("https://", "http://", 1), MAYA))
    flow.fetch_token(code=back["code"], timeout=10)
    assert flow.credentials.refresh_token
    assert set(flow.credentials.granted_scopes) == set(names)


# --- Microsoft -----------------------------------------------------------------------------------


def outlook_flow(
    sandbox: Sandbox, tenant: str = "organizations"
) -> tuple[msal.ConfidentialClientApplication, dict[str, Any]]:
    """MSAL with the sandbox as its authority, and the flow it begins."""
    http = SignInHttp(Transport(Watchdog()), Discovery(), sandbox.url, soon())
    app = msal.ConfidentialClientApplication(
        sandbox.outlook_client_id,
        client_credential=sandbox.outlook_client_secret,
        authority=f"{http.authority}/{tenant}",
        http_client=http,
        http_cache=NothingKept(),
        instance_discovery=False,
    )
    scopes = [f"{sandbox.url}/Calendars.ReadWrite"]
    flow = app.initiate_auth_code_flow(scopes, redirect_uri=HERE, login_hint=MAYA)
    flow["auth_uri"] = flow["auth_uri"].replace("https://", "http://", 1)
    return app, flow


def test_msal_walks_the_whole_way(sandbox: Sandbox) -> None:
    app, flow = outlook_flow(sandbox)
    back = returned(consent(flow["auth_uri"], MAYA))
    got = app.acquire_token_by_auth_code_flow(flow, back)
    assert got["id_token_claims"]["preferred_username"] == MAYA
    assert "refresh_token" in got
    (account,) = app.get_accounts()
    assert account["home_account_id"].endswith(sandbox.outlook_tenant)
    calendar = requests.get(
        f"{sandbox.url}/v1.0/me/calendar",
        headers={"Authorization": f"Bearer {got['access_token']}"},
        timeout=30,
    )
    assert calendar.status_code == 200


def test_msal_is_refused_a_used_code_and_a_cancelled_consent(sandbox: Sandbox) -> None:
    app, flow = outlook_flow(sandbox)
    back = returned(consent(flow["auth_uri"], MAYA))
    app.acquire_token_by_auth_code_flow(flow, back)
    assert app.acquire_token_by_auth_code_flow(flow, back)["error"] == "invalid_grant"
    cancelled = returned(consent(outlook_flow(sandbox)[1]["auth_uri"], MAYA, cancel=True))
    assert (cancelled["error"], cancelled["error_subcode"]) == ("access_denied", "cancel")


def test_an_account_may_have_no_calendar(sandbox: Sandbox) -> None:
    sandbox.take_calendar(MAYA, "outlook")
    sandbox.take_calendar(MAYA, "google")
    app, flow = outlook_flow(sandbox)
    got = app.acquire_token_by_auth_code_flow(flow, returned(consent(flow["auth_uri"], MAYA)))
    answer = requests.get(
        f"{sandbox.url}/v1.0/me/calendar",
        headers={"Authorization": f"Bearer {got['access_token']}"},
        timeout=30,
    )
    assert answer.json()["error"]["code"] == "MailboxNotEnabledForRESTAPI"
    token = redeem(sandbox, allowed(sandbox)["code"]).json()["access_token"]
    answer = requests.get(
        f"{sandbox.url}/calendar/v3/calendars/primary/events",
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    )
    assert answer.json()["error"]["errors"][0]["reason"] == "notACalendarUser"


def test_an_administrator_consents_for_the_directory(sandbox: Sandbox) -> None:
    query = urlencode(
        {
            "client_id": sandbox.outlook_client_id,
            "scope": "https://graph.microsoft.com/.default",
            "redirect_uri": HERE,
            "state": "s-2",
        }
    )
    page = requests.get(f"{sandbox.url}/organizations/v2.0/adminconsent?{query}", timeout=30).text
    accept = page.partition('<a href="')[2].partition('"')[0].replace("&amp;", "&")
    back = returned(accept)
    assert (back["admin_consent"], back["tenant"], back["state"]) == (
        "True",
        sandbox.outlook_tenant,
        "s-2",
    )


def test_microsoft_tells_why_a_code_is_refused(sandbox: Sandbox) -> None:
    def numbers(**changes: object) -> list[int]:
        app, flow = outlook_flow(sandbox)
        back = returned(consent(flow["auth_uri"], MAYA))
        got = app.acquire_token_by_auth_code_flow({**flow, **changes}, back)
        return list(got["error_codes"])

    assert numbers(code_verifier="x" * 43) == [501481]
    assert numbers(redirect_uri=f"{HERE}/other") == [50011]
    sandbox.switch("codes", "expired")
    assert numbers() == [70008]
