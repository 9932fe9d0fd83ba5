"""`calsync` as a process of its own, forked from a server that has imported everything already.

It is the real command in every other way: `main`, arguments, environment, standard streams, exit
code. What a start costs, and what it needs, is tested with `python -m calsync`.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext
from pathlib import Path

# One server serves all tests of a test process, so it knows what any of them needs.
PRELOAD = [
    "alembic.command",
    "calsync.cli.app",
    "calsync.bootstrap",
    "providers.google.client",
    "rich.progress",
    "rich.table",
    "tests.commands",
    "tests.crash.acts",
    "tests.crash.process",
]
SECONDS = 300


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


def forking() -> ForkServerContext:
    """Processes that are forked from a small server which has imported PRELOAD."""
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(PRELOAD)
    return made


def environment() -> dict[str, str]:
    """The environment of a command: nothing of calsync, wide enough that no help text is cut."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CALSYNC_")}
    return {**kept, "PYTHONPATH": str(Path(__file__).parents[1]), "COLUMNS": "300"}


def run(arguments: Sequence[str], *, folder: Path, stdin: bytes = b"") -> Done:
    """One command, started in `folder`; code -1 when it does not end."""
    with tempfile.TemporaryDirectory() as name:
        streams = [Path(name) / one for one in ("in", "out", "err")]
        streams[0].write_bytes(stdin)
        process = forking().Process(
            target=_command, args=(list(arguments), folder, environment(), streams), daemon=True
        )
        process.start()
        process.join(SECONDS)
        if process.exitcode is None:
            process.kill()
            process.join()
        out, err = (one.read_text(encoding="utf-8") for one in streams[1:])
    return Done(-1 if process.exitcode is None else process.exitcode, out, err)


def _command(
    arguments: Sequence[str], folder: Path, environ: Mapping[str, str], streams: Sequence[Path]
) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    time.tzset()
    modes = (os.O_RDONLY, os.O_WRONLY | os.O_CREAT, os.O_WRONLY | os.O_CREAT)
    for number, (stream, mode) in enumerate(zip(streams, modes, strict=True)):
        os.dup2(os.open(stream, mode, 0o600), number)
    sys.stdin = io.TextIOWrapper(io.FileIO(0, closefd=False), encoding="utf-8")
    sys.stdout, sys.stderr = (
        io.TextIOWrapper(io.FileIO(number, "w", closefd=False), encoding="utf-8", errors=errors)
        for number, errors in ((1, "strict"), (2, "backslashreplace"))
    )
    sys.argv = ["calsync", *arguments]
    from calsync.__main__ import main

    main()
