"""Sessions that were cancelled before a ledger that was put back from a backup heard of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from calsync.core.account import Account
from calsync.core.address import address_key
from calsync.core.booked import BookedSession
from calsync.core.ledger import DeliveryKey
from calsync.runtime.context import Context
from calsync.store.database import Row
from calsync.store.ledger import recovery, sessions

RANGE = 500  # sessions in one transaction

Unseen = Mapping[DeliveryKey, BookedSession]


class CancelledUnseen:
    """The sessions that the lost ledger may have shown in the calendars of these accounts and that
    this one knows as cancelled only.

    They are read when they are first asked for, once for all of these accounts, in ranges; what is
    kept concerns their people.
    """

    def __init__(self, context: Context, rows: Sequence[Row]) -> None:
        self._context = context
        self._people = {(row["tenant"], address_key(row["email"])) for row in rows}
        self._found: dict[tuple[str, str], dict[DeliveryKey, BookedSession]] | None = None

    def of(self, account: Account) -> Unseen:
        """What the person of this account may have seen; not to be asked inside a transaction."""
        if self._found is None:
            self._found = self._read()
        return self._found.get((account.tenant, address_key(account.email)), {})

    def _read(self) -> dict[tuple[str, str], dict[DeliveryKey, BookedSession]]:
        found: dict[tuple[str, str], dict[DeliveryKey, BookedSession]] = {}
        with self._context.store.read() as db:
            was_put_back = recovery.put_back_at(db) is not None
        for tenant in sorted({one for one, _ in self._people}) if was_put_back else ():
            for session in self._sessions(tenant):
                for person in session.participants:
                    who = tenant, address_key(person.email)
                    if session.starts_at is not None and who in self._people:
                        key = DeliveryKey(tenant, session.id, person.id)
                        found.setdefault(who, {})[key] = session
        return found

    def _sessions(self, tenant: str) -> Iterator[BookedSession]:
        after = ""
        while True:
            with self._context.store.read() as db:
                rows = recovery.cancelled_unseen(db, tenant, after, RANGE)
            yield from (sessions.from_json(row["record"]) for row in rows)
            if len(rows) < RANGE:
                return
            after = rows[-1]["id"]
