"""Trying a source: a few of its records beside what would be made of them. Nothing is stored."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from calsync.core.booked import BookedSession, InPerson, Online, Participant
from calsync.errors import SourceError
from calsync.ports import Sample, SampledSource
from calsync.sources.records.validate import Refusal
from calsync.text.lines import cut, visible
from calsync.text.render import plain

LONGEST_ANSWER = 4_000
LONGEST_AGENDA = 300


@dataclass(frozen=True, slots=True)
class TakenSession:
    """A record as it would be taken. Of a cancellation only id, status and updated_at are certain.

    place, agenda  as text, the agenda's beginning only
    set_aside      ids of participants who cannot be used
    """

    id: str
    status: str
    updated_at: datetime
    title: str
    program: str
    starts_at: datetime | None
    ends_at: datetime | None
    time_zone: str
    place: str
    agenda: str
    url: str
    participants: tuple[Participant, ...]
    set_aside: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TriedRecord:
    """One record. `answer` is what the source gave, as JSON text; `taken` is None when it would be
    refused."""

    answer: str
    taken: TakenSession | None
    refused: tuple[Refusal, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """What a source gave. `error`: why it could not be read, or not to the end."""

    source: str
    records: tuple[TriedRecord, ...]
    error: str | None


def try_source(source: SampledSource, limit: int) -> Trial:
    """The first records of a source, as they came and as they would be taken."""
    tried: list[TriedRecord] = []
    try:
        for sample in source.samples(limit):
            tried.append(_tried(sample))
    except SourceError as error:
        return Trial(source.name, tuple(tried), str(error))
    return Trial(source.name, tuple(tried), None)


def _tried(sample: Sample) -> TriedRecord:
    page = sample.page
    answer = visible(json.dumps(sample.answer, ensure_ascii=False, indent=2, default=str))
    warnings = [str(one) for one in page.warnings]
    warnings += [f"{ident}: nobody is listed for this session" for ident in page.without_people]
    return TriedRecord(
        answer=cut(answer, LONGEST_ANSWER),
        taken=_taken(page.sessions[0]) if page.sessions else None,
        refused=tuple(Refusal(one.record, one.field, one.reason) for one in page.refused),
        warnings=tuple(warnings),
    )


def _taken(session: BookedSession) -> TakenSession:
    agenda = session.agenda
    return TakenSession(
        id=session.id,
        status=session.status.value,
        updated_at=session.updated_at,
        title=session.title,
        program=session.program.name if session.program else "",
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        time_zone=session.time_zone,
        place=_place(session.place),
        agenda=cut(plain(agenda.html), LONGEST_AGENDA) if agenda else "",
        url=(agenda.url if agenda else "") or session.url,
        participants=session.participants,
        set_aside=tuple(one for one in session.set_aside if one),
    )


def _place(place: Online | InPerson | None) -> str:
    if place is None:
        return ""
    if isinstance(place, Online):
        parts = ("online", place.label, place.url, place.phone)
    else:
        parts = ("in person", place.name, place.address, place.instructions)
    return ", ".join(one for one in parts if one)
