"""Fingerprints of one participant's view: what is material, and what is quiet.

They hash the session's facts, not the rendered text, and carry the wording version in front: a
release that only words things differently changes no fingerprint that is already stored.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from calsync.core.booked import BookedSession, InPerson, Online, Participant, ProgramKind

WORDING = "2"  # raise it when core/content/render.py renders the same facts differently
NAMES = 12  # so many of the others are shown by name


def material(session: BookedSession, participant: Participant, roster: Roster | None = None) -> str:
    """Start, end, place or join link, and in an individual program who the other person is."""
    program = session.program
    individual = program is not None and program.kind is ProgramKind.INDIVIDUAL
    people = (roster or Roster.of(session)).without(participant) if individual else ()
    return _fingerprint(
        _instant(session.starts_at),
        _instant(session.ends_at),
        _where(session),
        sorted(one.id for one in people),
    )


def shown_material(
    session: BookedSession, participant: Participant, roster: Roster
) -> tuple[object, ...]:
    """The same facts as they look. The other person is who is shown: another id of the same name,
    as after a merge of two accounts on the platform, is nothing that anybody sees."""
    program = session.program
    individual = program is not None and program.kind is ProgramKind.INDIVIDUAL
    names = [one.name for one in roster.without(participant)] if individual else []
    return (_instant(session.starts_at), _instant(session.ends_at), _where(session), names)


def quiet(session: BookedSession, participant: Participant, roster: Roster | None = None) -> str:
    """Everything else that is shown: title, program, agenda, links, names, this person's zone.

    What a discreet program hides does not count.
    """
    place, program = session.place, session.program
    how = place.label if isinstance(place, Online) else ""
    how = place.instructions if isinstance(place, InPerson) else how
    open_facts: list[object] = []
    if not is_discreet(session):
        people = (roster or Roster.of(session)).without(participant)
        open_facts = [
            session.title,
            [program.name, program.kind.value] if program else None,
            session.agenda.html if session.agenda else "",
            [one.name for one in people[:NAMES]],
            len(people),
        ]
        if session.links:  # without them it is what versions made that knew none
            open_facts.append([[one.label, one.url] for one in session.links])
    return _fingerprint(
        open_facts,
        session.agenda.url if session.agenda else "",
        session.url,
        how,
        participant.time_zone,
        participant.locale,
    )


def same(one: str | None, other: str | None) -> bool:
    """Both stand for the same facts, whatever the wording. None stands for nothing known."""
    return one is not None and other is not None and _facts(one) == _facts(other)


def keep(old: str | None, new: str) -> str:
    """The old fingerprint while it stands for the same facts, else the new one."""
    return old if old is not None and same(old, new) else new


def is_discreet(session: BookedSession) -> bool:
    return session.program is not None and session.program.discreet


@dataclass(frozen=True, slots=True)
class Roster:
    """Who takes part in a session, each human once, by name: the source's order may vary. Made
    once for all its participants."""

    people: tuple[Participant, ...]
    places: Mapping[str, int]  # of each human among the people

    @classmethod
    def of(cls, session: BookedSession) -> Roster:
        found: dict[str, Participant] = {}
        for one in sorted(session.participants, key=lambda one: one.id):
            found.setdefault(_human(one), one)
        people = sorted(found.values(), key=lambda one: (one.name.casefold(), one.id))
        return cls(tuple(people), {_human(one): place for place, one in enumerate(people)})

    def without(self, participant: Participant) -> tuple[Participant, ...]:
        """The other people, as this participant sees them."""
        place = self.places.get(_human(participant), len(self.people))
        return self.people[:place] + self.people[place + 1 :]


def _human(one: Participant) -> str:
    return f"person {one.person}" if one.person else f"id {one.id}"


def _facts(fingerprint: str) -> str:
    """From the dot on, without the wording version; what a user edited has none and stays."""
    version, _, facts = fingerprint.partition(".")
    return f".{facts}" if facts and version.isdecimal() else fingerprint


def _instant(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else ""


def _where(session: BookedSession) -> list[str]:
    place = session.place
    if isinstance(place, Online):
        return ["online", place.url, place.phone, place.passcode]
    if isinstance(place, InPerson):
        return ["in_person", place.name, place.address]
    return []


def _fingerprint(*facts: object) -> str:
    text = json.dumps(facts, ensure_ascii=True, separators=(",", ":"))
    return f"{WORDING}.{hashlib.sha256(text.encode()).hexdigest()[:20]}"
