"""What a person is told when a command fails: what happened, and what to do next."""

from __future__ import annotations

import sys
import traceback

from calsync.errors import CalsyncError, ChannelError, ConfigError, InputError
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
        advice = "check what you gave; when it is right, try again later"
        return f"calsync: {error.kind}: {error}; {advice}\n", FAILED
    if isinstance(error, CalsyncError):
        return f"calsync: {error}\n", FAILED
    if _is_of_the_database(error):
        return f"calsync: the database cannot be used: {_said(error)}; {_DATABASE}\n", FAILED
    return f"calsync: {_unexpected(error)}\n", FAILED


_DATABASE = "check database.url, and that calsync may read and write what it names"


def _is_of_the_database(error: Exception) -> bool:
    # Without SQLAlchemy loaded it cannot be one, and loading it costs a third of a second.
    known = sys.modules.get("sqlalchemy.exc")
    return known is not None and isinstance(error, known.DBAPIError)


def _said(error: Exception) -> str:
    """The driver's own words: no statement, and no values, which may be content."""
    lines = str(getattr(error, "orig", "")).strip().splitlines()
    return scrub(lines[0]) if lines else type(error).__name__


def _unexpected(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"unexpected {type(error).__name__} in {last.name}, line {last.lineno}: "
        f"{scrub(str(error))}; this is a mistake in calsync, please report it with the command"
    )
