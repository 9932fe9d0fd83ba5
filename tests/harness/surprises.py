"""What nobody foresaw, on cue, and what ops are told of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from calsync.ops import queries
from calsync.ops.results.status import UnexpectedFailure
from calsync.runtime.context import Context

SECRET = "ya29.secret, and the notes of a person"


def raising(error: Exception) -> Callable[..., Any]:
    """Raises it, whatever it is called with."""

    def fail(*_: object, **__: object) -> Any:
        raise error

    return fail


def once(error: Exception, then: Callable[..., Any]) -> Callable[..., Any]:
    """Raises it at the first call; later ones go to `then`."""
    waiting = [error]

    def fail_first(*given: Any, **named: Any) -> Any:
        if waiting:
            raise waiting.pop()
        return then(*given, **named)

    return fail_first


def failures(context: Context) -> list[UnexpectedFailure]:
    """What `calsync status` tells of failures that nobody foresaw, the newest first."""
    with context.store.read() as db:
        return list(queries.current(db).unexpected)
