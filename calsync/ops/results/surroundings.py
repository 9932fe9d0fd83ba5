"""What an installation depends on and does not decide: clocks, connections, people's consents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from calsync.store.connect.grants import EndingGrants
from calsync.store.engine.connections import ConnectionUse


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What was found around the ledger.

    clock_ahead  how far this machine's clock is ahead of the database's, negative where it is
                 behind
    connections  what PostgreSQL has for calsync; None: there is no bound
    wanted       how many connections one process opens at most
    ending       consents that end soon
    unlinked     tenants whose Upcoming Session mails nobody can turn off by one click
    """

    clock_ahead: timedelta = timedelta()
    connections: ConnectionUse | None = None
    wanted: int = 0
    ending: Sequence[EndingGrants] = ()
    unlinked: Sequence[str] = ()
