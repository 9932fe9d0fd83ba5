"""A command that takes long tells a terminal what it waits for, and tells a pipe nothing."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import pytest

from calsync import output
from tests.cli.rig import MAYA, Rig


class Screen(io.StringIO):
    """Standard error that is a terminal, or is none."""

    def __init__(self, *, terminal: bool = True) -> None:
        super().__init__()
        self.terminal, self.told = terminal, Event()

    def isatty(self) -> bool:
        return self.terminal

    def write(self, text: str, /) -> int:
        written = super().write(text)
        if "..." in self.getvalue():
            self.told.set()
        return written


@pytest.fixture(autouse=True)
def colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")


def test_what_takes_long_is_told_while_it_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    with output.waiting("reading source [crm]", after=0):
        assert screen.told.wait(30)
    assert "reading source [crm] ..." in screen.getvalue()


@pytest.mark.parametrize(("terminal", "after"), [(True, 300.0), (False, 0.0)])
def test_nothing_is_told_of_what_is_quick_or_to_a_pipe(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, after: float
) -> None:
    screen = Screen(terminal=terminal)
    monkeypatch.setattr(sys, "stderr", screen)
    with output.waiting("reading the sources", after=after):
        pass
    assert "reading" not in screen.getvalue()


def test_every_command_that_may_take_long_says_what_it_waits_for(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    @contextmanager
    def waiting(what: str) -> Iterator[None]:
        told.append(what)
        yield

    monkeypatch.setattr(output, "waiting", waiting)
    rig.book("ses-1", MAYA)
    rig.run("plan")
    rig.run("validate", "--source", "platform")
    rig.run("validate", str(rig.source), config=False)
    rig.run("source", "try", "platform")
    rig.run("backup", str(rig.folder / "copy.db"))
    rig.run("baseline")
    account = rig.connect()
    rig.run("accounts", "test", account)
    rig.run("resend", "ses-1", "--person", MAYA, code=2)
    rig.run("db", "upgrade")
    rig.run("webhooks", "retry")
    rig.run("webhooks", "replay")
    rig.run("approve", "1", "--digest", "d", code=2)
    rig.run("forget", MAYA, "--yes")
    assert told == [
        "reading the sources and planning",
        "reading source platform",
        f"reading {rig.source}",
        "asking source platform for its first records",
        "copying the ledger",
        "reading the sources and recording what is ahead",
        "asking google whose it is",
        "opening its calendar",
        "mailing the invitation",
        "making or upgrading the tables",
        "calling the platform",
        "calling the platform",
        "deciding about batch 1",
        "erasing what is stored",
    ]
