"""A person's language: its sentences, and times as its region writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

from babel import Locale

from calsync.messages import dates
from calsync.messages.catalogue import COUNT, SOURCE, catalogue, languages


@dataclass(frozen=True, slots=True)
class Language:
    """How one person is spoken to.

    code     the language of the sentences, one that has a file
    region   how times are written, such as US; "" for as the region of a time's zone does
    own      sentences in place of the catalogue's, by key
    """

    code: str
    region: str = ""
    own: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def text(self, key: str, **values: Any) -> str:
        """A sentence with its braces filled in. Raises KeyError for one that does not exist."""
        return self.template(key, values.get(COUNT)).format(**values)

    def template(self, key: str, count: int | None = None) -> str:
        """A sentence with its braces, in the form for `count` where it has several."""
        return self.own.get(key) or _template(self.code, key, count)

    def optional(self, key: str) -> str:
        """The sentence, or "" where there is none by this key."""
        try:
            return self.template(key)
        except KeyError:
            return ""

    @property
    def direction(self) -> str:
        """How it is written: ltr or rtl."""
        return _direction(self.code)

    def speaking(self, own: Mapping[str, Mapping[str, str]]) -> Language:
        """The same language with somebody's own sentences, by language and key."""
        mine = own.get(self.code)
        return replace(self, own=mine) if mine else self

    def time(self, starts_at: datetime, ends_at: datetime, zone: str) -> str:
        """Start and end (aware) as clocks in the IANA zone show them, with the zone and its offset:
        `Thursday, December 3, 2026, 3:00 - 3:45 PM, Eastern Time (Toronto), UTC-05:00`, in
        typographic signs. An end on another day has its day; where clocks change between start and
        end, each has its own offset."""
        start, end = dates.local(starts_at, zone), dates.local(ends_at, zone)
        locale = self._locale(zone)
        same_offset, same_day = start.utcoffset() == end.utcoffset(), start.date() == end.date()
        where = [dates.zone_name(locale, zone), dates.offset(start) if same_offset else ""]
        known: dict[str, str] = {
            "day": dates.day(locale, start),
            "zone": ", ".join(dict.fromkeys(one for one in where if one)),
        }
        if same_offset and same_day:
            return self.text("time.one_day", hours=dates.hours(locale, start, end), **known)
        first, last = dates.hour(locale, start), dates.hour(locale, end)
        if not same_offset:
            first, last = f"{first} ({dates.offset(start)})", f"{last} ({dates.offset(end)})"
        last_day = "" if same_day else dates.day(locale, end)
        key = "time.clocks_change" if same_day else "time.two_days"
        return self.text(key, start=first, end=last, last_day=last_day, **known)

    def moment(self, at: datetime, zone: str) -> str:
        """An instant (aware) in the same form, without an end."""
        local, locale = dates.local(at, zone), self._locale(zone)
        names = dict.fromkeys((dates.zone_name(locale, zone), dates.offset(local)))
        return self.text(
            "time.moment",
            day=dates.day(locale, local),
            hour=dates.hour(locale, local),
            zone=", ".join(name for name in names if name),
        )

    def day(self, at: datetime, zone: str) -> str:
        """The day of an instant (aware) in the zone, with its weekday and year."""
        return dates.day(self._locale(zone), dates.local(at, zone))

    def short(self, at: datetime, zone: str) -> str:
        """Day and hour of an instant (aware), for a subject: `Thu, Dec 3, 3:00 PM`."""
        local, locale = dates.local(at, zone), self._locale(zone)
        return self.text(
            "time.short", day=dates.short_day(locale, local), hour=dates.hour(locale, local)
        )

    def exact(self, at: datetime, zone: str) -> str:
        """The same with seconds, for what must differ from every other instant."""
        local, locale = dates.local(at, zone), self._locale(zone)
        day, hour = dates.short_day(locale, local), dates.exact_hour(locale, local)
        return self.text("time.short", day=day, hour=hour)

    def _locale(self, zone: str) -> Locale:
        return dates.locale_of(self.code, self.region or dates.territory(zone))


@lru_cache(maxsize=256)
def language(tag: str) -> Language:
    """The language of a tag such as `de` or `en-GB`; English for those that have no file."""
    code, *others = tag.replace("_", "-").split("-")
    if (code := code.lower()) not in languages():
        return Language(SOURCE)
    region = next((one for one in others if _is_region(one)), "")
    return Language(code, region.upper())


@cache
def load() -> None:
    """Read the languages, and how English writes dates. Babel takes a tenth of a second for that:
    once in a process, and better before a transaction than in one."""
    languages()
    language(SOURCE).short(datetime(2026, 1, 1, tzinfo=UTC), "UTC")


@lru_cache(maxsize=1024)  # a poll asks for the same twelve with each event
def _template(code: str, key: str, count: int | None) -> str:
    return catalogue(code).template(key, count)


@lru_cache(maxsize=64)  # each mail asks for it, and Babel reads the file's name anew
def _direction(code: str) -> str:
    return str(Locale.parse(code).text_direction)


def _is_region(subtag: str) -> bool:
    """Two letters, or a number of three digits (RFC 5646 section 2.2.4)."""
    letters = len(subtag) == 2 and subtag.isascii() and subtag.isalpha()
    return letters or (len(subtag) == 3 and subtag.isascii() and subtag.isdecimal())
