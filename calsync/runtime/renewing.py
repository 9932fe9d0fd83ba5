"""Keeping a lease while work lasts that waits for others."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from calsync.errors import DatabaseError
from calsync.store.database import Db, Store


@contextmanager
def renewed(store: Store, renew: Callable[[Db], bool], every: float) -> Iterator[None]:
    """Call `renew` every so many seconds in a transaction of its own, until the body ends or
    `renew` says that the lease is lost.

    A renewal that fails is tried again the next time: whoever writes under the lease checks it.
    """
    over = threading.Event()

    def keep() -> None:
        lasts = True
        while lasts and not over.wait(every):
            with suppress(DatabaseError), store.write() as db:
                lasts = renew(db)

    thread = threading.Thread(target=keep, name="renew", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
