"""The real command line on a real platform's sessions; everybody's view is read independently."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.acceptance.reading import differences, everybody
from tests.acceptance.rig import Rig, a_rig
from tests.acceptance.world import World
from tests.account_mails import of_sessions
from tests.postgres import Cluster
from tests.sources.feeds import example_feed

SMALL, FULL = 100, 1000


@pytest.fixture
def world(full: bool) -> World:
    return World(seed=20261124, sessions=FULL if full else SMALL)


def wrong(rig: Rig, world: World) -> list[str]:
    """Everything that anybody sees and should not, or does not see and should."""
    found = []
    for address, wanted in everybody(world).items():
        found += differences(address, wanted, rig.sandbox.shown(address))
    return found


def assert_clean(rig: Rig, world: World) -> None:
    """No provider's rule was broken, and no mail about a session to anybody who has a calendar."""
    calendars = [person.email for person in world.people if person.kind != "mail"]
    assert [address for address in calendars if of_sessions(rig.sandbox.mails(address))] == []
    assert rig.sandbox.violations() == []
    assert rig.sandbox.outbox() == []


def deliver_and_compare(rig: Rig, world: World) -> None:
    done = rig.json("sync")
    assert done["refused"] == 0
    assert wrong(rig, world) == []
    rig.sandbox.forget_requests()
    rig.json("sync")
    assert rig.sandbox.requests() == []


def change_and_compare(rig: Rig, world: World, publish: Any) -> None:
    """Changes arrive while the daemon runs; mailed ones are hurried by a `sync --now` beside it."""
    mails = {p.email: len(rig.sandbox.mails(p.email)) for p in world.people}
    with rig.daemon(kill=False) as daemon:
        chosen = world.change_some()
        publish(world)
        left = ["not looked yet"]
        deadline = time.monotonic() + 120
        while left and time.monotonic() < deadline:
            rig.calsync("sync", "--now")
            left = wrong(rig, world)
        assert left == []
        assert daemon.poll() is None
    assert daemon.returncode == 0
    reworded = {
        p["email"] for ident in chosen["reworded"] for p in world.records[ident]["participants"]
    }
    changed = {
        p["email"]
        for part in ("moved", "cancelled", "left")
        for ident in chosen[part]
        for p in world.records[ident]["participants"]
    }
    for address in reworded - changed:
        new = rig.sandbox.mails(address)[mails[address] :]
        assert [m for m in new if "Rewritten" in m.text] == []


def write_lines(file: Path, world: World) -> None:
    """The whole file at once, as calsync asks a platform to."""
    fresh = file.with_suffix(".new")
    fresh.write_text(world.lines(), encoding="utf-8")
    fresh.replace(file)


def test_a_file_of_sessions_reaches_everybody(tmp_path: Path, world: World) -> None:
    file = tmp_path / "sessions.jsonl"
    source = {"name": "platform", "kind": "file", "path": str(file), "poll_seconds": 1}
    write_lines(file, world)
    with a_rig(tmp_path, world, source) as rig:
        rig.calsync("db", "upgrade")
        rig.connect_everybody(world)
        deliver_and_compare(rig, world)
        change_and_compare(rig, world, partial(write_lines, file))
        assert_clean(rig, world)


def test_a_feed_of_sessions_reaches_everybody(tmp_path: Path, world: World) -> None:
    file = tmp_path / "sessions.jsonl"
    write_lines(file, world)
    with example_feed(file, "feed-token") as url:
        source = {"name": "platform", "kind": "http", "url": url, "token": "feed-token"}
        with a_rig(tmp_path, world, {**source, "poll_seconds": 1}) as rig:
            rig.calsync("db", "upgrade")
            rig.connect_everybody(world)
            deliver_and_compare(rig, world)
            change_and_compare(rig, world, partial(write_lines, file))
            assert_clean(rig, world)


@pytest.fixture
def platform_database(postgres_cluster: Cluster) -> Iterator[str]:
    with postgres_cluster.database() as url:
        yield url


def store_records(url: str, world: World) -> None:
    """The platform's own table, and a view in the documented columns."""
    with psycopg.connect(url.replace("+psycopg", "")) as db:
        db.execute("CREATE TABLE IF NOT EXISTS bookings (id text PRIMARY KEY, doc jsonb)")
        with db.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO bookings VALUES (%s, %s) "
                "ON CONFLICT (id) DO UPDATE SET doc = excluded.doc",
                [(one["id"], json.dumps(one)) for one in world.records.values()],
            )
        db.execute("""
            CREATE OR REPLACE VIEW calsync_sessions AS SELECT
              id, doc->>'status' AS status, (doc->>'updated_at')::timestamptz AS updated_at,
              doc->>'title' AS title, (doc->>'starts_at')::timestamp AS starts_at,
              (doc->>'ends_at')::timestamp AS ends_at, doc->>'time_zone' AS time_zone,
              doc->'program'->>'id' AS program_id, doc->'program'->>'name' AS program_name,
              doc->'program'->>'kind' AS program_kind, doc->'place'->>'kind' AS place_kind,
              doc->'place'->>'url' AS place_url, doc->'place'->>'label' AS place_label,
              doc->'place'->>'name' AS place_name, doc->'place'->>'address' AS place_address,
              doc->'agenda'->>'text' AS agenda_text, doc->'agenda'->>'format' AS agenda_format,
              doc->'agenda'->>'url' AS agenda_url, doc->>'url' AS url,
              doc->'participants' AS participants FROM bookings""")


def test_a_view_of_sessions_reaches_everybody(
    tmp_path: Path, world: World, platform_database: str, postgres_url: str
) -> None:
    store_records(platform_database, world)
    source = {
        "name": "platform",
        "kind": "sql",
        "url": platform_database,
        "query": "SELECT * FROM calsync_sessions",
        "poll_seconds": 1,
    }
    with a_rig(tmp_path, world, source, database=postgres_url) as rig:
        rig.calsync("db", "upgrade")
        rig.connect_everybody(world)
        deliver_and_compare(rig, world)
        change_and_compare(rig, world, lambda now: store_records(platform_database, now))
        assert_clean(rig, world)


def test_the_default_guard_holds_the_first_day_until_it_is_approved(
    tmp_path: Path, world: World
) -> None:
    file = tmp_path / "sessions.jsonl"
    file.write_text(world.lines(), encoding="utf-8")
    source = {"name": "platform", "kind": "file", "path": str(file)}
    with a_rig(tmp_path, world, source, guard="max_first_mails = 20") as rig:
        rig.calsync("db", "upgrade")
        rig.connect_everybody(world)
        (held,) = rig.json("sync")["held"]
        assert held["changes"]["first_mail"] > 20
        mailed = [p.email for p in world.people if of_sessions(rig.sandbox.mails(p.email))]
        assert mailed == []
        status = rig.json("status")
        assert status["held"][0]["digest"] == held["digest"]
        rig.calsync("approve", str(held["batch"]), "--digest", "000000000000", code=2)
        rig.calsync("approve", str(held["batch"]), "--digest", held["digest"])
        rig.json("sync")
        assert wrong(rig, world) == []
        assert_clean(rig, world)
