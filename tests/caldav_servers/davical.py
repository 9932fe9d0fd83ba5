"""DAViCal under PHP's own web server, with a PostgreSQL of its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.caldav_servers.server import USERS, CalendarServer, installed, running_program
from tests.ports import free_port
from tests.postgres import Cluster, find_binaries, running_cluster

MAKE = "/usr/share/davical/dba/create-database.sh"
PAGES = "/usr/share/davical/htdocs"
USER = """INSERT INTO usr
(user_no, active, email_ok, updated, username, password, fullname, email)
VALUES (%s, TRUE, current_date, current_date, %s, %s, %s, %s)"""
PRINCIPAL = """INSERT INTO principal (type_id, user_no, displayname, default_privileges)
VALUES (1, %s, %s, 0::BIT(24))"""


@contextmanager
def running_davical(folder: Path) -> Iterator[CalendarServer]:
    """Debian's, with Debian's configuration: it names the database, and not where that is."""
    installed("davical", "davical", MAKE, "/etc/davical/config.php", "php", "psql")
    with running_cluster(find_binaries(os.environ)) as cluster:
        _fill(cluster)
        port = free_port()
        log = folder / "davical.log"
        command = ["php", "-S", f"127.0.0.1:{port}", "-t", PAGES]
        with running_program(command, port, log, {"PGHOST": str(cluster.folder)}):
            yield CalendarServer(
                f"http://127.0.0.1:{port}", "/caldav.php/{user}/", unique_uids=False
            )


def _fill(cluster: Cluster) -> None:
    """The database as the package makes it, and people in it. Two asterisks before a password mean
    that it is not hashed (inc/AWL's session_validate_password)."""
    environ = {**os.environ, "PGHOST": str(cluster.folder), "PGUSER": "calsync", "USER": "calsync"}
    made = subprocess.run(
        [MAKE, "davical", "administrator"], env=environ, capture_output=True, check=False, text=True
    )
    assert made.returncode == 0, made.stdout + made.stderr
    with cluster.connect("davical") as db:
        for number, (name, password) in enumerate(USERS.items(), 10):
            mail = f"{name}@example.org"
            db.execute(USER, (number, name, f"**{password}", name, mail))
            db.execute(PRINCIPAL, (number, name))
