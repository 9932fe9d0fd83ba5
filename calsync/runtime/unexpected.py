"""The net under calls: what nobody foresaw becomes an answer like any other, and is told to ops.

Adapters read what strangers send. An exception that leaves one, or comes of its answer, concerns
this one call: it must not end a pass, keep a lease, or come back with every try, unseen.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from calsync.core.ledger import DeliveryKey
from calsync.errors import (
    CalsyncError,
    ChannelError,
    DatabaseError,
    Origin,
    Refused,
    ValueRefusedError,
    origin_of,
)
from calsync.runtime.context import Context
from calsync.runtime.meter import REQUEST_SECONDS, REQUESTS, Meter
from calsync.store.database import Db
from calsync.store.findings import failures
from calsync.store.ledger import journal

T = TypeVar("T")


def of_tenant(tenant: str) -> DeliveryKey:
    """Stands for no delivery, but for a tenant's doings; "" for the whole installation's."""
    return DeliveryKey(tenant, "", "")


NOBODY = of_tenant("")


def answered(work: Callable[[], T]) -> T | ChannelError:
    """What the call gave, or why it failed. An exception that nobody foresaw is Refused, and
    `maybe`: nobody knows how far the call came."""
    try:
        return work()
    except ChannelError as error:
        return error
    except Exception as error:
        return refused(error)


def measured(meter: Meter, channel: str, call: str, work: Callable[[], T]) -> T | ChannelError:
    """`answered`, timed, and counted by how it was answered.

    call  what it was for, in a word that docs/metrics.md explains
    """
    began = time.monotonic()
    answer = answered(work)
    meter.observe(REQUEST_SECONDS, time.monotonic() - began, channel, call)
    meter.count(REQUESTS, channel, call, word(answer))
    return answer


def word(answer: object) -> str:
    """How a call was answered: "ok", or the kind of its error."""
    return answer.kind if isinstance(answer, ChannelError) else "ok"


def answering(work: Callable[[], T]) -> T:
    """What the call gave. An exception that nobody foresaw is raised as such an answer; those of
    ours come through as they are. Raises ChannelError."""
    try:
        return work()
    except Exception as error:
        if not is_unforeseen(error):
            raise
        raise refused(error) from None


def refused(error: Exception) -> Refused:
    """The answer that this exception, which was caught, stands for. Raises it again where not the
    call but the database failed: then nothing can be stored either."""
    if isinstance(error, DatabaseError) and not isinstance(error, ValueRefusedError):
        raise error
    origin = origin_of(error)
    return Refused(str(origin), happened="maybe", origin=origin)


def tell(
    context: Context, db: Db, area: str, origin: Origin | None, key: DeliveryKey = NOBODY
) -> None:
    """A line of the journal, one of the log, and one more for the verdict (`ops.verdict`), where
    an answer stands for such an exception.

    area  what was being done, in a word that `docs/operating.md` explains
    """
    if origin is None:
        return
    facts = {"error": origin.error, "function": origin.function, "line": origin.line}
    journal.note_of(db, key, "unexpected_error", {"area": area, **facts})
    failures.count(db, area, origin, key)
    names = {"tenant": key.tenant, "session": key.session, "participant": key.participant}
    known = {name: value for name, value in names.items() if value}
    context.log_committed(db, "unexpected_error", area=area, **known, **facts)


def report(context: Context, area: str, origin: Origin | None, key: DeliveryKey = NOBODY) -> None:
    """`tell`, in a transaction of its own: for what had none when the exception came."""
    if origin is not None:
        context.transact("failure", lambda db: tell(context, db, area, origin, key))


def caught(context: Context, area: str, error: Exception) -> None:
    """`report` an exception that ended a piece of work. Errors of ours are told where they
    belong."""
    if is_unforeseen(error):
        report(context, area, origin_of(error))


def is_unforeseen(error: Exception) -> bool:
    """Whether nobody foresaw it. A value that the database refuses is such an exception too."""
    return not isinstance(error, CalsyncError) or isinstance(error, ValueRefusedError)


def survived(context: Context, area: str, work: Callable[[], T], otherwise: T) -> T:
    """The result of `work`. When an exception ended it that nobody foresaw, that is reported, and
    the answer is `otherwise`. Raises errors of ours."""
    try:
        return work()
    except Exception as error:
        if not is_unforeseen(error):
            raise
        caught(context, area, error)
        return otherwise
