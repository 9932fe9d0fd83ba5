"""Wrong clients of Graph, planted: each mistake must be caught, or the sandbox proves nothing."""

from __future__ import annotations

from typing import Any

import pytest

from calsync.sandbox import Sandbox
from tests.sandbox.caller import PLATFORM, a_mail, deliver
from tests.sandbox.graph_caller import IMMUTABLE, KEY, OLGA, GraphCaller, an_event, by_key, code_of

SAM = "sam@home.example"
GUEST = {"emailAddress": {"address": SAM, "name": "Sam"}, "type": "required"}


def kinds(sandbox: Sandbox) -> list[tuple[str, list[str]]]:
    return [(one["kind"], one["to"]) for one in sandbox.outbox()]


def test_a_client_that_invites_people_is_caught(olga: GraphCaller, sandbox: Sandbox) -> None:
    item = olga.create(attendees=[GUEST]).json()["id"]
    assert kinds(sandbox) == [("invitation", [SAM])]
    olga.patch(item, {"subject": "Changed"})
    olga.delete(item)
    assert kinds(sandbox)[1:] == [("update", [SAM]), ("cancellation", [SAM])]


def test_a_client_that_writes_what_its_person_gave_guests_is_caught(
    olga: GraphCaller, sandbox: Sandbox
) -> None:
    item = olga.create().json()["id"]
    sandbox.user_adds_guest(OLGA, item, SAM)
    olga.patch(item, {"subject": "Changed"})
    assert kinds(sandbox) == [("update", [SAM])]


def test_a_client_that_takes_the_guests_away_mails_them(
    olga: GraphCaller, sandbox: Sandbox
) -> None:
    item = olga.create().json()["id"]
    sandbox.user_adds_guest(OLGA, item, SAM)
    olga.patch(item, {"attendees": []})
    assert kinds(sandbox) == [("cancellation", [SAM])]


def test_a_client_without_transaction_id_is_caught_and_doubles(
    olga: GraphCaller, sandbox: Sandbox
) -> None:
    olga.create(transactionId=None)
    olga.create(transactionId=None)
    assert len(sandbox.shown(OLGA)) == 2
    assert "POST me/events: no transactionId" in sandbox.violations()[0]


def test_a_client_that_retries_under_a_new_transaction_is_caught_and_doubles(
    olga: GraphCaller, sandbox: Sandbox
) -> None:
    sandbox.commit_then_504({"method": "POST", "path_contains": "/me/events"})
    assert olga.create(transactionId="first").status_code == 504
    assert olga.create(transactionId="second").status_code == 201
    assert len(sandbox.shown(OLGA)) == 2


def test_a_client_that_knows_its_event_by_the_property_alone_finds_its_persons_copy(
    olga: GraphCaller, sandbox: Sandbox
) -> None:
    item = olga.create().json()["id"]
    copied = sandbox.user_copies(OLGA, item)
    found = olga.list(filter=by_key("ses-1:u-1:1")).json()["value"]
    assert {one["id"] for one in found} == {item, copied}


def test_a_client_that_deletes_invitations_may_decline_them(
    olga: GraphCaller, sandbox: Sandbox
) -> None:
    sandbox.switch("exchange_waits", "none")
    sandbox.switch("decline_mail", True)
    deliver(sandbox, a_mail(to=OLGA))
    (meeting,) = olga.list().json()["value"]
    olga.delete(meeting["id"])
    assert kinds(sandbox) == [("decline", [PLATFORM])]


def test_a_client_that_replays_another_body_under_a_known_transaction_is_caught(
    olga: GraphCaller,
) -> None:
    olga.create()
    assert code_of(olga.create(subject="Moved on")) == "ErrorDuplicateTransactionId"


def test_a_client_that_keeps_default_ids_is_caught_and_loses_its_event(
    olga: GraphCaller, sandbox: Sandbox
) -> None:
    item = olga.create(headers={"Prefer": 'outlook.timezone="UTC"'}).json()["id"]
    assert sandbox.violations() == ['POST me/events: no Prefer: IdType="ImmutableId"']
    sandbox.user_moves_to_other_calendar(OLGA, item)
    assert olga.patch(item, {"subject": "Changed"}).status_code == 404


def test_a_client_that_forgets_the_preference_inside_a_batch_is_caught(
    olga: GraphCaller, sandbox: Sandbox
) -> None:
    olga.batch({"id": "1", "method": "GET", "url": "/me/events"})
    assert sandbox.violations() == ['GET me/events: no Prefer: IdType="ImmutableId"']


@pytest.mark.parametrize(
    ("changes", "code", "told"),
    [
        ({"title": "Session 1"}, "RequestBodyRead", "'title' does not exist"),
        ({"start": {"datetime": "2026-12-03T20:00:00"}}, "RequestBodyRead", "'datetime' does not"),
        ({"body": {"contentType": "markdown"}}, "RequestBodyRead", "'markdown' was not found"),
        ({"showAs": "away"}, "RequestBodyRead", "'away' was not found"),
        ({"isReminderOn": "yes"}, "RequestBodyRead", "expected type 'Edm.Boolean'"),
        ({"reminderMinutesBeforeStart": True}, "RequestBodyRead", "expected type 'Edm.Int32'"),
        ({"location": "Zoom"}, "RequestBodyRead", "microsoft.graph.location"),
        ({"attendees": {}}, "RequestBodyRead", "StartArray"),
        ({"start": None}, "ErrorPropertyValidationFailure", ""),
        (
            {"end": {"dateTime": "2026-12-03T19:00:00", "timeZone": "UTC"}},
            "ErrorPropertyValidationFailure",
            "",
        ),
        (
            {"start": {"dateTime": "2026-12-03T20:00:00", "timeZone": "America/Toronto"}},
            "TimeZoneNotSupportedException",
            "'America/Toronto'",
        ),
        (
            {"singleValueExtendedProperties": [{"id": "calsyncKey", "value": "v"}]},
            "ErrorInvalidRequest",
            "'calsyncKey'",
        ),
        ({"singleValueExtendedProperties": [{"id": KEY}]}, "ErrorInvalidRequest", "value"),
    ],
)
def test_a_client_with_a_wrong_body_is_caught(
    olga: GraphCaller, sandbox: Sandbox, changes: dict[str, Any], code: str, told: str
) -> None:
    answer = olga.create(**changes)
    assert (answer.status_code, code_of(answer)) == (400, code)
    assert told in answer.json()["error"]["message"]
    assert code in sandbox.violations()[0]
    assert sandbox.shown(OLGA) == []


def test_a_client_that_clears_the_guests_with_null_is_caught(
    olga: GraphCaller, sandbox: Sandbox
) -> None:
    answer = olga.call("POST", "/me/events", json=an_event() | {"attendees": None})
    assert (answer.status_code, code_of(answer)) == (400, "UnableToDeserializePostBody")
    assert len(sandbox.violations()) == 1


def test_a_client_that_patches_unknown_or_unwritable_fields_is_caught(
    olga: GraphCaller, sandbox: Sandbox
) -> None:
    event = olga.create().json()
    assert olga.patch(event["id"], {"summary": "New"}).status_code == 400
    assert olga.patch(event["id"], event | {"subject": "New"}).status_code == 200
    told = " ".join(sandbox.violations())
    for name in ("'summary'", "iCalUId cannot", "organizer cannot", "transactionId cannot"):
        assert name in told
    assert olga.get(event["id"]).json()["iCalUId"] == event["iCalUId"]


def test_a_client_that_believes_in_its_own_uid_is_caught(
    olga: GraphCaller, sandbox: Sandbox
) -> None:
    assert olga.create(iCalUId="ours").json()["iCalUId"] != "ours"
    assert sandbox.violations() == ["POST me/events: iCalUId cannot be written"]


def test_a_client_that_sends_an_instant_with_a_local_zone_is_caught_and_an_hour_is_wrong(
    olga: GraphCaller, sandbox: Sandbox
) -> None:
    zone = "Eastern Standard Time"
    olga.create(
        start={"dateTime": "2026-12-03T20:00:00Z", "timeZone": zone},
        end={"dateTime": "2026-12-03T20:45:00Z", "timeZone": zone},
    )
    assert len(sandbox.violations()) == 2
    assert [(one.starts_at.day, one.starts_at.hour) for one in sandbox.shown(OLGA)] == [(4, 1)]


def test_a_client_that_ignores_the_parts_of_a_batch_is_caught(
    olga: GraphCaller, sandbox: Sandbox
) -> None:
    sandbox.fail(
        {"method": "POST", "path_contains": "/me/events"}, status=429, reason="TooManyRequests"
    )
    headers = {"Prefer": IMMUTABLE, "Content-Type": "application/json"}
    part = {"id": "1", "method": "POST", "url": "/me/events", "headers": headers}
    assert olga.batch({**part, "body": an_event()}).status_code == 200
    assert sandbox.shown(OLGA) == []


def test_a_client_that_takes_200_for_presence_is_caught(
    olga: GraphCaller, sandbox: Sandbox
) -> None:
    item = olga.create().json()["id"]
    sandbox.user_deletes(OLGA, item)
    assert olga.get(item).status_code == 200
    assert sandbox.shown(OLGA) == []


def test_a_client_that_compares_the_answered_body_is_caught(olga: GraphCaller) -> None:
    assert olga.create().json()["body"] != an_event()["body"]


def test_a_client_that_reads_one_page_misses_events(olga: GraphCaller) -> None:
    for number in range(11):
        olga.create(transactionId=f"t{number}")
    assert len(olga.list().json()["value"]) == 10


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/me/events?$top=0", 400),
        ("GET", "/me/events?$top=5000", 400),
        ("GET", "/me/events?filter=x", 400),
        ("GET", "/me/events?$select=title", 400),
        ("GET", "/me/events?$expand=singleValueExtendedProperties", 400),
        ("GET", "/me/calendarView", 400),
        ("GET", "/me/appointments", 400),
        ("PUT", "/me/events/x", 405),
        ("GET", "/me/events?$search=x", 501),
        ("GET", "/me/events?$filter=transactionId eq 'x'", 501),
        ("GET", "/me/events/delta", 501),
        ("POST", "/me/events/x/cancel", 501),
    ],
)
def test_a_client_that_asks_for_what_is_not_there_is_told(
    olga: GraphCaller, sandbox: Sandbox, method: str, path: str, status: int
) -> None:
    assert olga.call(method, path).status_code == status
    assert len(sandbox.violations()) == (0 if status == 501 else 1)


def test_a_client_that_sends_no_json_is_caught(olga: GraphCaller, sandbox: Sandbox) -> None:
    for options in ({"data": "{"}, {"data": "{", "headers": {"Content-Type": "application/json"}}):
        assert olga.call("POST", "/me/events", **options).status_code == 400
    assert len(sandbox.violations()) == 2
    assert olga.list(filter=by_key("it''s")).json()["value"] == []
