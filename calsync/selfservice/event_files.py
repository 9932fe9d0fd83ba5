"""A session as a calendar file, for a person who adds it to a calendar that calsync cannot write
(docs/messages.md)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from calsync.core.content.event import DesiredEvent
from calsync.core.content.icalendar import calendar_file
from calsync.core.ledger import CopyState, DeliveryKey, Want, copy_uid
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
NOWHERE = frozenset({CopyState.GONE, CopyState.FAILED})  # copies that nobody sees


class NoFile(Enum):
    """Why there is no file."""

    GONE = "gone"  # it takes place no more, or not with this person, and nobody has to approve that
    UNAVAILABLE = "unavailable"  # an operator has a say in it, or nothing is kept of it


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

    def file(self, key: DeliveryKey) -> bytes | NoFile:
        """The session as its person should see it, or why there is no file. The same event every
        time, so that a calendar that has it corrects it."""
        with self.context.store.read() as db:
            event, now = self._event(db, key), db.now
        if isinstance(event, NoFile):
            return event
        uid = copy_uid(self.context.namespace, key, FILE, 0)
        return calendar_file(uid, next_sequence(0, now), event, now)

    def _event(self, db: Db, key: DeliveryKey) -> DesiredEvent | NoFile:
        row = deliveries.get(db, key)
        if row is None:
            return NoFile.UNAVAILABLE
        delivery = delivery_of(row)
        if delivery.batch is None and delivery.parked not in deliveries.KEPT_BACK:
            if delivery.want is Want.ABSENT:
                return NoFile.GONE
            return delivery.content or NoFile.UNAVAILABLE
        # Nobody sees what an operator has not approved, and no entry that is there no more.
        copies = reversed(claims.copies(db, self.context.sealer, key))
        shown = (copy.content for copy in copies if copy.state not in NOWHERE)
        return next((one for one in shown if one is not None), NoFile.UNAVAILABLE)
