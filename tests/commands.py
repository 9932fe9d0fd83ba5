"""`calsync` as tests start it: in this process, forked from a small one, or as a user does.

In this process a command has arguments, environment, folder, standard streams and an exit code of
its own, and what it changes of the process is put back. That costs a fifth of a process which is
forked from a server that has imported everything, and a twentieth of `python -m calsync`. That the
three tell the same is tested in tests/cli/test_processes.py.
"""

from __future__ import annotations

import io
import logging
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
import types
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

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
    "tests.harness.transactions",
]
SECONDS = 300
LASTING = ("run", "web", "demo")  # these take signals and threads: a process of their own


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


def run(arguments: Sequence[str], *, folder: Path, stdin: bytes = b"", **environ: str) -> Done:
    """One command, started in `folder` with these variables more; where it ends by itself, in this
    process."""
    given = {**environment(), **environ}
    start = forked if arguments and arguments[0] in LASTING else called
    return start(arguments, folder=folder, stdin=stdin, environ=given)


def called(
    arguments: Sequence[str], *, folder: Path, stdin: bytes, environ: Mapping[str, str]
) -> Done:
    """The command in this process."""
    from calsync.__main__ import main

    with _as_a_process(arguments, folder, stdin, environ) as (out, err):
        try:
            main()
        except SystemExit as end:
            code = end.code
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        assert isinstance(code, int), code
        return Done(code, out.getvalue().decode(), err.getvalue().decode())


@contextmanager
def _as_a_process(
    arguments: Sequence[str], folder: Path, stdin: bytes, environ: Mapping[str, str]
) -> Iterator[tuple[io.BytesIO, io.BytesIO]]:
    """Everything that a process has for itself is the command's, and put back in the end."""
    out, err = io.BytesIO(), io.BytesIO()
    root = logging.getLogger()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name in set(os.environ) - set(environ):
            patch.delenv(name)
        for name, value in environ.items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["calsync", *arguments])
        patch.setitem(sys.modules, "__main__", types.ModuleType("__main__"))  # names the usage
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        patch.setattr(sys, "stdout", io.TextIOWrapper(out, encoding="utf-8"))
        lossy = "backslashreplace"
        patch.setattr(sys, "stderr", io.TextIOWrapper(err, encoding="utf-8", errors=lossy))
        patch.setattr(sys, "excepthook", sys.excepthook)  # typer sets its own
        patch.setattr(root, "handlers", root.handlers)
        patch.setattr(root, "level", root.level)
        yield out, err


def forked(
    arguments: Sequence[str], *, folder: Path, stdin: bytes, environ: Mapping[str, str]
) -> Done:
    """The command as a process of its own, forked; code -1 when it does not end."""
    with tempfile.TemporaryDirectory() as name:
        streams = [Path(name) / one for one in ("in", "out", "err")]
        streams[0].write_bytes(stdin)
        process = forking().Process(
            target=_command, args=(list(arguments), folder, environ, streams), daemon=True
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


def started(
    arguments: Sequence[str], *, folder: Path, stdin: bytes, environ: Mapping[str, str]
) -> Done:
    """`python -m calsync`, with everything that a start needs and costs."""
    done = subprocess.run(
        [sys.executable, "-m", "calsync", *arguments],
        input=stdin,
        capture_output=True,
        timeout=100,
        check=False,
        cwd=folder,
        env=environ,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def at_a_terminal(arguments: Sequence[str], *, folder: Path, typed: str) -> Done:
    """`python -m calsync` whose standard input is a terminal at which this is typed."""
    terminal, stdin = os.openpty()
    try:
        os.write(terminal, typed.encode())
        done = subprocess.run(
            [sys.executable, "-m", "calsync", *arguments],
            stdin=stdin,
            capture_output=True,
            timeout=100,
            check=False,
            cwd=folder,
            env=environment(),
        )
    finally:
        os.close(stdin)
        os.close(terminal)
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())
