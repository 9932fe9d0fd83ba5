"""Booked sessions from any JSON API, by a mapping; its settings are in docs/http-mapping.md."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from calsync.ports import NOTHING_KNOWN, HttpAnswer, HttpClient, KnownRecords, Page, Sample
from calsync.sources.asking import Asking
from calsync.sources.feed import LONGEST_CURSOR, clock_of, not_json
from calsync.sources.mapping.details import RememberedDetails
from calsync.sources.mapping.expressions import Expression, ExpressionError
from calsync.sources.mapping.mapping import DETAIL, MapSettings
from calsync.sources.mapping.mapping import Mapping as Mapped
from calsync.sources.mapping.requests import (
    PageAt,
    asks_for_changes,
    headers_of,
    request_of,
    turns_pages,
)
from calsync.sources.pages import Sheet, first_records, newest_of, shown
from calsync.sources.raw import Hashing, RawRecord
from calsync.sources.records.record import MOST_PEOPLE, NO_ID, identify
from calsync.sources.sql.rows import plain
from calsync.untrusted.json_text import JsonError, parse_json
from calsync.untrusted.reading import reads

PAGES = 5_000
READ_SECONDS = 7_200.0
MOST_ITEMS = 50_000  # of one answer
DETAIL_BYTES = 1_000_000  # of the answer about one record
DETAILS_BYTES = 64_000_000  # of those about the records of one page


class MappedSource:
    """Reads an API as `settings` say, every record each time where it cannot be asked for changes.

    token           sent as a bearer token or in `token_header`, and to this origin only
    overlap_seconds how far behind the newest change the next read begins
    strict          refuse records that hold notes
    max_participants  refuse records with more of them
    utc             times without an offset are UTC
    """

    def __init__(
        self,
        name: str,
        tenant: str,
        url: str,
        token: str,
        http: HttpClient,
        retry_after: Callable[[Mapping[str, str], datetime], float | None],
        settings: MapSettings,
        *,
        overlap_seconds: float = 120,
        strict: bool = False,
        max_participants: int = MOST_PEOPLE,
        utc: bool = False,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.name, self.tenant = name, tenant
        self._url, self._clock = url, clock
        self._headers = headers_of(settings, token)
        self._asking = Asking(name, url, http, retry_after, clock)
        self._settings, self._mapping = settings, Mapped(settings)
        self._overlap = timedelta(seconds=overlap_seconds)
        self._strict, self._most, self._utc = strict, max_participants, utc
        self._details = RememberedDetails()

    def changes(self, cursor: str | None, known: KnownRecords = NOTHING_KNOWN) -> Iterator[Page]:
        """What the API gives since `cursor`, or all of it. Raises SourceError."""
        newest = _instant(cursor) if asks_for_changes(self._settings) else None
        since = newest - self._overlap if newest else None
        if asks_for_changes(self._settings):  # the cursor is made of the records that were read
            known = KnownRecords(known.rules)
        hashing = self._hashing(known)
        for items, answer, more in self._pages(since):
            sheet = self._sheet(items, answer, hashing)
            newest = newest_of([newest, *(one.updated_at for one in sheet.sessions)], sheet.now)
            yield sheet.page(newest.isoformat() if newest and not more else cursor)

    def sweep(self, known: KnownRecords = NOTHING_KNOWN) -> Iterator[Page]:
        """Every record. Raises SourceError, at the end also when one has no usable id: then nobody
        can say which sessions are missing."""
        nameless, hashing = 0, self._hashing(known)
        for items, answer, _ in self._pages(None):
            nameless += sum(self._ident(one) == NO_ID for one in items)
            yield self._sheet(items, answer, hashing).page()
        if nameless:
            raise self._asking.wrong(
                f"{nameless} records have no usable id, so it is unknown which sessions are "
                "missing; correct map.record.id"
            )

    def present(self, ids: Sequence[str]) -> set[str] | None:
        """None: an API has no question of that kind."""
        return None

    def samples(self, limit: int) -> Iterator[Sample]:
        """The first records of a read of everything, as the API answered them. Raises
        SourceError."""
        hashing = self._hashing(NOTHING_KNOWN)
        pages = ((items, answer) for items, answer, _ in self._pages(None))
        for item, answer in first_records(pages, limit, self._asking.wrong):
            yield Sample(shown(partial(_given, item)), self._sheet([item], answer, hashing).page())

    def _pages(self, since: datetime | None) -> Iterator[tuple[list[Any], HttpAnswer, bool]]:
        """(records, the answer, whether more follow) of each page."""
        place = PageAt(since, self._clock(), self._settings.first_page)
        end, before, asked = time.monotonic() + READ_SECONDS, object(), set[object]()
        for _ in range(PAGES):
            request = request_of(self._url, self._settings, place)
            if request in asked:
                raise self._asking.wrong("names a page that was there before as the next one")
            asked.add(request)
            answer, found = self._ask(request.method, request.url, request.body)
            items = self._items(found)
            if items and items == before:
                raise self._asking.wrong("sent the same page twice; check map.params and map.next")
            place, before = place.after(len(items), self._next(request.url, found)), items
            more = self._more(found, items, place)
            kept = [one for one in items if self._mapping.keeps(one)]
            yield self._detailed(kept, end), answer, more
            if not more:
                return
            self._go_on(end)
        raise self._asking.wrong(f"has more than {PAGES} pages")

    def _go_on(self, end: float) -> None:
        if time.monotonic() > end:
            raise self._asking.wrong(f"has still more after {READ_SECONDS / 3600:g} hours")

    def _ask(self, method: str, url: str, body: bytes | None) -> tuple[HttpAnswer, Any]:
        """An answer and the JSON in it."""
        answer = self._asking.send(method, url, self._headers, body)
        if answer.status not in (200, 201):
            raise self._asking.refusal(answer)
        try:
            return answer, parse_json(answer.body)
        except JsonError as error:
            raise self._asking.wrong(not_json(answer.body, error)) from None

    def _items(self, found: object) -> list[Any]:
        items = self._of(self._mapping.list, "map.list", found)
        if not isinstance(items, list):
            raise self._asking.wrong(
                f"map.list ({self._mapping.list.text!r}) finds no list in the answer, which is "
                f"{outline(found)}"
            )
        if len(items) > MOST_ITEMS:
            raise self._asking.wrong(
                f"sent more than {MOST_ITEMS} records at once; have it send fewer, in pages"
            )
        return items

    def _next(self, url: str, found: object) -> str | None:
        """What follows: a link within the source's origin, or a cursor."""
        if self._mapping.next is None:
            return None
        onward = self._of(self._mapping.next, "map.next", found)
        if onward in (None, "", False):
            return None
        text = _sendable(str(plain(onward)))
        if len(text) > LONGEST_CURSOR:
            raise self._asking.wrong(f"map.next gives more than {LONGEST_CURSOR} characters")
        linked = text.startswith(("http://", "https://", "/"))
        return self._asking.within(url, text, "map.next leads") if linked else text

    def _more(self, found: object, items: list[Any], place: PageAt) -> bool:
        if not turns_pages(self._settings):
            return False
        if self._mapping.more is not None:
            return bool(self._of(self._mapping.more, "map.more", found))
        if self._mapping.next is not None:
            return place.link is not None or place.cursor is not None
        return bool(items)

    def _of(self, expression: Expression, key: str, found: object) -> Any:
        try:
            return expression.of(found)
        except ExpressionError as error:
            raise self._asking.wrong(f"{key}: {error}") from None

    def _detailed(self, items: list[Any], end: float) -> list[Any]:
        """The records with the answers to the requests for their details, of which none is made
        again while its record stays as it is."""
        expression = self._mapping.detail
        if expression is None:
            return items
        found, left = list[Any](), DETAILS_BYTES
        for item in items:
            url = self._of(expression, "map.detail", item) if isinstance(item, dict) else None
            if not isinstance(url, str) or not url:
                found.append(item)
                continue
            self._go_on(end)
            detail, size = self._detail(item, _sendable(url))
            left -= size
            if left < 0:
                raise self._asking.wrong("has details too large for one page; ask for fewer a page")
            found.append(item | {DETAIL: detail})
        return found

    def _detail(self, item: object, url: str) -> tuple[Any, int]:
        known = self._details.of(item)
        if known is not None:
            return known
        there = self._asking.within(self._url, url, "map.detail leads")
        answer, found = self._ask("GET", there, None)
        size = len(answer.body)
        if size > DETAIL_BYTES:
            raise self._asking.wrong(f"sent a detail of more than {DETAIL_BYTES // 1000} kB")
        self._details.keep(item, found, size)
        return found, size

    def _hashing(self, known: KnownRecords) -> Hashing:
        read_by = (self._settings.record, self._settings.lookup, self._strict, self._utc)
        return Hashing(known, "map", self.tenant, *read_by, self._most)

    def _sheet(
        self,
        items: Sequence[Any],
        answer: HttpAnswer,
        hashing: Hashing,
    ) -> Sheet:
        now = clock_of(answer.headers.get("date", ""), self._clock())
        sheet = Sheet(self.tenant, now, self._strict, self._utc, self._most)
        raw = [
            RawRecord(
                partial(self._mapping.record, item),
                f"record {number} of a page of source {self.name}",
                self._ident(item),
                hashing.of_value(item),
            )
            for number, item in enumerate(items, 1)
        ]
        sheet.take(raw, hashing.known)
        sheet.refused = [self._mapping.explained(one) for one in sheet.refused]
        return sheet

    def _ident(self, item: object) -> str:
        return identify({"id": plain(self._mapping.ident(item))})


@reads
def outline(found: object) -> str:
    """What an answer is, by the names of its fields: no value of it."""
    if isinstance(found, dict):
        names = ", ".join(str(name)[:40] for name in list(found)[:12])
        return f"an object with {names}" if names else "an empty object"
    return "a list" if isinstance(found, list) else "not an object"


def _sendable(text: str) -> str:
    """Text that an address can hold: half of a character becomes a question mark."""
    return text.encode(errors="replace").decode()


def _given(item: object) -> object:
    return item


def _instant(cursor: str | None) -> datetime | None:
    """What a page gave as its cursor; anything else begins anew, which loses nothing."""
    try:
        return datetime.fromisoformat(cursor or "").astimezone(UTC)
    except ValueError:
        return None
