from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

import pytest

from calsync.core.booked import Agenda, BookedSession, InPerson, Participant, Program, ProgramKind
from calsync.core.content import fingerprints
from calsync.core.content.fingerprints import keep, material, quiet, same
from tests.core.booking import MAYA, SAM, ZOOM, a_session

ROOM = InPerson("Room 4", "1 Main St", "Ring twice")
LEA = Participant("u-3", "Lea Brun", "lea@example.org")


def both(session: BookedSession, who: Participant = MAYA) -> tuple[str, str]:
    return material(session, who), quiet(session, who)


def test_a_fingerprint_is_the_wording_version_and_twenty_digits() -> None:
    for one in both(a_session()):
        assert re.fullmatch(r"2\.[0-9a-f]{20}", one)


def test_the_same_facts_have_the_same_fingerprints_for_ever() -> None:
    assert both(a_session()) == ("2.bb49e9c035233c22f59d", "2.4613112a034bd106bcfa")


@pytest.mark.parametrize(
    "change",
    [
        {"starts_at": a_session().starts_at + timedelta(minutes=1)},
        {"ends_at": a_session().ends_at + timedelta(minutes=1)},
        {"place": None},
        {"place": replace(ZOOM, url="https://zoom.us/j/2")},
        {"place": replace(ZOOM, phone="+1 234")},
        {"place": replace(ZOOM, passcode="77")},
        {"place": ROOM},
        {"participants": (MAYA, LEA)},
        {"participants": (MAYA, SAM, LEA)},
        {"participants": (MAYA,)},
    ],
)
def test_time_place_and_the_other_person_are_material(change: dict[str, Any]) -> None:
    assert material(a_session(**change), MAYA) != material(a_session(), MAYA)


@pytest.mark.parametrize("change", [{"name": "Room 5"}, {"address": "2 Main St"}])
def test_another_room_or_address_is_material(change: dict[str, str]) -> None:
    before, after = a_session(place=ROOM), a_session(place=replace(ROOM, **change))
    assert material(before, MAYA) != material(after, MAYA)
    assert quiet(before, MAYA) == quiet(after, MAYA)


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Another"},
        {"program": Program("prog-7", "Another")},
        {"program": Program("prog-7", "Women in Engineering", discreet=True)},
        {"agenda": None},
        {"agenda": Agenda("<p>x</p>", a_session().agenda.url)},
        {"agenda": Agenda(a_session().agenda.html, "https://app.example.org/other")},
        {"url": "https://app.example.org/other"},
        {"place": replace(ZOOM, label="Video")},
        {"participants": (MAYA, replace(SAM, name="Sam O."))},
    ],
)
def test_everything_else_that_is_shown_is_quiet(change: dict[str, Any]) -> None:
    before, after = both(a_session()), both(a_session(**change))
    assert before[0] == after[0]
    assert before[1] != after[1]


def test_how_to_find_the_place_is_quiet() -> None:
    before, after = a_session(place=ROOM), a_session(place=replace(ROOM, instructions="Knock"))
    assert material(before, MAYA) == material(after, MAYA)
    assert quiet(before, MAYA) != quiet(after, MAYA)


@pytest.mark.parametrize("change", [{"time_zone": "Asia/Tokyo"}, {"locale": "de"}])
def test_a_persons_zone_and_language_are_quiet_and_only_their_own(change: dict[str, str]) -> None:
    moved = replace(MAYA, **change)
    after = a_session(participants=(moved, SAM))
    assert material(after, moved) == material(a_session(), MAYA)
    assert quiet(after, moved) != quiet(a_session(), MAYA)
    assert both(after, SAM) == both(a_session(), SAM)


@pytest.mark.parametrize(
    "change",
    [
        {"id": "ses-2"},
        {"updated_at": a_session().updated_at + timedelta(days=1)},
        {"time_zone": "Europe/Paris"},
        {"participants": (SAM, MAYA)},
        {"participants": (MAYA, replace(SAM, email="new@example.org", role="x", locale="de"))},
        {"starts_at": a_session().starts_at.astimezone(timezone(timedelta(hours=5)))},
        {"program": Program("prog-8", "Women in Engineering")},
    ],
)
def test_what_this_person_does_not_see_changes_nothing(change: dict[str, Any]) -> None:
    assert both(a_session(**change)) == both(a_session())


@pytest.mark.parametrize("kind", [ProgramKind.GROUP, ProgramKind.PEER, None])
def test_who_else_comes_is_quiet_outside_of_individual_programs(kind: ProgramKind | None) -> None:
    program = Program("p", "Circle", kind) if kind else None
    before = both(a_session(program=program))
    after = both(a_session(program=program, participants=(MAYA, SAM, LEA)))
    assert before[0] == after[0]
    assert before[1] != after[1]


def test_of_a_crowd_only_the_shown_names_and_the_number_count() -> None:
    crowd = tuple(Participant(f"c-{n}", f"Name {n:02}", f"c{n}@example.org") for n in range(30))
    program = Program("p", "Circle", ProgramKind.GROUP)

    def seen(people: tuple[Participant, ...]) -> str:
        return quiet(a_session(program=program, participants=(MAYA, *people)), MAYA)

    renamed = (*crowd[:-1], replace(crowd[-1], name="Name 99"))
    assert seen(crowd) == seen(renamed)
    assert seen(crowd) != seen(crowd[:-1])


def test_what_a_discreet_program_hides_is_no_change() -> None:
    hidden = Program("p", "Secret", discreet=True)
    before = a_session(program=hidden)
    after = replace(
        before,
        title="x",
        program=replace(hidden, name="y"),
        agenda=Agenda("<p>z</p>", before.agenda.url),
        participants=(MAYA, replace(SAM, name="w")),
    )
    assert both(before) == both(after)


def test_a_human_with_two_ids_is_one_and_not_their_own_partner() -> None:
    maya, again = replace(MAYA, person="h-1"), replace(MAYA, id="u-9", person="h-1")
    sam, double = replace(SAM, person="h-2"), replace(SAM, id="u-8", person="h-2")
    session = a_session(participants=(maya, again, sam, double))
    assert [one.id for one in fingerprints.Roster.of(session).without(maya)] == ["u-2"]
    assert both(session, maya) == both(a_session())
    swapped = a_session(participants=(double, sam, again, maya))
    assert both(swapped, maya) == both(a_session())


def test_only_the_part_after_the_wording_version_is_compared() -> None:
    assert same("1.abc", "2.abc")
    assert same("1.abc", "1.abc")
    assert not same("1.abc", "1.abd")
    assert not same("1.abc", None)
    assert not same(None, None)


def test_what_a_user_edited_is_never_the_same_as_what_was_sent() -> None:
    for drift in ("drift:abc", "drift:1.abc", "drift:.abc", "abc", ""):
        assert not same(drift, "1.abc")


def test_the_old_fingerprint_stays_while_the_facts_do() -> None:
    assert keep("1.abc", "2.abc") == "1.abc"
    assert keep("1.abc", "2.abd") == "2.abd"
    assert keep(None, "2.abd") == "2.abd"


def test_rewording_keeps_the_fingerprint_of_the_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    old = both(a_session())
    monkeypatch.setattr(fingerprints, "WORDING", "3")
    new = both(a_session())
    assert new[0].startswith("3.")
    assert all(same(a, b) and keep(a, b) == a for a, b in zip(old, new, strict=True))
