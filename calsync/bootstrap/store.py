"""The database of an installation, as its configuration names it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from calsync.config import Config
from calsync.store.database import Store, open_engine


def open_store(
    config: Config,
    shift: Callable[[], timedelta] = timedelta,
    *,
    make: bool = False,
    stays: bool = False,
) -> Store:
    """The ledger, to be closed by the caller. `make`: a missing SQLite file is made, which is an
    InputError otherwise; so is a URL that cannot be used. `stays`: the process runs until it is
    stopped."""
    url, direct = (
        one.get_secret_value() for one in (config.database.url, config.database.listen_url)
    )
    size = config.deliver.workers + 16
    pooled = config.database.pooled
    engine = open_engine(url, size=size, make=make, pooled=pooled, stays=stays)
    return Store(engine, shift, open_engine(direct, size=1) if direct else None)
