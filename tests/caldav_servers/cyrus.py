"""Cyrus IMAP's CalDAV: its own master process, and people in a password file of SASL."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from imaplib import IMAP4
from pathlib import Path

from calsync.errors import Unusable
from tests.caldav_servers.server import (
    USERS,
    Answered,
    CalendarServer,
    installed,
    own_folder,
    running_program,
    wait_for,
)
from tests.ports import free_port

PACKAGES = "cyrus-caldav cyrus-imapd sasl2-bin libsasl2-modules"
PROGRAMS = "/usr/lib/cyrus/bin"
ADMIN = "cyrus"
ANSWERS = {"no calendar": Answered(Unusable, "no", "account")}
# imapd.conf(5). Mailboxes are made below by the administrator; a person's calendars hang on theirs.
SETTINGS = """configdirectory: {folder}/config
partition-default: {folder}/spool
proc_path: {folder}/run/proc
mboxname_lockpath: {folder}/run/lock
servername: localhost
admins: cyrus
altnamespace: no
unixhierarchysep: yes
httpmodules: caldav
allowplaintext: yes
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_mech_list: PLAIN LOGIN
sasl_sasldb_path: {folder}/sasldb2
"""
# In the manner of cyrus.conf(5).
SERVICES = """START {{
  recover cmd="{programs}/ctl_cyrusdb -C {folder}/imapd.conf -r"
}}
SERVICES {{
  http cmd="{programs}/httpd -C {folder}/imapd.conf" listen="127.0.0.1:{http}" proto="tcp4"
  imap cmd="{programs}/imapd -C {folder}/imapd.conf" listen="127.0.0.1:{imap}" proto="tcp4"
}}
EVENTS {{
}}
"""


@contextmanager
def running_cyrus(folder: Path) -> Iterator[CalendarServer]:
    """Debian's 3.6. It gives up root for its own user, so its files are that user's."""
    installed("cyrus", PACKAGES, f"{PROGRAMS}/master", f"{PROGRAMS}/httpd", "saslpasswd2")
    http, imap = free_port(), free_port()
    log = folder / "cyrus.log"
    with own_folder("cyrus", ADMIN, "mail") as own:
        _configure(own, http, imap)
        command = [f"{PROGRAMS}/master", "-D", "-C", str(own / "imapd.conf")]
        command += ["-M", str(own / "cyrus.conf"), "-p", str(own / "run" / "pid")]
        with running_program(command, http, log, {}):
            wait_for(imap, lambda: False, log)
            with IMAP4("127.0.0.1", imap, timeout=10) as admin:
                admin.login(ADMIN, ADMIN)
                for name in USERS:
                    assert admin.create(f"user/{name}")[0] == "OK"
            yield CalendarServer(f"http://127.0.0.1:{http}", "/dav/calendars/user/{user}/", ANSWERS)


def _configure(folder: Path, http: int, imap: int) -> None:
    for name in ("config", "spool", "run"):
        (folder / name).mkdir()
    services = SERVICES.format(folder=folder, programs=PROGRAMS, http=http, imap=imap)
    (folder / "cyrus.conf").write_text(services, encoding="utf-8")
    (folder / "imapd.conf").write_text(SETTINGS.format(folder=folder), encoding="utf-8")
    known = ["saslpasswd2", "-p", "-c", "-f", str(folder / "sasldb2"), "-u", "localhost"]
    for name, password in {**USERS, ADMIN: ADMIN}.items():
        subprocess.run([*known, name], input=password.encode(), check=True, capture_output=True)
    if os.geteuid() == 0:
        for path in folder.rglob("*"):
            shutil.chown(path, ADMIN, "mail")
