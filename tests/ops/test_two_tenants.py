"""A person who connected the same calendar in two tenants of one installation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from calsync.accounts import connect
from calsync.store.ledger.rows import table
from tests.harness.installation import MAYA, Installation
from tests.harness.records import a_record
from tests.harness.sandboxes import clean_sandbox
from tests.ops.restoring import Restoring

HER = {"id": "u-7", "name": "Maya Chen", "email": MAYA}


@dataclass
class TwoTenants(Installation):
    """`acme` has a source of its own."""

    @property
    def other_source(self) -> Path:
        return self.folder / "acme.jsonl"

    def book_at_acme(self, ident: str, **changes: Any) -> None:
        """The only session that acme's source has."""
        record = a_record(ident, [HER], start=self.began + timedelta(days=10), **changes)
        record |= {"updated_at": self.began.isoformat() + "Z"}
        self.other_source.write_text(json.dumps(record), encoding="utf-8")

    def _settings(self) -> dict[str, Any]:
        return super()._settings() | {
            "tenants.acme.policy": "",
            "source": f"""
[[source]]
name = "acme"
kind = "file"
tenant = "acme"
path = {json.dumps(str(self.other_source))}
""",
        }


@pytest.fixture
def restoring(tmp_path: Path) -> Iterator[Restoring]:
    """Maya sees ses-1 of one tenant and ses-2 of the other in her one Google calendar."""
    with clean_sandbox() as sandbox:
        sandbox.add_person(MAYA, google=True)
        made = TwoTenants(tmp_path, sandbox)
        for tenant in ("default", "acme"):
            given = {"refresh_token": sandbox.grant(MAYA)}
            connect.add(made.open().context, tenant, "google", MAYA, given)
        made.book("ses-1")
        made.book_at_acme("ses-2")
        made.sync()
        assert [title for _, title in made.shown()] == ["Title of ses-1", "Title of ses-2"]
        yield Restoring(made)
        made.close()


def test_what_stands_there_for_the_other_tenant_is_no_orphan(restoring: Restoring) -> None:
    told = restoring.verify()
    assert (told.calendars, told.events, told.differences) == (2, 2, 0)


def test_both_spend_of_the_limit_of_their_one_client(restoring: Restoring) -> None:
    """Google counts the calls of a project, whichever tenant makes them."""
    made = restoring.made
    restoring.verify()
    with made.open().context.store.read() as db:
        keys = [str(row["key"]) for row in db.all(sa.select(table("limiter").c.key))]
    client = f"google:client {made.sandbox.client_id}"
    calls = {one for one in keys if not one.startswith("account:")}
    assert calls == {client, f"look:{client}"}


def test_what_both_tenants_lost_in_one_restore_is_right_again(restoring: Restoring) -> None:
    made = restoring.made
    assert isinstance(made, TwoTenants)
    restoring.back_up()
    made.book("ses-1", days=12)
    made.book("ses-3", days=14)
    made.book_at_acme("ses-2", title="Another title")
    made.sync()
    seen = made.shown()
    made.book("ses-3", days=14, status="cancelled")
    restoring.put_back()
    told = restoring.repair(("platform", "acme"))
    assert told.orphans - told.unknown == 1
    assert made.shown() == [one for one in seen if one[1] != "Title of ses-3"]
    assert restoring.verify().differences == 0
