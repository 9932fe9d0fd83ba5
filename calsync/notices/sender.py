"""Notices: plain mails about what could not be done, and about accounts. Claimed, stored and
finished like any call."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial

from calsync.core import schedule
from calsync.core.account import MASS_WINDOW, AccountState
from calsync.core.content.event import DesiredEvent, MailCause
from calsync.core.content.notice_causes import told_by_notice
from calsync.core.content.notices import AccountFact, AccountNews, Cause, OwnerNews
from calsync.core.ledger import MAIL, DeliveryKey
from calsync.core.reconcile.outcome import MAYBES
from calsync.core.reconcile.telling import KINDS, WRONG_FOR, is_still_due
from calsync.errors import ChannelError, Refused, SealError
from calsync.messages import language
from calsync.notices import request_notice
from calsync.notices.event_link import event_link
from calsync.ports import NoticeSender
from calsync.runtime import unexpected
from calsync.runtime.context import Context
from calsync.runtime.meter import MAILS
from calsync.store.connect import accounts
from calsync.store.database import Db
from calsync.store.ledger import announcements, journal, notices, people
from calsync.store.ledger.notices import Notice
from calsync.store.ledger.rows import delivery_of, route_of
from calsync.store.queue import claims, pauses, tellings

GIVE_UP = timedelta(days=7)
HELD = timedelta(minutes=1)
WRITE_AGAIN = timedelta(hours=1)  # one that could not be written


class Notifier:
    """Sends one due notice per call."""

    def __init__(self, context: Context, senders: Mapping[str, NoticeSender]) -> None:
        self.context, self.senders = context, senders

    def run_once(self) -> bool:
        """Send the next due notice; False when there is none."""
        language.load()
        notice, body = self.context.transact("notice_claim", self._claim)
        if notice is None or body is None:
            return notice is not None
        error = self._send(notice, body)
        self.context.transact(
            "notice_finish",
            lambda db: self._finish(db, notice, error),
            waits=True,
            unsure=lambda db: self._finish_once(db, notice, error),
        )
        return True

    def _claim(self, db: Db) -> tuple[Notice | None, bytes | None]:
        notice = notices.claim(db, self.context.lease)
        return notice, None if notice is None else self._written(db, notice)

    def _written(self, db: Db, notice: Notice) -> bytes | None:
        """`_body`. First in the queue, one that cannot be written would keep all others back."""
        try:
            with db.savepoint():
                return self._body(db, notice)
        except Exception as error:
            origin = unexpected.refused(error).origin
            unexpected.tell(self.context, db, "notice", origin, _about(notice))
            if self._is_late(db, notice):
                notices.finish(db, notice, "refused")
            else:
                notices.finish(db, notice, notice.state, db.now + WRITE_AGAIN)
            return None

    def _body(self, db: Db, notice: Notice) -> bytes | None:
        """The exact bytes, stored before the call."""
        sender, tenant = self._sender(notice), self.context.tenant(notice.tenant)
        if sender is None or tenant.excludes(notice.person):
            notices.finish(db, notice, "dropped")
            return None
        if notice.kind == notices.DIGEST:
            return self._digest(db, notice, sender)
        if self._waits_for_an_operator(db, notice):
            notices.finish(db, notice, "due", db.now + WRONG_FOR)
            return None
        write = self._writing(db, notice, sender)
        if write is None:
            notices.finish(db, notice, "dropped")
            return None
        if notice.sealed is not None:
            return self._again(db, notice, notice.sealed)
        return self._first(db, notice, write())

    @staticmethod
    def _waits_for_an_operator(db: Db, notice: Notice) -> bool:
        """It tells of a session whose channel an operator has paused since it was wanted."""
        if notice.kind not in KINDS:
            return False
        row = tellings.of_notice(db, notice.tenant, notice.person, notice.session)
        route = route_of(row) if row is not None else None
        return pauses.is_paused_by_operator(db, notice.tenant, route)

    def _writing(self, db: Db, notice: Notice, sender: NoticeSender) -> Callable[[], bytes] | None:
        """What writes this notice; None when nobody needs it any more."""
        kind, to, key = notice.kind, notice.person, self._key(notice)
        link = self.context.tenant(notice.tenant).reconnect_url
        if kind in (notices.CONNECTED, notices.DISCONNECTED, notices.LOST):
            account_mail, news = sender.prepare_account_notice, self._news(db, notice)
            return None if news is None else partial(account_mail, kind, to, key, news, link)
        if kind in (notices.OWNER_LOST, notices.OWNER_MANY):
            many = kind == notices.OWNER_MANY
            told = self._many(db, notice) if many else self._lost(db, notice, link)
            return None if told is None else partial(sender.prepare_owner_notice, to, key, told)
        event = self._event(db, notice)
        if event is None:
            return None
        return partial(sender.prepare_notice, kind, to, key, event, db.now)

    def _news(self, db: Db, notice: Notice) -> AccountNews | None:
        """What is told, whatever became of the account since."""
        fact = notice.fact or self._as_now(db, notice)
        if fact is None:
            return None
        newest = people.newest_event(db, notice.tenant, notice.person)
        zone, locale = (newest.time_zone, newest.locale) if newest else ("UTC", "en")
        return AccountNews(fact, zone, locale)

    @staticmethod
    def _as_now(db: Db, notice: Notice) -> AccountFact | None:
        """For a notice of a version that kept no facts; None where the account is somebody else's
        by now, or gone."""
        account = accounts.by_ids(db, [notice.account]).get(notice.account)
        if account is None or account.email != notice.person:
            return None
        return request_notice.fact_of(account, Cause.UNKNOWN, notice.created)

    @staticmethod
    def _lost(db: Db, notice: Notice, link: str) -> OwnerNews | None:
        """None when the account is not lost any more."""
        ident = notice.account
        account = accounts.by_ids(db, [ident]).get(ident)
        if account is None or account.state is not AccountState.RECONNECT:
            return None
        fact = notice.fact or request_notice.fact_of(account, Cause.UNKNOWN, notice.created)
        return OwnerNews(notice.tenant, fact.provider, fact.at, ident, fact.person, link=link)

    @staticmethod
    def _many(db: Db, notice: Notice) -> OwnerNews:
        lost, _ = accounts.lost_within(db, notice.tenant, MASS_WINDOW)
        provider = notice.account
        return OwnerNews(notice.tenant, provider, notice.created, count=max(lost, 1))

    def _digest(self, db: Db, notice: Notice, sender: NoticeSender) -> bytes | None:
        """Waits with the sessions it tells of while the guard holds those."""
        if notice.sealed is not None:
            return self._again(db, notice, notice.sealed)
        told = announcements.to_person(db, notice.tenant, notice.person)
        if told.held:
            notices.finish(db, notice, "due", db.now + HELD)
            return None
        if not told.events:
            notices.finish(db, notice, "dropped")
            return None
        body = sender.prepare_digest(notice.person, self._key(notice), told.events, db.now)
        return self._first(db, notice, body)

    def _key(self, notice: Notice) -> str:
        return self.context.vault.keyed_hash("notice", notice.place)[:32]

    def _first(self, db: Db, notice: Notice, body: bytes) -> bytes:
        """The bytes, stored. An empty body, to an address that cannot be written, is none: the next
        try writes it anew."""
        vault, place = self.context.vault, notice.place
        notices.start(db, notice, vault.seal("notice", place, body) if body else None)
        return body

    def _again(self, db: Db, notice: Notice, sealed: bytes) -> bytes | None:
        """The bytes of an earlier send; one that no key opens any more blocks no other notice."""
        try:
            body = self.context.vault.open("notice", notice.place, sealed)
        except SealError:
            notices.finish(db, notice, "refused")
            self._log(db, notice, "key is lost")
            return None
        notices.start(db, notice, sealed)
        return body

    def _log(self, db: Db, notice: Notice, word: str) -> None:
        tenant, kind = notice.tenant, notice.kind
        level = None if word == "yes" else "warning"
        self.context.log_committed(db, "notice", level=level, tenant=tenant, kind=kind, answer=word)

    def _sender(self, notice: Notice) -> NoticeSender | None:
        return self.senders.get(notice.tenant) or self.senders.get("default")

    def _event(self, db: Db, notice: Notice) -> DesiredEvent | None:
        """What the session shows this person; None when that is over or stands right by now."""
        row = tellings.of_notice(db, notice.tenant, notice.person, notice.session)
        if row is None or notice.material_version not in (None, row["material_version"]):
            return None
        tenant, delivery = self.context.tenant(notice.tenant), delivery_of(row)
        known = claims.snapshot(db, self.context.sealer, delivery, tenant.policy)
        if delivery.content is None or not is_still_due(known, notice.kind):
            return None
        repeated = notices.is_repeated(db, notice, KINDS)
        told = told_by_notice(known, notice.kind, repeated=repeated)
        if told.cause is MailCause.UNSHOWN:
            told = replace(told, file_url=event_link(self.context, db, delivery.key))
        return replace(delivery.content, told=told)

    def _send(self, notice: Notice, body: bytes) -> ChannelError | None:
        sender = self._sender(notice)
        until = time.monotonic() + self.context.lease.total_seconds() / 3
        if sender is None:
            raise RuntimeError("a notice without a sender is dropped before it is sent")
        with self.context.call("notice_send"):
            send, meter = (
                partial(sender.send_notice, body, notice.person, until),
                self.context.meter,
            )
            answer = unexpected.measured(meter, MAIL, "notice", send)
        meter.count(MAILS, "notice", unexpected.word(answer))
        return answer

    @staticmethod
    def _is_late(db: Db, notice: Notice) -> bool:
        """Nobody needs it any more. One about a session is needed while that is ahead, and dropped
        when it is over."""
        if db.now - notice.created <= GIVE_UP:
            return False
        return notice.kind not in KINDS or tellings.is_over(db, notice)

    @staticmethod
    def _is_vain(notice: Notice, error: ChannelError) -> bool:
        """Nobody knows what became of so many sends: one more may only be one mail more."""
        return error.origin is not None and notice.attempts + 1 >= MAYBES

    def _finish(self, db: Db, notice: Notice, error: ChannelError | None) -> None:
        key = _about(notice)
        word = "yes" if error is None else f"{error.kind}: {error.reason}"
        journal.note(db, "notice_answered", key=key, kind=notice.kind, answer=word)
        self._log(db, notice, word)
        if error is None:
            notices.finish(db, notice, "sent")
            return
        unexpected.tell(self.context, db, "notice", error.origin, key)
        if self._is_final(db, notice, error):
            notices.finish(db, notice, "refused")
            return
        refused = error.origin is None and error.kind == "refused"
        waits = schedule.REFUSED if refused else schedule.NOTICE
        due_at = db.now + waits.wait(notice.attempts + 1, asked=error.after)
        notices.finish(db, notice, "refused" if refused else "unsure", due_at)

    def _is_final(self, db: Db, notice: Notice, error: ChannelError) -> bool:
        """No answer but one about the address itself ends a mail that somebody still needs. What
        may be about the sender is none."""
        if isinstance(error, Refused) and error.of_address and not error.of_sender:
            return True
        return self._is_late(db, notice) or self._is_vain(notice, error)

    def _finish_once(self, db: Db, notice: Notice, error: ChannelError | None) -> None:
        """Store an outcome that may be stored already."""
        if notices.still_leased(db, notice):
            self._finish(db, notice, error)


def _about(notice: Notice) -> DeliveryKey:
    return DeliveryKey(notice.tenant, notice.session, "")
