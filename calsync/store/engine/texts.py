"""Statements that run with every delivery, as text on the driver's connection.

To run a statement that it has compiled already costs SQLAlchemy several times what SQLite needs for
it. Those that are built once (`store.prepared`) are compiled once for each dialect, from the same
constructs, and then given to the driver with their values: same transaction, same types, same
errors. `Connection.exec_driver_sql` reads the names and types of a result's columns anew each time,
and costs more than it spares.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from calsync.store.engine.errors import translated

Process = Callable[[Any], Any] | None
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BoundValue:
    """One value of a text, by the name that the driver knows it by: which of the caller's it is, or
    else `always`; `required`: there is no other."""

    name: str
    key: str
    required: bool
    always: Any
    process: Process


@dataclass(frozen=True, slots=True)
class Text:
    """A statement as its driver takes it.

    names      of the result's columns
    processed  of these, by position, what makes its value of what the driver gives
    """

    text: str
    parameters: tuple[BoundValue, ...]
    positional: bool
    names: tuple[str, ...]
    processed: tuple[tuple[int, Callable[[Any], Any]], ...]
    values: Callable[[Values], list[Any]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", _reader(self.parameters))

    def bound(self, given: Values) -> Any:
        if self.positional:
            return self.values(given)
        names = [one.name for one in self.parameters]
        return dict(zip(names, self.values(given), strict=True))

    def rows(self, found: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
        """`row` for each of these, without a call for each. NULL is None, whatever the type."""
        names = self.names
        made = [dict(zip(names, one, strict=True)) for one in found]
        for place, process in self.processed:
            name = names[place]
            for one in made:
                if one[name] is not None:
                    one[name] = process(one[name])
        return made

    def row(self, found: Sequence[Any]) -> dict[str, Any]:
        values = list(found)
        for place, process in self.processed:
            values[place] = process(values[place])
        return dict(zip(self.names, values, strict=True))


def _reader(parameters: Sequence[BoundValue]) -> Callable[[Values], list[Any]]:
    """What takes the values of these from the caller's. A delivery takes 250."""
    always = {one.key: one.always for one in parameters if not one.required}
    keys = [one.key for one in parameters]
    processed = [(n, one.process) for n, one in enumerate(parameters) if one.process is not None]

    def read(given: Values) -> list[Any]:
        known = {**always, **given} if always else given
        values = [known[key] for key in keys]
        for place, process in processed:
            values[place] = process(values[place])
        return values

    return read


def plain(text: str) -> Text:
    """A statement without values or result."""
    return Text(text, (), positional=True, names=(), processed=())


_KNOWN: dict[int, sa.Executable] = {}  # statements that are built once, by identity
_TEXTS: dict[tuple[int, str, tuple[str, ...]], Text | None] = {}


def remember(statement: sa.Executable) -> None:
    """This statement lives as long as the process, and is run as text from now on."""
    _KNOWN[id(statement)] = statement


def text_of(statement: sa.Executable, conn: Connection, given: Values) -> Text | None:
    """The statement for these names of values; None for one that SQLAlchemy has to run itself:
    it was not built once, its text depends on its values, or somebody listens to what is run."""
    if id(statement) not in _KNOWN or conn.dispatch.before_cursor_execute:
        return None
    dialect = conn.dialect
    # In an UPDATE or INSERT the names of the values say which columns it sets.
    names = tuple(given) if isinstance(statement, sa.Update | sa.Insert) else ()
    key = (id(statement), dialect.name, names)
    if key not in _TEXTS:
        _TEXTS[key] = _compiled(statement, dialect, names)
    return _TEXTS[key]


def _compiled(statement: sa.Executable, dialect: Dialect, names: Sequence[str]) -> Text | None:
    assert isinstance(statement, sa.ClauseElement)
    compiled = statement.compile(dialect=dialect, column_keys=list(names) or None)
    if not isinstance(compiled, SQLCompiler) or _needs_sqlalchemy(compiled):
        return None
    always = {one.key: _scalar(one) for one in compiled.insert_prefetch}
    order = compiled.positiontup if compiled.positional else list(compiled.binds)
    parameters = tuple(_bound(name, compiled.binds[name], dialect, always) for name in order or ())
    columns = compiled._result_columns  # from which SQLAlchemy makes its own rows
    found = [(place, _result(one.type, dialect)) for place, one in enumerate(columns)]
    return Text(
        text=str(compiled),
        parameters=parameters,
        positional=bool(compiled.positional),
        names=tuple(one.keyname for one in columns),
        processed=tuple((place, process) for place, process in found if process is not None),
    )


def _needs_sqlalchemy(compiled: SQLCompiler) -> bool:
    """Its text depends on its values (a list after IN), or Python makes a column's value."""
    made = any(one.default is None or not one.default.is_scalar for one in compiled.insert_prefetch)
    return bool(compiled.post_compile_params) or made


def _scalar(column: sa.Column[Any]) -> Any:
    """The value of this column where none is given."""
    return column.default.arg if isinstance(column.default, sa.ColumnDefault) else None


def _bound(name: str, bind: sa.BindParameter[Any], dialect: Dialect, always: Values) -> BoundValue:
    process = bind.type.dialect_impl(dialect).bind_processor(dialect)
    if bind.key in always:
        return BoundValue(name, bind.key, False, always[bind.key], process)
    return BoundValue(name, bind.key, bind.required, bind.effective_value, process)


def _result(kind: TypeEngine[Any], dialect: Dialect) -> Process:
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def run(conn: Connection, text: Text, rows: Values | Sequence[Values]) -> Any:
    """The driver's cursor after running it, once or for each of many rows of values."""
    driver: Any = conn.connection.driver_connection
    cursor = driver.cursor()
    try:
        if isinstance(rows, Mapping):
            cursor.execute(text.text, text.bound(rows))
        else:
            cursor.executemany(text.text, [text.bound(one) for one in rows])
    except conn.dialect.loaded_dbapi.Error as error:
        raise _ours(conn, cursor, error) from error
    return cursor


def all_of_each(conn: Connection, text: Text, rows: Sequence[Values]) -> list[list[Any]]:
    """The rows found for each of these rows of values. PostgreSQL's driver sends them all before it
    reads an answer (psycopg.org/psycopg3/docs/advanced/pipeline.html)."""
    driver: Any = conn.connection.driver_connection
    cursor, found = driver.cursor(), list[list[Any]]()
    try:
        if conn.dialect.name != "postgresql":
            return [cursor.execute(text.text, text.bound(one)).fetchall() for one in rows]
        cursor.executemany(text.text, [text.bound(one) for one in rows], returning=True)
        while len(found) < len(rows):
            found.append(cursor.fetchall())
            cursor.nextset()
    except conn.dialect.loaded_dbapi.Error as error:
        raise _ours(conn, cursor, error) from error
    finally:
        cursor.close()
    return found


def _ours(conn: Connection, cursor: Any, error: Exception) -> Exception:
    """What SQLAlchemy's error would become, with what follows from a connection that is lost."""
    dialect, dbapi = conn.dialect, conn.dialect.loaded_dbapi
    lost = dialect.is_disconnect(error, conn.connection, cursor)  # type: ignore[arg-type]
    known = sa.exc.DBAPIError.instance("", None, error, dbapi.Error, dialect=dialect)
    if not isinstance(known, sa.exc.DBAPIError):
        return error
    ours = translated(known, away=lost)
    if lost or ours.away:
        conn.invalidate(error)
    return ours
