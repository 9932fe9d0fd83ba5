"""Time zone data as it is used: what of it has changed, and what a session's wall times mean by it.

Whoever runs calsync has several copies of it, the system's and the `tzdata` package, and Python
takes the first that it finds. So what is remembered is made of the offsets themselves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from calsync.core.booked import BookedSession

Digests = Mapping[str, Mapping[str, str]]  # by zone and year

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
YEARS = 3  # this one, so that it need not be said how far the next two go


class SkippedTimeError(ValueError):
    """A wall time does not exist in its zone."""


def digests(names: Iterable[str], now: datetime) -> dict[str, dict[str, str]]:
    """What the data in use says of these zones: of this year and the next two. One that it does not
    know is left out."""
    found: dict[str, dict[str, str]] = {}
    for name in names:
        try:
            zone = ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            continue
        years = range(now.year, now.year + YEARS)
        found[name] = {str(year): _digest(zone, year) for year in years}
    return found


def changed(before: Digests, now: Digests) -> list[str]:
    """The zones of which both know a year, and not the same of it."""
    return sorted(
        name
        for name in before.keys() & now.keys()
        if any(before[name][year] != now[name][year] for year in before[name].keys() & now[name])
    )


def fingerprint(known: Digests) -> str:
    """One short word for all of it."""
    told = sorted((name, sorted(years.items())) for name, years in known.items())
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def occurrences(wall: datetime, zone: ZoneInfo) -> list[datetime]:
    """When clocks in `zone` show `wall`: never in a spring gap, twice in autumn, else once."""
    first, second = (wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():  # no change of clocks is near (PEP 495)
        return [first]
    found: list[datetime] = []
    for fold in (0, 1):
        instant = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        local = instant.astimezone(zone)
        if local.replace(tzinfo=None, fold=0) == wall and local.fold == fold:
            found.append(local)
    return found


def by_its_wall_times(session: BookedSession) -> BookedSession:
    """The session at the instants that its wall times mean by the data in use. Raises
    SkippedTimeError where one of them does not exist any more."""
    if session.wall is None:
        return session
    zone = ZoneInfo(session.time_zone)
    shown = [occurrences(one, zone) for one in session.wall]
    for one, found in zip(session.wall, shown, strict=True):
        if not found:
            raise SkippedTimeError(
                f"{one.isoformat()} does not exist in {zone.key} any more: the clocks skip it by "
                "the new time zone data; write another time"
            )
    starts_at, ends_at = (found[0].astimezone(UTC) for found in shown)
    return replace(session, starts_at=starts_at, ends_at=ends_at)


def _digest(zone: ZoneInfo, year: int) -> str:
    told = [
        (at.isoformat(), offset.total_seconds())
        for at, offset in _changes(zone, datetime(year, 1, 1, tzinfo=UTC))
    ]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:12]


def _changes(zone: ZoneInfo, begin: datetime) -> Iterator[tuple[datetime, timedelta]]:
    """The offset at this instant, and each other one within the year, to the minute."""
    known = _offset(zone, begin)
    yield begin, known
    end = begin.replace(year=begin.year + 1)
    day = begin
    while day < end:
        following = min(day + DAY, end)
        offset = _offset(zone, following)
        if offset != known:
            yield _minute_of_change(zone, day, following), offset
        known, day = offset, following


def _minute_of_change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    known = _offset(zone, before)
    while after - before > MINUTE:
        middle = before + (after - before) // MINUTE // 2 * MINUTE
        if _offset(zone, middle) == known:
            before = middle
        else:
            after = middle
    return after


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)
