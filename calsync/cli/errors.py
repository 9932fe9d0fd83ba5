"""What a person is told when a command fails: what happened, and what to do next."""

from __future__ import annotations

import json
import traceback
from collections.abc import Sequence
from dataclasses import dataclass

from typer import Abort, BadParameter

from calsync.errors import CalsyncError, ChannelError, ConfigError, DatabaseError, InputError
from calsync.log import scrub
from calsync.output import shown
from calsync.text.as_json import to_json

DONE, FAILED, WRONG = 0, 1, 2
UsageError = BadParameter.__mro__[1]  # of every mistake in a command line; typer exports no name


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a command did not do what it was asked to.

    kind      usage, configuration, input, channel, database, failed, stopped or unexpected
    text      a sentence: what happened, and what to do
    problems  of the configuration, each with its key and where it was written
    """

    kind: str
    text: str
    problems: Sequence[str] = ()

    @property
    def code(self) -> int:
        """The exit code."""
        return WRONG if self.kind in ("usage", "configuration", "input") else FAILED


def for_people(one: Failure) -> str:
    """The text for standard error."""
    problems = "".join(f"  - {problem}\n" for problem in one.problems)
    return shown(f"calsync: {one.text}{':' if problems else ''}\n{problems}")


def for_machines(one: Failure) -> str:
    """The same with `--json`: one line, apart from the answers on standard output."""
    return json.dumps({"error": to_json(one)}, ensure_ascii=False) + "\n"


def failure(error: Exception) -> Failure:
    """What is told of it."""
    if isinstance(error, ConfigError):
        return Failure("configuration", "the configuration cannot be used", error.problems)
    if isinstance(error, ChannelError):
        advice = "check what you entered; if it is right, try again later"
        return Failure("channel", f"{error.kind}: {error}; {advice}")
    if isinstance(error, DatabaseError):
        said = scrub(str(error))
        advice = error.advice or _DATABASE
        return Failure("database", f"the database cannot be used: {said}; {advice}")
    if isinstance(error, CalsyncError):
        return Failure("input" if isinstance(error, InputError) else "failed", str(error))
    return _of_the_command_line(error)


def _of_the_command_line(error: Exception) -> Failure:
    if isinstance(error, UsageError):
        said = _said(error)
        stop = " " if said.endswith("?") else "; "
        return Failure("usage", f"{said}{stop}`calsync COMMAND --help` lists what there is")
    if isinstance(error, Abort):
        return Failure("stopped", "it was stopped; what was done until then stays")
    return Failure("unexpected", _unexpected(error))


_DATABASE = "check database.url, and that calsync may read and write the database"


def _said(error: BaseException) -> str:
    message = error.format_message() if isinstance(error, BadParameter) else str(error)
    return " ".join(message.split()).rstrip(".") or "a command is missing"


def _unexpected(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"unexpected {type(error).__name__} in {last.name}, line {last.lineno}: "
        f"{scrub(str(error))}; this is a mistake in calsync, please report it with the command"
    )
