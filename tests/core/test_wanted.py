"""Who is to see a booked session, and where; and the accounts that decide it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from calsync.core.account import MASS_ACCOUNTS, is_mass_loss
from calsync.core.booked import Status
from calsync.core.content.event import (
    Details,
    NamedLink,
    event_from_json,
    event_to_json,
    was_private,
)
from calsync.core.content.render import desired_events
from calsync.core.desired import covered, wanted_of
from tests.core.booking import MAYA, SAM, a_session
from tests.core.decisions import LOST_A, TO_A, TO_MAIL, A
from tests.make import an_event

SAMS_MAIL = replace(TO_MAIL, address=SAM.email, destination=f"mail:{SAM.email}")


def test_everybody_of_a_session_sees_it_where_they_look() -> None:
    maya, sam = wanted_of(a_session(), {MAYA.email: [A]})
    assert (maya.participant, maya.email, maya.route) == (MAYA.id, MAYA.email, TO_A)
    assert (sam.participant, sam.email, sam.route) == (SAM.id, SAM.email, SAMS_MAIL)
    assert maya.event is not None
    assert maya.event.starts_at == a_session().starts_at
    assert (maya.covered_by, sam.covered_by) == (None, None)


def test_accounts_are_found_by_the_address_in_lower_case() -> None:
    loud = replace(MAYA, email=MAYA.email.upper())
    (maya,) = wanted_of(a_session(participants=(loud,)), {MAYA.email: [A]})
    assert maya.route == TO_A
    (maya,) = wanted_of(a_session(participants=(loud,)), {MAYA.email: [LOST_A]})
    assert maya.route is not None
    assert maya.route.destination == TO_MAIL.destination


def test_nobody_sees_a_cancelled_session() -> None:
    assert wanted_of(a_session(status=Status.CANCELLED), {MAYA.email: [A]}) == []


def test_who_comes_twice_with_one_calendar_sees_one_event() -> None:
    twice = (MAYA, replace(MAYA, id="u-9"))
    first, second = wanted_of(a_session(participants=twice), {MAYA.email: [A]})
    assert (first.covered_by, second.covered_by) == (None, MAYA.id)


def test_who_sees_nothing_covers_nobody() -> None:
    twice = (MAYA, replace(MAYA, id="u-9"))
    first, second = wanted_of(a_session(participants=twice), {MAYA.email: [A]})
    found = covered([replace(first, event=None), second])
    assert [one.covered_by for one in found] == [None, None]


SOME_DETAILS = Details(
    kind="online",
    label="Zoom",
    people=("Sam", "Zoë"),
    agenda=(3, 9),
    links=(NamedLink("Agreement", "https://app.example.org/agreement"),),
)


def test_an_event_is_read_back_as_it_was_stored() -> None:
    event = an_event(title="Ziele für Zoë", private=True, details=SOME_DETAILS)
    stored = event_to_json(event)
    bare = replace(event, details=None)
    assert event_from_json(stored) == event
    assert event_from_json(event_to_json(bare)) == bare
    assert json.loads(stored)["starts_at"] == "2026-12-03T20:00:00+00:00"
    assert "Zoë" in stored, "stored in its own letters"
    newer = {**json.loads(stored), "unheard_of": 1, "details": {"kind": "online", "mood": "x"}}
    assert event_from_json(json.dumps(newer)).details == Details(kind="online")
    older = {**json.loads(stored), "note": "of a version before"} | {"details": None}
    assert event_from_json(json.dumps(older)).details is None


@pytest.mark.parametrize("private", [True, False])
def test_of_a_stored_event_it_is_read_by_itself_whether_it_was_private(private: bool) -> None:
    assert was_private(event_to_json(an_event(private=private))) is private


@pytest.mark.parametrize(
    ("lost", "working", "incident"),
    [
        (1, 0, False),
        (1, 5, False),
        (2, 20, False),
        (2, 21, False),
        (3, 21, True),
        (MASS_ACCOUNTS, 1000, False),
        (MASS_ACCOUNTS + 1, 1000, True),
        (MASS_ACCOUNTS + 1, 0, True),
    ],
)
def test_a_loss_of_many_accounts_is_one_incident(
    lost: int, working: int, *, incident: bool
) -> None:
    assert is_mass_loss(lost, working) is incident


def test_events_that_were_made_before_are_taken() -> None:
    session = a_session()
    before = desired_events(session)
    assert wanted_of(session, {}, before) == wanted_of(session, {})
    assert [one.event is before[one.participant] for one in wanted_of(session, {}, before)] == [
        True,
        True,
    ]
