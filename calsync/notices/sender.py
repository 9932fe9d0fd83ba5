"""Notices: plain mails about what could not be done, and about accounts. Claimed, stored and
finished like any call."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial

import sqlalchemy as sa

from calsync.core.account import MASS_WINDOW, AccountState
from calsync.core.content.event import DesiredEvent, event_from_json
from calsync.core.content.notices import AccountNews, OwnerNews
from calsync.core.ledger import DeliveryKey
from calsync.errors import ChannelError, SealError
from calsync.notices import digest
from calsync.ports import NoticeSender
from calsync.runtime.context import Context
from calsync.store.connect import accounts
from calsync.store.database import Db, Row
from calsync.store.ledger import journal, notices
from calsync.store.ledger.rows import table

GIVE_UP = timedelta(days=7)
HELD = timedelta(minutes=1)
WAIT = (60, 300, 900, 3600)


class Notifier:
    """Sends one due notice per call."""

    def __init__(self, context: Context, senders: Mapping[str, NoticeSender]) -> None:
        self.context, self.senders = context, senders

    def run_once(self) -> bool:
        """Send the next due notice; False when there is none."""
        with self.context.write("notice_claim") as db:
            row = notices.claim(db, self.context.lease)
            if row is None:
                return False
            body = self._body(db, row)
        if body is None:
            return True
        error = self._send(row, body)
        with self.context.write("notice_finish") as db:
            self._finish(db, row, error)
        return True

    def _body(self, db: Db, row: Row) -> bytes | None:
        """The exact bytes, stored before the call."""
        place = notices.place(row)
        sender, tenant = self._sender(row), self.context.tenant(row["tenant"])
        if sender is None or tenant.excludes(row["person"]):
            notices.finish(db, row, "dropped")
            return None
        if row["kind"] == notices.DIGEST:
            return self._digest(db, row, sender, place)
        write = self._writing(db, row, sender, self._key(place))
        if write is None:
            notices.finish(db, row, "dropped")
            return None
        if row["wire"] is not None:
            return self._again(db, row, place)
        return self._first(db, row, place, write())

    def _writing(
        self, db: Db, row: Row, sender: NoticeSender, key: str
    ) -> Callable[[], bytes] | None:
        """What writes this notice; None when nobody needs it any more."""
        kind, to = row["kind"], row["person"]
        link = self.context.tenant(row["tenant"]).reconnect_url
        if kind in (notices.CONNECTED, notices.DISCONNECTED):
            account_mail, news = sender.prepare_account_notice, self._news(db, row)
            return None if news is None else partial(account_mail, kind, to, key, news, link)
        if kind in (notices.OWNER_LOST, notices.OWNER_MANY):
            many = kind == notices.OWNER_MANY
            told = self._many(db, row) if many else self._lost(db, row, link)
            return None if told is None else partial(sender.prepare_owner_notice, to, key, told)
        event = self._event(db, row)
        if event is None and kind != notices.LOST:
            return None
        return partial(sender.prepare_notice, kind, to, key, event, link, db.now)

    def _news(self, db: Db, row: Row) -> AccountNews | None:
        """None when the account was forgotten."""
        ident = notices.account_of(row)
        account = accounts.by_ids(db, [ident]).get(ident)
        if account is None:
            return None
        newest = self._newest(db, row)
        return AccountNews(
            provider=account.provider,
            address=account.address,
            at=row["created"],
            time_zone=newest.time_zone if newest else "UTC",
            locale=newest.locale if newest else "en",
            writes=account.state is not AccountState.FREE_BUSY_ONLY,
        )

    @staticmethod
    def _lost(db: Db, row: Row, link: str) -> OwnerNews | None:
        """None when the account is not lost any more."""
        ident = notices.account_of(row)
        account = accounts.by_ids(db, [ident]).get(ident)
        if account is None or account.state is not AccountState.RECONNECT:
            return None
        at, person = row["created"], account.email
        return OwnerNews(account.tenant, account.provider, at, ident, person, link=link)

    @staticmethod
    def _many(db: Db, row: Row) -> OwnerNews:
        lost, _ = accounts.lost_within(db, row["tenant"], MASS_WINDOW)
        provider = notices.account_of(row)
        return OwnerNews(row["tenant"], provider, row["created"], count=max(lost, 1))

    def _digest(self, db: Db, row: Row, sender: NoticeSender, place: str) -> bytes | None:
        """Waits with the sessions it tells of while the guard holds those."""
        if row["wire"] is not None:
            return self._again(db, row, place)
        told = digest.told(db, row["tenant"], row["person"])
        if told.held:
            notices.finish(db, row, "due", db.now + HELD)
            return None
        if not told.events:
            notices.finish(db, row, "dropped")
            return None
        body = sender.prepare_digest(row["person"], self._key(place), told.events, db.now)
        return self._first(db, row, place, body)

    def _key(self, place: str) -> str:
        return self.context.vault.keyed_hash("notice", place)[:32]

    def _first(self, db: Db, row: Row, place: str, body: bytes) -> bytes:
        notices.start(db, row, self.context.vault.seal("notice", place, body))
        return body

    def _again(self, db: Db, row: Row, place: str) -> bytes | None:
        """The bytes of an earlier send; one that no key opens any more blocks no other notice."""
        try:
            body = self.context.vault.open("notice", place, row["wire"])
        except SealError:
            notices.finish(db, row, "refused")
            self.context.log("notice", tenant=row["tenant"], kind=row["kind"], answer="key is lost")
            return None
        notices.start(db, row, row["wire"])
        return body

    def _sender(self, row: Row) -> NoticeSender | None:
        return self.senders.get(row["tenant"]) or self.senders.get("default")

    def _event(self, db: Db, row: Row) -> DesiredEvent | None:
        """What the session shows this person, while that is still wanted and ahead."""
        if row["kind"] == notices.LOST:
            return self._newest(db, row)
        c = table("delivery").c
        session = sa.and_(c.session == row["subject_key"], c.ends_at > db.now)
        found = db.first(_theirs(row).where(session))
        if found is None or found["content"] is None:
            return None
        if row["kind"] == notices.UNREACHABLE and found["want"] != "present":
            return None
        return event_from_json(found["content"])

    @staticmethod
    def _newest(db: Db, row: Row) -> DesiredEvent | None:
        """The person's newest session, which tells the language they read, and their zone."""
        c = table("delivery").c
        known = _theirs(row).where(c.content.is_not(None))
        newest = db.first(known.order_by(c.starts_at.desc()).limit(1))
        return event_from_json(newest["content"]) if newest else None

    def _send(self, row: Row, body: bytes) -> ChannelError | None:
        sender = self._sender(row)
        until = time.monotonic() + self.context.lease.total_seconds() / 3
        try:
            if sender is None:
                raise RuntimeError("a notice without a sender is dropped before it is sent")
            with self.context.call("notice_send"):
                sender.send_notice(body, row["person"], until)
        except ChannelError as error:
            return error
        return None

    @staticmethod
    def _is_late(db: Db, row: Row) -> bool:
        """Nobody needs it any more; one about a session is dropped when that is over."""
        return bool(db.now - row["created"] > GIVE_UP)

    def _finish(self, db: Db, row: Row, error: ChannelError | None) -> None:
        key = DeliveryKey(row["tenant"], row["subject_key"], "")
        word = "yes" if error is None else f"{error.kind}: {error.reason}"
        journal.note(db, "notice_answered", key=key, kind=row["kind"], answer=word)
        self.context.log("notice", tenant=row["tenant"], kind=row["kind"], answer=word)
        if error is None:
            notices.finish(db, row, "sent")
        elif error.kind == "refused" or self._is_late(db, row):
            notices.finish(db, row, "refused")
        else:
            seconds = WAIT[min(row["attempts"], len(WAIT) - 1)]
            wait = timedelta(seconds=max(seconds, error.after or 0))
            notices.finish(db, row, "unsure", db.now + wait)


def _theirs(row: Row) -> sa.Select[tuple[object, ...]]:
    """Deliveries of the person that a notice goes to."""
    delivery = table("delivery")
    return sa.select(delivery).where(
        delivery.c.tenant == row["tenant"],
        sa.func.lower(delivery.c.email) == row["person"].lower(),
    )
