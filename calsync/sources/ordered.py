"""What a read has found, put in order on disk: a source may have more than memory holds.

SQLite's temporary databases are files without a name, gone with their connection
(sqlite.org/inmemorydb.html, "Temporary Databases").
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from calsync.sources.files import Entry, Files, Spot
from calsync.sources.records.record import NO_ID

AT_ONCE = 500  # rows written or read
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LONG_AGO = -(1 << 62)  # for a record without a stamp
PART = "file, number, start"
COLUMNS = "id, stamp, has_stamp, whole, hash, file, number, start, length, is_json"


def temporary(table: str) -> sqlite3.Connection:
    """A database of this table that nobody else sees, with at most 2 MB of it in memory."""
    made = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    for statement in ("PRAGMA cache_size=-2000", "PRAGMA journal_mode=OFF", table):
        made.execute(statement)
    return made


class Ordered:
    """Entries of files, without their records."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._db = temporary(f"CREATE TABLE entry ({COLUMNS})")
        keyed = f"id TEXT, {PART}, PRIMARY KEY (id, {PART})"
        self._db.execute(f"CREATE TABLE known ({keyed}) WITHOUT ROWID")
        self._new: list[tuple[Any, ...]] = []
        self._count = 0

    def __enter__(self) -> Ordered:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def __len__(self) -> int:
        return self._count

    def add(self, one: Entry) -> None:
        """One more, behind those that are there."""
        stamp = LONG_AGO if one.stamp is None else (one.stamp - EPOCH) // MICROSECOND
        self._new.append((one.id, stamp, one.stamp is not None, one.whole, one.hash, *one.place))
        self._count += 1
        if len(self._new) == AT_ONCE:
            self._write()

    def know(self, ids: Collection[str], part: Spot) -> None:
        """Records of these ids are in the part that begins there, and were not added: there is
        nothing new in them."""
        query = f"INSERT OR IGNORE INTO known (id, {PART}) SELECT value, ?, ?, ? FROM json_each(?)"  # noqa: S608 - ours
        self._db.execute(query, (*part[:3], json.dumps(list(ids))))

    def known_and_added(self) -> Iterator[tuple[Spot, set[str]]]:
        """Of those, the ids with another record that was added, by part: which of the two is the
        newest is seen only when both are there."""
        self._write()
        both = f"SELECT {PART}, json_group_array(id) FROM known WHERE id IN (SELECT id FROM entry)"  # noqa: S608 - ours
        for file, number, start, ids in self._db.execute(f"{both} GROUP BY {PART}"):
            yield Spot(file, number, start), set(json.loads(ids))

    def by_stamp(self) -> Iterator[Entry]:
        """All of them, those without a stamp first, the oldest next; else as they were added."""
        query = f"SELECT {COLUMNS} FROM entry ORDER BY stamp, rowid"  # noqa: S608 - ours
        return self._read(query)

    def newest_by_id(self) -> Iterator[Entry]:
        """The newest of each id, of two equally new the later one; the ids in their order."""
        last = "stamp DESC, file DESC, number DESC"
        newest = f"row_number() OVER (PARTITION BY id ORDER BY {last}) AS nth"
        named = f"SELECT {COLUMNS}, {newest} FROM entry WHERE id != ?"  # noqa: S608 - ours
        return self._read(f"SELECT {COLUMNS} FROM ({named}) WHERE nth = 1 ORDER BY id", NO_ID)  # noqa: S608

    def nameless(self) -> Iterator[Entry]:
        """Those without an id, as they were added."""
        return self._read(f"SELECT {COLUMNS} FROM entry WHERE id = ? ORDER BY rowid", NO_ID)  # noqa: S608

    def _write(self) -> None:
        self._db.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", self._new)
        self._new.clear()

    def _read(self, query: str, *values: str) -> Iterator[Entry]:
        self._write()
        cursor = self._db.execute(query, values)
        while rows := cursor.fetchmany(AT_ONCE):
            for ident, stamp, has_stamp, whole, known_as, *place in rows:
                at = EPOCH + stamp * MICROSECOND if has_stamp else None
                file, number, start, length, is_json = place
                here = Spot(file, number, start, length, bool(is_json))
                yield self._files.entry(here, ident, at, whole=bool(whole), known_as=known_as)


class Ids:
    """Ids, each counted once."""

    def __init__(self) -> None:
        self._db = temporary("CREATE TABLE known (id TEXT PRIMARY KEY) WITHOUT ROWID")

    def __enter__(self) -> Ids:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def __len__(self) -> int:
        (count,) = self._db.execute("SELECT count(*) FROM known").fetchone()
        return count  # type: ignore[no-any-return]

    def update(self, ids: Iterable[str]) -> None:
        self._db.executemany("INSERT OR IGNORE INTO known VALUES (?)", [(one,) for one in ids])
