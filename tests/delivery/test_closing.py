"""Whoever ends leaves no connection behind: mail servers are told by QUIT."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.rig import SAM, Rig, a_rig
from tests.harness.small_calsync import until
from tests.smtp import MailServer, mail_server


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
def rig(tmp_path: Path, server: MailServer) -> Iterator[Rig]:
    """One session of Sam's, mailed over the server."""
    with a_rig(tmp_path) as made:
        text = made.config.read_text(encoding="utf-8")
        port = f"port = {made.sandbox.smtp_port}"
        assert port in text
        made.config.write_text(text.replace(port, f"port = {server.port}"), encoding="utf-8")
        made.log.touch()
        made.book("ses-1", SAM)
        yield made


def test_a_pass_says_quit_to_the_mail_server_at_its_end(rig: Rig, server: MailServer) -> None:
    rig.run("sync")

    assert len(server.mails) == 1
    until(lambda: server.quits == server.sessions == 1)


def test_a_daemon_that_is_stopped_says_quit_to_the_mail_server(
    rig: Rig, server: MailServer
) -> None:
    with rig.daemon() as process:
        until(lambda: rig.said("delivered"))
        assert server.quits == 0
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0

    until(lambda: server.quits == server.sessions == 1)
