"""What version 0.1.0 left behind is upgraded, and deliveries go on: nothing is made twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests

from tests.cli.rig import LENA, MAYA, SAM, Rig
from tests.harness.sandboxes import clean_sandbox
from tests.postgres import Cluster

HERE = Path(__file__).parent
KEY = f"k1:{'A' * 43}="
MADE_BY_THE_SERVER = {
    *("kind", "etag", "htmlLink", "created", "updated", "creator", "organizer"),
    *("iCalUID", "sequence", "eventType"),
}

DIFFERENCES = ("doubles", "orphans", "unknown", "stale", "missing")


def of_the_time(kind: str, name: str) -> Any:
    return json.loads((HERE / kind / name).read_text(encoding="utf-8"))


@pytest.fixture(params=["sqlite", "postgres"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A copy of the ledger, as it was left."""
    if kind == "sqlite":
        file = tmp_path / "calsync.db"
        file.touch(0o600)
        file.write_bytes((HERE / kind / "calsync.sqlite").read_bytes())
        yield f"sqlite:///{file}"
        return
    cluster: Cluster = request.getfixturevalue("postgres_cluster")
    with cluster.database() as url:
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute((HERE / kind / "calsync.sql").read_bytes())
        yield url


@pytest.fixture
def rig(kind: str, database: str, tmp_path: Path) -> Iterator[Rig]:
    """The installation, upgraded, and the world as it was: Maya's calendar holds what was made."""
    with clean_sandbox() as sandbox:
        sandbox.add_person(MAYA, google=True)
        for one in (SAM, LENA):
            sandbox.add_person(one)
        made = Rig(tmp_path, sandbox)
        lines = (HERE / kind / "sessions.jsonl").read_text(encoding="utf-8").splitlines()
        made.records = {record["id"]: record for record in map(json.loads, lines)}
        made.publish()
        made.configure(database=database, keys=[KEY])
        for event in of_the_time(kind, "events.json"):
            insert(made, event)
        made.run("db", "upgrade")
        made.connect()  # the token of the time was another sandbox's
        yield made


def insert(rig: Rig, event: dict[str, Any]) -> None:
    """Put an event into Maya's calendar as it was written, with the id that it had."""
    body = {name: value for name, value in event.items() if name not in MADE_BY_THE_SERVER}
    answer = requests.post(
        f"{rig.sandbox.url}/calendar/v3/calendars/primary/events?sendUpdates=none",
        json=body,
        headers={"Authorization": f"Bearer {rig.sandbox.access_token(MAYA)}"},
        timeout=10,
    )
    answer.raise_for_status()


def test_a_ledger_of_0_1_0_goes_on_and_makes_nothing_twice(rig: Rig, kind: str) -> None:
    events = {one["id"] for one in of_the_time(kind, "events.json")}
    uids = {(one["to"], one["uid"]) for one in of_the_time(kind, "mails.json")}
    rig.run("sync")
    assert {one["id"] for one in rig.sandbox.events(MAYA)} == events
    assert [rig.sandbox.mails(one) for one in (SAM, LENA)] == [[], []], "everything is paused"

    rig.run("resume")
    rig.run("sync")
    assert {one["id"] for one in rig.sandbox.events(MAYA)} > events
    assert len(rig.sandbox.events(MAYA)) == len(events) + 1, "what was wanted and never sent"
    assert [one.method for one in rig.sandbox.mails(SAM)] == ["REQUEST"]
    assert rig.sandbox.mails(LENA) == []
    compared = rig.json("verify")
    assert [compared[name] for name in DIFFERENCES] == [0, 0, 0, 0, 0]

    rig.move("ses-1", hours=1)
    rig.book("ses-3", status="cancelled")
    rig.run("sync", "--now")
    assert len(rig.sandbox.events(MAYA)) == len(events) + 1
    changed, cancelled = rig.sandbox.mails(SAM)[1:], rig.sandbox.mails(LENA)
    assert [one.method for one in cancelled] == ["CANCEL"]
    assert sorted(one.method for one in changed) == ["CANCEL", "REQUEST"]
    for person, mails in ((SAM, changed), (LENA, cancelled)):
        assert {(person, one.uid) for one in mails} <= uids, "they change what was sent"
    assert all(one.sequence > 1 for one in (*changed, *cancelled))
