"""Microsoft Graph's events over real HTTP."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from calsync.sandbox import Sandbox
from tests.sandbox.graph_caller import (
    KEY,
    OLGA,
    GraphCaller,
    an_event,
    by_key,
    code_of,
)

EXPAND = f"singleValueExtendedProperties($filter=id eq '{KEY}')"


def test_a_created_event_is_shown_and_answered_whole(olga: GraphCaller, sandbox: Sandbox) -> None:
    answer = olga.create()
    event = answer.json()
    assert answer.status_code == 201
    assert answer.headers["request-id"]
    assert event["id"].startswith("AAkA")
    assert event["@odata.etag"] == f'W/"{event["changeKey"]}"'
    assert event["start"] == {"dateTime": "2026-12-03T20:00:00.0000000", "timeZone": "UTC"}
    assert event["body"]["contentType"] == "html"
    assert event["body"]["content"].startswith("<html>")
    assert event["bodyPreview"] == "1. Introductions"
    assert (event["isOrganizer"], event["attendees"], event["onlineMeetingUrl"]) == (True, [], None)
    assert event["responseStatus"] == {"response": "organizer", "time": "0001-01-01T00:00:00Z"}
    assert event["locations"] == [event["location"]]
    assert "singleValueExtendedProperties" not in event
    (shown,) = sandbox.shown(OLGA)
    assert (shown.title, shown.where, shown.ours) == ("Session 1", "outlook", True)
    assert shown.starts_at == datetime(2026, 12, 3, 20, tzinfo=UTC)
    assert (shown.id, shown.location) == (event["id"], "https://zoom.example/j/1")
    assert (sandbox.violations(), sandbox.outbox()) == ([], [])


def test_a_repeated_create_is_the_same_event(olga: GraphCaller, sandbox: Sandbox) -> None:
    first, second = olga.create(), olga.create()
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] == second.json()["id"]
    assert len(sandbox.shown(OLGA)) == 1


@pytest.mark.parametrize("status", ["400", "409"])
@pytest.mark.parametrize("annotated", [True, False])
def test_a_known_transaction_with_another_body_is_refused(
    olga: GraphCaller, sandbox: Sandbox, status: str, annotated: bool
) -> None:
    sandbox.switch("transaction_conflict", status)
    sandbox.switch("existing_event_annotation", annotated)
    olga.create()
    answer = olga.create(subject="Changed")
    assert (answer.status_code, code_of(answer)) == (int(status), "ErrorDuplicateTransactionId")
    assert ("@event.existingEventId" in answer.json()["error"]) == annotated
    assert [one.title for one in sandbox.shown(OLGA)] == ["Session 1"]


@pytest.mark.parametrize(
    ("rule", "status", "count"), [("new", 201, 1), ("answered", 201, 0), ("conflict", 400, 0)]
)
def test_a_transaction_of_a_deleted_event_by_switch(
    olga: GraphCaller, sandbox: Sandbox, rule: str, status: int, count: int
) -> None:
    sandbox.switch("transaction_after_delete", rule)
    first = olga.create().json()["id"]
    olga.delete(first)
    answer = olga.create()
    assert answer.status_code == status
    assert len(sandbox.shown(OLGA)) == count
    if status == 201:
        assert (answer.json()["id"] == first) == (rule == "answered")


def test_a_patch_changes_what_it_names_and_keeps_ids(olga: GraphCaller, sandbox: Sandbox) -> None:
    before = olga.create().json()
    change = {
        "subject": "Session 2",
        "start": {"dateTime": "2026-12-04T20:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-12-04T20:45:00", "timeZone": "UTC"},
    }
    answer = olga.patch(before["id"], change)
    after = answer.json()
    assert answer.status_code == 200
    assert (after["id"], after["iCalUId"]) == (before["id"], before["iCalUId"])
    assert after["changeKey"] != before["changeKey"]
    assert after["location"]["displayName"] == "https://zoom.example/j/1"
    (shown,) = sandbox.shown(OLGA)
    assert (shown.title, shown.starts_at.day) == ("Session 2", 4)
    assert sandbox.violations() == []


@pytest.mark.parametrize("stale", [True, False])
@pytest.mark.parametrize("rule", ["honoured", "ignored"])
def test_if_match_by_switch(olga: GraphCaller, sandbox: Sandbox, rule: str, stale: bool) -> None:
    sandbox.switch("if_match", rule)
    event = olga.create().json()
    current = olga.patch(event["id"], {"subject": "Mine"}).json()
    etag = (event if stale else current)["@odata.etag"]
    answer = olga.patch(event["id"], {"subject": "Yours"}, headers={"If-Match": etag})
    refused = stale and rule == "honoured"
    assert answer.status_code == (412 if refused else 200)
    assert not refused or code_of(answer) == "ErrorIrresolvableConflict"
    gone = olga.delete(event["id"], headers={"If-Match": event["@odata.etag"]})
    assert gone.status_code == (412 if rule == "honoured" else 204)


@pytest.mark.parametrize(("rule", "status"), [("found", 200), ("missing", 404)])
def test_a_deleted_event_leaves_every_list_and_is_found_by_id_or_not(
    olga: GraphCaller, sandbox: Sandbox, rule: str, status: int
) -> None:
    sandbox.switch("deleted_by_id", rule)
    item = olga.create().json()["id"]
    assert olga.delete(item).status_code == 204
    assert sandbox.shown(OLGA) == []
    assert olga.list().json()["value"] == []
    assert olga.view("2026-12-01T00:00:00Z", "2026-12-31T00:00:00Z").json()["value"] == []
    assert olga.get(item).status_code == status
    assert olga.delete(item).status_code == (204 if rule == "found" else 404)
    again = olga.delete(item)
    assert (again.status_code, code_of(again)) == (404, "ErrorItemNotFound")


@pytest.mark.parametrize(("rule", "kept"), [("moved", 1), ("purged", 0)])
def test_a_delete_moves_the_event_or_ends_it_by_switch(
    olga: GraphCaller, sandbox: Sandbox, rule: str, kept: int
) -> None:
    sandbox.switch("api_delete", rule)
    item = olga.create().json()["id"]
    assert olga.delete(item).status_code == 204
    assert olga.get(item).status_code == (200 if kept else 404)
    assert len(sandbox.outlook_events(OLGA)) == kept


@pytest.mark.parametrize(("memory", "events"), [("kept", 1), ("forgotten", 2)])
def test_a_transaction_is_remembered_by_switch(
    olga: GraphCaller, sandbox: Sandbox, memory: str, events: int
) -> None:
    sandbox.switch("transaction_memory", memory)
    for _ in range(2):
        assert olga.create().status_code == 201
    assert len(sandbox.shown(OLGA)) == events


def test_a_default_id_changes_when_the_event_moves_and_an_immutable_one_stays(
    olga: GraphCaller, sandbox: Sandbox
) -> None:
    item = olga.create().json()["id"]
    plain = {"Prefer": ""}
    default = olga.get(item, headers=plain).json()["id"]
    assert default.startswith("AAMk")
    assert olga.get(default, headers=plain).status_code == 200
    sandbox.user_moves_to_other_calendar(OLGA, item)
    assert olga.get(default, headers=plain).status_code == 404
    assert olga.get(item).json()["id"] == item
    assert olga.list().json()["value"] == []
    assert len(sandbox.shown(OLGA)) == 1


def test_ids_are_compared_by_case_and_may_be_refused_when_mixed(
    olga: GraphCaller, sandbox: Sandbox
) -> None:
    item = olga.create().json()["id"]
    assert olga.get(item.lower()).status_code == 404
    sandbox.switch("mixed_ids", "refused")
    answer = olga.get(item, headers={"Prefer": ""})
    assert (answer.status_code, code_of(answer)) == (400, "ErrorInvalidIdMalformed")


def test_the_extended_property_finds_and_is_told_only_when_expanded(olga: GraphCaller) -> None:
    item = olga.create().json()["id"]
    olga.create(transactionId="other", singleValueExtendedProperties=None)
    found = olga.list(filter=by_key("SES-1:U-1:1")).json()["value"]  # values without case
    assert [one["id"] for one in found] == [item]
    assert "singleValueExtendedProperties" not in found[0]
    upper = KEY.replace("calsyncKey", "CALSYNCKEY")  # names with it
    assert olga.list(filter=by_key("ses-1:u-1:1", upper)).json()["value"] == []
    told = olga.get(item, params={"$expand": EXPAND, "$select": "subject"}).json()
    assert told["singleValueExtendedProperties"] == [{"id": KEY, "value": "ses-1:u-1:1"}]
    assert set(told) == {"@odata.etag", "id", "subject", "singleValueExtendedProperties"}


@pytest.mark.parametrize("deleted", [True, False])
def test_the_filter_by_property_shows_deleted_events_by_switch(
    olga: GraphCaller, sandbox: Sandbox, deleted: bool
) -> None:
    sandbox.switch("property_filter_deleted", deleted)
    item = olga.create().json()["id"]
    olga.delete(item)
    assert len(olga.list(filter=by_key("ses-1:u-1:1")).json()["value"]) == int(deleted)


@pytest.mark.parametrize("works", [True, False])
def test_the_filter_by_uid_works_by_switch(
    olga: GraphCaller, sandbox: Sandbox, works: bool
) -> None:
    sandbox.switch("uid_filter", works)
    event = olga.create().json()
    answer = olga.list(filter=f"iCalUId eq '{event['iCalUId']}'")
    if works:
        assert [one["id"] for one in answer.json()["value"]] == [event["id"]]
    else:
        assert answer.status_code == 400


def test_the_view_is_bounded_by_instants_and_told_in_the_asked_zone(olga: GraphCaller) -> None:
    olga.create()
    for start, end, count in (
        ("2026-12-03T20:44:00Z", "2026-12-04T00:00:00Z", 1),
        ("2026-12-03T20:45:00Z", "2026-12-04T00:00:00Z", 0),
        ("2026-12-03T15:30:00-05:00", "2026-12-03T15:31:00-05:00", 1),
        ("2026-12-01T00:00:00Z", "2026-12-03T20:00:00Z", 0),
    ):
        assert len(olga.view(start, end).json()["value"]) == count, start
    zone = {"Prefer": 'IdType="ImmutableId", outlook.timezone="Eastern Standard Time"'}
    (event,) = olga.call("GET", "/me/events", headers=zone).json()["value"]
    assert event["start"] == {
        "dateTime": "2026-12-03T15:00:00.0000000",
        "timeZone": "Eastern Standard Time",
    }


@pytest.mark.parametrize("short", [True, False])
def test_lists_come_in_pages(olga: GraphCaller, sandbox: Sandbox, short: bool) -> None:
    sandbox.switch("short_pages", short)
    for number in range(12):
        olga.create(transactionId=f"t{number}", subject=f"Session {number:02}")
    answer = olga.list(orderby="subject desc")
    pages = [answer.json()]
    while "@odata.nextLink" in pages[-1]:
        pages.append(olga.http.get(pages[-1]["@odata.nextLink"], timeout=10).json())
    titles = [one["subject"] for page in pages for one in page["value"]]
    assert titles == [f"Session {number:02}" for number in range(11, -1, -1)]
    assert [len(page["value"]) for page in pages][:2] == ([0, 5] if short else [10, 2])


def test_a_time_is_a_wall_clock_in_its_zone(olga: GraphCaller, sandbox: Sandbox) -> None:
    toronto = "Eastern Standard Time"
    times: dict[str, Any] = {
        "start": {"dateTime": "2026-07-03T15:00:00", "timeZone": toronto},
        "end": {"dateTime": "2026-07-03T21:45:00", "timeZone": "Europe/Berlin"},
    }
    event = olga.create(**times).json()
    assert event["start"]["dateTime"] == "2026-07-03T19:00:00.0000000"
    assert event["end"]["dateTime"] == "2026-07-03T19:45:00.0000000"
    assert event["originalStartTimeZone"] == toronto
    assert sandbox.violations() == []


def test_profile_and_calendar_are_told(olga: GraphCaller, sandbox: Sandbox) -> None:
    me = olga.call("GET", "/me").json()
    assert (me["mail"], me["displayName"]) == (OLGA, "Olga Berg")
    calendar = olga.call("GET", "/me/calendar").json()
    assert calendar["owner"]["address"] == OLGA
    assert calendar["canEdit"]
    path = f"/me/calendars/{calendar['id']}/events"
    assert olga.call("POST", path, json=an_event()).status_code == 201
    assert len(sandbox.shown(OLGA)) == 1


def test_an_application_reaches_every_mailbox_but_not_me(sandbox: Sandbox) -> None:
    oid = ""
    with GraphCaller(sandbox, sandbox.outlook_token(OLGA)) as olga:
        oid = olga.call("GET", "/me").json()["id"]
    for name in (oid, OLGA):
        with GraphCaller(sandbox, sandbox.outlook_token(), f"/users/{name}") as app:
            assert app.create(transactionId=name).status_code == 201
    assert len(sandbox.shown(OLGA)) == 2
    assert sandbox.violations() == []
    with GraphCaller(sandbox, sandbox.outlook_token()) as app:
        assert app.create().status_code == 400
        assert "/me with an application's token" in sandbox.violations()[0]


@pytest.mark.parametrize(
    "code", ["Request_ResourceNotFound", "ResourceNotFound", "ErrorInvalidUser"]
)
def test_an_unknown_user_is_404_by_switch(sandbox: Sandbox, code: str) -> None:
    sandbox.switch("unknown_user", code)
    with GraphCaller(sandbox, sandbox.outlook_token(), "/users/nobody@corp.example") as app:
        answer = app.create()
    assert (answer.status_code, code_of(answer)) == (404, code)


def test_nobody_reaches_anothers_mailbox_or_goes_beyond_the_scopes(sandbox: Sandbox) -> None:
    sandbox.add_person("sam@corp.example", outlook=True)
    token = sandbox.outlook_token(OLGA)
    with GraphCaller(sandbox, token, "/users/sam@corp.example") as caller:
        answer = caller.create()
        assert (answer.status_code, code_of(answer)) == (403, "ErrorAccessDenied")
    with GraphCaller(sandbox, sandbox.outlook_token(OLGA, ["Calendars.Read"])) as caller:
        assert caller.create().status_code == 403
        assert caller.list().status_code == 200
        assert caller.call("GET", "/me").status_code == 403
    sandbox.expire_tokens(OLGA)
    with GraphCaller(sandbox, token) as caller:
        answer = caller.list()
        assert (answer.status_code, code_of(answer)) == (401, "InvalidAuthenticationToken")


def test_people_change_their_events_by_hand(olga: GraphCaller, sandbox: Sandbox) -> None:
    event = olga.create().json()
    sandbox.user_moves(OLGA, event["id"], datetime(2026, 12, 5, 9, tzinfo=UTC))
    sandbox.user_edits(OLGA, event["id"], subject="Mine")
    sandbox.user_adds_guest(OLGA, event["id"], "sam@corp.example")
    (shown,) = sandbox.shown(OLGA)
    assert (shown.title, shown.starts_at.day, shown.guests) == ("Mine", 5, ("sam@corp.example",))
    assert (shown.ends_at - shown.starts_at).seconds == 45 * 60
    assert olga.get(event["id"]).json()["attendees"][0]["status"]["response"] == "none"
    assert sandbox.outbox() == []
    sandbox.user_deletes(OLGA, event["id"])
    assert sandbox.shown(OLGA) == []
    assert [one["folder"] for one in sandbox.outlook_events(OLGA)] == ["deleted"]
    sandbox.purge_tombstones(OLGA)
    assert olga.get(event["id"]).status_code == 404


@pytest.mark.parametrize("kept", [True, False])
def test_a_copy_by_hand_keeps_our_property_by_switch(
    olga: GraphCaller, sandbox: Sandbox, kept: bool
) -> None:
    sandbox.switch("copied_property", kept)
    sandbox.user_copies(OLGA, olga.create().json()["id"])
    assert len(sandbox.shown(OLGA)) == 2
    assert len(olga.list(filter=by_key("ses-1:u-1:1")).json()["value"]) == (2 if kept else 1)


def test_exchanges_own_uids_look_like_exchanges(olga: GraphCaller) -> None:
    uid = olga.create().json()["iCalUId"]
    assert re.fullmatch(r"040000008200E00074C5B7101A82E0080{40}10000000[0-9A-F]{32}", uid)


def test_an_event_says_which_calendar_it_lies_in(sandbox: Sandbox, olga: GraphCaller) -> None:
    made = olga.create().json()
    here = olga.call("GET", f"/me/events/{made['id']}/calendar").json()["id"]
    assert here == olga.call("GET", "/me/calendar").json()["id"]
    sandbox.user_moves_to_other_calendar(OLGA, made["id"])
    there = olga.call("GET", f"/me/events/{made['id']}/calendar").json()["id"]
    assert there != here
    bounds = {"startDateTime": "2020-01-01T00:00:00Z", "endDateTime": "2040-01-01T00:00:00Z"}
    for calendar, ids in ((here, []), (there, [made["id"]])):
        listed = olga.call("GET", f"/me/calendars/{calendar}/calendarView", params=bounds).json()
        assert [one["id"] for one in listed["value"]] == ids
    sandbox.user_deletes(OLGA, made["id"])
    assert olga.call("GET", f"/me/events/{made['id']}/calendar").status_code == 404
