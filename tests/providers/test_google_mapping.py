"""What Google is sent, compared with golden files, and what is read from its answers."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from calsync.core.calls import Seen
from calsync.core.content.event import DesiredEvent
from providers.google import mapping
from providers.google.mapping import (
    SHOWN,
    event_id,
    insert_body,
    limited_description,
    patch_body,
    shown,
    sighting,
)
from tests.make import a_copy
from tests.make import an_event as any_event

GOLDEN = Path(__file__).parent.parent / "golden" / "google"
UID = a_copy().uid


HTML = '<a href="https://zoom.us/j/123456789?pwd=abc">Join</a><ul><li>Introductions</li></ul>'


def an_event(**changes: Any) -> DesiredEvent:
    """Its description is spelled out, because the golden files hold it."""
    return any_event(**{"html": HTML, **changes})


def shows(answer: dict[str, Any], body: dict[str, Any]) -> bool:
    return shown(answer, body)[1]


def golden(name: str) -> Any:
    return json.loads((GOLDEN / name).read_text("utf-8"))


def a_talk_in_person(**changes: Any) -> DesiredEvent:
    return an_event(
        location="Café Central, 1 Main Street",
        join_url="",
        time_zone="Asia/Kathmandu",
        html="Ask at the desk",
        text="Ask at the desk",
        private=True,
        **changes,
    )


def answered(body: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The body as Google answers it: more fields, and times in the calendar's own offset."""
    answer = {**golden("answer.json"), **copy.deepcopy(body), "id": event_id(UID)}
    for name, text in (
        ("start", "2026-12-03T15:00:00-05:00"),
        ("end", "2026-12-03T15:45:00-05:00"),
    ):
        answer[name]["dateTime"] = text
    return {**answer, **changes}


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("insert_online.json", insert_body(UID, an_event())),
        ("insert_in_person_discreet.json", insert_body(UID, a_talk_in_person())),
        (
            "insert_nothing_agreed.json",
            insert_body(UID, an_event(location="", join_url="", url="")),
        ),
        ("patch_online.json", patch_body(an_event())),
        ("patch_nothing_agreed.json", patch_body(an_event(location="", join_url="", url=""))),
    ],
)
def test_what_is_sent_is_what_was_reviewed(name: str, body: dict[str, Any]) -> None:
    assert body == golden(name)


def test_a_change_never_touches_what_belongs_to_the_person() -> None:
    theirs = {"id", "sequence", "attendees", "reminders", "colorId", "visibility", "transparency"}
    assert theirs.isdisjoint(patch_body(an_event()))
    assert theirs & set(patch_body(a_talk_in_person())) == {"visibility"}


def test_visibility_is_ours_only_while_we_set_it() -> None:
    hides, open_again = patch_body(a_talk_in_person()), patch_body(an_event(), marked_private=True)
    assert (hides["visibility"], open_again["visibility"]) == ("private", "default")
    answer = answered({"id": event_id(UID), **hides})
    assert shows(answer, hides)
    del answer["visibility"]
    assert not shows(answer, hides)
    assert shows(answered({"id": event_id(UID), **open_again}, visibility="default"), open_again)


def test_what_google_answers_shows_what_was_sent() -> None:
    body = insert_body(UID, an_event())
    assert shows(answered(body), body)
    seen = sighting(answered(body))
    assert (seen.state, seen.material_fp, seen.quiet_fp) == (Seen.LIVE, "1.material", "1.quiet")
    assert (seen.remote_id, seen.revision) == (event_id(UID), '"3181161784712000"')
    assert seen.uid == f"{event_id(UID)}@google.com"


@pytest.mark.parametrize(
    "changes",
    [
        {"summary": "Session 1:  Getting to know each other "},
        {"start": {"dateTime": "2026-12-03t20:00:00.000z"}},
        {"start": {"dateTime": "2026-12-04T01:45:00+05:45", "timeZone": "Asia/Kathmandu"}},
        {
            "description": " <A href='https://zoom.us/j/123456789?pwd=abc'>Join</A>\r\n<br />\r\n"
            "<ul>\n<li>Introductions</li>\n</ul>"
        },
        {"reminders": {"useDefault": False}, "colorId": "7", "transparency": "transparent"},
        {"attendees": [{"email": "maya@example.org", "self": True}]},
        {"source": None},
    ],
)
def test_what_google_or_the_person_may_write_otherwise_is_no_drift(changes: dict[str, Any]) -> None:
    body = insert_body(UID, an_event())
    answer = answered(body, **changes)
    seen = sighting(answer)
    assert (seen.material_fp, seen.quiet_fp) == ("1.material", "1.quiet")
    assert not seen.has_guests
    assert shows(answer, body)


@pytest.mark.parametrize(
    ("changes", "material", "quiet"),
    [
        ({"start": {"dateTime": "2026-12-03T15:30:00-05:00"}}, True, False),
        ({"end": {"dateTime": "2026-12-03T16:00:00-05:00"}}, True, False),
        ({"start": {"date": "2026-12-03"}, "end": {"date": "2026-12-04"}}, True, False),
        ({"start": {"dateTime": "half past three"}}, True, False),
        ({"location": "https://zoom.us/j/987"}, True, False),
        ({"location": None}, True, False),
        ({"summary": "Lunch"}, False, True),
        ({"description": "My own notes"}, False, True),
        ({"summary": "Lunch", "location": "Canteen"}, True, True),
    ],
)
def test_an_edit_is_drift_of_its_kind(changes: dict[str, Any], material: bool, quiet: bool) -> None:
    body = insert_body(UID, an_event())
    answer = answered(body, **changes)
    seen = sighting(answer)
    assert seen.state is Seen.LIVE
    assert str(seen.material_fp).startswith("drift:") is material
    assert str(seen.quiet_fp).startswith("drift:") is quiet
    assert not shows(answer, body)


def test_the_times_of_an_event_that_was_moved_are_seen() -> None:
    body = insert_body(UID, an_event())
    assert sighting(answered(body)).span is None
    moved = {"start": {"dateTime": "2026-12-03T15:30:00-05:00"},
             "end": {"dateTime": "2026-12-03T16:00:00-05:00"}}  # fmt: skip
    at = datetime(2026, 12, 3, 20, 30, tzinfo=UTC)
    assert sighting(answered(body, **moved)).span == (at, at + timedelta(minutes=30))
    for odd in ({"date": "2026-12-03"}, {"dateTime": "soon"}, {"dateTime": "2026-12-03T15:30:00"}):
        assert sighting(answered(body, start=odd)).span is None


def test_two_different_edits_are_two_different_drifts() -> None:
    body = insert_body(UID, an_event())
    one, two = (sighting(answered(body, location=where)) for where in ("Room 1", "Room 2"))
    assert one.material_fp != two.material_fp


def test_words_cannot_move_between_fields_unseen() -> None:
    body = insert_body(UID, an_event(title="a b", html="c"))
    seen = sighting(answered(body, summary="a", description="b c"))
    assert str(seen.quiet_fp).startswith("drift:")


def test_an_old_event_does_not_pass_for_the_change_that_was_ignored() -> None:
    body = patch_body(an_event(title="Session 1, again"))
    assert not shows(answered(insert_body(UID, an_event())), body)


def test_right_fields_with_old_or_missing_markers_do_not_pass() -> None:
    body = patch_body(an_event(material_fp="2.material"))
    assert not shows(answered(insert_body(UID, an_event())), body)
    assert not shows(answered(body, extendedProperties=None), body)


def test_new_markers_on_old_fields_do_not_pass_either() -> None:
    body = patch_body(an_event(title="Session 1, again", quiet_fp="1.again"))
    answer = answered(body, summary="Session 1: Getting to know each other")
    assert not shows(answer, body)


@pytest.mark.parametrize(
    ("attendees", "guests"),
    [
        (None, False),
        ([], False),
        ([{"self": True, "email": "maya@example.org"}], False),
        ([{"self": True}, {"email": "friend@example.org"}], True),
        ([{"email": "room@resource.example", "resource": True}], True),
    ],
)
def test_anyone_but_the_owner_is_a_guest(attendees: Any, guests: bool) -> None:
    answer = answered(insert_body(UID, an_event()), attendees=attendees)
    assert sighting(answer).has_guests is guests


@pytest.mark.parametrize("name", ["tombstone_bare.json", "tombstone_with_details.json"])
def test_a_deleted_event_is_gone_however_much_google_still_tells(name: str) -> None:
    seen = sighting(golden(name))
    assert (seen.state, seen.remote_id) == (Seen.GONE, event_id(UID))


@pytest.mark.parametrize(
    "properties",
    [
        None,
        {"private": {}},
        {"private": {"cs_material": "1.material"}},
        {"shared": {"cs_material": "a", "cs_quiet": "b", "cs_shown": "c.d"}},
    ],
)
def test_an_event_without_our_markers_is_not_ours(properties: Any) -> None:
    answer = answered(insert_body(UID, an_event()), extendedProperties=properties)
    assert sighting(answer).state is Seen.NOT_OURS


def test_a_mangled_digest_is_drift_and_no_crash() -> None:
    body = insert_body(UID, an_event())
    body["extendedProperties"]["private"]["cs_shown"] = "?"
    seen = sighting(answered(body))
    assert (seen.state, str(seen.material_fp)[:6]) == (Seen.LIVE, "drift:")


def test_a_description_too_long_for_google_is_cut_where_no_tag_breaks() -> None:
    words = "Fish & chips <raw> " * 1000
    event = an_event(html=f"<p>{'x' * 9000}</p>", text=words)
    description = limited_description(event)
    assert len(description) <= 8000
    assert description.startswith("Fish &amp; chips &lt;raw&gt; Fish")
    body = insert_body(UID, event)
    assert shows(answered(body), body)


def test_an_answer_without_an_id_is_refused() -> None:
    with pytest.raises(ValueError, match="without id"):
        sighting({"status": "confirmed"})


def test_a_stored_body_that_an_earlier_release_hashed_otherwise_is_known_by_its_fields() -> None:
    body = insert_body(UID, an_event())
    body["extendedProperties"]["private"][SHOWN] = "former.former"
    assert shows(answered(body), body)
    assert not shows(answered(body, summary="Lunch"), body)


def test_an_answer_that_shows_what_was_sent_is_hashed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    body, hashed = insert_body(UID, an_event()), list[object]()
    answer, hashes = answered(body), mapping.hashes
    monkeypatch.setattr(mapping, "hashes", lambda *one: hashed.append(one) or hashes(*one))
    assert shows(answer, body)
    assert len(hashed) == 1
