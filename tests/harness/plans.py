"""How a database reads what statements ask for, without running them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from calsync.store.tables.proofs import Table

# Tables of which an installation has a row for each session, person's session, call or mail.
GROWING = ("delivery", "copy", "booked_session", "attempt", "journal", "fact", "notice")
# Tables of few rows, with which PostgreSQL begins once there is anything in the others.
FEW = ("older_version", "record_warning")
ASKING = ("SELECT", "WITH", "UPDATE", "DELETE")


@contextmanager
def statements(target: sa.Engine | sa.Connection) -> Iterator[dict[str, Any]]:
    """The texts run meanwhile, each with values that it was run with."""
    found: dict[str, Any] = {}

    def note(_conn: object, _cursor: object, text: str, values: Any, *_: object) -> None:
        if text.lstrip().startswith(ASKING):
            found.setdefault(text, values[0] if isinstance(values, list) else values)

    sa.event.listen(target, "before_cursor_execute", note)
    try:
        yield found
    finally:
        sa.event.remove(target, "before_cursor_execute", note)


def steps_of(conn: sa.Connection, text: str, values: Any) -> list[str]:
    """The steps of SQLite's plan of a statement."""
    return [str(row[3]) for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)]


def scans(conn: sa.Connection, text: str, values: Any) -> list[str]:
    """Steps of the plan of a statement that read every row of a growing table. PostgreSQL is asked
    where indexes are to be used at any price, as in large tables they are: what is read whole then
    has none for it."""
    if conn.dialect.name == "sqlite":
        return [step for step in steps_of(conn, text, values) if _reads_all(step)]
    if any(name in text for name in FEW):
        return []
    for way in ("seqscan", "hashjoin", "mergejoin"):
        conn.exec_driver_sql(f"SET LOCAL enable_{way} = off")
    (plan,) = conn.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {text}", values).scalar_one()
    return [step for node in _nodes(plan["Plan"]) if (step := _whole(node))]


def _reads_all(step: str) -> bool:
    """It reads a large table itself, not an index alone, nor rows of which there are few."""
    scan = re.fullmatch(f"SCAN ({'|'.join(GROWING)})(?: USING INDEX (\\w+))?", step)
    return scan is not None and not (scan[2] and _is_partial(scan[1], scan[2]))


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)


def _whole(node: dict[str, Any]) -> str:
    """What a step of PostgreSQL's plan reads whole, '' for one that does not."""
    name, kind = node.get("Relation Name", ""), node["Node Type"]
    index = node.get("Index Name", "")
    reads_all = kind == "Seq Scan" or (kind == "Index Scan" and "Index Cond" not in node)
    if name not in GROWING or not reads_all or _is_partial(name, index):
        return ""
    return f"{kind} {name} {index} {node.get('Filter', '')}"


def _is_partial(table: str, index: str) -> bool:
    known = {one.name: one for one in Table.metadata.tables[table].indexes}.get(index)
    return known is not None and known.dialect_options["sqlite"]["where"] is not None
