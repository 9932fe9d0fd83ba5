"""Where most tests call commands, in their own process, a command does as a user's does."""

from __future__ import annotations

import logging
import os
import re
import sys
from pathlib import Path

import pytest

from tests import commands
from tests.cli.rig import SAM, Rig
from tests.commands import Done

EACH_FAMILY = (
    ("sync", "--json"),
    ("status", "--json"),
    ("explain", "ses-1", "--person", SAM),
    ("pause", "--channel", "pigeon"),
    ("accounts", "list"),
    ("tokens", "list"),
    ("webhooks", "list"),
    ("db", "upgrade"),
    ("connect-link", "--email", SAM),
    ("validate", "sessions.jsonl"),
    ("fly",),
)


@pytest.mark.parametrize("arguments", EACH_FAMILY, ids=lambda given: given[0])
def test_a_command_tells_the_same_in_a_process_of_its_own(
    booked: Rig, arguments: tuple[str, ...]
) -> None:
    given = {"folder": booked.folder, "stdin": b"", "environ": _environ(booked)}
    here, there = commands.called(arguments, **given), commands.started(arguments, **given)
    assert _timeless(here) == _timeless(there)


def test_a_command_that_is_forked_tells_the_same(booked: Rig) -> None:
    given = {"folder": booked.folder, "stdin": b"", "environ": _environ(booked)}
    for arguments in (("status",), ("plan", "--json"), ("accounts", "list")):
        here, there = commands.called(arguments, **given), commands.forked(arguments, **given)
        assert _timeless(here) == _timeless(there)


def test_a_command_in_the_process_of_the_test_leaves_nothing_behind(booked: Rig) -> None:
    def state() -> object:
        root = logging.getLogger()
        return (
            Path.cwd(), dict(os.environ), sys.argv, sys.stdin, sys.stdout, sys.stderr,
            sys.excepthook, sys.modules["__main__"], root.handlers, root.level,
        )  # fmt: skip

    before = state()
    commands.called(("sync",), folder=booked.folder, stdin=b"", environ=_environ(booked))
    commands.called(("fly",), folder=booked.folder, stdin=b"", environ={})
    assert state() == before


def _timeless(done: Done) -> Done:
    """Without the second that it is, the one link of a kind, and how the command was named."""
    out, err = (
        re.sub(r"\d\d:?\d\dZ|ticket=\S+", "", text).replace("python -m calsync", "calsync")
        for text in (done.out, done.err)
    )
    return Done(done.code, out, err)


def _environ(rig: Rig) -> dict[str, str]:
    return {**commands.environment(), "CALSYNC_CONFIG": str(rig.config)}
