"""A daemon at work in which one thing after another breaks, and the command line beside it."""

from __future__ import annotations

import json
import os
import shlex
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests import commands
from tests.cli.rig import LENA, MAYA, SAM, Rig, a_record
from tests.commands import Done
from tests.daemon.faults.planted import FOLDER
from tests.daemon.faults.relay import Relay
from tests.harness.records import Record, now
from tests.harness.small_calsync import calsync, until
from tests.smtp import MailServer, mail_server

# Invitations that go without an approval, in all.
FEW = "max_first_mails = 15\nfree_sessions = 0\nmax_changes = 1000"


class Answering(ThreadingHTTPServer):
    """The platform's web: answers `status`, and an empty feed when that is 200; nothing while
    `answers` is not set. `waiting`: how many requests that keeps."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status, self.waiting = 200, 0
        self.answers = threading.Event()
        self.answers.set()
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Handler(BaseHTTPRequestHandler):
    server: Answering

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
        pass

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.waiting += 1
        self.server.answers.wait()
        self.server.waiting -= 1
        body = json.dumps({"sessions": [], "complete": True, "count": 0, "next": None}).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = _answer  # noqa: N815 - named by the library


@dataclass
class Bench:
    """`process`: the daemon, where one was started; `kept`: what a fault replaced."""

    rig: Rig
    smtp: Relay
    feed: Answering
    receiver: Answering
    process: subprocess.Popen[bytes] | None = None
    kept: str = ""
    picky: MailServer = field(default_factory=MailServer)
    ends: ExitStack = field(default_factory=ExitStack)

    @property
    def mailboxes(self) -> tuple[str, int]:
        """The mail server that takes everything."""
        return self.rig.sandbox.smtp_host, self.rig.sandbox.smtp_port

    def another_mail_server(self, password: bytes | None = None) -> MailServer:
        return self.ends.enter_context(mail_server(password=password))

    def mail_goes_to(self, server: tuple[str, int]) -> None:
        """From now on another server answers at the address in the configuration."""
        self.smtp.close()
        self.smtp.server = server
        self.smtp.open()

    @contextmanager
    def held_still(self) -> Iterator[None]:
        """The daemon does nothing meanwhile and holds no lock or lease: what ends is ended by what
        is typed."""
        assert self.process is not None

        def stands() -> bool:
            assert self.process is not None
            self.process.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, self.process.pid, os.WSTOPPED)
            if self._is_free():
                return True
            self.process.send_signal(signal.SIGCONT)
            return False

        until(stands)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def _is_free(self) -> bool:
        """Whether nobody writes into the ledger or reads a source."""
        db = sqlite3.connect(self.rig.database, timeout=0, isolation_level=None)
        try:
            db.execute("BEGIN IMMEDIATE")
            db.execute("ROLLBACK")
        except sqlite3.OperationalError:
            return False
        finally:
            db.close()
        leases = "SELECT poll_token FROM source_cursor UNION SELECT lease_token FROM delivery"
        return self.rig.ask(leases) in ([], [(None,)])

    def book(self, ident: str, *emails: str, **changes: Any) -> Record:
        """Write a session into the source, and wait until it is in the ledger."""
        record: Record = {**a_record(ident, *emails), **changes}
        self.rig.put(record)
        until(lambda: self.rig.ask("SELECT 1 FROM booked_session WHERE id = ?", ident))
        return record

    def verdict(self) -> list[dict[str, Any]]:
        return verdict_of(self.rig)

    def finding(self, kind: str, says: str) -> dict[str, Any] | None:
        """The finding of this kind with these words, while there is one."""
        found = (one for one in self.verdict() if one["kind"] == kind and says in one["text"])
        return next(found, None)

    def waits_for(self, kind: str, says: str) -> dict[str, Any]:
        """The same, once it is there."""
        seen: list[dict[str, Any]] = []

        def told() -> bool:
            seen[:] = [one for one in [self.finding(kind, says)] if one]
            return bool(seen)

        try:
            until(told, 30)
        except AssertionError:
            raise AssertionError(f"no {kind} with {says!r} in {self.verdict()}") from None
        return seen[0]

    def type(self, command: str) -> Done:
        """Type the command as it was printed, in the folder of the configuration."""
        program, *words = shlex.split(command)
        if program != "calsync":
            given = [program, *words]
            ended = subprocess.run(
                given, capture_output=True, text=True, check=True, cwd=self.rig.folder
            )
            return Done(ended.returncode, ended.stdout, ended.stderr)
        if words == ["run"]:
            self.start()
            return Done(0, "", "")
        return calsync(*words, folder=self.rig.folder)

    def start(self) -> subprocess.Popen[bytes]:
        """`calsync run` as it is typed; not waited for."""
        self.stop()
        with (self.rig.folder / "typed.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "calsync", "run"],
                cwd=self.rig.folder,
                stdout=log,
                stderr=log,
                env=commands.environment(),
            )
        return self.process

    def stop(self) -> None:
        """As a machine that loses its power does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def change(self, statement: str, *values: object) -> None:
        """In the ledger: what would take hours to come."""
        with self.rig.opened() as db:
            db.execute(statement, values)

    def long_ago(self, column: str, table: str, where: str = "1") -> None:
        self.change(f"UPDATE {table} SET {column} = ? WHERE {where}", in_ledger(hours=-48))


def verdict_of(rig: Rig) -> list[dict[str, Any]]:
    """What `calsync health --verdict` says, whatever its exit code."""
    done = calsync("health", "--verdict", "--json", folder=rig.folder)
    findings: list[dict[str, Any]] = json.loads(done.out)["findings"]
    return findings


def in_ledger(*, hours: float) -> str:
    """So many hours from now, as SQLite holds it."""
    at: datetime = now() + timedelta(hours=hours)
    return f"{at:%Y-%m-%d %H:%M:%S.%f}"


@contextmanager
def a_bench(rig: Rig) -> Iterator[Bench]:
    """No daemon runs yet; Maya has connected Google, Sam and Lena have mail."""
    rig.log.touch()
    rig.connect()
    with Answering() as feed, Answering() as receiver:
        bench = Bench(rig, Relay((rig.sandbox.smtp_host, rig.sandbox.smtp_port)), feed, receiver)
        _configure(bench)
        try:
            yield bench
        finally:
            bench.stop()
            bench.ends.close()
            bench.smtp.close()
            feed.answers.set()
            feed.shutdown()
            receiver.shutdown()


def _configure(bench: Bench) -> None:
    rig, key = bench.rig, f'keys = ["k1:{"A" * 43}="]'
    rig.configure(guard=FEW, webhook=f'url = "{bench.receiver.url}/hook"\n{key}')
    text = rig.config.read_text("utf-8")
    text = text.replace(f"port = {rig.sandbox.smtp_port}", f"port = {bench.smtp.port}")
    feed = (
        f'[[source]]\nname = "feed"\nkind = "http"\nurl = "{bench.feed.url}/"\npoll_seconds = 1\n'
    )
    rig.config.write_text(f'{text}\n{feed}token = "t"\n', encoding="utf-8")


@contextmanager
def at_work(bench: Bench) -> Iterator[Bench]:
    """The same with its daemon, which has shown a session to everybody."""
    path = f"{FOLDER}{os.pathsep}{commands.environment()['PYTHONPATH']}"
    with bench.rig.daemon(PYTHONPATH=path) as process:
        bench.process = process
        bench.book("ses-0", MAYA, SAM, LENA)
        until(lambda: all(bench.rig.times(one) for one in (MAYA, SAM, LENA)))
        yield bench
