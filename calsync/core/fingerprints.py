"""Fingerprints of one participant's view: what is material, and what is quiet.

They hash the session's facts, not the rendered text, and carry the wording version in front: a
release that only words things differently changes no fingerprint that is already stored.
"""

from __future__ import annotations

import hashlib
import json

from calsync.core.booked import BookedSession, InPerson, Online, Participant, ProgramKind

WORDING = "1"  # raise it when core/desired.py renders the same facts differently


def material(session: BookedSession, participant: Participant) -> str:
    """Start, end, place or join link, and in an individual program who the other person is."""
    others: list[str] = []
    if session.program is not None and session.program.kind is ProgramKind.INDIVIDUAL:
        others = sorted(one.id for one in session.participants if one.id != participant.id)
    return _hash(
        [
            session.starts_at.isoformat() if session.starts_at else None,
            session.ends_at.isoformat() if session.ends_at else None,
            _where(session),
            others,
        ]
    )


def quiet(session: BookedSession, participant: Participant) -> str:
    """Everything else that is shown: title, program, agenda, links, names, this person's zone."""
    place = session.place
    detail = [place.label] if isinstance(place, Online) else []
    detail = [place.instructions] if isinstance(place, InPerson) else detail
    program, agenda = session.program, session.agenda
    return _hash(
        [
            session.title,
            [program.name, program.discreet, program.kind] if program else None,
            [agenda.html, agenda.url] if agenda else None,
            session.url,
            [one.name for one in session.participants if one.id != participant.id],
            detail,
            participant.time_zone,
            participant.locale,
        ]
    )


def same(one: str, other: str) -> bool:
    """Both stand for the same facts, whatever the wording."""
    return one.partition(".")[2] == other.partition(".")[2]


def keep(old: str, new: str) -> str:
    """The old fingerprint while it stands for the same facts."""
    return old if same(old, new) else new


def _where(session: BookedSession) -> list[str]:
    place = session.place
    if isinstance(place, Online):
        return ["online", place.url, place.phone, place.passcode]
    if isinstance(place, InPerson):
        return ["in_person", place.name, place.address]
    return []


def _hash(facts: object) -> str:
    text = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
    return f"{WORDING}.{hashlib.sha256(text.encode()).hexdigest()[:20]}"
