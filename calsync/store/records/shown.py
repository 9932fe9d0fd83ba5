"""What a sweep showed: ids on disk, however many they are, until they were compared.

SQLite's temporary databases are files without a name, gone with their connection
(sqlite.org/inmemorydb.html, "Temporary Databases").
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable

AT_ONCE = 500  # ids in one question


class ShownIds:
    """Ids in groups: the sessions of a tenant, the refused records of a source."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for statement in (
            "PRAGMA cache_size=-2000",  # kilobytes in memory; the rest is on disk
            "PRAGMA journal_mode=OFF",
            "CREATE TABLE shown (of TEXT, id TEXT, PRIMARY KEY (of, id)) WITHOUT ROWID",
        ):
            self._db.execute(statement)

    def __enter__(self) -> ShownIds:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def add(self, of: str, ids: Iterable[str]) -> None:
        """These were shown as well."""
        self._db.executemany("INSERT OR IGNORE INTO shown VALUES (?, ?)", [(of, i) for i in ids])

    def groups(self) -> list[str]:
        """Every group in which something was shown."""
        return [row[0] for row in self._db.execute("SELECT DISTINCT of FROM shown")]

    def among(self, of: str, ids: Collection[str]) -> set[str]:
        """Which of these were shown; at most AT_ONCE are asked for."""
        if len(ids) > AT_ONCE:
            raise ValueError(f"at most {AT_ONCE} ids can be asked for at once")
        marks = ",".join("?" * len(ids))
        query = f"SELECT id FROM shown WHERE of = ? AND id IN ({marks})"  # noqa: S608 - marks alone
        return {row[0] for row in self._db.execute(query, (of, *ids))}
