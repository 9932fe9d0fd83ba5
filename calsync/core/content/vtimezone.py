"""A zone as calendar objects define it: a VTIMEZONE (RFC 5545 3.6.5) made from the zone data.

A change of the clocks that comes round every year is written as its rule, as clients write it too;
changes without (Morocco's follow the moon) stand for themselves, in the years around it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import groupby
from zoneinfo import ZoneInfo

from icalendar import Calendar, Timezone, TimezoneDaylight, TimezoneStandard
from icalendar.timezone import TZP

YEARS = 28  # in which every date comes on every day of the week: a rule that holds for them holds
LISTED = 5  # years of changes that follow no rule
ALWAYS = 1970
STEP = timedelta(days=3)  # no zone changes its clocks twice within these
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

Rule = dict[str, str | int | list[int]]
ZoneNamed = Callable[[str], tzinfo | None]


@dataclass(frozen=True, slots=True)
class ClockChange:
    """wall: what the clocks show when they are changed; before, after: the offsets from UTC."""

    wall: datetime
    before: timedelta
    after: timedelta
    name: str


@lru_cache(maxsize=256)
def vtimezone(zone: ZoneInfo, year: int) -> Timezone:
    """The definition of `zone` for an event of that year (in UTC): true from a year before it on,
    for ever where the clocks follow rules, else for the next few years."""
    first = year - 1
    changes = list(_changes(zone, first))
    made = Timezone()
    made.add("tzid", zone.key)
    kinds = [list(some) for _, some in groupby(sorted(changes, key=_kind), key=_kind)]
    rules = [_rule(some) for some in kinds]
    if not kinds:
        _add(made, _as_it_is(zone, first, since=ALWAYS))
    elif all(rules):
        for some, rule in zip(kinds, rules, strict=True):
            _add(made, some[0], rule)
    else:
        # Each by itself: of several dates in one RDATE, ical.js (Thunderbird, Nextcloud) reads the
        # first only. https://github.com/kewisch/ical.js/blob/main/lib/ical/timezone.js
        # From a year before: zones were changed at midnight of New Year's Day as well.
        _add(made, _as_it_is(zone, first, since=first - 1))
        for one in changes:
            if one.wall.year < first + LISTED:
                _add(made, one)
    return made


def _kind(change: ClockChange) -> tuple[timedelta, timedelta, str]:
    return change.before, change.after, change.name


def _changes(zone: ZoneInfo, first: int) -> Iterator[ClockChange]:
    at, end = datetime(first, 1, 1, tzinfo=UTC), datetime(first + YEARS, 1, 1, tzinfo=UTC)
    while at < end:
        later = at + STEP
        if _offset(zone, at) != _offset(zone, later):
            yield _change(zone, at, later)
        at = later


def _change(zone: ZoneInfo, early: datetime, late: datetime) -> ClockChange:
    """The change between two instants, to the second."""
    before = _offset(zone, early)
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
        if _offset(zone, middle) == before:
            early = middle
        else:
            late = middle
    after, name = _offset(zone, late), late.astimezone(zone).tzname()
    return ClockChange((late + before).replace(tzinfo=None), before, after, name or "")


def _as_it_is(zone: ZoneInfo, year: int, *, since: int) -> ClockChange:
    """No change: what clocks show when that year begins, said of the years from `since` on."""
    start = datetime(year, 1, 1, tzinfo=UTC)
    offset, name = _offset(zone, start), start.astimezone(zone).tzname()
    return ClockChange(start.replace(year=since, tzinfo=None), offset, offset, name or "")


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _rule(changes: Sequence[ClockChange]) -> Rule | None:
    """The rule that all of them follow, one a year; None when there is none."""
    walls = [one.wall for one in changes]
    alike = {(one.month, one.weekday(), one.time()) for one in walls}
    if len(walls) != YEARS or len({one.year for one in walls}) != YEARS or len(alike) != 1:
        return None
    day = DAYS[walls[0].weekday()]
    rule: Rule = {"freq": "YEARLY", "bymonth": walls[0].month}
    if all((one + timedelta(days=7)).month != one.month for one in walls):
        return rule | {"byday": f"-1{day}"}
    days = sorted({one.day for one in walls})
    if days != list(range(days[0], days[0] + 7)):
        return None
    if days[0] % 7 == 1:
        return rule | {"byday": f"{days[0] // 7 + 1}{day}"}
    return rule | {"byday": day, "bymonthday": days}


def _add(made: Timezone, change: ClockChange, rule: Rule | None = None) -> None:
    forward = change.after > change.before
    part = TimezoneDaylight() if forward else TimezoneStandard()
    part.add("dtstart", change.wall)
    part.add("tzoffsetfrom", change.before)
    part.add("tzoffsetto", change.after)
    part.add("tzname", change.name)
    if rule:
        part.add("rrule", rule)
    made.add_component(part)


def zones_of(calendar: Calendar, *, as_defined: bool = False) -> ZoneNamed:
    """What finds the zones that times in `calendar` name, as this object and nobody else's defines
    them.

    A name that the zone data or Windows knows means that zone; any other, and with `as_defined` any
    that is defined, is what its VTIMEZONE in the same object says (RFC 5545, section 3.2.19). The
    library keeps such a definition for the whole process under its name, and would read another
    person's object by it:
    https://github.com/collective/icalendar/blob/v7.3.2/src/icalendar/timezone/tzp.py
    """
    zones = TZP()
    defined: dict[str, tzinfo] = {}
    for zone in calendar.walk("VTIMEZONE"):
        if isinstance(zone, Timezone) and "TZID" in zone:
            zones.cache_timezone_component(zone)
            if as_defined:
                defined[str(zone["TZID"])] = zone.to_tz(zones, lookup_tzid=False)
    return lambda name: defined.get(name) or zones.timezone(name)
