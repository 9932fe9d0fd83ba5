"""What a person is told when a command fails: what happened, and what to do next."""

from __future__ import annotations

import traceback

from calsync.errors import CalsyncError, ChannelError, ConfigError, DatabaseError, InputError
from calsync.log import scrub

DONE, FAILED, WRONG = 0, 1, 2


def told(error: Exception) -> tuple[str, int]:
    """The text for standard error, and the exit code."""
    if isinstance(error, ConfigError):
        problems = "".join(f"  - {problem}\n" for problem in error.problems)
        return f"calsync: the configuration cannot be used:\n{problems}", WRONG
    if isinstance(error, InputError):
        return f"calsync: {error}\n", WRONG
    if isinstance(error, ChannelError):
        advice = "check what you entered; if it is right, try again later"
        return f"calsync: {error.kind}: {error}; {advice}\n", FAILED
    if isinstance(error, DatabaseError):
        said = scrub(str(error))
        return (
            f"calsync: the database cannot be used: {said}; {error.advice or _DATABASE}\n",
            FAILED,
        )
    if isinstance(error, CalsyncError):
        return f"calsync: {error}\n", FAILED
    return f"calsync: {_unexpected(error)}\n", FAILED


_DATABASE = "check database.url, and that calsync may read and write the database"


def _unexpected(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"unexpected {type(error).__name__} in {last.name}, line {last.lineno}: "
        f"{scrub(str(error))}; this is a mistake in calsync, please report it with the command"
    )
