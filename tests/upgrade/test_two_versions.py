"""What one version says to the ledger of another, as docs/upgrade.md quotes it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from calsync.errors import InputError
from calsync.store import schema
from calsync.store.database import Store, open_engine

PAGE = Path(__file__).parents[2] / "docs" / "upgrade.md"


@pytest.mark.parametrize("revision", ["0001", "9998"])
def test_the_page_quotes_what_is_said_to_an_older_and_to_a_newer_schema(
    postgres_ledger_url: str, revision: str
) -> None:
    store = Store(open_engine(postgres_ledger_url))
    with store.engine.begin() as db:
        db.execute(sa.text("UPDATE alembic_version SET version_num = :n"), {"n": revision})
    with pytest.raises(InputError) as refused:
        schema.make_ready(store)
    store.close()
    quoted = [without_numbers(line) for line in PAGE.read_text("utf-8").splitlines()]
    assert without_numbers(f"calsync: {refused.value}") in quoted


def without_numbers(line: str) -> str:
    return re.sub(r"\b\d{4}\b", "N", line)
