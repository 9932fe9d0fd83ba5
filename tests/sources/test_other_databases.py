"""Databases that are not tried here: what they are asked can be written for them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import registry

from calsync.sources.sql.query import AsText, Probe
from calsync.sources.sql.table import SourceTable

DIALECTS = ("mssql.pyodbc", "mssql.pymssql", "oracle.oracledb")


@pytest.mark.parametrize("name", DIALECTS)
def test_a_page_of_changes_is_written_for_its_database(name: str) -> None:
    dialect: sa.Dialect = registry.load(name)()
    probe = Probe(dialect, "SELECT id, updated_at FROM booking")
    table = SourceTable(probe, {"id": str, "updated_at": datetime}, "SELECT 1")
    page = table.updated(datetime(2026, 12, 3, tzinfo=UTC))
    assert isinstance(page, AsText)
    values = page.values.values() if isinstance(page.values, dict) else page.values
    instants = [one for one in values if isinstance(one, datetime)]
    assert [one.replace(tzinfo=UTC) for one in instants] == [datetime(2026, 12, 3, tzinfo=UTC)]
