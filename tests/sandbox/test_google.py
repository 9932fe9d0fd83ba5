from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from calsync.sandbox import Sandbox
from tests.sandbox.caller import EVENTS, MAYA, Caller, a_mail, an_event, deliver


def test_an_inserted_event_belongs_to_its_calendars_owner(maya: Caller, sandbox: Sandbox) -> None:
    made = maya.insert()
    assert made.status == 200
    event = made.body
    assert event["organizer"] == event["creator"] == {"email": MAYA, "self": True}
    assert (event["id"], event["iCalUID"]) == ("abc123", "abc123@google.com")
    assert (event["status"], event["sequence"]) == ("confirmed", 0)
    assert maya.get("abc123").body == event
    (shown,) = sandbox.shown(MAYA)
    assert shown.starts_at == datetime(2026, 12, 3, 20, tzinfo=UTC)
    assert (shown.title, shown.where, shown.ours, shown.guests) == ("Session 1", "google", True, ())
    assert sandbox.violations() == []


def test_times_come_back_in_the_calendars_zone_and_mean_the_same_instant(maya: Caller) -> None:
    event = maya.insert().body
    assert event["start"] == {
        "dateTime": "2026-12-03T15:00:00-05:00",
        "timeZone": "America/Toronto",
    }


def test_a_caller_may_ask_for_another_zone(maya: Caller) -> None:
    maya.insert()
    event = maya.get("abc123", "?timeZone=Europe/London").body
    assert event["start"]["dateTime"] == "2026-12-03T20:00:00Z"
    (listed,) = maya.list(timeZone="Asia/Tokyo").body["items"]
    assert listed["end"]["dateTime"] == "2026-12-04T05:45:00+09:00"
    assert maya.list(timeZone="Mars/Base").status == 400


def test_a_time_without_offset_is_read_in_the_zone_it_names(maya: Caller, sandbox: Sandbox) -> None:
    maya.insert(
        start={"dateTime": "2026-12-03T15:00:00", "timeZone": "Europe/London"},
        end={"dateTime": "2026-12-03T15:45:00", "timeZone": "Europe/London"},
    )
    assert sandbox.shown(MAYA)[0].starts_at == datetime(2026, 12, 3, 15, tzinfo=UTC)


def test_an_event_may_last_whole_days(maya: Caller, sandbox: Sandbox) -> None:
    assert maya.insert(start={"date": "2026-12-03"}, end={"date": "2026-12-04"}).status == 200
    assert sandbox.shown(MAYA)[0].starts_at == datetime(2026, 12, 3, 5, tzinfo=UTC)


@pytest.mark.parametrize("calendar", ["primary", MAYA, "maya%40example.org"])
def test_the_own_calendar_has_two_names(maya: Caller, calendar: str) -> None:
    maya.insert()
    assert maya.call("GET", f"/calendar/v3/calendars/{calendar}/events/abc123").status == 200


def test_a_known_id_is_a_duplicate_even_when_the_event_is_deleted(maya: Caller) -> None:
    maya.insert()
    again = maya.insert()
    assert (again.status, again.reason) == (409, "duplicate")
    maya.delete("abc123")
    assert maya.insert().status == 409


def test_errors_have_googles_form(maya: Caller) -> None:
    assert maya.get("nothere").body == {
        "error": {
            "errors": [{"domain": "global", "reason": "notFound", "message": "Not Found"}],
            "code": 404,
            "message": "Not Found",
        }
    }


def test_a_deleted_event_leaves_a_tombstone(maya: Caller, sandbox: Sandbox) -> None:
    maya.insert()
    gone = maya.delete("abc123")
    assert (gone.status, gone.body) == (204, "")
    stone = maya.get("abc123")
    assert (stone.status, stone.body["status"]) == (200, "cancelled")
    again = maya.delete("abc123")
    assert (again.status, again.reason) == (410, "deleted")
    assert sandbox.shown(MAYA) == []


def test_a_tombstone_vanishes_in_the_end(maya: Caller, sandbox: Sandbox) -> None:
    maya.insert()
    maya.delete("abc123")
    sandbox.purge_tombstones(MAYA)
    assert maya.get("abc123").status == 404
    assert maya.delete("abc123").status == 404
    assert maya.insert().status == 200


def test_a_patch_merges_nested_fields_and_null_removes_one(maya: Caller) -> None:
    maya.insert(extendedProperties={"private": {"a": "1", "b": "2"}}, colorId="5")
    event = maya.patch(
        "abc123",
        {"summary": "New", "location": None, "extendedProperties": {"private": {"b": "3"}}},
    ).body
    assert event["summary"] == "New"
    assert "location" not in event
    assert event["extendedProperties"] == {"private": {"a": "1", "b": "3"}}
    assert (event["colorId"], event["description"]) == ("5", "1. Introductions")


def test_moving_raises_the_sequence_and_every_change_the_etag(maya: Caller) -> None:
    first = maya.insert().body
    quiet = maya.patch("abc123", {"summary": "New"}).body
    moved = maya.patch("abc123", {"end": {"dateTime": "2026-12-03T21:00:00Z"}}).body
    assert [one["sequence"] for one in (first, quiet, moved)] == [0, 0, 1]
    assert len({one["etag"] for one in (first, quiet, moved)}) == 3
    assert first["updated"] < quiet["updated"] < moved["updated"]


def test_reminders_do_not_count_as_an_update(maya: Caller) -> None:
    first = maya.insert().body
    later = maya.patch("abc123", {"reminders": {"useDefault": False}}).body
    assert later["updated"] == first["updated"]


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_a_stale_etag_is_refused(maya: Caller, method: str) -> None:
    stale = maya.insert().body["etag"]
    fresh = maya.patch("abc123", {"summary": "New"}).body["etag"]
    body = ({"summary": "Newer"},) if method == "patch" else ()
    refused = getattr(maya, method)("abc123", *body, If_Match=stale)
    assert (refused.status, refused.reason) == (412, "conditionNotMet")
    assert getattr(maya, method)("abc123", *body, If_Match=fresh).status < 300


def test_an_empty_time_range_is_refused(maya: Caller) -> None:
    refused = maya.insert(end={"dateTime": "2026-12-03T19:00:00Z"})
    assert (refused.status, refused.reason) == (400, "timeRangeEmpty")


def test_somebody_elses_calendar_is_not_found(maya: Caller, sandbox: Sandbox) -> None:
    sandbox.add_person("sam@example.org", google=True)
    answer = maya.call("GET", "/calendar/v3/calendars/sam@example.org/events")
    assert (answer.status, answer.reason) == (404, "notFound")


def test_a_person_without_google_calendar_is_told_so(sandbox: Sandbox) -> None:
    sandbox.add_person("pat@example.org")
    with Caller(sandbox, sandbox.access_token("pat@example.org")) as pat:
        assert pat.list().reason == "notACalendarUser"


# list


def ids(answer: Any) -> list[str]:
    assert answer.status == 200, answer.body
    return [one["id"] for one in answer.body["items"]]


def fill(maya: Caller) -> None:
    for number in range(5):
        maya.insert(
            id=f"event{number}",
            start={"dateTime": f"2026-12-0{number + 1}T20:00:00Z"},
            end={"dateTime": f"2026-12-0{number + 1}T20:45:00Z"},
            extendedProperties={"private": {"cs": "x", "n": str(number)}},
        )


def test_a_list_filters_by_uid_property_and_time(maya: Caller) -> None:
    fill(maya)
    assert ids(maya.list(iCalUID="event3@google.com")) == ["event3"]
    assert ids(maya.list(iCalUID="else")) == []
    assert ids(maya.list(privateExtendedProperty="n=2")) == ["event2"]
    assert ids(maya.list(privateExtendedProperty=["cs=x", "n=2"])) == ["event2"]
    within = maya.list(timeMin="2026-12-02T20:45:00Z", timeMax="2026-12-04T15:00:00-05:00")
    assert ids(within) == ["event2"]


def test_a_list_hides_deleted_events_unless_asked(maya: Caller) -> None:
    fill(maya)
    maya.delete("event1")
    assert "event1" not in ids(maya.list())
    assert "event1" in ids(maya.list(showDeleted="true"))


def test_updated_min_shows_changes_and_always_deletions(maya: Caller) -> None:
    fill(maya)
    since = maya.patch("event4", {"summary": "New"}).body["updated"]
    maya.delete("event1")
    assert ids(maya.list(updatedMin=since)) == ["event1", "event4"]


def test_pages_continue_until_the_last(maya: Caller) -> None:
    fill(maya)
    first = maya.list(maxResults=2)
    second = maya.list(maxResults=2, pageToken=first.body["nextPageToken"])
    third = maya.list(maxResults=2, pageToken=second.body["nextPageToken"])
    assert ids(first) + ids(second) + ids(third) == [f"event{n}" for n in range(5)]
    assert "nextPageToken" not in third.body
    assert "nextSyncToken" in third.body


def test_pages_may_be_short_and_even_empty(maya: Caller, sandbox: Sandbox) -> None:
    fill(maya)
    sandbox.switch("short_pages", True)
    page = maya.list(maxResults=4)
    assert ids(page) == []
    found = []
    while "nextPageToken" in page.body:
        page = maya.list(maxResults=4, pageToken=page.body["nextPageToken"])
        found += ids(page)
    assert found == [f"event{n}" for n in range(5)]


def test_fields_selects_parts_of_the_answer(maya: Caller) -> None:
    fill(maya)
    answer = maya.list(fields="items(id,start/dateTime,extendedProperties/private),nextPageToken")
    assert set(answer.body) == {"items"}
    assert answer.body["items"][0] == {
        "id": "event0",
        "start": {"dateTime": "2026-12-01T15:00:00-05:00"},
        "extendedProperties": {"private": {"cs": "x", "n": "0"}},
    }
    assert maya.list(fields="items(id").reason == "invalidParameter"


# guests and mails


def test_guests_are_mailed_unless_told_otherwise(maya: Caller, sandbox: Sandbox) -> None:
    guests = [{"email": MAYA}, {"email": "sam@example.org"}]
    made = maya.insert(id="quiet", attendees=guests).body
    assert made["attendees"][0] == {"email": MAYA, "self": True, "responseStatus": "needsAction"}
    maya.delete("quiet")
    assert sandbox.outbox() == []
    maya.call("POST", EVENTS, an_event(id="louder", attendees=guests))
    maya.call("PATCH", f"{EVENTS}/louder?sendUpdates=all", {"summary": "New"})
    maya.call("DELETE", f"{EVENTS}/louder?sendUpdates=externalOnly")
    assert [(one["kind"], one["to"]) for one in sandbox.outbox()] == [
        (kind, ["sam@example.org"]) for kind in ("insert", "patch", "delete")
    ]


def test_an_event_without_guests_mails_nobody(maya: Caller, sandbox: Sandbox) -> None:
    maya.call("POST", EVENTS, an_event())
    maya.call("DELETE", f"{EVENTS}/abc123")
    assert sandbox.outbox() == []


def test_deleting_a_mailed_copy_answers_its_organizer_unless_told_otherwise(
    maya: Caller, sandbox: Sandbox
) -> None:
    deliver(sandbox, a_mail(uid="one"), a_mail(uid="two"))
    one, two = (ids(maya.list(iCalUID=uid))[0] for uid in ("one", "two"))
    maya.delete(one)
    assert sandbox.outbox() == []
    maya.call("DELETE", f"{EVENTS}/{two}")
    assert sandbox.outbox()[0]["to"] == ["sessions@platform.example"]


# people's own acts


def test_a_person_deletes_moves_edits_and_shares(maya: Caller, sandbox: Sandbox) -> None:
    etag = maya.insert().body["etag"]
    sandbox.user_moves(MAYA, "abc123", datetime(2026, 12, 4, 9, tzinfo=UTC))
    sandbox.user_edits(MAYA, "abc123", summary="Mine", colorId="3")
    sandbox.user_adds_guest(MAYA, "abc123", "friend@example.org")
    (shown,) = sandbox.shown(MAYA)
    assert (shown.starts_at.hour, shown.ends_at.minute, shown.title) == (9, 45, "Mine")
    assert shown.guests == ("friend@example.org",)
    assert maya.patch("abc123", {"summary": "x"}, If_Match=etag).status == 412
    assert [one["email"] for one in maya.get("abc123").body["attendees"]] == [
        MAYA,
        "friend@example.org",
    ]
    sandbox.user_deletes(MAYA, "abc123")
    assert sandbox.shown(MAYA) == []
    with pytest.raises(KeyError):
        sandbox.user_moves(MAYA, "abc123", datetime(2026, 12, 4, 9, tzinfo=UTC))


# switches


def test_every_switch_refuses_what_it_does_not_know(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="tombstone_details"):
        sandbox.switch("nonsense", True)
    with pytest.raises(ValueError, match="bare"):
        sandbox.switch("tombstone_details", "half")


def test_a_bare_tombstone_has_no_details(maya: Caller, sandbox: Sandbox) -> None:
    sandbox.switch("tombstone_details", "bare")
    maya.insert()
    sandbox.user_deletes(MAYA, "abc123")
    stone = maya.get("abc123").body
    assert stone["status"] == "cancelled"
    assert set(stone) == {"kind", "etag", "id", "status"}


@pytest.mark.parametrize(
    ("rule", "status", "state"),
    [
        ("kept", 200, "cancelled"),
        ("forbidden", 403, "cancelled"),
        ("gone", 410, "cancelled"),
        ("revived", 200, "confirmed"),
    ],
)
def test_a_patch_of_a_tombstone_follows_the_switch(
    maya: Caller, sandbox: Sandbox, rule: str, status: int, state: str
) -> None:
    sandbox.switch("patch_tombstone", rule)
    maya.insert()
    maya.delete("abc123")
    assert maya.patch("abc123", {"summary": "New"}).status == status
    assert maya.get("abc123").body["status"] == state


def test_what_a_person_deleted_cannot_be_revived_but_what_an_api_deleted_can(
    maya: Caller, sandbox: Sandbox
) -> None:
    maya.insert()
    maya.delete("abc123")
    assert maya.patch("abc123", {"status": "confirmed"}).body["status"] == "confirmed"
    sandbox.user_deletes(MAYA, "abc123")
    assert maya.patch("abc123", {"status": "confirmed"}).reason == "forbidden"


def test_an_insert_over_a_tombstone_may_revive_it(maya: Caller, sandbox: Sandbox) -> None:
    sandbox.switch("insert_over_tombstone", "revived")
    maya.insert()
    assert maya.insert().status == 409
    maya.delete("abc123")
    assert maya.insert(summary="Again").status == 200
    assert [one.title for one in sandbox.shown(MAYA)] == ["Again"]
    assert ids(maya.list(iCalUID="abc123@google.com")) == ["abc123"]


@pytest.mark.parametrize(
    ("switch", "query"),
    [
        ("uid_list_tombstones", {"iCalUID": "abc123@google.com"}),
        ("property_list_tombstones", {"privateExtendedProperty": "k=v"}),
    ],
)
def test_a_filtered_list_may_leave_tombstones_out(
    maya: Caller, sandbox: Sandbox, switch: str, query: dict[str, str]
) -> None:
    maya.insert(extendedProperties={"private": {"k": "v"}})
    maya.delete("abc123")
    assert ids(maya.list(showDeleted="true", **query)) == ["abc123"]
    sandbox.switch(switch, False)
    assert ids(maya.list(showDeleted="true", **query)) == []


def test_several_properties_may_be_joined_by_or(maya: Caller, sandbox: Sandbox) -> None:
    fill(maya)
    sandbox.switch("properties_match", "any")
    assert ids(maya.list(privateExtendedProperty=["n=1", "n=2"])) == ["event1", "event2"]


def test_a_description_may_come_back_rewritten(maya: Caller, sandbox: Sandbox) -> None:
    sandbox.switch("description", "reformatted")
    event = maya.insert(description="a<br>it&#39;s\n").body
    assert event["description"] == "a<br />it's"


@pytest.mark.parametrize(
    ("rule", "status", "title"),
    [("ignored", 200, "Session 1"), ("forbidden", 403, "Session 1"), ("local", 200, "Mine")],
)
def test_a_patch_of_somebody_elses_event_follows_the_switch(
    maya: Caller, sandbox: Sandbox, rule: str, status: int, title: str
) -> None:
    sandbox.switch("guest_patch", rule)
    deliver(sandbox, a_mail())
    (event_id,) = ids(maya.list(iCalUID="uid-1"))
    assert maya.patch(event_id, {"summary": "Mine"}).status == status
    assert sandbox.shown(MAYA)[0].title == title
    assert maya.patch(event_id, {"colorId": "4"}).body["colorId"] == "4"


def test_a_known_uid_is_a_duplicate_or_not(maya: Caller, sandbox: Sandbox) -> None:
    maya.insert(id=None, iCalUID="u1")
    assert maya.insert(id=None, iCalUID="u1").reason == "duplicate"
    sandbox.switch("repeated_uid", "accepted")
    assert maya.insert(id=None, iCalUID="u1").status == 200
    assert len(ids(maya.list(iCalUID="u1"))) == 2
