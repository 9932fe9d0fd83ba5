"""Session ids as a database compares them with a column, whatever the column's type is.

An id is text here, as it is in a record: the number 12 and the text '12' are one id. What is looked
for in a column is therefore its text, without a type of its own, so that the database applies the
column's type, collation and padding, and its index.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from calsync.sources.sql.rows import plain

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,19})")


def id_text(value: object) -> str:
    """The id in a column as a record has it."""
    return str(plain(value))


class IdColumn:
    """A column of ids. `type_code` is its type as the driver tells it (PEP 249, `description`)."""

    def __init__(self, backend: str, column: sa.ColumnElement[Any], type_code: object) -> None:
        self.column = column
        self._sqlite = backend == "sqlite"
        self._holds = HOLDS.get(backend, {}).get(type_code, _anything)

    def spelt(self, ident: str) -> list[object]:
        """What to look for to find this id; nothing when the column's type cannot hold it."""
        if not self._holds(ident):
            return []
        # SQLite compares by what a value is stored as, wherever it knows no type of the column.
        number = [int(ident)] if self._sqlite and _fits(63)(ident) else []
        return [ident, *number, *([ident.encode()] if self._sqlite else [])]

    def values(self, ids: Sequence[str]) -> list[object]:
        """What to look for to find any of these ids."""
        return [one for ident in ids for one in self.spelt(ident)]

    def among(self, values: Sequence[object]) -> sa.ColumnElement[bool]:
        """Whether the column has one of these values."""
        return self.column.in_([sa.bindparam(None, one, sa.types.NULLTYPE) for one in values])

    def which(self, ids: Sequence[str]) -> tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]]:
        """The numbers of the first and of the last of these ids that the database finds equal to
        the column; NULL for none."""
        known: list[tuple[Any, Any]] = [
            (self.among(values), sa.literal_column(str(number)))
            for number, ident in enumerate(ids)
            if (values := self.spelt(ident))
        ]
        return sa.case(*known), sa.case(*reversed(known))


def _anything(ident: str) -> bool:
    return True


def _fits(bits: int) -> Callable[[str], bool]:
    def fits(ident: str) -> bool:
        return bool(_INTEGER.fullmatch(ident)) and -(2**bits) <= int(ident) < 2**bits

    return fits


def _is_uuid(ident: str) -> bool:
    try:
        UUID(ident)
    except ValueError:
        return False
    return True


# Types in which an id that does not fit is an error (PostgreSQL), or some other value (MySQL reads
# 'ses-1' as 0). PostgreSQL: pg_type.dat; MySQL: enum_field_types of mysql_com.h.
HOLDS: dict[str, dict[object, Callable[[str], bool]]] = {
    "postgresql": {21: _fits(15), 23: _fits(31), 20: _fits(63), 2950: _is_uuid},
    "mysql": dict.fromkeys((1, 2, 3, 8, 9), _fits(64)),
}
HOLDS["mariadb"] = HOLDS["mysql"]
