"""One record of a platform becomes one booked session, or is refused with its reason.

Three levels: a fault in the session's own facts refuses the record; one in a participant's
address or name sets that person aside; any other drops or cuts its field. The last two warn.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from calsync.core.booked import BookedSession, RecordWarning, Status
from calsync.errors import RecordError
from calsync.sources.records.format import IDENTIFIER, SessionRecord, TombstoneRecord, schema
from calsync.sources.records.notes import without_notes
from calsync.sources.records.parts import (
    TITLE,
    read_agenda,
    read_links,
    read_people,
    read_place,
    read_program,
)
from calsync.sources.records.reading import WRITE, Reading, Unfit
from calsync.sources.records.times import TimesError, check_span, read_stamp, read_wall, wall_times
from calsync.sources.records.zones import ZoneNameError, read_zone
from calsync.untrusted.reading import reads

__all__ = ["NO_ID", "identify", "parse", "schema", "stamp_of"]

NO_ID = "(without id)"
USABLE = re.compile(IDENTIFIER)
HALF = re.compile("[\ud800-\udfff]")  # of a character; JSON can write it, UTF-8 cannot
EARLY = timedelta(minutes=5)  # how far a platform's clock may be ahead of ours
HEAD = ("id", "tenant", "updated_at", "status")
MOST_PEOPLE = 1000
FACTS = (*HEAD, "starts_at", "ends_at", "time_zone", "participants")


@reads
def parse(
    record: object,
    *,
    tenant: str | None,
    now: datetime,
    strict: bool = False,
    utc: bool = False,
    max_participants: int = MOST_PEOPLE,
) -> tuple[BookedSession, list[RecordWarning]]:
    """The booked session in a JSON value, and the warnings about it.

    tenant  the source's; a record may repeat it but not name another. None: the record must name
            one itself.
    now     aware UTC, the source's clock
    strict  refuse a record that holds notes instead of dropping them
    utc     a start or end without an offset is UTC, not the wall time in its zone
    max_participants  a record with more of them is refused

    Raises RecordError; its `record` is NO_ID when the record has no usable id.
    """
    raw, notes = without_notes(record)
    read = Reading(identify(record))
    if not isinstance(raw, dict):
        raise RecordError(read.session, "record", "is not an object; write {...}")
    if read.session == NO_ID:
        what = "cannot be used" if "id" in raw else "is missing"
        raise RecordError(NO_ID, "id", f"{what}; {WRITE['id']}")
    for name in notes:
        read.warn(name, "holds notes, they are dropped; leave the field out of the feed")
    whole = _fitting(raw, max_participants)
    try:
        head = whole or read.fit(TombstoneRecord, raw, HEAD)
    except Unfit as unfit:
        raise RecordError(read.session, unfit.field, unfit.reason) from None
    tombstone = BookedSession(
        id=head.id,
        tenant=_tenant(head, tenant),
        updated_at=_updated_at(read, head, now),
        status=Status(head.status),
    )
    if tombstone.status is Status.CANCELLED:
        with suppress(RecordError):
            _check_number(raw, head.id, max_participants)
            return _whole(Reading(head.id), raw, tombstone, utc), read.warnings
        return tombstone, read.warnings
    if notes and strict:
        raise RecordError(head.id, notes[0], "holds notes; leave the field out of the feed")
    _check_number(raw, head.id, max_participants)
    return _whole(read, raw, tombstone, utc, whole), read.warnings


def _fitting(raw: dict[str, Any], most: int) -> SessionRecord | None:
    """A booked session in which every field is as documented, as nearly every record is; None for
    any other, which is read part by part."""
    people = raw.get("participants")
    if raw.get("status") != Status.BOOKED or not isinstance(people, list) or len(people) > most:
        return None
    try:
        return SessionRecord.model_validate(raw)
    except ValidationError:
        return None


def _check_number(raw: dict[str, Any], ident: str, most: int) -> None:
    people = raw.get("participants")
    if isinstance(people, list) and len(people) > most:
        raise RecordError(
            ident,
            "participants",
            f"has {len(people)} people, and at most {most} are taken; write them as several "
            "sessions, or raise max_participants of the source",
        )


@reads
def identify(record: object) -> str:
    """The record's id, or NO_ID when it has none that can be used."""
    ident = record.get("id") if isinstance(record, dict) else None
    if isinstance(ident, int) and not isinstance(ident, bool):
        ident = str(ident)
    usable = isinstance(ident, str) and USABLE.fullmatch(ident) and not HALF.search(ident)
    return str(ident) if usable else NO_ID


@reads
def stamp_of(record: object) -> datetime | None:
    """The record's updated_at in UTC, None when it cannot be read."""
    stamp = record.get("updated_at") if isinstance(record, dict) else None
    with suppress(TimesError):
        return read_stamp(stamp) if isinstance(stamp, str) else None
    return None


def _tenant(head: TombstoneRecord, tenant: str | None) -> str:
    if head.tenant is None and tenant is None:
        raise RecordError(head.id, "tenant", "is missing; write the tenant's name")
    if head.tenant is not None and tenant is not None and head.tenant != tenant:
        raise RecordError(
            head.id, "tenant", f"is not this source's tenant; write {tenant}, or leave it out"
        )
    return head.tenant or tenant or ""


def _updated_at(read: Reading, head: TombstoneRecord, now: datetime) -> datetime:
    try:
        stamp = read_stamp(head.updated_at)
    except TimesError as error:
        raise RecordError(head.id, "updated_at", str(error)) from None
    if stamp <= now + EARLY:
        return stamp
    read.warn("updated_at", f"is in the future, now is taken; {WRITE['updated_at']}")
    return now


def _whole(
    read: Reading,
    raw: dict[str, Any],
    head: BookedSession,
    utc: bool,
    whole: SessionRecord | None = None,
) -> BookedSession:
    """`whole`: the record, where all of it fits."""
    people = raw.get("participants")
    if not isinstance(people, list):
        what = "is missing" if people is None else "is not a list"
        raise RecordError(head.id, "participants", f"{what}; {WRITE['participants']}")
    try:
        record = whole or read.fit(SessionRecord, {**raw, "participants": []}, FACTS)
    except Unfit as unfit:
        raise RecordError(head.id, unfit.field, unfit.reason) from None
    zone = _zone(read, record)
    starts_at, ends_at = _span(read, record, zone, utc)
    participants, set_aside = read_people(read, whole.participants if whole else people, zone.key)
    return BookedSession(
        id=head.id,
        tenant=head.tenant,
        updated_at=head.updated_at,
        status=head.status,
        title=read.line("title", record.title, TITLE),
        program=read_program(read, record.program),
        starts_at=starts_at,
        ends_at=ends_at,
        time_zone=zone.key,
        place=read_place(read, record.place),
        agenda=read_agenda(read, record.agenda),
        url=read.link("url", record.url),
        participants=participants,
        set_aside=set_aside,
        links=read_links(read, record.links),
        wall=None if utc else wall_times(record.starts_at, record.ends_at),
    )


def _zone(read: Reading, record: SessionRecord) -> ZoneInfo:
    """The session's zone. Raises RecordError."""
    try:
        zone, other_name = read_zone(record.time_zone)
    except ZoneNameError as error:
        raise RecordError(record.id, "time_zone", f"is not an IANA zone; {error}") from None
    if other_name:
        read.warn("time_zone", other_name)
    return zone


def _span(
    read: Reading, record: SessionRecord, zone: ZoneInfo, utc: bool
) -> tuple[datetime, datetime]:
    """Start and end in UTC. Raises RecordError."""
    name = "starts_at"
    try:
        starts_at, twice = read_wall(record.starts_at, zone, utc=utc)
        if twice:
            read.warn(name, twice)
        name = "ends_at"
        ends_at, twice = read_wall(record.ends_at, zone, utc=utc)
        if twice:
            read.warn(name, twice)
        check_span(starts_at, ends_at)
    except TimesError as error:
        raise RecordError(record.id, name, str(error)) from None
    return starts_at, ends_at
