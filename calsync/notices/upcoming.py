"""Sends Upcoming Session mails: decided on fresh rows, stored, sent once. An answer that nobody
knows ends it: a reminder that may have arrived is not sent twice."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from calsync.core import schedule
from calsync.core.ledger import MAIL, Delivery
from calsync.core.upcoming.decide import UpcomingAnswer, UpcomingReason, UpcomingStep, decide
from calsync.core.upcoming.rules import UPCOMING, UpcomingTo
from calsync.errors import ChannelError
from calsync.notices.upcoming_case import case_of, unsubscribe_link
from calsync.ports import NoticeSender
from calsync.runtime import unexpected
from calsync.runtime.context import Context
from calsync.store.database import Db
from calsync.store.ledger import journal, notices
from calsync.store.ledger.notices import Notice
from calsync.store.ledger.rows import delivery_of
from calsync.store.queue import limiter, pauses
from calsync.store.upcoming import due, sent, unsubscribed

IDLE_SECONDS = 5.0  # between two looks that find nothing


@dataclass(frozen=True, slots=True)
class UpcomingMail:
    """One mail that is stored and can be sent now."""

    notice: Notice
    delivery: Delivery
    body: bytes = field(repr=False)


class UpcomingSender:
    """Sends one mail per call, in turn for each tenant that has them."""

    def __init__(self, context: Context, senders: Mapping[str, NoticeSender]) -> None:
        self.context, self.senders = context, senders
        self._turn, self._next_look = 0, 0.0
        self._room_at: datetime | None = None

    def soon(self) -> bool:
        """The last call found a mail that waits for a rate limit alone: it can go in a moment."""
        return self._room_at is not None

    def run_once(self) -> bool:
        """Decide about the next deliveries, and send a mail if one is due; False when there is
        nothing to do now."""
        if time.monotonic() < self._next_look:
            return False
        tenants = self._tenants()
        if not self._anything(tenants):
            self._next_look = time.monotonic() + IDLE_SECONDS
            return False
        mail, asked = self.context.transact("upcoming_claim", partial(self._claim, tenants))
        if mail is None:
            return asked
        error = self._send(mail)
        self.context.transact(
            "upcoming_finish",
            lambda db: self._finish(db, mail, error),
            waits=True,
            unsure=lambda db: self._finish_once(db, mail, error),
        )
        return True

    # --- which tenants ---------------------------------------------------------------------------

    def _tenants(self) -> list[str]:
        """Those that send these mails, another one first each time."""
        names = [name for name in self.context.settings.tenants if self._is_on(name)]
        self._turn += 1
        start = self._turn % len(names) if names else 0
        return names[start:] + names[:start]

    def _is_on(self, tenant: str) -> bool:
        wanted = self.context.tenant(tenant).upcoming.to is not UpcomingTo.OFF
        return wanted and self._sender(tenant) is not None

    def _sender(self, tenant: str) -> NoticeSender | None:
        return self.senders.get(tenant) or self.senders.get("default")

    def _anything(self, tenants: list[str]) -> bool:
        with self.context.store.read() as db:
            if set(due.switched(db)) != set(tenants) or sent.any_lost(db):
                return True
            return any(self._is_due(db, name) for name in tenants)

    def _is_due(self, db: Db, tenant: str) -> bool:
        rules = self.context.tenant(tenant).upcoming
        waits = pauses.stops_mail(db, tenant)
        return not waits and due.any_due(db, tenant, due.longest(db, tenant, rules))

    # --- one claim -------------------------------------------------------------------------------

    def _claim(self, tenants: list[str], db: Db) -> tuple[UpcomingMail | None, bool]:
        """The mail to send, if any, and whether there may be more to do at once."""
        known = set(due.switched(db))
        on, off = [one for one in tenants if one not in known], known.difference(tenants)
        self._room_at = None
        due.switch(db, on, sorted(off))
        unsubscribed.make_secret(db, self.context.vault)
        asked = bool(on or off or sent.give_up(db))
        for tenant in tenants:
            if not pauses.stops_mail(db, tenant):
                mail, some = self._next(db, tenant)
                asked = asked or some
                if mail is not None:
                    return mail, True
        return None, asked

    def _next(self, db: Db, tenant: str) -> tuple[UpcomingMail | None, bool]:
        rules, asked = self.context.tenant(tenant).upcoming, False
        for row in due.deliveries(db, tenant, due.longest(db, tenant, rules)):
            delivery = delivery_of(row)
            step = decide(case_of(self.context, db, delivery))
            if step.answer is UpcomingAnswer.SEND:
                rates = self.context.tenant(tenant).rates
                self._room_at = limiter.take(db, limiter.CountedCalls(tenant, MAIL, None, rates))
                if self._room_at is not None:
                    break
                mail = self._begun(db, delivery)
                if mail is not None:
                    return mail, True
                due.settle(db, delivery)
            else:
                self._note(db, delivery, step)
            asked = True
        return None, asked

    def _note(self, db: Db, delivery: Delivery, step: UpcomingStep) -> None:
        """Remember when to ask again about one that is not sent now."""
        if step.answer is UpcomingAnswer.LEAVE:
            due.leave(db, delivery.key)
        elif step.again_at is not None:
            due.wait(db, delivery, step.again_at)
        else:
            due.settle(db, delivery)
            if step.reason is not UpcomingReason.IN_CALENDAR:  # of whole tenants
                reason = step.reason.value
                journal.note(db, "upcoming_withheld", key=delivery.key, reason=reason)

    def _begun(self, db: Db, delivery: Delivery) -> UpcomingMail | None:
        """The mail, stored before it is sent; None where one was begun before, or it cannot be
        written."""
        notice = sent.begin(db, delivery, self.context.lease)
        if notice is None:
            return None
        due.settle(db, delivery)
        try:
            with db.savepoint():
                return UpcomingMail(notice, delivery, self._stored(db, notice, delivery))
        except Exception as error:
            origin = unexpected.refused(error).origin
            unexpected.tell(self.context, db, "notice", origin, delivery.key)
            notices.finish(db, notice, "refused")
            return None

    def _stored(self, db: Db, notice: Notice, delivery: Delivery) -> bytes:
        vault, sender = self.context.vault, self._sender(notice.tenant)
        if sender is None or delivery.content is None:
            raise RuntimeError("without a sender or content nothing is decided to be sent")
        key = vault.keyed_hash("notice", notice.place)[:32]
        link = unsubscribe_link(self.context, db, notice.tenant, notice.person)
        body = sender.prepare_upcoming(notice.person, key, delivery.content, db.now, link)
        notices.start(db, notice, vault.seal("notice", notice.place, body))
        return body

    # --- the call and its answer -----------------------------------------------------------------

    def _send(self, mail: UpcomingMail) -> ChannelError | None:
        sender, to = self._sender(mail.notice.tenant), mail.notice.person
        until = time.monotonic() + self.context.lease.total_seconds() / 3
        if sender is None:
            raise RuntimeError("without a sender nothing is decided to be sent")
        with self.context.call("upcoming_send"):
            return unexpected.answered(partial(sender.send_notice, mail.body, to, until))

    def _finish(self, db: Db, mail: UpcomingMail, error: ChannelError | None) -> None:
        key, notice = mail.delivery.key, mail.notice
        word = "yes" if error is None else f"{error.kind}: {error.reason}"
        journal.note(db, "notice_answered", key=key, kind=UPCOMING, answer=word)
        log = partial(self.context.log_committed, db, "notice", tenant=notice.tenant)
        log(kind=UPCOMING, answer=word)
        if error is not None:
            unexpected.tell(self.context, db, "notice", error.origin, key)
        again_at = self._again_at(db.now, mail, error)
        notices.finish(db, notice, _state(error, again_at))
        if again_at is not None:
            due.wait(db, mail.delivery, again_at)

    @staticmethod
    def _again_at(now: datetime, mail: UpcomingMail, error: ChannelError | None) -> datetime | None:
        """When to try again what certainly was not sent."""
        if error is None or error.kind == "refused" or error.happened == "maybe":
            return None
        return now + schedule.NOTICE.wait(mail.notice.attempts + 1, asked=error.after)

    def _finish_once(self, db: Db, mail: UpcomingMail, error: ChannelError | None) -> None:
        """Store an outcome that may be stored already."""
        if notices.still_leased(db, mail.notice):
            self._finish(db, mail, error)


def _state(error: ChannelError | None, again_at: datetime | None) -> str:
    """The word of the ledger for what became of a mail."""
    if error is None:
        return "sent"
    if again_at is not None:
        return sent.DROPPED
    return "refused" if error.kind == "refused" and error.origin is None else sent.MAYBE
