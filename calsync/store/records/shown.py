"""What a sweep showed: ids on disk, however many they are, until they were compared.

SQLite's temporary databases are files without a name, gone with their connection
(sqlite.org/inmemorydb.html, "Temporary Databases").
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

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

    def add(self, of: str, ids: Sequence[str]) -> None:
        """These were shown as well."""
        self._db.execute(
            "INSERT OR IGNORE INTO shown SELECT ?, value FROM json_each(?)", (of, json.dumps(ids))
        )

    def groups(self) -> list[str]:
        """Every group in which something was shown."""
        return [row[0] for row in self._db.execute("SELECT DISTINCT of FROM shown")]

    def lacking(self, of: str, ids: Sequence[str]) -> set[str]:
        """Which of these were not shown; at most AT_ONCE are asked for."""
        if len(ids) > AT_ONCE:
            raise ValueError(f"at most {AT_ONCE} ids can be asked for at once")
        query = (
            "SELECT value FROM json_each(?2) WHERE NOT EXISTS"
            " (SELECT 1 FROM shown WHERE of = ?1 AND id = value)"
        )
        return {row[0] for row in self._db.execute(query, (of, json.dumps(ids)))}
