"""Booked sessions from a paged JSON feed; its format is in docs/http-feed.md.

How an answer gets here is the caller's (`HttpClient`): one request, over by its
deadline and size limit.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlencode, urlsplit

from calsync.errors import SourceError
from calsync.ports import NOTHING_KNOWN, HttpAnswer, HttpClient, KnownRecords, Page, Sample
from calsync.sources.asking import Asking
from calsync.sources.feed import FeedPage, clock_of, etag_of, read_page
from calsync.sources.ordered import Ids
from calsync.sources.pages import Sheet, first_records, shown
from calsync.sources.raw import Hashing, RawRecord
from calsync.sources.records.record import MOST_PEOPLE, NO_ID, identify

PAGES = 20_000
SAME = 3  # equal pages in a row: changes do not look like that
READ_SECONDS = 7_200.0


class Gone(Exception):  # noqa: N818 - answered by the reader, never shown as it is
    """The feed does not know the cursor any more."""


@dataclass(frozen=True, slots=True)
class FeedCursor:
    """The feed's own cursor, and the ETag under which it last had nothing new to tell there."""

    at: str | None = None
    etag: str = ""

    @classmethod
    def read(cls, text: str | None) -> FeedCursor:
        """What `write` wrote; anything else begins anew, which costs time but loses nothing."""
        try:
            found = json.loads(text or "")
            return cls(found["at"], found["etag"])
        except (ValueError, TypeError, KeyError):
            return cls()

    def write(self) -> str:
        return json.dumps({"at": self.at, "etag": self.etag})


@dataclass
class Course:
    """The pages of one read so far, over by `end` (`time.monotonic()`)."""

    seen: set[str | None]
    end: float
    last: Sequence[object] = ()
    same: int = 1

    def problem(self, page: FeedPage) -> str | None:
        """Why not to go on after a page that says there are more."""
        if page.next is None or page.next in self.seen:
            return "a page says more and its next was there before; it must move"
        again = bool(page.sessions) and page.sessions == self.last
        self.same, self.last = self.same + 1 if again else 1, page.sessions
        self.seen.add(page.next)
        if self.same == SAME:
            return f"sent the same page {SAME} times under new cursors"
        if time.monotonic() > self.end:
            return f"has still more after {READ_SECONDS / 3600:g} hours"
        return None


@dataclass
class HttpSource:
    """Reads the feed at `url`. Its clock is the server's Date header.

    token         sent as a bearer token, and to this origin only
    retry_after   seconds that an answer's headers ask us to wait; None when they ask nothing
    strict        refuse records that hold notes
    max_participants  refuse records with more of them
    utc           times without an offset are UTC
    """

    name: str
    tenant: str
    url: str = field(repr=False)
    token: str = field(repr=False)
    http: HttpClient
    retry_after: Callable[[Mapping[str, str], datetime], float | None]
    strict: bool = False
    max_participants: int = MOST_PEOPLE
    utc: bool = False
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def __post_init__(self) -> None:
        self._asking = Asking(
            self.name,
            self.url,
            self.http,
            self.retry_after,
            lambda: self.clock(),  # noqa: PLW0108 - the clock may be set later
        )

    def changes(self, cursor: str | None, known: KnownRecords = NOTHING_KNOWN) -> Iterator[Page]:
        """Records that the feed has since `cursor`, in its order; no page when it answers 304. A
        cursor that it does not know any more (410) begins anew. Raises SourceError."""
        begin, warnings = FeedCursor.read(cursor), list[str]()
        hashing = self._hashing(known)
        try:
            first = self._get({}, begin)
        except Gone:
            warnings.append(f"source {self.name}: its cursor is gone (410); all is read again")
            begin, first = FeedCursor(), self._get({}, FeedCursor())
        if first.status == 304:
            return
        for asked, answer, page in self._pages({}, begin, first):
            sheet = self._sheet(page.sessions, answer, hashing)
            sheet.warnings.extend(warnings)
            warnings.clear()
            at = page.next or asked.at
            idle = at == asked.at and not page.more
            yield sheet.page(FeedCursor(at, etag_of(answer.headers) if idle else "").write())

    def sweep(self, known: KnownRecords = NOTHING_KNOWN) -> Iterator[Page]:
        """Every session the feed has. Raises SourceError, at the end also when the feed does not
        call that complete, counts otherwise, or gave records whose session is unknown: then nobody
        can say which sessions are missing."""
        everything = {"all": "true"}
        nameless, page, hashing = 0, None, self._hashing(known)
        first = self._get(everything, FeedCursor())
        with Ids() as ids:
            for _, answer, page in self._pages(everything, FeedCursor(), first):
                found = [identify(one) for one in page.sessions]
                nameless += found.count(NO_ID)
                ids.update(one for one in found if one != NO_ID)
                yield self._sheet(page.sessions, answer, hashing).page()
            count = len(ids)
        if page is None or not page.complete:
            raise self._wrong("the last page of everything does not say complete: true")
        if nameless:
            raise self._wrong(
                f"{nameless} records have no usable id, so it is unknown which sessions are "
                "missing; repair them"
            )
        if page.count != count:
            raise self._wrong(f"count is {page.count}, and {count} sessions were sent")

    def present(self, ids: Sequence[str]) -> set[str] | None:
        """None: a feed has no question of that kind."""
        return None

    def samples(self, limit: int) -> Iterator[Sample]:
        """The first records of a read of everything. Raises SourceError."""
        everything = {"all": "true"}
        first = self._get(everything, FeedCursor())
        read, hashing = self._pages(everything, FeedCursor(), first), self._hashing(NOTHING_KNOWN)
        pages = ((page.sessions, answer) for _, answer, page in read)
        for record, answer in first_records(pages, limit, self._wrong):
            yield Sample(
                shown(partial(_given, record)), self._sheet([record], answer, hashing).page()
            )

    def _pages(
        self, query: Mapping[str, str], begin: FeedCursor, answer: HttpAnswer
    ) -> Iterator[tuple[FeedCursor, HttpAnswer, FeedPage]]:
        """(where it was asked, the answer, its page), from an answer that is there already."""
        asked, course = begin, Course({begin.at}, time.monotonic() + READ_SECONDS)
        for _ in range(PAGES):
            try:
                page = read_page(answer.body, answer.headers.get("content-type", ""))
            except SourceError as error:
                raise self._wrong(str(error)) from None
            if page.more and (problem := course.problem(page)):
                raise self._wrong(problem)
            yield asked, answer, page
            if not page.more:
                return
            asked = FeedCursor(page.next)
            try:
                answer = self._get(query, asked)
            except Gone:
                raise self._wrong("answered 410 in the middle; the next read begins anew") from None
        raise self._wrong(f"has more than {PAGES} pages")

    def _hashing(self, known: KnownRecords) -> Hashing:
        return Hashing(known, "http", self.tenant, self.strict, self.utc, self.max_participants)

    def _sheet(
        self,
        records: Sequence[object],
        answer: HttpAnswer,
        hashing: Hashing,
    ) -> Sheet:
        now = clock_of(answer.headers.get("date", ""), self.clock())
        sheet = Sheet(self.tenant, now, self.strict, self.utc, self.max_participants)
        raw = [
            RawRecord(
                partial(_given, record),
                f"record {number} of a page of source {self.name}",
                identify(record),
                hashing.of_value(record),
            )
            for number, record in enumerate(records, 1)
        ]
        sheet.take(raw, hashing.known)
        return sheet

    def _get(self, query: Mapping[str, str], cursor: FeedCursor) -> HttpAnswer:
        """A page's answer, 200 or 304. Raises SourceError, and Gone for a cursor that is."""
        headers = {"Accept": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if cursor.etag:
            headers["If-None-Match"] = cursor.etag
        answer = self._asking.send("GET", _with_query(self.url, query, cursor.at), headers)
        if answer.status == 200 or (answer.status == 304 and cursor.etag):
            return answer
        if answer.status == 410 and cursor.at:
            raise Gone
        raise self._asking.refusal(answer)

    def _wrong(self, what: str) -> SourceError:
        return self._asking.wrong(what)


def _given(record: object) -> object:
    return record


def _with_query(url: str, query: Mapping[str, str], cursor: str | None) -> str:
    more = urlencode({**query, **({"cursor": cursor} if cursor else {})})
    if not more:
        return url
    bare, _, _fragment = url.partition("#")
    return f"{bare}{'&' if urlsplit(bare).query else '?'}{more}"
