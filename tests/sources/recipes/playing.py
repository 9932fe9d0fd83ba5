"""A recipe over tables of a booking system, made here from its documented columns."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from calsync.bootstrap.sources import make_source
from calsync.config.source_section import SourceSection
from calsync.core.booked import BookedSession
from calsync.ports import SampledSource
from calsync.sources.recipes.catalogue import recipe
from providers.http.watchdog import Watchdog
from tests.sources.platform import Platform

LINK = "https://booking.example.org"
NOW = datetime.now(UTC).replace(microsecond=0)


def source_of(name: str, platform: Platform, **values: str) -> SampledSource:
    """The source that the recipe makes of this database, checked as a configuration is."""
    found = recipe(name)
    filled = found.filled(found.source, {"link": LINK, **values})
    (table,) = tomllib.loads(filled)["source"]
    section = SourceSection.model_validate(table | {"url": platform.url})
    assert not list(section.check())
    return make_source(section, Watchdog())


class Play:
    """A source read again and again, as polls do."""

    def __init__(self, source: SampledSource) -> None:
        self.source, self.cursor = source, None

    def poll(self) -> dict[str, BookedSession]:
        """Sessions of one poll by id; nothing of it is refused or warned of."""
        pages = list(self.source.changes(self.cursor))
        for page in pages:
            told = [*page.refused, *page.warnings, *page.without_people]
            assert told == [], list(map(str, told))
        self.cursor = pages[-1].cursor  # type: ignore[assignment]
        return {one.id: one for page in pages for one in page.sessions}

    def all(self) -> dict[str, BookedSession]:
        """Sessions of a sweep."""
        return {one.id: one for page in self.source.sweep() for one in page.sessions}

    def gone(self, *ids: str) -> set[str]:
        """Those that the source has no longer."""
        return set(ids) - (self.source.present(ids) or set())


def addresses(session: BookedSession) -> list[str]:
    return sorted(one.email for one in session.participants)


def roles(session: BookedSession) -> dict[str, str]:
    return {one.email: one.role for one in session.participants}


def days(number: int) -> datetime:
    """That many days ahead, at 15:00 UTC."""
    return (NOW + timedelta(days=number)).replace(hour=15, minute=0, second=0)


def naive(instant: datetime) -> str:
    return instant.replace(tzinfo=None).isoformat(sep=" ")


def insert(platform: Platform, table: str, *rows: dict[str, Any]) -> None:
    for row in rows:
        names = ", ".join(row)
        values = ", ".join(f":{name.strip(chr(34))}" for name in row)
        given = {name.strip('"'): value for name, value in row.items()}
        platform.run(f"INSERT INTO {table} ({names}) VALUES ({values})", given)


def each(statements: str) -> Iterable[str]:
    return (one.strip() for one in statements.split(";") if one.strip())
