"""Wrong clients, planted: each mistake must be caught, or the sandbox proves nothing."""

from __future__ import annotations

from typing import Any

import pytest

from calsync.sandbox import Sandbox
from tests.sandbox.caller import EVENTS, MAYA, QUIET, Caller, an_event

READ_ONLY = "https://www.googleapis.com/auth/calendar.events.readonly"


def test_a_client_that_invents_a_new_insert_for_a_known_id_is_caught(maya: Caller) -> None:
    maya.insert()
    assert maya.insert(summary="Changed").reason == "duplicate"


def test_a_client_that_forgets_send_updates_with_guests_is_caught(
    maya: Caller, sandbox: Sandbox
) -> None:
    maya.call("POST", EVENTS, an_event(attendees=[{"email": "sam@example.org"}]))
    assert sandbox.outbox() == [
        {"kind": "insert", "person": MAYA, "event": "abc123", "to": ["sam@example.org"]}
    ]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"title": "Session 1"}, "unknown field title"),
        ({"start": {"datetime": "2026-12-03T20:00:00Z"}}, "unknown field start.datetime"),
        ({"id": "Not-Hex!"}, "Invalid resource id value"),
        ({"id": "abcw"}, "Invalid resource id value"),
        ({"iCalUID": "u1"}, "Only one of id and iCalUID"),
        ({"start": {"dateTime": "2026-12-03 20:00"}}, "start.dateTime is not an RFC 3339 time"),
        ({"start": {"dateTime": "2026-12-03T20:00:00"}}, "Missing time zone definition"),
        (
            {"start": {"dateTime": "2026-12-03T20:00:00", "timeZone": "EST5"}},
            "Invalid time zone definition",
        ),
        ({"start": None}, "missing field start"),
        ({"organizer": {"email": MAYA}}, "organizer is read-only"),
        ({"sequence": "1"}, "sequence is not an integer"),
        ({"status": "booked"}, "status is not one of"),
        ({"attendees": [{"displayName": "Sam"}]}, "attendees without email"),
    ],
)
def test_a_client_with_a_wrong_body_is_caught(
    maya: Caller, sandbox: Sandbox, changes: dict[str, Any], told: str
) -> None:
    answer = maya.insert(**changes)
    assert answer.status == 400
    assert any(told in one for one in sandbox.violations()), sandbox.violations()
    assert sandbox.shown(MAYA) == []


def test_a_client_that_patches_the_whole_event_back_is_caught(
    maya: Caller, sandbox: Sandbox
) -> None:
    event = maya.insert().body
    assert maya.patch("abc123", event | {"summary": "New"}).status == 400
    assert "calendar.events.patch: organizer is read-only" in sandbox.violations()
    assert sandbox.shown(MAYA)[0].title == "Session 1"


@pytest.mark.parametrize("scopes", [["openid", "email"], [READ_ONLY]])
def test_a_client_without_the_scope_to_write_is_caught(sandbox: Sandbox, scopes: list[str]) -> None:
    with Caller(sandbox, sandbox.access_token(MAYA, scopes)) as caller:
        answer = caller.insert()
    assert (answer.status, answer.reason) == (403, "insufficientPermissions")


def test_a_client_with_an_expired_or_unknown_or_no_token_is_caught(sandbox: Sandbox) -> None:
    stale = sandbox.access_token(MAYA)
    sandbox.expire_tokens(MAYA)
    for token in (stale, sandbox.access_token(MAYA, expires_in=0), "made up", ""):
        with Caller(sandbox, token) as caller:
            answer = caller.insert()
            assert (answer.status, answer.reason) == (401, "authError")
            assert "WWW-Authenticate" in answer.headers


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("?sendUpdates=none&notify=no", "unknown query parameter notify"),
        ("?sendUpdates=never", "sendUpdates is not one of"),
        ("?sendUpdates=none&sendUpdates=none", "sendUpdates given twice"),
        ("?maxAttendees=0", "maxAttendees is not an integer"),
        ("?supportsAttachments=True", "supportsAttachments is not one of"),
    ],
)
def test_a_client_with_a_wrong_query_is_caught(
    maya: Caller, sandbox: Sandbox, query: str, told: str
) -> None:
    assert maya.call("POST", EVENTS + query, an_event()).status == 400
    assert any(told in one for one in sandbox.violations()), sandbox.violations()


def test_a_client_that_asks_for_times_without_offset_is_caught(
    maya: Caller, sandbox: Sandbox
) -> None:
    assert maya.list(timeMin="2026-12-03T20:00:00").status == 400
    assert "timeMin is not an RFC 3339 time with its offset" in sandbox.violations()[0]


def test_a_client_that_calls_what_does_not_exist_is_caught(maya: Caller, sandbox: Sandbox) -> None:
    assert maya.call("POST", f"{EVENTS}/abc123", {}).status == 404
    assert sandbox.violations() == [f"POST {EVENTS}/abc123: no such method"]


def test_a_client_that_sends_a_body_with_delete_is_caught(maya: Caller, sandbox: Sandbox) -> None:
    maya.insert()
    assert maya.call("DELETE", f"{EVENTS}/abc123{QUIET}", {"id": "abc123"}).status == 400
    assert len(sandbox.violations()) == 1


def test_a_client_that_relies_on_what_the_sandbox_does_not_model_is_told(maya: Caller) -> None:
    for answer in (
        maya.list(q="Session"),
        maya.insert(recurrence=["RRULE:FREQ=DAILY"]),
        maya.call("POST", f"{EVENTS}/import", an_event(id=None, iCalUID="u1")),
    ):
        assert (answer.status, answer.reason) == (501, "notImplemented")


def test_an_event_that_recurs_never_is_one_event(maya: Caller) -> None:
    assert maya.insert(recurrence=[]).status == 200


def test_a_broken_body_is_no_accident_of_the_server(maya: Caller) -> None:
    assert maya.call("POST", EVENTS + QUIET, b"{").reason == "parseError"
    assert maya.call("POST", EVENTS + QUIET, ["x"]).status == 400
    assert maya.insert().status == 200
