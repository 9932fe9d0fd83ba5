"""The tables that statements are made from are those that the models declare."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import wrap
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from calsync.store.tables import columns, plain
from calsync.store.tables.proofs import Table

DIALECTS = (sqlite.dialect(), postgresql.dialect())  # type: ignore[no-untyped-call]  # theirs
NAMES = {kind: name for name, kind in plain.TYPES.items()}
HEAD = '''"""The columns of the tables, as the models beside this file declare them.
sqlmodel takes a second to say so, and is not asked where a ledger is only used.

Made by `pytest --golden tests/store/test_plain_tables.py`, and held to the models by the same. A
column is its name and type, with * for the primary key, ? where it may be NULL, and what stands in
it by default.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

COLUMNS: Mapping[str, str] = MappingProxyType(
    {
'''


def written(column: sa.Column[Any]) -> str:
    kind = NAMES[sa.String if type(column.type).__name__ == "AutoString" else type(column.type)]
    default = getattr(column.default, "arg", None)
    text = f"{column.name}:{kind}{'*' * column.primary_key}{'?' * bool(column.nullable)}"
    text += "" if column.default is None else f"={json.dumps(default)}"
    assert " " not in text, "a default with a blank needs another form"
    return text


def module() -> str:
    lines = [HEAD]
    for name, table in sorted(Table.metadata.tables.items()):
        whole = " ".join(map(written, table.columns))
        in_one_line = f'        "{name}": {_quoted(whole)},\n'
        if len(in_one_line) <= 101:
            lines.append(in_one_line)
            continue
        *before, last = wrap(whole, 82, break_on_hyphens=False)
        pieces = [*(f"{one} " for one in before), last]
        lines.append(f'        "{name}": (\n')
        lines += [f"            {_quoted(one)}\n" for one in pieces]
        lines.append("        ),\n")
    return "".join([*lines, "    }\n)\n"])


def _quoted(text: str) -> str:
    return f"'{text}'" if '"' in text else f'"{text}"'


def test_the_columns_are_those_of_the_models(pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("--golden"):
        Path(columns.__file__).write_text(module(), encoding="utf-8")
    assert Path(columns.__file__).read_text(encoding="utf-8") == module()


def facts(column: sa.Column[Any]) -> tuple[object, ...]:
    kinds = [column.type.compile(dialect) for dialect in DIALECTS]
    default = getattr(column.default, "arg", None)
    about = (column.primary_key, column.nullable, column.autoincrement, column.server_default)
    return column.name, column.key, *kinds, type(column.type), default, *about


def test_statements_are_made_of_what_the_models_declare() -> None:
    declared = Table.metadata.tables
    assert set(plain.tables()) == set(declared)
    for name, table in plain.tables().items():
        found = [facts(one) for one in table.columns]
        expected = [facts(one) for one in declared[name].columns]
        strings = [tuple(sa.String if is_string(one) else one for one in row) for row in expected]
        assert found == strings


def is_string(kind: object) -> bool:
    """sqlmodel's own type of strings is another one for MySQL alone."""
    return isinstance(kind, type) and kind.__name__ == "AutoString"
