"""Links of a session beside its agenda, shown unless its program is discreet."""

from __future__ import annotations

from dataclasses import replace

from calsync.core.booked import Program, SessionLink
from calsync.core.content.event import NamedLink
from calsync.core.content.fingerprints import material, quiet
from calsync.core.content.render import desired_event
from calsync.store.ledger import sessions
from tests.core.booking import MAYA, a_session

AGREEMENT = SessionLink("Mentorship Agreement", "https://app.example.org/agreement?a=1&b=2")


def test_links_stand_under_the_agenda() -> None:
    event = desired_event(a_session(links=(AGREEMENT,)), MAYA)
    assert f"{AGREEMENT.label}: {AGREEMENT.url}" in event.text
    assert event.text.index("Agenda") < event.text.index(AGREEMENT.label) < event.text.index("With")
    assert '<a href="https://app.example.org/agreement?a=1&amp;b=2">' in event.html
    assert event.details is not None
    assert event.details.links == (NamedLink(AGREEMENT.label, AGREEMENT.url),)


def test_a_discreet_program_shows_none() -> None:
    discreet = a_session(links=(AGREEMENT,), program=Program("p", "Recovery", discreet=True))
    event = desired_event(discreet, MAYA)
    assert AGREEMENT.url not in event.text + event.html
    assert event.details is not None
    assert event.details.links == ()
    assert quiet(discreet, MAYA) == quiet(replace(discreet, links=()), MAYA)


def test_a_link_is_a_quiet_change_and_none_changes_nothing() -> None:
    without, having = a_session(), a_session(links=(AGREEMENT,))
    assert material(without, MAYA) == material(having, MAYA)
    assert quiet(without, MAYA) != quiet(having, MAYA)
    assert "links" not in sessions.to_json(without)
    assert sessions.from_json(sessions.to_json(having)) == having
    assert sessions.from_json(sessions.to_json(without)) == without
