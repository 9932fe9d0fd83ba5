"""The platform API of the real processes: `calsync run` and `calsync web`, with the sandbox."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.rig import AGENDA, MAYA, SAM, Rig, a_record, a_rig
from tests.commands import environment
from tests.harness.small_calsync import until
from tests.ports import free_port
from tests.web.site import Caller


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def rig(tmp_path: Path, port: int) -> Iterator[Rig]:
    """Maya is connected; sessions come from a file that is empty, or are pushed."""
    with a_rig(tmp_path, web=served(port)) as made:
        made.log.touch()
        made.connect()
        yield made


def served(port: int, ops_port: int = 0) -> str:
    return f"""
public_url = "http://127.0.0.1:{port}"
port = {port}
ops_port = {ops_port}
[[source]]
name = "pushed"
kind = "push"
"""


@pytest.fixture
def platform(rig: Rig, port: int) -> Caller:
    done = rig.run("tokens", "create", "--name", "platform", "--scope", "sessions:write")
    return Caller(f"http://127.0.0.1:{port}", done.out.strip())


def record(ident: str, *people: str, **changes: Any) -> dict[str, Any]:
    made = a_record(ident, *people) | {"updated_at": datetime.now(UTC).isoformat()} | changes
    return {name: value for name, value in made.items() if name != "id"}


def ends(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    assert process.wait(timeout=60) == 0


def test_what_is_pushed_moved_and_cancelled_is_delivered(rig: Rig, platform: Caller) -> None:
    with rig.daemon() as process:
        first = record("ses-1", MAYA, SAM)
        assert platform.put("ses-1", first).json()["outcome"] == "accepted"
        until(lambda: rig.times(MAYA) and rig.times(SAM))
        before = rig.times(MAYA)
        times = {name: later(first[name]) for name in ("starts_at", "ends_at")}
        moved = record("ses-1", MAYA, SAM, **times)
        assert platform.put("ses-1", moved).json()["outcome"] == "accepted"
        until(lambda: rig.times(MAYA) != before)
        assert len(rig.times(MAYA)) == 1
        assert platform.delete("ses-1").json()["outcome"] == "accepted"
        until(lambda: not rig.times(MAYA) and not rig.times(SAM))
        ends(process)
    assert [mail.method for mail in rig.sandbox.mails(SAM)][-1] == "CANCEL"


def later(local: str) -> str:
    return (datetime.fromisoformat(local) + timedelta(hours=2)).isoformat()


def test_no_vendor_is_called_while_the_platform_waits(rig: Rig, platform: Caller) -> None:
    rig.sandbox.slow(60, {"method": "POST", "path_contains": "/events"})
    with rig.daemon():
        for n in range(3):
            assert platform.put(f"ses-{n}", record(f"ses-{n}", MAYA)).status_code == 200
        assert rig.ask("SELECT state FROM copy WHERE state = 'live'") == []
    rig.sandbox.clear_faults()


def test_a_request_that_is_open_at_sigterm_is_answered(
    rig: Rig, platform: Caller, port: int
) -> None:
    body = json.dumps(record("ses-1", SAM)).encode()
    with rig.daemon() as process, socket.create_connection(("127.0.0.1", port), 30) as calling:
        calling.sendall(
            f"PUT /api/sessions/ses-1 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"Authorization: Bearer {platform.token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n".encode()
        )
        assert calling.recv(4096).startswith(b"HTTP/1.1 100 "), "it waits for the body"
        process.terminate()
        until(lambda: refuses(platform.url))
        calling.sendall(body)
        assert calling.recv(4096).startswith(b"HTTP/1.1 200 ")
        assert process.wait(timeout=60) == 0
    assert rig.ask("SELECT id FROM booked_session") == [("ses-1",)]
    assert rig.said("stopped") == 1


def test_the_log_of_a_serving_daemon_has_no_token_query_or_content(
    rig: Rig, platform: Caller
) -> None:
    with rig.daemon() as process:
        platform.put("ses-1", record("ses-1", MAYA), params={"secret": "PLANTED-QUERY"})
        platform.call("GET", "/x?PLANTED-QUERY")
        until(lambda: rig.times(MAYA) and rig.said("request") == 2)
        ends(process)
    text = rig.log.read_text(encoding="utf-8")
    for secret in (AGENDA, "PLANTED-QUERY", platform.token.split("_")[2], MAYA):
        assert secret not in text


def test_without_an_address_nothing_is_served(rig: Rig, port: int) -> None:
    rig.configure(web=f"port = {port}")
    with rig.daemon() as process:
        assert refuses(f"http://127.0.0.1:{port}")
        ends(process)
    assert "web.public_url" in rig.run("web", code=2).err


def test_a_port_that_is_taken_is_told_before_anything_begins(rig: Rig, port: int) -> None:
    with rig.daemon():
        for command in ("run", "web"):
            told = rig.run(command, code=2).err
            assert f"web.port: nothing can listen on 127.0.0.1:{port}" in told


def test_web_alone_takes_sessions_in_which_a_daemon_elsewhere_delivers(
    rig: Rig, platform: Caller, port: int
) -> None:
    with web(rig) as serving:
        until(lambda: not refuses(platform.url))
        rig.configure(web=served(free_port()))
        with rig.daemon() as process:
            assert platform.put("ses-1", record("ses-1", MAYA)).json()["outcome"] == "accepted"
            until(lambda: rig.times(MAYA))
            ends(process)
        ends(serving)
    assert rig.lines()[-1]["event"] == "stopped"


@contextmanager
def web(rig: Rig) -> Iterator[subprocess.Popen[bytes]]:
    """`calsync web` as a process, its log with the daemon's."""
    with rig.log.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "calsync", "web", "--config", str(rig.config)],
            stdout=log,
            stderr=log,
            env=environment(),
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def refuses(url: str) -> bool:
    """Nobody listens there. No request is made: one that is taken in the last moment may wait."""
    try:
        socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), 5).close()
    except ConnectionRefusedError:
        return True
    return False
