"""A participant under another id: the same name and address are the same person."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calsync.core.booked import BookedSession, Participant, ProgramKind, Status
from calsync.core.desired import Former, Standing, Wanted, wanted_of
from tests.core.booking import MAYA, SAM, a_session

SAM_NOW = replace(SAM, id="a-1")


def standing(session: BookedSession) -> list[Standing]:
    return [Standing(one.id, one.email, "1.known", None) for one in session.participants]


def after(before: BookedSession, now: BookedSession, *known: Standing) -> dict[str, Wanted]:
    former = Former(before, known or standing(before))
    return {one.participant: one for one in wanted_of(now, {}, former=former)}


def material(one: Wanted) -> str | None:
    return one.event.material_fp if one.event else None


def with_people(session: BookedSession, *people: Participant) -> BookedSession:
    return replace(session, participants=people)


BEFORE = with_people(a_session(), MAYA, SAM)
NOW = with_people(BEFORE, MAYA, SAM_NOW)


def test_a_merged_person_goes_on_under_the_former_id_which_covers_the_new_one() -> None:
    found = after(BEFORE, NOW)
    assert {name: one.covered_by for name, one in found.items()} == {
        MAYA.id: None,
        SAM.id: None,
        SAM_NOW.id: SAM.id,
    }
    assert {material(found[one.id]) for one in (MAYA, SAM)} == {"1.known"}


def test_it_goes_on_with_the_versions_that_follow() -> None:
    known = [
        Standing(MAYA.id, MAYA.email, "1.maya", None),
        Standing(SAM.id, SAM.email, "1.sam", None),
        Standing(SAM_NOW.id, SAM.email, "1.sam", SAM.id),
    ]
    found = after(NOW, replace(NOW, title="Session 2"), *known)
    assert (found[SAM_NOW.id].covered_by, material(found[SAM.id])) == (SAM.id, "1.sam")


def test_two_people_of_one_mailbox_are_not_one_when_the_covering_one_leaves() -> None:
    other = replace(SAM, id="a-0", name="Alex at Sam's")
    before = with_people(BEFORE, other, SAM)
    known = [Standing(other.id, SAM.email, "1", None), Standing(SAM.id, SAM.email, "1", other.id)]
    found = after(before, with_people(before, SAM), *known)
    assert {name: one.covered_by for name, one in found.items()} == {SAM.id: None}


def test_who_is_covered_by_somebody_else_stays_so() -> None:
    other = replace(SAM, id="a-0", name="Sam at home")
    before = with_people(BEFORE, other, SAM)
    found = after(before, with_people(before, other, replace(SAM, id="u-9")), *standing(before))
    assert (found[SAM.id].covered_by, found["u-9"].covered_by) == ("a-0", "a-0")


@pytest.mark.parametrize(
    "now",
    [
        with_people(BEFORE, MAYA, replace(SAM_NOW, name="Kim Park")),
        with_people(BEFORE, MAYA, replace(SAM_NOW, email="sam@other.example")),
        with_people(BEFORE, MAYA, SAM, SAM_NOW),
        replace(with_people(BEFORE, MAYA, SAM_NOW), set_aside=(SAM.id,)),
    ],
    ids=["name", "address", "both are named", "set aside"],
)
def test_anybody_else_is_another_person(now: BookedSession) -> None:
    found = after(BEFORE, now)
    assert set(found) == {one.id for one in now.participants}


def test_a_second_person_of_that_name_and_address_is_not_merged_as_well() -> None:
    twin = replace(SAM, id="u-8")
    found = after(BEFORE, with_people(BEFORE, MAYA, SAM_NOW, twin))
    assert set(found) == {MAYA.id, SAM.id, SAM_NOW.id, twin.id}
    assert found[SAM_NOW.id].covered_by == SAM.id


@pytest.mark.parametrize(
    ("before", "now", "kept"),
    [
        (BEFORE, NOW, True),
        (BEFORE, with_people(BEFORE, MAYA, replace(SAM, name="Kim Park")), False),
        (BEFORE, replace(BEFORE, place=None), False),
        (replace(BEFORE, status=Status.CANCELLED), BEFORE, False),
        (with_people(BEFORE, SAM), BEFORE, False),
        (BEFORE, replace(BEFORE, title="Session 2"), True),
    ],
    ids=["merged", "another name", "venue", "cancelled before", "new in it", "title"],
)
def test_what_looks_the_same_keeps_its_fingerprint(
    before: BookedSession, now: BookedSession, kept: bool
) -> None:
    found = after(before, now, *standing(with_people(BEFORE, MAYA, SAM)))
    assert (material(found[MAYA.id]) == "1.known") is kept


def test_what_was_never_shown_keeps_nothing() -> None:
    unknown = Standing(MAYA.id, MAYA.email, None, None)
    found = after(BEFORE, BEFORE, unknown)
    assert material(found[MAYA.id]) not in (None, "1.known")


def test_a_group_is_no_other_person() -> None:
    program = BEFORE.program
    assert program is not None
    group = replace(BEFORE, program=replace(program, kind=ProgramKind.GROUP))
    now = with_people(group, MAYA, replace(SAM, name="Kim Park"))
    assert material(after(group, now)[MAYA.id]) == "1.known"
