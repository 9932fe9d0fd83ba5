"""Statements that are compiled once in a test process, whichever engine ran them first.

SQLAlchemy keeps what it compiled by engine. calsync has one engine in its life, tests make one for
each service, and compiling was a fifth of what they cost.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.util import LRUCache

MOST = 2000


class Compiled(MutableMapping[Any, Any]):
    """What engines compiled: their own dialect in a key counts by what it is, not by identity."""

    def __init__(self) -> None:
        self._kept: LRUCache[Any, Any] = LRUCache(MOST)

    def __getitem__(self, key: Any) -> Any:
        return self._kept[_shared(key)]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._kept[_shared(key)] = value

    def get(self, key: Any, default: Any = None) -> Any:
        return self._kept.get(_shared(key), default)

    def __delitem__(self, key: Any) -> None:
        del self._kept[_shared(key)]

    def __iter__(self) -> Any:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)


def _shared(key: Any) -> Any:
    dialect, *others = key
    version = getattr(dialect, "server_version_info", None)
    return (type(dialect), dialect.paramstyle, version, *others)


def share_statements() -> None:
    """From now on every engine of this process uses one store of compiled statements."""
    compiled = Compiled()

    @sa.event.listens_for(sa.Engine, "engine_connect")
    def connected(connection: sa.Connection) -> None:
        connection.execution_options(compiled_cache=compiled)
