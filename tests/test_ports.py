"""Ports of test processes that run at the same time."""

from __future__ import annotations

import subprocess
import sys

from tests.ports import SHARE, free_port

ASK = f"from tests.ports import free_port\nprint(*(free_port() for _ in range({SHARE})))\ninput()"


def test_two_processes_never_get_the_same_port() -> None:
    ours = {free_port() for _ in range(SHARE)}
    others = [
        subprocess.Popen(
            [sys.executable, "-c", ASK], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(3)
    ]
    theirs = []
    for one in others:
        assert one.stdout is not None
        theirs.append({int(port) for port in one.stdout.readline().split()})
    for one in others:
        one.communicate("\n", timeout=60)
    given = [ours, *theirs]
    assert all(given)
    assert sum(map(len, given)) == len(set().union(*given))
