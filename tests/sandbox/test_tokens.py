from __future__ import annotations

import base64
import json

import google.auth.transport.requests
import pytest
from google.auth.exceptions import RefreshError
from google.oauth2 import service_account
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from calsync.sandbox import Sandbox
from tests.sandbox.caller import MAYA, Answer, Caller, an_event

OWNED = "https://www.googleapis.com/auth/calendar.events.owned"


def refresh(sandbox: Sandbox, token: str, **changes: str) -> Answer:
    form = {
        "grant_type": "refresh_token",
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
        "refresh_token": token,
    } | changes
    with Caller(sandbox) as caller:
        return caller.ask_token(**form)


def can_write(sandbox: Sandbox, token: str) -> bool:
    with Caller(sandbox, token) as caller:
        return caller.insert(id=None).status == 200


def test_a_refresh_token_gives_an_access_token_that_works(sandbox: Sandbox) -> None:
    answer = refresh(sandbox, sandbox.grant(MAYA))
    assert answer.body["token_type"] == "Bearer"
    assert answer.body["expires_in"] == 3599
    assert OWNED in answer.body["scope"].split()
    assert "refresh_token" not in answer.body
    assert can_write(sandbox, answer.body["access_token"])


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "wrong"}, 401, "invalid_client"),
        ({"refresh_token": "wrong"}, 400, "invalid_grant"),
        ({"scope": "https://www.googleapis.com/auth/calendar"}, 400, "invalid_scope"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
def test_a_bad_refresh_is_refused_with_oauths_word(
    sandbox: Sandbox, changes: dict[str, str], status: int, error: str
) -> None:
    answer = refresh(sandbox, sandbox.grant(MAYA), **changes)
    assert (answer.status, answer.body["error"]) == (status, error)


def test_granted_scopes_reach_the_access_token(sandbox: Sandbox) -> None:
    answer = refresh(sandbox, sandbox.grant(MAYA, ["openid"]))
    assert answer.body["scope"] == "openid"
    assert not can_write(sandbox, answer.body["access_token"])


def test_revoking_kills_every_token_until_the_next_grant(sandbox: Sandbox) -> None:
    token = sandbox.grant(MAYA)
    access = refresh(sandbox, token).body["access_token"]
    sandbox.revoke(MAYA)
    assert refresh(sandbox, token).body["error"] == "invalid_grant"
    assert not can_write(sandbox, access)
    assert refresh(sandbox, sandbox.grant(MAYA)).status == 200


def test_expired_access_tokens_can_be_refreshed(sandbox: Sandbox) -> None:
    token = sandbox.grant(MAYA)
    access = refresh(sandbox, token).body["access_token"]
    sandbox.expire_tokens(MAYA)
    assert not can_write(sandbox, access)
    assert can_write(sandbox, refresh(sandbox, token).body["access_token"])


def test_the_revoke_endpoint_revokes(sandbox: Sandbox) -> None:
    token = sandbox.grant(MAYA)
    with Caller(sandbox) as caller:
        assert caller.ask_token("/revoke", token=token).status == 200
        again = caller.ask_token("/revoke", token=token)
    assert (again.status, again.body["error"]) == (400, "invalid_token")
    assert refresh(sandbox, token).body["error"] == "invalid_grant"


def test_refresh_tokens_may_rotate(sandbox: Sandbox) -> None:
    sandbox.switch("rotate_refresh_tokens", True)
    old = sandbox.grant(MAYA)
    new = refresh(sandbox, old).body["refresh_token"]
    assert new != old
    assert refresh(sandbox, old).body["error"] == "invalid_grant"
    assert refresh(sandbox, new).status == 200


# Google's own library as an independent judge


def delegated(key: dict[str, str], subject: str, scope: str = OWNED) -> Credentials:
    credentials = service_account.Credentials.from_service_account_info(key, scopes=[scope])
    return credentials.with_subject(subject)


def ask(credentials: Credentials) -> str:
    credentials.refresh(google.auth.transport.requests.Request())
    return str(credentials.token)


def test_a_service_account_acts_for_a_person(sandbox: Sandbox) -> None:
    key = json.loads(json.dumps(sandbox.make_service_account()))
    assert can_write(sandbox, ask(delegated(key, MAYA)))
    assert sandbox.requests(MAYA)[0].path == "/token"


def test_a_service_account_is_refused_for_its_reason(sandbox: Sandbox) -> None:
    key, other = sandbox.make_service_account(), sandbox.make_service_account()
    wide = "https://www.googleapis.com/auth/calendar"
    forged = key | {"private_key": other["private_key"]}
    for credentials, error in [
        (delegated(key, MAYA, wide), "unauthorized_client"),
        (delegated(key, "nobody@example.org"), "invalid_grant"),
        (delegated(forged, MAYA), "invalid_grant"),
        (delegated(key | {"client_email": "x@y.z"}, MAYA), "invalid_grant"),
    ]:
        with pytest.raises(RefreshError) as caught:
            ask(credentials)
        assert caught.value.args[1]["error"] == error
    sandbox.revoke(MAYA)
    with pytest.raises(RefreshError, match="invalid_grant"):
        ask(delegated(key, MAYA))


def test_googles_client_library_finds_its_google_here(sandbox: Sandbox) -> None:
    credentials = Credentials(
        None,
        refresh_token=sandbox.grant(MAYA),
        token_uri=sandbox.token_uri,
        client_id=sandbox.client_id,
        client_secret=sandbox.client_secret,
    )
    root = {"api_endpoint": f"{sandbox.url}/calendar/v3/"}
    with build("calendar", "v3", credentials=credentials, client_options=root) as service:
        events = service.events()
        made = events.insert(calendarId="primary", body=an_event(), sendUpdates="none").execute()
        assert made["id"] == "abc123"
        with pytest.raises(HttpError) as caught:
            events.insert(calendarId=MAYA, body=an_event(), sendUpdates="none").execute()
        assert caught.value.error_details[0]["reason"] == "duplicate"
        listed = events.list(calendarId=MAYA, iCalUID="abc123@google.com").execute()
        assert [one["id"] for one in listed["items"]] == ["abc123"]
        events.delete(calendarId="primary", eventId="abc123", sendUpdates="none").execute()
    assert sandbox.violations() == []


def claims(answer: Answer) -> dict[str, object]:
    payload = answer.body["id_token"].split(".")[1]
    found: dict[str, object] = json.loads(base64.urlsafe_b64decode(payload + "=="))
    return found


def test_a_refresh_tells_whose_account_it_is_as_far_as_that_was_granted(sandbox: Sandbox) -> None:
    told = claims(refresh(sandbox, sandbox.grant(MAYA)))
    assert (told["aud"], told["email"]) == (sandbox.client_id, MAYA)
    assert told["sub"] == claims(refresh(sandbox, sandbox.grant(MAYA)))["sub"]
    assert "email" not in claims(refresh(sandbox, sandbox.grant(MAYA, ["openid", OWNED])))
    assert "id_token" not in refresh(sandbox, sandbox.grant(MAYA, [OWNED])).body
    sandbox.switch("refresh_id_token", False)
    assert "id_token" not in refresh(sandbox, sandbox.grant(MAYA)).body
