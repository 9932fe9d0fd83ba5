"""Values of which a driver makes nothing: they stay what they are, and their row is refused where
it is read. Else the driver's exception would end the whole read, and with it everybody's.

PostgreSQL stores dates that Python does not have ("infinity", years before Christ and after 9999,
postgresql.org/docs/current/datatype-datetime.html), and JSON of any depth. SQLite stores any bytes
as text (sqlite.org/invalidutf.html).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection

from calsync.untrusted.json_text import JsonError, parse_json

if TYPE_CHECKING:
    from psycopg.abc import AdaptContext, Buffer
    from psycopg.adapt import Loader

TIMES = ("date", "time", "timetz", "timestamp", "timestamptz", "interval")


class NotText(bytes):
    """Text of SQLite that is not UTF-8."""


def given_back(value: Any) -> Any:
    """A value that was read, to compare a column with: behind it the next page begins. What could
    not be read is compared by the column's own type."""
    if isinstance(value, NotText):
        return sa.cast(sa.literal(bytes(value), sa.LargeBinary), sa.Text)
    return sa.bindparam(None, value, sa.types.NULLTYPE) if isinstance(value, str) else value


def keep_unreadable(raw: DBAPIConnection, driver: str) -> None:
    """Let this new connection give what cannot be read as text, or as NotText."""
    if driver == "pysqlite":
        raw.text_factory = _text
    elif driver == "psycopg":
        _keep_in_psycopg(raw)


def _text(data: bytes) -> str | NotText:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return NotText(data)


def _keep_in_psycopg(raw: Any) -> None:
    from psycopg.types.json import set_json_loads  # noqa: PLC0415 - of the driver in use alone

    known = raw.adapters
    for name in TIMES:
        known.register_loader(name, _kept(known.get_loader(known.types[name].oid, 0)))
    set_json_loads(_json, raw)


def _kept(made: type[Loader]) -> type[Loader]:
    """The driver's loader of one type, or the text where that fails."""
    from psycopg import Error  # noqa: PLC0415
    from psycopg.adapt import Loader  # noqa: PLC0415

    class KeptLoader(Loader):
        def __init__(self, oid: int, context: AdaptContext | None = None) -> None:
            super().__init__(oid, context)
            self._made = made(oid, context)

        def load(self, data: Buffer) -> object:
            try:
                return self._made.load(data)
            except (Error, ValueError, ArithmeticError):
                return bytes(data).decode(errors="replace")

    return KeptLoader


def _json(text: str | bytes) -> object:
    try:
        return parse_json(text)
    except JsonError:  # which is told where the column is read
        return text if isinstance(text, str) else text.decode(errors="replace")
