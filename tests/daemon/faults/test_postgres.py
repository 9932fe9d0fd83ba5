"""What breaks between a daemon and its PostgreSQL: the verdict names it, and the daemon goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from tests.cli.rig import MAYA, SAM, Rig, a_record
from tests.daemon.faults.bench import verdict_of
from tests.daemon.faults.faults import DATABASE, Fault
from tests.daemon.faults.relay import Relay
from tests.harness.cut import SOCKET
from tests.harness.ledgers import postgres_ledger
from tests.harness.sandboxes import clean_sandbox
from tests.harness.small_calsync import until
from tests.postgres import Cluster

ROLE = "calsync_faults"
GRANTS = (
    f"CREATE ROLE {ROLE} LOGIN",
    f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {ROLE}",
    f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {ROLE}",
)


@dataclass
class Place:
    """A daemon whose ledger is behind `relay`, and a connection that breaks things."""

    rig: Rig
    relay: Relay
    admin: psycopg.Connection[Any]

    def finding(self, fault: Fault) -> dict[str, Any] | None:
        found = verdict_of(self.rig)
        return next((one for one in found if fault.says in one["text"]), None)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, ledger_cluster: Cluster) -> Iterator[Place]:
    folder: Path = tmp_path_factory.mktemp("postgres")
    with postgres_ledger(ledger_cluster) as url, clean_sandbox() as sandbox:
        given = sa.make_url(url)
        relay = Relay(str(Path(str(given.query["host"])) / SOCKET))
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as admin:
            for statement in GRANTS:
                admin.execute(statement)
            rig = Rig(folder, sandbox)
            rig.log.touch()
            rig.publish()
            for one in (MAYA, SAM):
                sandbox.add_person(one, google=one == MAYA)
            name = f"127.0.0.1:{relay.port}/{given.database}"
            rig.configure(database=f"postgresql+psycopg://{ROLE}@{name}")
            with rig.daemon():
                yield Place(rig, relay, admin)
            relay.close()
            admin.execute(f"DROP OWNED BY {ROLE}")
            admin.execute(f"DROP ROLE {ROLE}")


def test_a_daemons_connections_say_what_it_may_open_and_a_commands_do_not(place: Place) -> None:
    """By this the doctor counts the processes that run, and what they may open together."""
    place.rig.run("status")
    query = "SELECT DISTINCT application_name FROM pg_stat_activity WHERE usename = %s"
    (name,) = (str(one) for (one,) in place.admin.execute(query, [ROLE]) if one)
    assert re.fullmatch(r"calsync/[0-9a-f]{8}/24", name), "four workers, and 20"


@pytest.mark.parametrize("fault", DATABASE, ids=lambda one: one.name)
def test_a_database_out_of_reach_is_named_and_the_daemon_goes_on(
    place: Place, fault: Fault
) -> None:
    few = "connections" in fault.name
    if few:
        place.admin.execute(f"ALTER ROLE {ROLE} CONNECTION LIMIT 1")
    else:
        place.relay.close()
    until(lambda: place.finding(fault))
    found = place.finding(fault)
    assert found is not None
    assert (found["kind"], found["severity"], found["command"]) == ("database", "error", "")
    if few:
        assert "max_connections" in found["text"]
        place.admin.execute(f"ALTER ROLE {ROLE} CONNECTION LIMIT -1")
    else:
        place.relay.open()
    until(lambda: place.finding(fault) is None)
    place.rig.put(a_record(f"ses-{fault.kind}-{few}", SAM))
    mails = len(place.rig.sandbox.mails(SAM))
    until(lambda: len(place.rig.sandbox.mails(SAM)) > mails)
