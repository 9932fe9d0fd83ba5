"""Notices: plain mails about what could not be done. Claimed, stored and finished like any call."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

import sqlalchemy as sa

from calsync.core.event import DesiredEvent, event_from_json
from calsync.core.ledger import DeliveryKey
from calsync.errors import ChannelError
from calsync.store import journal, notices
from calsync.store.database import Db, Row
from calsync.store.rows import table
from calsync.work.kit import Kit

GIVE_UP = 8
WAIT = (60, 300, 900, 3600)


class NoticeSender(Protocol):
    """How plain mails are made and sent; the mail channel is one."""

    def prepare_notice(
        self, kind: str, to: str, key: str, event: DesiredEvent | None, link: str, now: datetime
    ) -> bytes: ...

    def send_notice(self, body: bytes, to: str, until: float) -> None: ...


class Notifier:
    """Sends one due notice per call."""

    def __init__(self, kit: Kit, senders: Mapping[str, NoticeSender]) -> None:
        self.kit, self.senders = kit, senders

    def run_once(self) -> bool:
        """Send the next due notice; False when there is none."""
        with self.kit.store.write() as db:
            row = notices.claim(db, self.kit.lease)
            if row is None:
                return False
            body = self._body(db, row)
        if body is None:
            return True
        error = self._send(row, body)
        with self.kit.store.write() as db:
            self._finish(db, row, error)
        return True

    def _body(self, db: Db, row: Row) -> bytes | None:
        """The exact bytes, stored before the call."""
        place = f"notice:{row['tenant']}:{row['kind']}:{row['person']}:{row['subject_key']}"
        if row["wire"] is not None:
            return self.kit.vault.open("notice", place, row["wire"])
        sender = self.senders.get(row["tenant"]) or self.senders.get("default")
        event = self._event(db, row)
        if sender is None or (row["kind"] != "account_lost" and event is None):
            notices.finish(db, row, "dropped")
            return None
        key = self.kit.vault.keyed_hash("notice", place)[:32]
        link = self.kit.tenant(row["tenant"]).reconnect_url
        body = sender.prepare_notice(row["kind"], row["person"], key, event, link, db.now)
        notices.start(db, row, self.kit.vault.seal("notice", place, body))
        return body

    def _event(self, db: Db, row: Row) -> DesiredEvent | None:
        """What the session shows this person, while that is still wanted and ahead."""
        delivery = table("delivery")
        found = db.first(
            sa.select(delivery).where(
                delivery.c.tenant == row["tenant"],
                delivery.c.session == row["subject_key"],
                sa.func.lower(delivery.c.email) == row["person"].lower(),
                delivery.c.ends_at > db.now,
            )
        )
        if found is None or found["content"] is None:
            return None
        if row["kind"] == "unreachable" and found["want"] != "present":
            return None
        return event_from_json(found["content"])

    def _send(self, row: Row, body: bytes) -> ChannelError | None:
        sender = self.senders.get(row["tenant"]) or self.senders["default"]
        until = time.monotonic() + self.kit.lease.total_seconds() / 3
        try:
            sender.send_notice(body, row["person"], until)
        except ChannelError as error:
            return error
        return None

    def _finish(self, db: Db, row: Row, error: ChannelError | None) -> None:
        key = DeliveryKey(row["tenant"], row["subject_key"], "")
        word = "yes" if error is None else f"{error.kind}: {error.reason}"
        journal.note(db, "notice_answered", key=key, kind=row["kind"], answer=word)
        self.kit.tell("notice", tenant=row["tenant"], kind=row["kind"], answer=word)
        if error is None:
            notices.finish(db, row, "sent")
        elif error.kind in ("refused", "setup") or row["attempts"] + 1 >= GIVE_UP:
            notices.finish(db, row, "refused")
        else:
            wait = timedelta(seconds=WAIT[min(row["attempts"], len(WAIT) - 1)])
            notices.finish(db, row, "unsure", db.now + wait)
