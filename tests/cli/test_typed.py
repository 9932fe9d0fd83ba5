"""A command that was printed is copied into a shell: it does what it says, for any id."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.rig import SAM, Rig
from tests.commands import environment
from tests.harness.small_calsync import calsync


def type_in(rig: Rig, command: str) -> subprocess.CompletedProcess[str]:
    """A person's shell, in the folder of the installation."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    env = {**environment(), "PATH": path, "CALSYNC_CONFIG": str(rig.config)}
    return subprocess.run(
        ["sh", "-c", command], cwd=rig.folder, env=env, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("ident", ["a b; touch pwned", "-rf $(touch pwned)"])
def test_the_printed_command_asks_for_a_session_with_blanks_signs_or_a_dash(
    rig: Rig, ident: str
) -> None:
    rig.book(ident, SAM)
    rig.book("a", SAM)
    rig.run("sync")
    config = ("--config", str(rig.config))
    asked = calsync("preview", "--person", "nobody", *config, "--", ident, folder=rig.folder)
    printed = re.search("`(calsync explain .*)`", asked.err)
    assert printed, asked.err
    done = type_in(rig, printed[1])
    assert done.returncode == 0, done.stderr
    assert ident in done.stdout
    assert not (rig.folder / "pwned").exists()
