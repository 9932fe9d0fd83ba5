"""Session ids as a database compares them with a column, whatever the column's type is.

An id is text here, as it is in a record: the number 12 and the text '12' are one id. What is looked
for in a column is therefore its text, without a type of its own, so that the database applies the
column's type, collation and padding, and its index.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from calsync.sources.sql.query import AsText, Question
from calsync.sources.sql.rows import plain
from calsync.text.sql import MYSQL

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,19})")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,64})(\.[0-9]{1,38})?")

LISTED = "ids"  # the parameter of values that are looked for
MOST_SIZES = 4  # of lists whose statements are kept: nearly every poll asks for as many

Spelt = Callable[[str], list[object]]


def id_text(value: object) -> str:
    """The id in a column as a record has it."""
    return str(plain(value))


class IdColumn:
    """A column of ids. `type_code` is its type as the driver tells it (PEP 249, `description`)."""

    def __init__(self, backend: str, column: sa.ColumnElement[Any], type_code: object) -> None:
        self.column = column
        usual = _in_sqlite if backend == "sqlite" else _as_text
        self._spelt = SPELT.get(backend, {}).get(type_code, usual)

    def values(self, ids: Sequence[str]) -> list[object]:
        """What to look for to find any of these ids."""
        return [one for ident in ids for one in self._spelt(ident)]

    def usual(self, ids: Collection[str]) -> Sequence[object]:
        """What finds them where the column holds ids of one type, as nearly all do."""
        if self._spelt in (_in_sqlite, _as_text):
            return list(ids)
        return [one for ident in ids for one in self._spelt(ident)[:1]]

    def unusual(self, ids: Collection[str]) -> list[object]:
        """What finds them where it holds several."""
        return [one for ident in ids for one in self._spelt(ident)[1:]]

    def among(self, values: Sequence[object]) -> sa.ColumnElement[bool]:
        """Whether the column has one of these values."""
        # One parameter for all: to build one for each costs more than the database's answer.
        return self.column.in_(
            sa.bindparam(None, list(values), sa.types.NULLTYPE, expanding=True, unique=True)
        )

    def asking(self, dialect: sa.Dialect, asked: sa.Select[Any]) -> Callable[..., AsText]:
        """What makes of values the question for the rows of `asked` with one of them."""
        if dialect.name == "postgresql":
            return partial(_by_array, Question(dialect, asked.where(_among_array(self.column))))

        @lru_cache(maxsize=MOST_SIZES)
        def of_size(count: int) -> Question:
            return Question(dialect, asked.where(self.column.in_(_listed(count))))

        def by_list(values: Sequence[object]) -> AsText:
            return of_size(len(values)).listed(values)

        return by_list

    def which(self, ids: Sequence[str]) -> tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]]:
        """The numbers of the first and of the last of these ids that the database finds equal to
        the column; NULL for none."""
        known: list[tuple[Any, Any]] = [
            (self.among(values), sa.literal_column(str(number)))
            for number, ident in enumerate(ids)
            if (values := self._spelt(ident))
        ]
        return sa.case(*known), sa.case(*reversed(known))


def bare_in_sql(column: sa.ColumnElement[Any], backend: str) -> sa.ColumnElement[str] | None:
    """The column's text in lower case, without blanks around it and zeros before it. None where it
    was not tried: others have no TRIM of letters (SQL Server before 2022), or compare no long text
    (Oracle), and a read may not fail for what is only asked to be sure."""
    if backend in MYSQL:  # REGEXP_REPLACE came with MySQL 8; LTRIM takes no letters there
        text = sa.func.lower(sa.func.trim(sa.cast(column, sa.CHAR)))
        return sa.func.trim(sa.literal_column("LEADING '0'").op("FROM")(text))
    if backend not in ("postgresql", "sqlite"):
        return None
    return sa.func.ltrim(sa.func.lower(sa.func.trim(sa.cast(column, sa.Text))), "0")


def _listed(count: int) -> sa.BindParameter[Any]:
    return sa.bindparam(LISTED, [""] * count, sa.types.NULLTYPE, expanding=True)


def _among_array(column: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """One parameter for all values: PostgreSQL's driver reads a statement through for each. Its
    text, without a type, becomes an array of the column's type
    (postgresql.org/docs/current/arrays.html#ARRAYS-IO)."""
    return column == sa.func.any(sa.bindparam(LISTED, type_=sa.types.NULLTYPE))


def _by_array(question: Question, values: Sequence[str]) -> AsText:
    whole = '","'.join(values)
    if "\\" in whole or whole.count('"') != 2 * (len(values) - 1):
        whole = '","'.join(one.replace("\\", "\\\\").replace('"', '\\"') for one in values)
    return question.given({LISTED: f'{{"{whole}"}}'})


def _as_text(ident: str) -> list[object]:
    return [ident]


def _in_sqlite(ident: str) -> list[object]:
    """It compares by what a value is stored as, wherever it knows no type of the column."""
    return [ident, ident.encode(), *([int(ident)] if _integer(63)(ident) else [])]


def _integer(bits: int) -> Spelt:
    def spelt(ident: str) -> list[object]:
        fits = _INTEGER.fullmatch(ident) and -(2**bits) <= int(ident) < 2**bits
        return [ident] if fits else []

    return spelt


def _decimal(ident: str) -> list[object]:
    return [ident] if _NUMBER.fullmatch(ident) else []


def _number(ident: str) -> list[object]:
    return [Decimal(ident)] if _NUMBER.fullmatch(ident) else []


def _uuid(ident: str) -> list[object]:
    try:
        UUID(ident)
    except ValueError:
        return []
    return [ident]


# How an id is looked for in a column of these types, [] when they cannot hold it. PostgreSQL
# (pg_type.dat) ends with an error then. MySQL (enum_field_types of mysql_com.h) reads 'ses-1' as 0,
# and compares text with a number as floats, to which large ids are equal.
SPELT: dict[str, dict[object, Spelt]] = {
    "postgresql": {
        21: _integer(15),
        23: _integer(31),
        20: _integer(63),
        1700: _decimal,
        2950: _uuid,
    },
    **dict.fromkeys(MYSQL, dict.fromkeys((0, 1, 2, 3, 8, 9, 246), _number)),
}
