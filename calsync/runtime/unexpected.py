"""The net under calls: what nobody foresaw becomes an answer like any other, and is told to ops.

Adapters read what strangers send. An exception that leaves one, or comes of its answer, concerns
this one call: it must not end a pass, keep a lease, or come back with every try, unseen.
"""

from __future__ import annotations

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


def answering(work: Callable[[], T]) -> T:
    """What the call gave. An exception that nobody foresaw is raised as such an answer; those of
    ours come through as they are. Raises ChannelError."""
    try:
        return work()
    except CalsyncError as error:
        if isinstance(error, ValueRefusedError):
            raise refused(error) from None
        raise
    except Exception as error:
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
