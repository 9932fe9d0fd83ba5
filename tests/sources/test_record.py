"""Three levels: refused records, people set aside, fields dropped or cut."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from calsync.core.booked import Agenda, BookedSession, InPerson, Online, ProgramKind, Status
from calsync.errors import RecordError
from calsync.sources.records.record import NO_ID, parse
from tests.sources.records import EXAMPLE, LEAVE_OUT, NOW, a_person, a_record

SECRET = "she is about to resign"


def read(record: object, **options: Any) -> tuple[BookedSession, list[str]]:
    return parse(record, **({"tenant": "default", "now": NOW} | options))


def session_of(**changes: Any) -> BookedSession:
    return read(a_record(**changes))[0]


def warnings_of(**changes: Any) -> list[str]:
    return read(a_record(**changes))[1]


def refusal(record: object, **options: Any) -> RecordError:
    with pytest.raises(RecordError) as caught:
        read(record, **options)
    return caught.value


def test_a_record_with_more_people_than_are_taken_is_refused_and_can_be_cancelled() -> None:
    people = [a_person(id=f"u-{n}") for n in range(4)]
    assert len(read(a_record(participants=people), max_participants=4)[0].participants) == 4
    refused = refusal(a_record(participants=people), max_participants=3)
    assert refused.field == "participants"
    assert refused.reason == (
        "has 4 people, and at most 3 are taken; write them as several sessions, or raise "
        "max_participants of the source"
    )
    cancelled, _ = read(a_record(participants=people, status="cancelled"), max_participants=3)
    assert (cancelled.status, cancelled.participants) == (Status.CANCELLED, ())
    assert refusal(a_record(participants=[{}] * 1001)).field == "participants"


def test_the_example_is_read_whole_and_without_a_warning() -> None:
    session, warnings = read(EXAMPLE)
    assert warnings == []
    assert (session.id, session.tenant, session.status) == ("ses-1001", "default", Status.BOOKED)
    assert session.updated_at == datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    assert session.starts_at == datetime(2026, 12, 3, 20, 0, tzinfo=UTC)
    assert session.ends_at == datetime(2026, 12, 3, 20, 45, tzinfo=UTC)
    assert session.place == Online("https://zoom.us/j/123456789?pwd=abc", "Zoom")
    assert session.agenda is not None
    assert "<li>Goals</li>" in session.agenda.html
    assert session.url == "https://app.example.org/sessions/1001"
    assert [(p.id, p.email, p.time_zone) for p in session.participants] == [
        ("u-1", "maya@example.org", "America/Toronto"),
        ("u-2", "sam@example.org", "Europe/London"),
    ]


def test_reading_leaves_the_record_as_it_is() -> None:
    record = a_record(program="?", participants=[a_person(locale="?", admin_notes="x"), 7])
    before = json.dumps(record)
    read(record)
    assert json.dumps(record) == before


class TestRecordLevel:
    @pytest.mark.parametrize(
        ("changes", "field", "advice"),
        [
            ({"updated_at": LEAVE_OUT}, "updated_at", "2026-11-20T09:30:00Z"),
            ({"updated_at": "2026-11-20T09:30:00"}, "updated_at", "2026-11-20T09:30:00Z"),
            ({"updated_at": 1763631000}, "updated_at", "2026-11-20T09:30:00Z"),
            ({"updated_at": "2026-02-30T09:30:00Z"}, "updated_at", "2026-11-20T09:30:00Z"),
            ({"status": LEAVE_OUT}, "status", "booked or cancelled"),
            ({"status": "canceled"}, "status", "booked or cancelled"),
            ({"tenant": "other"}, "tenant", "write default"),
            ({"tenant": ["default"]}, "tenant", "leave it out"),
            ({"starts_at": LEAVE_OUT}, "starts_at", "2026-12-03T15:00:00"),
            ({"starts_at": "15:00"}, "starts_at", "2026-12-03T15:00:00"),
            ({"starts_at": "2026-03-08T02:30:00"}, "starts_at", "before or after the change"),
            ({"ends_at": None}, "ends_at", "is missing"),
            ({"ends_at": "2026-12-03T15:00:00"}, "ends_at", "not after starts_at"),
            ({"ends_at": "2026-12-04T15:00:01"}, "ends_at", "24 h"),
            ({"time_zone": LEAVE_OUT}, "time_zone", "America/Toronto"),
            ({"time_zone": "Eastern Time"}, "time_zone", "America/Toronto"),
            ({"time_zone": "europe/london"}, "time_zone", "write Europe/London"),
            ({"participants": LEAVE_OUT}, "participants", "[] when nobody"),
            ({"participants": {"u-1": "Maya"}}, "participants", "is not a list"),
        ],
    )
    def test_a_fault_in_the_sessions_facts_refuses_it(
        self, changes: dict[str, Any], field: str, advice: str
    ) -> None:
        error = refusal(a_record(**changes))
        assert (error.record, error.field) == ("ses-1001", field)
        assert advice in error.reason

    @pytest.mark.parametrize(
        "ident", [LEAVE_OUT, None, "", " ", "a\nb", "x" * 256, True, 1.5, ["a"], "a "]
    )
    def test_a_record_without_usable_id_is_refused(self, ident: object) -> None:
        error = refusal(a_record(id=ident))
        assert (error.record, error.field) == (NO_ID, "id")

    @pytest.mark.parametrize("record", [None, 3, "text", [a_record()]])
    def test_what_is_no_object_is_refused(self, record: object) -> None:
        assert refusal(record).field == "record"

    def test_a_number_is_an_id(self) -> None:
        assert session_of(id=1001).id == "1001"

    def test_a_record_takes_the_tenant_of_its_source(self) -> None:
        assert read(a_record(tenant=LEAVE_OUT), tenant="north")[0].tenant == "north"
        assert read(a_record(), tenant=None)[0].tenant == "default"
        assert refusal(a_record(tenant=LEAVE_OUT), tenant=None).field == "tenant"

    @pytest.mark.parametrize(
        "start", ["2026-12-03T20:00:00Z", "2026-12-03T20:00:00+00:00", 1796328000, 1796328000.0]
    )
    def test_an_instant_is_that_instant_in_the_sessions_zone(self, start: object) -> None:
        session, warnings = read(a_record(starts_at=start))
        assert session.starts_at == datetime(2026, 12, 3, 20, tzinfo=UTC)
        assert session.time_zone == "America/Toronto"
        assert warnings == []

    def test_where_times_are_utc_a_naive_start_is_that_instant(self) -> None:
        utc = a_record(starts_at="2026-12-03T20:00:00", ends_at="2026-12-03 20:45:00")
        session, _ = read(utc, utc=True)
        assert session == replace(read(EXAMPLE)[0], wall=None)

    def test_an_autumn_hour_without_offset_is_the_first_and_warned_of(self) -> None:
        session, warnings = read(
            a_record(starts_at="2026-11-01T01:30:00", ends_at="2026-11-01T02:15:00")
        )
        assert session.starts_at == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
        (warning,) = warnings
        assert warning.startswith("ses-1001: starts_at: 2026-11-01T01:30:00 happens twice")

    def test_a_session_across_the_repeated_hour_lasts_as_long_as_its_offsets_say(self) -> None:
        session = session_of(
            starts_at="2026-11-01T01:30:00-04:00", ends_at="2026-11-01T01:15:00-05:00"
        )
        assert session.starts_at is not None
        assert session.ends_at is not None
        assert session.ends_at - session.starts_at == timedelta(minutes=45)

    def test_a_future_updated_at_counts_as_now_with_a_warning(self) -> None:
        session, warnings = read(a_record(updated_at="2026-11-24T12:05:01Z"))
        assert session.updated_at == NOW
        assert "in the future" in warnings[0]
        session, warnings = read(a_record(updated_at="2026-11-24T12:05:00Z"))
        assert (session.updated_at, warnings) == (NOW + timedelta(minutes=5), [])

    def test_a_refusal_quotes_nothing_of_the_record(self) -> None:
        record = a_record(
            starts_at=SECRET, agenda={"text": SECRET}, personal_notes=SECRET, title=SECRET
        )
        assert SECRET not in str(refusal(record))


class TestCancelled:
    def test_a_tombstone_needs_id_and_date(self) -> None:
        session, warnings = read(
            {"id": "ses-1", "updated_at": "2026-11-20T09:30:00Z", "status": "cancelled"}
        )
        assert session == BookedSession(
            "ses-1", "default", datetime(2026, 11, 20, 9, 30, tzinfo=UTC), Status.CANCELLED
        )
        assert warnings == []

    @pytest.mark.parametrize(
        "changes",
        [
            {"starts_at": "never"},
            {"time_zone": 5},
            {"participants": "nobody"},
            {"participants": [7, {}]},
            {"place": [], "program": 3, "agenda": "x", "title": {}, "url": "javascript:1"},
            {"personal_notes": SECRET},
        ],
    )
    def test_it_is_obeyed_whatever_else_is_wrong(self, changes: dict[str, Any]) -> None:
        session, _ = read(a_record(status="cancelled", **changes), strict=True)
        assert (session.id, session.status) == ("ses-1001", Status.CANCELLED)

    def test_what_can_be_read_of_it_is_kept(self) -> None:
        assert session_of(status="cancelled").ends_at == datetime(2026, 12, 3, 20, 45, tzinfo=UTC)

    def test_without_id_or_date_it_is_refused(self) -> None:
        assert refusal({"status": "cancelled", "id": "x"}).field == "updated_at"
        assert refusal({"status": "cancelled", "updated_at": "2026-11-20T09:30:00Z"}).field == "id"


class TestParticipants:
    @pytest.mark.parametrize(
        ("person", "field"),
        [
            (a_person(email="ana"), ".email"),
            (a_person(email="ana@@example.org"), ".email"),
            (a_person(email="ana lima@example.org"), ".email"),
            (a_person(email="Ana <ana@example.org>"), ".email"),
            (a_person(email="ana@example.org, eve@example.org"), ".email"),
            (a_person(email="ana@example.org\nBcc: eve@example.org"), ".email"),
            (a_person(email="ana@-example.org"), ".email"),
            (a_person(email="ana@exa_mple.org"), ".email"),
            (a_person(email="ana@example..org"), ".email"),
            (a_person(email="ana@example.org."), ".email"),
            (a_person(email="ana@[10.0.0.1]"), ".email"),
            (a_person(email="añá@example.org"), ".email"),
            (a_person(email="a" * 65 + "@example.org"), ".email"),
            (a_person(email="ana@" + "a." * 127 + "org"), ".email"),
            (a_person(email=LEAVE_OUT), ".email"),
            (a_person(email=None), ".email"),
            (a_person(name=LEAVE_OUT), ".name"),
            (a_person(name=" \n "), ".name"),
            (a_person(name=["Ana"]), ".name"),
            (a_person(id=LEAVE_OUT), ".id"),
            (a_person(id="u-9\n"), ".id"),
            ("ana@example.org", ""),
            (None, ""),
        ],
    )
    def test_a_person_who_cannot_be_served_is_set_aside_alone(
        self, person: object, field: str
    ) -> None:
        session, warnings = read(a_record(participants=[a_person(id="u-1"), person]))
        assert [one.id for one in session.participants] == ["u-1"]
        (warning,) = warnings
        assert warning.startswith(f"ses-1001: participants[1]{field}: ")
        assert warning.endswith("this person is set aside")
        assert "eve@" not in warning

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            (" Ana.Lima+x@Example.ORG ", "Ana.Lima+x@example.org"),
            ("ana@Bücher.example", "ana@xn--bcher-kva.example"),
            ("o'neil@example.org", "o'neil@example.org"),
            ("ana@localhost", "ana@localhost"),
        ],
    )
    def test_the_domain_is_lower_case_ascii(self, given: str, kept: str) -> None:
        (person,) = session_of(participants=[a_person(email=given)]).participants
        assert person.email == kept

    def test_two_people_may_share_an_address(self) -> None:
        people = [a_person(id="u-1"), a_person(id="u-2")]
        session, warnings = read(a_record(participants=people))
        assert (len(session.participants), warnings) == (2, [])

    def test_an_unknown_or_absent_zone_is_the_sessions(self) -> None:
        people = [a_person(id="a"), a_person(id="b", time_zone="Mars/Olympus")]
        session, warnings = read(a_record(participants=people))
        assert {one.time_zone for one in session.participants} == {"America/Toronto"}
        assert len(warnings) == 1
        assert "participants[1].time_zone" in warnings[0]

    def test_the_same_id_twice_is_one_person_filled_up(self) -> None:
        people = [
            a_person(id="u-1", role="mentor"),
            a_person(id="u-2"),
            a_person(id="u-1", name="A. Lima", time_zone="Europe/London", person="p-1"),
        ]
        session, warnings = read(a_record(participants=people))
        first, second = session.participants
        assert (first.id, first.name, first.role) == ("u-1", "Ana Lima", "mentor")
        assert (first.time_zone, first.person) == ("Europe/London", "p-1")
        assert second.id == "u-2"
        assert len(warnings) == 1

    def test_a_bad_duplicate_does_not_hide_the_good_one(self) -> None:
        session = session_of(participants=[a_person(email="?"), a_person(role="mentor")])
        assert [one.role for one in session.participants] == ["mentor"]

    def test_small_faults_of_a_person_cost_the_field_only(self) -> None:
        person = a_person(locale="english, please", role=["x"], person="\n")
        session, warnings = read(a_record(participants=[person]))
        (one,) = session.participants
        assert (one.locale, one.role, one.person) == ("en", "", "")
        assert len(warnings) == 3


class TestFields:
    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"url": "javascript:alert(1)"}, "url"),
            ({"url": "https://user:pw@example.org/"}, "url"),
            ({"url": 5}, "url"),
            ({"title": ["a"]}, "title"),
            ({"title": "x" * 301}, "title"),
            ({"place": {"kind": "moon"}}, "place"),
            ({"place": "Room 4"}, "place"),
            ({"place": {"kind": "in_person"}}, "place"),
            ({"place": {"kind": "online", "label": "Zoom"}}, "place"),
            ({"agenda": "1. Goals"}, "agenda"),
            ({"agenda": {"text": "Goals", "format": "rtf"}}, "agenda.format"),
            ({"agenda": {"text": "Goals", "url": "ftp://x.example"}}, "agenda.url"),
            ({"agenda": {"text": "x" * 50_001}}, "agenda.text"),
            ({"program": {"id": "p", "name": "P", "kind": "solo"}}, "program.kind"),
        ],
    )
    def test_a_fault_costs_the_field_with_a_warning(
        self, changes: dict[str, Any], field: str
    ) -> None:
        session, warnings = read(a_record(**changes))
        assert len(session.participants) == 2
        (warning,) = warnings
        assert warning.startswith(f"ses-1001: {field}: ")

    def test_a_long_title_is_cut(self) -> None:
        assert len(session_of(title="word " * 100).title) <= 300

    def test_an_unusable_link_leaves_the_number_to_dial(self) -> None:
        place = {"kind": "online", "url": "zoom.us/j/1", "phone": "+1 555 0100", "passcode": 123}
        session, warnings = read(a_record(place=place))
        assert session.place == Online("", phone="+1 555 0100", passcode="123")
        assert len(warnings) == 1

    def test_a_place_in_person(self) -> None:
        place = {"kind": "in_person", "name": "Room 4", "address": "1 Main St\n\tToronto"}
        assert session_of(place=place).place == InPerson("Room 4", "1 Main St\nToronto")

    @pytest.mark.parametrize("name", ["place", "agenda", "program", "url", "title", "tenant"])
    def test_null_is_absent(self, name: str) -> None:
        assert read(a_record(**{name: None})) == read(a_record(**{name: LEAVE_OUT}))
        assert warnings_of(**{name: None}) == []

    def test_unknown_fields_are_ignored(self) -> None:
        people = [one | {"shoe_size": 7} for one in EXAMPLE["participants"]]
        assert read(a_record(mood="good", participants=people)) == read(EXAMPLE)

    def test_an_agenda_is_sanitised(self) -> None:
        agenda = {"text": "<b>Goals</b><script>x()</script>", "format": "html"}
        made = session_of(agenda=agenda).agenda
        assert isinstance(made, Agenda)
        assert "<b>Goals</b>" in made.html
        assert "script" not in made.html

    @pytest.mark.parametrize("program", ["?", ["x"], {"id": "p", "discreet": "perhaps"}])
    def test_a_program_nobody_can_read_is_taken_as_discreet(self, program: object) -> None:
        session, warnings = read(a_record(program=program))
        assert session.program is not None
        assert session.program.discreet
        assert len(warnings) == 1

    def test_a_program_is_individual_and_open_unless_it_says_otherwise(self) -> None:
        program = session_of(program={"id": "p", "name": "P"}).program
        assert program is not None
        assert (program.kind, program.discreet) == (ProgramKind.INDIVIDUAL, False)

    def test_half_a_surrogate_pair_can_be_stored(self) -> None:
        record = json.loads(
            json.dumps(a_record(title="half \ud83d", url="https://x.example/\ud83d"))
        )
        session, _ = read(record)
        assert session.title.encode()
        assert session.url.encode() or session.url == ""


class TestNotes:
    PLACES = (
        ({"personal_notes": SECRET}, "personal_notes"),
        ({"privateNotes": SECRET}, "privateNotes"),
        ({"agenda": {"text": "Goals", "Admin-Notes": SECRET}}, "agenda.Admin-Notes"),
        ({"participants": [a_person(personal_notes=SECRET)]}, "participants[0].personal_notes"),
        ({"x": {"y": [{"admin_notes": {"z": SECRET}}]}}, "x.y[0].admin_notes"),
    )

    @pytest.mark.parametrize(("changes", "path"), PLACES)
    def test_they_are_dropped_and_reported_by_name_only(
        self, changes: dict[str, Any], path: str
    ) -> None:
        session, warnings = read(a_record(**changes))
        (warning,) = warnings
        assert warning.startswith(f"ses-1001: {path}: ")
        assert SECRET not in warning
        assert SECRET not in repr(session)

    @pytest.mark.parametrize(("changes", "path"), PLACES)
    def test_strict_refuses_them(self, changes: dict[str, Any], path: str) -> None:
        error = refusal(a_record(**changes), strict=True)
        assert (error.record, error.field) == ("ses-1001", path)
        assert SECRET not in str(error)

    def test_very_deep_nesting_is_survived(self) -> None:
        deep: Any = SECRET
        for _ in range(900):
            deep = {"x": deep}
        assert read(a_record(extra=deep)) == read(EXAMPLE)
