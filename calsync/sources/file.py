"""Booked sessions from files: a JSON array or object, JSON lines, or a folder of such files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from pathlib import Path

from calsync.errors import SourceError
from calsync.ports import NOTHING_KNOWN, KnownRecords, Page, Sample
from calsync.sources.files import RENAME, START, Entry, Files, Spot
from calsync.sources.ordered import Ordered
from calsync.sources.pages import PAGE, Sheet, newest_of, shown
from calsync.sources.raw import Hashing, RawRecord
from calsync.sources.records.record import MOST_PEOPLE, NO_ID

UNFINISHED = "is not complete and waits for its end; write a newline after it"


@dataclass(frozen=True, slots=True)
class FirstRead:
    """How far a first read has come, of files with this mark: the newest updated_at so far, and
    where the next record is."""

    mark: str
    newest: datetime | None
    place: Spot


@dataclass(frozen=True, slots=True)
class FileCursor:
    """Where the last read ended: the newest updated_at, and the files' mark when all was read. Of a
    first read that goes on, neither is known yet."""

    newest: datetime | None = None
    mark: str = ""
    begun: FirstRead | None = None

    @classmethod
    def read(cls, text: str | None) -> FileCursor:
        """What `write` wrote; anything else begins anew, which costs time but loses nothing."""
        try:
            found = json.loads(text or "")
            begun = None
            if found.get("begun"):
                mark, newest, file, number, offset = found["begun"]
                begun = FirstRead(mark, _instant(newest), Spot(file, number, offset))
            return cls(_instant(found["newest"]), found["mark"], begun)
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls()

    def write(self) -> str:
        written = {"newest": _text(self.newest), "mark": self.mark}
        if self.begun is None:
            return json.dumps(written)
        one = self.begun
        return json.dumps(written | {"begun": [one.mark, _text(one.newest), *one.place[:3]]})


class FileSource:
    """Reads `path` afresh whenever it was written; its clock is this machine's.

    overlap_seconds  how much older than the newest record seen a new one may be
    strict           refuse records that hold notes
    max_participants  refuse records with more of them
    utc              times without an offset are UTC
    """

    def __init__(
        self,
        name: str,
        tenant: str,
        path: str | Path,
        *,
        overlap_seconds: float = 120,
        strict: bool = False,
        max_participants: int = MOST_PEOPLE,
        utc: bool = False,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.name, self.tenant, self.path = name, tenant, Path(path)
        self._overlap = timedelta(seconds=overlap_seconds)
        self._strict, self._utc, self._clock = strict, utc, clock
        self._most = max_participants

    def changes(self, cursor: str | None, known: KnownRecords = NOTHING_KNOWN) -> Iterator[Page]:
        """Records updated since `cursor`, oldest first; no page when nobody wrote meanwhile.

        Records without a readable updated_at come first, each time. A first read gives all, in the
        order of the files. Raises SourceError.
        """
        before = FileCursor.read(cursor)
        with Files(self.path, self._hashing(known)) as files:
            if files.mark and files.mark == before.mark:
                return
            now, newest = self._clock(), before.newest
            if newest is None:
                yield from self._first(files, before.begun, now, known)
                return
            with Ordered(files) as wanted:
                unfinished = self._updated_since(files, newest, now, wanted)
                for part, last in _pages_of(wanted.by_stamp(), len(wanted)):
                    newest = newest_of([newest, *(one.stamp for one in part)], now)
                    sheet = self._sheet(part, now, known)
                    sheet.warnings.extend(map(_unfinished, unfinished if last else ()))
                    yield sheet.page(FileCursor(newest, files.mark if last else "").write())

    def sweep(self, known: KnownRecords = NOTHING_KNOWN) -> Iterator[Page]:
        """Every session: those that are known as they are while the files are gone through, then
        the newest record of each other one, by id.

        Raises SourceError when the files were written meanwhile, and at the end when there were
        records whose session is unknown: then nobody can say which sessions are missing.
        """
        with Files(self.path, self._hashing(known)) as files, Ordered(files) as found:
            yield from _list(files, known, found)
            if files.changed():
                raise SourceError(f"{self.path}: was written while it was read; {RENAME}")
            now = self._clock()
            whole = (one for one in found.nameless() if one.whole)
            for some in _parts(chain(found.newest_by_id(), whole)):
                yield self._sheet(some, now, known).page()
            nameless = next(found.nameless(), None)
        if nameless is not None:
            raise SourceError(
                f"{nameless.where}: has no id, so it is unknown which sessions are missing; "
                "repair or delete this record"
            )

    def present(self, ids: Sequence[str]) -> set[str] | None:
        """None: a sweep has read all that there is."""
        return None

    def samples(self, limit: int) -> Iterator[Sample]:
        """The first records of the file, or of the folder's first files. Raises SourceError."""
        with Files(self.path) as files:
            for one in islice(files.entries(), limit):
                sheet = self._sheet([one] if one.whole else [], self._clock())
                if not one.whole:
                    sheet.refuse(one.where, "line", UNFINISHED)
                yield Sample(shown(one.load), sheet.page())

    def _first(
        self, files: Files, begun: FirstRead | None, now: datetime, known: KnownRecords
    ) -> Iterator[Page]:
        """Pages of all records, while the files are gone through: the first calendar entries need
        not wait until the last record was found."""
        if begun is None or begun.mark != files.mark or not files.mark:
            begun = FirstRead(files.mark, None, START)
        newest, unfinished = begun.newest, list[Entry]()
        for part, last in _with_last(_whole(files.entries(begun.place), unfinished)):
            if any(_is_unreadable(one) for one in part) and files.changed():
                raise SourceError(f"{self.path}: was written while it was read; {RENAME}")
            newest = newest_of([newest, *(one.stamp for one in part)], now)
            sheet = self._sheet(part, now, known)
            if last:
                sheet.warnings.extend(map(_unfinished, unfinished))
                cursor = FileCursor(newest, files.mark)
            else:
                cursor = FileCursor(begun=FirstRead(files.mark, newest, part[-1].place.behind))
            yield sheet.page(cursor.write())

    def _updated_since(
        self, files: Files, newest: datetime, now: datetime, wanted: Ordered
    ) -> list[Entry]:
        """Add the entries to read to `wanted`; returns the last lines that are still being
        written."""
        since = min(newest, now) - self._overlap
        unfinished, unreadable = list[Entry](), False
        for one in files.entries():
            unreadable = unreadable or _is_unreadable(one)
            if not one.whole:
                unfinished.append(one)
            elif one.stamp is None or one.stamp >= since:
                wanted.add(one)
        if unreadable and files.changed():
            raise SourceError(f"{self.path}: was written while it was read; {RENAME}")
        return unfinished

    def _hashing(self, known: KnownRecords) -> Hashing:
        return Hashing(known, "file", self.tenant, self._strict, self._utc, self._most)

    def _sheet(
        self, entries: Sequence[Entry], now: datetime, known: KnownRecords = NOTHING_KNOWN
    ) -> Sheet:
        sheet = Sheet(self.tenant, now, self._strict, self._utc, self._most)
        sheet.take([RawRecord(one.load, one.where, one.id, one.hash) for one in entries], known)
        return sheet


def _list(files: Files, known: KnownRecords, found: Ordered) -> Iterator[Page]:
    """Pages of what is known; the rest is added to what was found, and of what is known the records
    of ids that another record has as well."""
    for part in files.parts():
        hashes = list(files.hashes(part))
        same = _same_as_known(part.ids(), hashes, known)
        if same:
            found.know(same, part.place)
            yield Page((), unchanged=list(same))
        for one in files.entries_of(part, hashes, set(same.values())):
            found.add(one)
    for place, ids in found.known_and_added():
        part = files.part(place)
        for one in files.entries_of(part, files.hashes(part)):
            if one.id in ids:
                found.add(one)


def _same_as_known(
    ids: Sequence[str], hashes: Sequence[str], known: KnownRecords
) -> dict[str, str]:
    """Of records with these ids and hashes, those that are known. An id may be wrong: only the
    session that was accepted from a record with the same hash is known by it."""
    times = Counter(ids)
    once = {
        ident: mine
        for ident, mine in zip(ids, hashes, strict=True)
        if mine and times[ident] == 1 and ident not in ("", NO_ID)
    }
    news = set(known.to_read(once))
    return {ident: mine for ident, mine in once.items() if ident not in news}


def _pages_of(entries: Iterator[Entry], count: int) -> Iterator[tuple[list[Entry], bool]]:
    """Pages of these entries, at least an empty one, and whether each is the last."""
    left = count
    for part in _parts(entries) if count else iter([[]]):
        left -= len(part)
        yield part, left <= 0


def _parts(entries: Iterator[Entry]) -> Iterator[list[Entry]]:
    while part := list(islice(entries, PAGE)):
        yield part


def _with_last(entries: Iterator[Entry]) -> Iterator[tuple[list[Entry], bool]]:
    """Pages of these entries, at least an empty one, and whether each is the last."""
    part = list(islice(entries, PAGE))
    while following := list(islice(entries, 1)):
        yield part, False
        part = following + list(islice(entries, PAGE - 1))
    yield part, True


def _whole(entries: Iterator[Entry], unfinished: list[Entry]) -> Iterator[Entry]:
    """Those that are written to their ends; the others are added to `unfinished`."""
    for one in entries:
        if one.whole:
            yield one
        else:
            unfinished.append(one)


def _is_unreadable(entry: Entry) -> bool:
    return entry.stamp is None and entry.id == NO_ID


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def _text(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def _unfinished(entry: Entry) -> str:
    return f"{entry.where}: {UNFINISHED}"
