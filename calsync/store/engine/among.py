"""Rows of many keys by one statement, whose text is the same however many they are: it is compiled
once. After IN, SQLAlchemy writes a parameter for each key, and psycopg reads that text anew each
time, which takes several times as long as the answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeDecorator


class Texts(TypeDecorator[Collection[str]]):
    """Texts, as one parameter: an array of PostgreSQL, JSON for SQLite."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """As an array from the beginning: a text that is cast to one is read anew for each row that
        it is compared with, and nobody knows how many keys are in it."""
        if dialect.name != "postgresql":
            return super().load_dialect_impl(dialect)
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - see `store.upsert`

        return dialect.type_descriptor(postgresql.ARRAY(sa.Text()))

    def bind_processor(self, dialect: Dialect) -> Callable[[Collection[str] | None], Any]:
        return _as_json if dialect.name == "sqlite" else _as_list


def _as_json(texts: Collection[str] | None) -> str:
    return json.dumps(_as_list(texts))


def _as_list(texts: Collection[str] | None) -> list[str]:
    return list(texts or ())


class Among(sa.ColumnElement[bool]):
    """See `among`."""

    inherit_cache = False
    type = sa.Boolean()

    def __init__(self, owner: sa.ColumnElement[Any], key: sa.ColumnElement[Any]) -> None:
        self.parts: tuple[sa.ColumnElement[Any], ...] = (
            owner,
            sa.bindparam("of_owner"),
            key,
            sa.bindparam("of_keys", type_=Texts()),
        )

    def self_group(self, against: object = None) -> Among:
        """As it is: SQLAlchemy would write `= 1` behind it, and SQLite use no index."""
        del against
        return self


def among(owner: sa.ColumnElement[Any], key: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """A row has this owner (its tenant, its source) and one of these keys, which `these` names; for
    statements that are built once. An index begins with both columns."""
    return Among(owner, key)


def each_text(name: str, *, postgres: bool) -> sa.ColumnElement[str]:
    """Each of the texts that the parameter of this name holds, as a column to select from."""
    if postgres:
        rows = sa.func.unnest(sa.bindparam(name, type_=sa.ARRAY(sa.Text)))
        return rows.table_valued(sa.column("value", sa.Text), name="given").render_derived().c.value
    rows = sa.func.json_each(sa.bindparam(name, type_=Texts()))
    return rows.table_valued(sa.column("value", sa.Text), name="given").c.value


def these(owner: str, keys: Collection[str]) -> dict[str, Any]:
    """The values of `among`."""
    return {"of_owner": owner, "of_keys": keys}


def each(column: sa.Column[Any], name: str) -> sa.CTE:
    """The values that this column has, and NULL behind the last: from each to the next, so that an
    index that begins with it is read once for a value, however many rows have it
    (wiki.postgresql.org/wiki/Loose_indexscan). What it gives has the column's name."""
    found = sa.select(sa.func.min(column).label(column.name)).cte(name, recursive=True)
    last = found.c[column.name]
    following = sa.select(sa.func.min(column)).where(column > last)
    return found.union_all(sa.select(following.scalar_subquery()).where(last.is_not(None)))


def any_value(column: sa.Column[Any]) -> sa.ColumnElement[bool]:
    """True of every row where the column is not NULL, said so that an index which begins with it is
    searched by its other columns, once for each value. The column has few."""
    return column.in_(sa.select(each(column, "every").c[column.name]))


@compiles(Among, "sqlite")
def _in_sqlite(element: Among, compiler: SQLCompiler, **given: Any) -> str:
    """As one value of two parts: with the owner by itself, SQLite takes it that few rows have it,
    and reads all of them."""
    owner, its, key, keys = (compiler.process(one, **given) for one in element.parts)
    return f"({owner}, {key}) IN (SELECT {its}, value FROM json_each({keys}))"  # noqa: S608 - of a statement


@compiles(Among, "postgresql")
def _in_postgres(element: Among, compiler: SQLCompiler, **given: Any) -> str:
    owner, its, key, keys = (compiler.process(one, **given) for one in element.parts)
    return f"({owner} = {its} AND {key} = ANY({keys}))"
