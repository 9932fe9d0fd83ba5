"""Days, hours and zones as regions write them, by the Unicode CLDR data that Babel brings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import (
    DateTimePattern,
    format_date,
    format_interval,
    format_skeleton,
    format_time,
    get_timezone_location,
    get_timezone_name,
    parse_pattern,
)

MINUS = "\u2212"
# CLDR sets these around hours; mail readers of the past show boxes in their place.
_NARROW = str.maketrans({"\u202f": " ", "\u2009": " ", "\u00a0": " "})
_QUOTED = re.compile("'[^']*'")


def local(at: datetime, zone: str) -> datetime:
    """The instant (aware) in the IANA zone."""
    return at.astimezone(ZoneInfo(zone))


@lru_cache(maxsize=512)
def territory(zone: str) -> str:
    """The country that a zone belongs to, such as CA; "" for those of no country."""
    name = get_global("zone_aliases").get(zone, zone)
    found = str(get_global("zone_territories").get(name, ""))
    return found if found.isalpha() and found != "ZZ" else ""


@lru_cache(maxsize=512)
def locale_of(code: str, region: str) -> Locale:
    """How the language is written in that region; in general, where CLDR has it not there."""
    try:
        return Locale.parse(f"{code}_{region}" if region else code)
    except (UnknownLocaleError, ValueError):
        return Locale.parse(code)


def day(locale: Locale, at: datetime) -> str:
    """`Thursday, December 3, 2026`"""
    return _day(locale, at.date())


def short_day(locale: Locale, at: datetime) -> str:
    """`Thu, Dec 3`"""
    return _short_day(locale, at.date())


def hour(locale: Locale, at: datetime) -> str:
    """`3:00 PM`, or `15:00` where people count to 24."""
    return _hour(locale, at.time())


def exact_hour(locale: Locale, at: datetime) -> str:
    """`3:00:07 PM`, or `15:00:07` where people count to 24."""
    return format_time(at.time(), "medium", locale=locale).translate(_NARROW)


def hours(locale: Locale, start: datetime, end: datetime) -> str:
    """`3:00 - 3:45 PM`, or `15:00-15:45` where people count to 24, with true dashes. On one day."""
    return _hours(locale, start.time(), end.time())


# Babel reads CLDR's patterns anew each time, and sessions share their days and hours.


@lru_cache(maxsize=2048)
def _day(locale: Locale, at: date) -> str:
    return format_date(at, "full", locale=locale).translate(_NARROW)


@lru_cache(maxsize=2048)
def _short_day(locale: Locale, at: date) -> str:
    return format_skeleton("MMMEd", at, locale=locale).translate(_NARROW)


@lru_cache(maxsize=2048)
def _hour(locale: Locale, at: time) -> str:
    return str(locale.time_formats["short"].apply(at, locale)).translate(_NARROW)


@lru_cache(maxsize=2048)
def _hours(locale: Locale, start: time, end: time) -> str:
    skeleton = "hm" if _counts_to_twelve(locale) else "Hm"
    differs = {
        "a": start.hour // 12 != end.hour // 12,
        skeleton[0]: start.hour != end.hour,
        "m": start.minute != end.minute,
    }
    patterns = _interval_patterns(locale, skeleton)
    field = next((one for one in differs if differs[one] and one in patterns), None)
    if field is None:  # nothing differs, or the language has no pattern of its own for it
        return format_interval(start, end, skeleton, locale=locale).translate(_NARROW)
    first, last = patterns[field]
    return f"{first.apply(start, locale)}{last.apply(end, locale)}".translate(_NARROW)


@lru_cache(maxsize=512)
def _interval_patterns(
    locale: Locale, skeleton: str
) -> Mapping[str, tuple[DateTimePattern, DateTimePattern]]:
    """How the start and the end of an interval are written, by the largest field that differs.
    Babel's `format_interval`, the oracle in a test, looks for it anew each time."""
    found = locale.interval_formats.get(skeleton, {}).items()
    halves = {field: tuple(map(parse_pattern, texts)) for field, texts in found}
    return {field: (both[0], both[1]) for field, both in halves.items() if len(both) == 2}


def offset(at: datetime) -> str:
    """Hours and minutes from UTC with a true minus; "UTC" alone when there are none."""
    text = f"{at:%z}"
    return f"UTC{text[0].replace('-', MINUS)}{text[1:3]}:{text[3:5]}" if at.utcoffset() else "UTC"


@lru_cache(maxsize=512)
def zone_name(locale: Locale, zone: str) -> str:
    """`Eastern Time (New York)`; "" for zones that are no place."""
    if not territory(zone):
        return ""
    found = ZoneInfo(zone)
    name = get_timezone_name(found, "long", locale=locale, zone_variant="generic")
    if name == get_timezone_location(found, locale=locale):
        return name  # by the country, and by the city where that has several zones
    return f"{name} ({get_timezone_location(found, locale=locale, return_city=True)})"


@lru_cache(maxsize=512)
def _counts_to_twelve(locale: Locale) -> bool:
    pattern = _QUOTED.sub("", str(locale.time_formats["short"].pattern))
    return "h" in pattern or "K" in pattern
