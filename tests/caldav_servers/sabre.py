"""sabre/dav under PHP's own web server. Debian 12 has a version of 2014 only; the one that is tried
comes by Composer, and SABRE_DAV says where its `vendor` folder is."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from calsync.errors import Unusable
from tests.caldav_servers.server import (
    USERS,
    Answered,
    CalendarServer,
    installed,
    not_tried,
    running_program,
)
from tests.ports import free_port

PACKAGES = "php-cli php-sqlite3 php-xml php-mbstring"
FOLDER = "SABRE_DAV"
NOT_FOUND = (
    "needs sabre/dav: run `composer require sabre/dav:~4.7.0` in an empty folder, "
    f"and set {FOLDER} to the `vendor` in it"
)
ANSWERS = {"no calendar": Answered(Unusable, "no", "account")}
# The library's examples/sql/sqlite.*.sql, which its releases do not bring.
TABLES = """
CREATE TABLE principals (id INTEGER PRIMARY KEY, uri TEXT UNIQUE, email TEXT, displayname TEXT);
CREATE TABLE groupmembers (id INTEGER PRIMARY KEY, principal_id INTEGER, member_id INTEGER);
CREATE TABLE calendars (id INTEGER PRIMARY KEY, synctoken INTEGER DEFAULT 1, components TEXT);
CREATE TABLE calendarinstances (
  id INTEGER PRIMARY KEY, calendarid INTEGER, principaluri TEXT, access INTEGER DEFAULT 1,
  displayname TEXT, uri TEXT, description TEXT, calendarorder INTEGER, calendarcolor TEXT,
  timezone TEXT, transparent BOOL, share_href TEXT, share_displayname TEXT,
  share_invitestatus INTEGER DEFAULT 2, UNIQUE (principaluri, uri));
CREATE TABLE calendarobjects (
  id INTEGER PRIMARY KEY, calendardata BLOB, uri TEXT, calendarid INTEGER, lastmodified INTEGER,
  etag TEXT, size INTEGER, componenttype TEXT, firstoccurence INTEGER, lastoccurence INTEGER,
  uid TEXT, UNIQUE (calendarid, uri));
CREATE TABLE calendarchanges (
  id INTEGER PRIMARY KEY, uri TEXT, synctoken INTEGER, calendarid INTEGER, operation INTEGER);
CREATE TABLE calendarsubscriptions (
  id INTEGER PRIMARY KEY, uri TEXT, principaluri TEXT, source TEXT, displayname TEXT,
  refreshrate TEXT, calendarorder INTEGER, calendarcolor TEXT, striptodos BOOL, stripalarms BOOL,
  stripattachments BOOL, lastmodified INTEGER);
CREATE TABLE schedulingobjects (
  id INTEGER PRIMARY KEY, principaluri TEXT, calendardata BLOB, uri TEXT, lastmodified INTEGER,
  etag TEXT, size INTEGER);
"""


@contextmanager
def running_sabre(folder: Path) -> Iterator[CalendarServer]:
    """Version 4.7, with calendars in a file of SQLite."""
    installed("sabre", PACKAGES, "php")
    autoload = Path(os.environ.get(FOLDER, "")) / "autoload.php"
    if not os.environ.get(FOLDER) or not autoload.exists():
        not_tried("sabre", NOT_FOUND)
    calendars = folder / "calendars.db"
    with closing(sqlite3.connect(calendars)) as db, db:
        db.executescript(TABLES)
        people = [(f"principals/{name}", f"{name}@example.org", name) for name in USERS]
        db.executemany("INSERT INTO principals (uri, email, displayname) VALUES (?, ?, ?)", people)
    port = free_port()
    script = str(Path(__file__).with_suffix(".php"))
    environ = {"SABRE_AUTOLOAD": str(autoload), "CALENDARS": str(calendars)}
    with running_program(
        ["php", "-S", f"127.0.0.1:{port}", script],
        port,
        folder / "sabre.log",
        {**environ, "USERS": json.dumps(USERS)},
    ):
        yield CalendarServer(
            f"http://127.0.0.1:{port}", "/calendars/{user}/", ANSWERS, unique_uids=False
        )
