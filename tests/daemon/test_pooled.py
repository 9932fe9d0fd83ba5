"""A whole calsync behind a real PgBouncer: commands and daemon."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.cli.rig import Rig
from tests.harness.records import a_record, now
from tests.harness.sandboxes import clean_sandbox
from tests.harness.small_calsync import until
from tests.pgbouncer import SERVER_CONNECTIONS, through

PEOPLE = 60


@pytest.fixture
def address(pool: Path, postgres_url: str) -> dict[str, Any]:
    """Where the ledger is, as a configuration names it."""
    return {"database": through(pool, postgres_url), "pooled": True, "listen_url": postgres_url}


def book(rig: Rig) -> list[str]:
    """A session each for many people without a calendar."""
    people = [f"u{n}@pool.example" for n in range(PEOPLE)]
    for n, one in enumerate(people):
        rig.sandbox.add_person(one)
        rig.records[f"ses-{n}"] = a_record(
            f"ses-{n}",
            [{"id": one, "name": "U", "email": one}],
            updated_at=now().isoformat(),
        )
    rig.publish()
    return people


@pytest.fixture
def rig(tmp_path: Path, address: dict[str, Any]) -> Iterator[Rig]:
    """An installation without a ledger yet."""
    with clean_sandbox() as sandbox:
        made = Rig(tmp_path, sandbox)
        made.log.touch()
        made.configure(**address)
        yield made


def mailed(rig: Rig, people: list[str]) -> list[int]:
    """How many mails each of them has."""
    return [len(rig.sandbox.mails(one)) for one in people]


def several_connections(url: str) -> None:
    """Have the pooler open several to the server: it hands them out in turn from then on."""
    with ExitStack() as stack:
        for _ in range(SERVER_CONNECTIONS):
            opened = stack.enter_context(psycopg.connect(url.replace("+psycopg", "")))
            opened.execute("SELECT 1")  # the transaction stays open


def test_sixty_mails_go_out_once_each(rig: Rig) -> None:
    people = book(rig)
    rig.run("db", "upgrade")
    rig.run("sync")
    rig.run("sync")
    assert mailed(rig, people) == [1] * PEOPLE


def test_a_daemon_delivers_and_hears_other_processes(rig: Rig) -> None:
    rig.run("db", "upgrade")
    with rig.daemon(kill=False):
        people = book(rig)
        until(lambda: mailed(rig, people) == [1] * PEOPLE)
    assert not rig.said("worker_failed")
    assert not rig.said("job_failed")


def test_who_forgot_to_name_the_pooler_is_told_which_setting_is_missing(
    rig: Rig, address: dict[str, Any]
) -> None:
    rig.run("db", "upgrade")
    rig.configure(database=address["database"])
    book(rig)
    several_connections(address["database"])
    told = rig.run("sync", code=1).err
    assert "prepared statement" in told
    assert "database.pooled = true" in told


def test_the_daemon_tells_it_as_well(rig: Rig, address: dict[str, Any]) -> None:
    rig.run("db", "upgrade")
    rig.configure(database=address["database"])
    book(rig)
    with rig.daemon():
        until(lambda: any("database.pooled" in str(line) for line in rig.lines()))
