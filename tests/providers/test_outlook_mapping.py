"""Desired events as Graph events, and what a Graph event shows."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from calsync.core.calls import Seen
from calsync.core.content.event import DesiredEvent
from providers.outlook.mapping import (
    BODY,
    KEY,
    SHOWN,
    create_body,
    first_made,
    global_object_id,
    hashes,
    patch_body,
    shows,
    sighting,
    view,
    window,
)
from tests.make import an_event

GOLDEN = Path(__file__).parent.parent / "golden" / "outlook"
UID = "4f4a4b6c-1111-5222-8333-444455556666"
IN_PERSON = an_event(
    title="Group session",
    location="Room 4, 12 King St",
    join_url="",
    url="",
    text="Bring a notebook",
    html="<p>Bring a notebook</p>",
    private=True,
)
NOTHING_AGREED = an_event(location="", join_url="")


def golden(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("create_online", create_body(UID, an_event())),
        ("create_in_person_discreet", create_body(UID, IN_PERSON)),
        ("create_nothing_agreed", create_body(UID, NOTHING_AGREED)),
        ("patch_online", patch_body(UID, an_event())),
    ],
)
def test_bodies_are_as_reviewed(name: str, body: dict[str, Any]) -> None:
    assert body == golden(name)


def answered(event: DesiredEvent, **changes: Any) -> dict[str, Any]:
    """The event as Graph gives it: seven digits, a wrapped body, properties only when expanded."""
    body = create_body(UID, event)
    for name in ("start", "end"):
        body[name] = {"dateTime": body[name]["dateTime"] + ".0000000", "timeZone": "UTC"}
    body["body"] = {"contentType": "html", "content": f"<html><body>{event.html}</body></html>"}
    body["location"] = {**body["location"], "locationType": "default", "uniqueId": "x"}
    properties = [one for one in body["singleValueExtendedProperties"] if one["id"] == SHOWN]
    return {
        **body,
        "id": "AAMk=",
        "@odata.etag": 'W/"1"',
        "iCalUId": "0400",
        "type": "singleInstance",
        "isOrganizer": True,
        "singleValueExtendedProperties": properties,
        **changes,
    }


def test_an_event_as_sent_shows_its_fingerprints() -> None:
    seen = sighting(answered(an_event()))
    assert (seen.state, seen.remote_id, seen.revision) == (Seen.LIVE, "AAMk=", 'W/"1"')
    assert (seen.material_fp, seen.quiet_fp) == ("1.material", "1.quiet")
    assert not seen.has_guests


@pytest.mark.parametrize(
    ("changes", "material", "quiet"),
    [
        ({"start": {"dateTime": "2026-12-03T21:00:00.0000000", "timeZone": "UTC"}}, True, False),
        ({"end": {"dateTime": "2026-12-03T23:00:00.0000000", "timeZone": "UTC"}}, True, False),
        ({"location": {"displayName": "elsewhere"}}, True, False),
        ({"subject": "mine"}, False, True),
        ({"subject": " Session 1:  Getting to know each other "}, False, False),
        ({"body": {"contentType": "html", "content": "mine"}}, False, False),
        ({"showAs": "free", "categories": ["Red"], "isReminderOn": False}, False, False),
    ],
)
def test_what_the_person_edited_is_drift_unless_it_is_theirs(
    changes: dict[str, Any], material: bool, quiet: bool
) -> None:
    seen = sighting(answered(an_event(), **changes))
    found = [str(one).startswith("drift:") for one in (seen.material_fp, seen.quiet_fp)]
    assert found == [material, quiet]


def test_the_times_of_an_event_that_was_moved_are_seen() -> None:
    start, end = ({"dateTime": f"2026-12-03T2{n}:00:00.0000000", "timeZone": "UTC"} for n in (1, 2))
    moved = {"start": start, "end": end}
    at = datetime(2026, 12, 3, 21, tzinfo=UTC)
    assert sighting(answered(an_event(), **moved)).span == (at, at + timedelta(hours=1))
    for changes in ({}, moved | {"isAllDay": True}, {"start": {"dateTime": "soon"}}):
        assert sighting(answered(an_event(), **changes)).span is None


def test_guests_are_seen_in_the_persons_own_event_only() -> None:
    guest = [{"emailAddress": {"address": "x@y.example"}, "type": "required"}]
    assert sighting(answered(an_event(), attendees=guest)).has_guests
    assert not sighting(answered(an_event(), attendees=guest, isOrganizer=False)).has_guests


@pytest.mark.parametrize(
    "changes",
    [
        {"singleValueExtendedProperties": []},
        {"singleValueExtendedProperties": [{"id": SHOWN, "value": "two words"}]},
        {"singleValueExtendedProperties": [{"id": KEY, "value": UID}]},
        {"type": "seriesMaster"},
    ],
)
def test_an_event_without_our_property_or_made_a_series_is_not_ours(
    changes: dict[str, Any],
) -> None:
    assert sighting(answered(an_event(), **changes)).state is Seen.NOT_OURS


def test_an_answer_shows_what_was_sent_or_it_does_not() -> None:
    body = create_body(UID, an_event())
    assert shows(answered(an_event()), body)
    moved = an_event(ends_at=an_event().ends_at + timedelta(minutes=15))
    assert not shows(answered(moved), body)
    assert not shows(answered(an_event(), subject="cut"), body)
    assert not shows({}, body)


def test_sensitivity_is_ours_only_while_we_set_it() -> None:
    hidden = an_event(private=True)
    hides, open_again = patch_body(UID, hidden), patch_body(UID, an_event(), marked_private=True)
    assert "sensitivity" not in patch_body(UID, an_event())
    assert (hides["sensitivity"], open_again["sensitivity"]) == ("private", "normal")
    assert shows(answered(hidden, sensitivity="private"), hides)
    assert not shows(answered(hidden, sensitivity="normal"), hides)
    assert shows(answered(an_event(), sensitivity="normal"), open_again)


def test_a_time_that_is_not_utc_is_no_instant() -> None:
    """Graph was asked for UTC; another zone's wall clock must not pass for one."""
    start = {"dateTime": "2026-12-03T20:00:00", "timeZone": "Eastern Standard Time"}
    assert hashes(answered(an_event(), start=start)) != hashes(answered(an_event()))
    assert window({**answered(an_event()), "start": start}) is None
    assert window(answered(an_event())) == ("2026-12-03T20:00:00Z", "2026-12-03T20:45:00Z")


def test_a_view_is_never_empty() -> None:
    start = an_event().starts_at
    assert view(start, start) == ("2026-12-03T20:00:00Z", "2026-12-03T20:01:00Z")


def test_a_link_that_does_not_fit_is_not_cut() -> None:
    link = "https://teams.example/l/" + "a" * 300
    body = create_body(UID, an_event(location=link, join_url=link))
    assert body["location"] == {"displayName": "teams.example"}
    place = create_body(UID, an_event(location="x" * 300, join_url=""))
    assert place["location"] == {"displayName": "x" * 255}


def test_a_long_description_is_sent_as_text_without_broken_tags() -> None:
    event = an_event(html="<p>" * BODY, text="a < b & c\n" * 5000)
    content = create_body(UID, event)["body"]["content"]
    assert len(content) <= BODY
    assert content.startswith("a &lt; b &amp; c<br>a")
    assert "<p>" not in content


def test_the_uid_of_an_invitation_is_shown_as_a_global_object_id() -> None:
    """[MS-OXCICAL] 2.1.3.1.1.20.26: head, 4 + 8 + 8 zero bytes, length, `vCal-Uid`, 1, uid, 0."""
    assert global_object_id("abc@x") == (
        "040000008200E00074C5B7101A82E008"
        + "00" * 20
        + "12000000"
        + "7643616C2D55696401000000"
        + "6162634078"
        + "00"
    )


def test_the_oldest_of_several_comes_first() -> None:
    old, young = ({"id": n, "createdDateTime": f"2026-11-0{n}T00:00:00Z"} for n in (1, 2))
    assert [one["id"] for one in first_made([young, old, {"id": 3}])] == [3, 1, 2]
