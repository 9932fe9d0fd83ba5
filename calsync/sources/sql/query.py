"""A source's queries as SQLAlchemy takes them: as they are written, with one parameter at most."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, CursorResult

from calsync.text.sql import code_of, is_name

PARAMETER = "session_ids"

Types = dict[str, object]  # what the driver says of each column (PEP 249, `description`)
_KEPT = re.compile(rf"(\bin\s*)\(\s*(:{PARAMETER}\b)\s*\)", re.IGNORECASE)


class QueryError(Exception):
    """A query cannot be used as it is; the text says why, and what to write."""


@dataclass(frozen=True, slots=True)
class AsText:
    """A statement as the driver takes it, with its values."""

    text: str
    values: Any

    def run(self, conn: Connection) -> CursorResult[Any]:
        return conn.exec_driver_sql(self.text, self.values)


class Question:
    """A statement that is compiled once. To prepare one anew at each poll costs SQLAlchemy several
    times what the database needs for the answer."""

    def __init__(self, dialect: sa.Dialect, statement: sa.Select[Any]) -> None:
        made = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
        self._text, self._always = str(made), dict(made.params)
        self._order: Sequence[str] | None = getattr(made, "positiontup", None)

    def given(self, values: Mapping[str, object]) -> AsText:
        """With these values of its parameters, by their names."""
        known = self._always | dict(values)
        if self._order is None:
            return AsText(self._text, known)
        return AsText(self._text, tuple(known[name] for name in self._order))

    def listed(self, values: Sequence[object]) -> AsText:
        """With these values of its only parameter, a list of as many as it was compiled with."""
        if self._order is not None:
            return AsText(self._text, tuple(values))
        return AsText(self._text, dict(zip(self._always, values, strict=True)))


class Probe:
    """A query, and how its columns are found out: by one statement that reads no row."""

    def __init__(self, dialect: sa.Dialect, query: str) -> None:
        self.dialect, self.text = dialect, as_text(query, dialect.name)
        self._question = Question(dialect, _no_row(self.text)).given({})

    def types(self, conn: Connection) -> Types:
        return _told(self._question.run(conn))


def takes_ids(query: str, backend: str) -> bool:
    """Whether the query asks for its sessions itself, by `:session_ids`."""
    return re.search(rf":{PARAMETER}\b", code_of(query, backend)) is not None


def as_text(query: str, backend: str) -> sa.TextClause:
    """The query, or all of the table or view that it names. No colon means a parameter but the one
    of `:session_ids`."""
    bare = query.strip()
    if is_name(bare):
        return sa.text(f"SELECT * FROM {bare}")  # noqa: S608 - the operator's own text
    bare = _without_end(bare, backend)
    code = code_of(bare, backend)
    kept = {found.start() for found in re.finditer(rf":{PARAMETER}\b", code)}
    escaped = "".join(
        r"\:" if sign == ":" and at not in kept else sign for at, sign in enumerate(bare)
    )
    text = sa.text(_KEPT.sub(r"\1\2", escaped) + "\n")  # it may end in a comment
    return text.bindparams(sa.bindparam(PARAMETER, expanding=True)) if kept else text


def as_ids(query: str, dialect: sa.Dialect, name: str) -> str:
    """A SELECT of the query's ids, as text to stand in another query; `name` is their column."""
    bare = query.strip()
    every = f"SELECT * FROM {bare}" if is_name(bare) else _without_end(bare, dialect.name)  # noqa: S608 - the operator's own text
    column = dialect.identifier_preparer.quote(name)
    return f"SELECT calsync_ids.{column} FROM ({every}\n) calsync_ids"  # noqa: S608


def for_all(query: str, backend: str, ids: str) -> str:
    """A query that asks for its sessions by `:session_ids`, as one for those that `ids` selects."""
    bare = _KEPT.sub(r"\1\2", query)
    code = code_of(bare, backend)
    for found in reversed(list(re.finditer(rf":{PARAMETER}\b", code))):
        bare = f"{bare[: found.start()]}({ids}){bare[found.end() :]}"
    return bare


def types_of(conn: Connection, text: sa.TextClause, *, asks: bool = False) -> Types:
    """The columns of the query in their order, with their types; no row is read.

    asks  it has the parameter, which is then given nothing
    """
    return _told(conn.execute(text, {PARAMETER: [None]}) if asks else conn.execute(_no_row(text)))


def _no_row(text: sa.TextClause) -> sa.Select[Any]:
    table = text.columns(sa.column("id")).subquery("probe")
    everything: sa.Select[Any] = sa.select(sa.literal_column("*")).select_from(table)
    return everything.where(sa.text("1 = 0"))


def _told(result: CursorResult[Any]) -> Types:
    names, told = list(result.keys()), result.cursor.description
    result.close()
    return {name: column[1] for name, column in zip(names, told, strict=True)}


def _without_end(query: str, backend: str) -> str:
    """Without the semicolons at its end, whatever comments follow them."""
    code = code_of(query, backend).rstrip()
    while code.endswith(";"):
        query = f"{query[: len(code) - 1]} {query[len(code) :]}"
        code = code[:-1].rstrip()
    return query
