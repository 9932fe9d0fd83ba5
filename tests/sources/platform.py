"""A platform's database, as tests make one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from calsync.ports import Page
from calsync.sources.sql.source import SqlSource
from tests.sources.records import a_person

START = datetime(2026, 11, 1, tzinfo=UTC)
QUERY = "SELECT * FROM booking"
TABLE = """
CREATE TABLE booking (
  id varchar(40), status varchar(20), updated_at {stamp}, title varchar(200),
  starts_at {wall}, ends_at {wall}, time_zone varchar(40),
  program_id varchar(40), program_name varchar(40), program_kind varchar(40),
  program_discreet boolean, place_kind varchar(20), place_url varchar(200),
  place_label varchar(40), place_name varchar(40), agenda_text text, agenda_format varchar(20),
  agenda_url varchar(200), url varchar(200), participants {json}
)
"""
TYPES = {
    "sqlite": {"stamp": "datetime", "wall": "datetime", "json": "text"},
    "postgresql": {"stamp": "timestamptz", "wall": "timestamp", "json": "jsonb"},
    "mysql": {"stamp": "timestamp(6) NULL", "wall": "datetime(6)", "json": "json"},
}


class Platform:
    """A platform's database, written as a platform would."""

    def __init__(self, url: str) -> None:
        self.url = url
        mysql = url.startswith("mysql")
        utc = {"init_command": "SET time_zone = '+00:00'"} if mysql else {}
        self.engine: Engine = sa.create_engine(url, connect_args=utc)
        self.kind = self.engine.dialect.name

    def run(self, statement: str, rows: Any = None) -> None:
        with self.engine.begin() as db:
            db.execute(sa.text(statement), rows)

    def create(self, **types: str) -> None:
        self.run(TABLE.format(**(TYPES[self.kind] | types)))

    def add(self, *rows: dict[str, Any]) -> None:
        names = list(dict.fromkeys(name for row in rows for name in row))
        casts = {"participants": "jsonb"} if self.kind == "postgresql" else {}
        values = (
            f"CAST(:{name} AS {casts[name]})" if name in casts else f":{name}" for name in names
        )
        given = [dict.fromkeys(names) | row for row in rows]
        if self.kind == "mysql":  # MariaDB takes no offset
            for row in given:
                row["updated_at"] = row["updated_at"] and row["updated_at"].removesuffix("+00:00")
        self.run(f"INSERT INTO booking ({', '.join(names)}) VALUES ({', '.join(values)})", given)

    def source(self, query: str = QUERY, **options: Any) -> SqlSource:
        return SqlSource("crm", "default", self.url, query, **options)


def a_row(ident: str = "s-1", second: int = 0, **changes: Any) -> dict[str, Any]:
    row = {
        "id": ident,
        "status": "booked",
        "updated_at": (START + timedelta(seconds=second)).isoformat(sep=" "),
        "title": "Session 1",
        "starts_at": "2026-12-03 15:00:00",
        "ends_at": "2026-12-03 15:45:00",
        "time_zone": "America/Toronto",
        "place_kind": "online",
        "place_url": "https://zoom.us/j/1",
        "participants": json.dumps([a_person()]),
    }
    return row | changes


def ids(pages: Iterable[Page]) -> list[str]:
    return [one.id for page in pages for one in page.sessions]
