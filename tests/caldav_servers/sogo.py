"""SOGo with a PostgreSQL of its own; people are in a table of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from calsync.errors import Unusable
from tests.caldav_servers.proxy import running_proxy
from tests.caldav_servers.server import USERS, Answered, CalendarServer, installed, running_program
from tests.ports import free_port
from tests.postgres import NOBODY, Cluster, find_binaries, running_cluster

DATABASE = "postgresql://calsync@/sogo"  # where it is says PGHOST
TABLES = {
    "SOGoProfileURL": "sogo_user_profile",
    "OCSFolderInfoURL": "sogo_folder_info",
    "OCSSessionsFolderURL": "sogo_sessions_folder",
    "OCSEMailAlarmsFolderURL": "sogo_alarms_folder",
}
ANSWERS = {"no calendar": Answered(Unusable, "no", "account")}
PEOPLE = f"""({{
  type = sql; id = people; viewURL = "{DATABASE}/people";
  canAuthenticate = YES; isAddressBook = NO; userPasswordAlgorithm = plain;
}})"""


@contextmanager
def running_sogo(folder: Path) -> Iterator[CalendarServer]:
    """Debian's 5.8. It refuses to run as root, and to start where it may not read its own
    configuration, of which everything that matters is set here. A proxy is in front, as Apache is
    in an installation of it: sogod itself ends kept connections at any time."""
    installed("sogo", "sogo", "/usr/sbin/sogod", "/etc/sogo/sogo.conf", "setpriv")
    with running_cluster(find_binaries(os.environ)) as cluster:
        _fill(cluster)
        port = free_port()
        settings = {name: f"{DATABASE}/{table}" for name, table in TABLES.items()} | {
            "SOGoUserSources": PEOPLE,
            "WOPort": f"127.0.0.1:{port}",
            "WOWorkersCount": "3",
            "WONoDetach": "YES",
            "WOLogFile": "-",
            "WOPidFile": str(cluster.folder / "sogo.pid"),
            "SxVMemLimit": "0",
        }
        options = [part for name, value in settings.items() for part in (f"-{name}", value)]
        environ = {"PGHOST": str(cluster.folder), "HOME": str(cluster.folder), "USER": "nobody"}
        with (
            running_program(
                [*_unprivileged(), "/usr/sbin/sogod", *options], port, folder / "sogo.log", environ
            ),
            running_proxy(f"http://127.0.0.1:{port}") as front,
        ):
            yield CalendarServer(
                front.root,
                "/SOGo/dav/{user}/Calendar/",
                ANSWERS,
                create_is_conditional=False,
                keeps_emoji=False,
                moves_to_name=False,
                keeps_floating=False,
                refuses_stale=False,
            )


def _unprivileged() -> list[str]:
    if os.geteuid() != 0:
        return []
    assert shutil.which("setpriv")
    return ["setpriv", f"--reuid={NOBODY}", "--regid=sogo", "--clear-groups", "--"]


def _fill(cluster: Cluster) -> None:
    with cluster.connect() as db:
        db.execute("CREATE DATABASE sogo")
    with cluster.connect("sogo") as db:
        db.execute(
            "CREATE TABLE people (c_uid TEXT PRIMARY KEY, c_name TEXT, c_password TEXT, c_cn TEXT, "
            "mail TEXT)"
        )
        for name, password in USERS.items():
            row = (name, name, password, name, f"{name}@example.org")
            db.execute("INSERT INTO people VALUES (%s, %s, %s, %s, %s)", row)
