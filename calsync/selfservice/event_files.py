"""A session as a calendar file, for a person who adds it to a calendar that calsync cannot write
(docs/messages.md)."""

from __future__ import annotations

from dataclasses import dataclass

from calsync.core.content.event import DesiredEvent
from calsync.core.content.icalendar import calendar_file
from calsync.core.ledger import DeliveryKey, Want, copy_uid
from calsync.core.reconcile.prepare import next_sequence
from calsync.errors import SealError
from calsync.runtime.context import Context
from calsync.store.database import Db
from calsync.store.ledger import deliveries
from calsync.store.ledger.rows import delivery_of
from calsync.store.queue import claims
from calsync.store.sealing.event_links import read_token
from calsync.store.upcoming import unsubscribed

FILE = "file"  # in place of a destination: such an event stands in none that calsync knows


@dataclass(frozen=True)
class EventFiles:
    """What the links of mails without an invitation lead to."""

    context: Context

    def key(self, token: str) -> DeliveryKey | None:
        """Which session, and of whom; None for a link that calsync did not make."""
        with self.context.store.read() as db:
            try:
                secret = unsubscribed.secret(db, self.context.vault)
            except SealError:
                return None
        return None if secret is None else read_token(secret, token)

    def file(self, key: DeliveryKey) -> bytes | None:
        """The session as its person should see it; None when it takes place no more, or not with
        them, or nothing is kept of it. The same event every time, so that a calendar that has it
        corrects it."""
        with self.context.store.read() as db:
            event, now = self._event(db, key), db.now
        if event is None:
            return None
        uid = copy_uid(self.context.namespace, key, FILE, 0)
        return calendar_file(uid, next_sequence(0, now), event, now)

    def _event(self, db: Db, key: DeliveryKey) -> DesiredEvent | None:
        row = deliveries.get(db, key)
        if row is None:
            return None
        delivery = delivery_of(row)
        if delivery.batch is None:
            return delivery.content if delivery.want is Want.PRESENT else None
        # Nobody sees what an operator has not approved yet.
        shown = [copy.content for copy in claims.copies(db, self.context.sealer, key)]
        return next((one for one in reversed(shown) if one is not None), None)
