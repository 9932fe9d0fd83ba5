"""The tables as SQLAlchemy Core knows them: what statements are made of, without the models."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from calsync.store.database import Utc
from calsync.store.engine.packed import Packed
from calsync.store.tables.columns import COLUMNS

TYPES: Mapping[str, Any] = MappingProxyType(
    {
        "str": sa.String,
        "text": sa.Text,
        "packed": Packed,
        "int": sa.Integer,
        "bool": sa.Boolean,
        "bytes": sa.LargeBinary,
        "utc": Utc,
    }
)
_COLUMN = re.compile(r"(\w+):(\w+)(\*?)(\??)(?:=(.*))?")


@cache
def tables() -> Mapping[str, sa.Table]:
    """By name; they are declared in the modules beside this one."""
    metadata = sa.MetaData()
    return {
        name: sa.Table(name, metadata, *map(_column, columns.split()))
        for name, columns in COLUMNS.items()
    }


def _column(text: str) -> sa.Column[Any]:
    found = _COLUMN.fullmatch(text)
    if found is None:
        raise ValueError(f"{text} is not a column")
    name, kind, key, null, default = found.groups()
    given = {} if default is None else {"default": json.loads(default)}
    return sa.Column(name, TYPES[kind](), primary_key=bool(key), nullable=bool(null), **given)
