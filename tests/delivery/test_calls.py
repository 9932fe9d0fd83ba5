"""One call: stored before it is sent, no transaction open meanwhile, its outcome always kept."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from calsync.accounts import reroute
from calsync.core.account import AccountState
from calsync.core.booked import Online
from calsync.core.calls import PreparedRequest, Receipt
from calsync.core.content.event import DesiredEvent
from calsync.core.ledger import Copy, DeliveryKey, Do
from calsync.errors import Refused, TryLater
from calsync.ops import commands
from calsync.ports import Access
from calsync.store.connect import accounts
from calsync.store.ledger.copies import stored_request
from calsync.store.ledger.rows import Sealer, table
from calsync.store.ledger.selection import Selection
from calsync.store.queue import due
from tests.harness.platform import MAYA, SAM, Platform

Send = Callable[[PreparedRequest, Copy, Access, float], Receipt]


class Transactions:
    """Which threads have one of the store's transactions open."""

    def __init__(self, platform: Platform) -> None:
        self._open: dict[int, int] = {}
        engine = platform.store.engine
        sa.event.listen(engine, "begin", lambda _: self._count(1))
        sa.event.listen(engine, "commit", lambda _: self._count(-1))
        sa.event.listen(engine, "rollback", lambda _: self._count(-1))

    def _count(self, by: int) -> None:
        me = threading.get_ident()
        self._open[me] = self._open.get(me, 0) + by

    def mine(self) -> int:
        return self._open.get(threading.get_ident(), 0)


def test_no_transaction_is_open_while_a_call_is_made(platform: Platform) -> None:
    transactions = Transactions(platform)
    seen: list[int] = []
    platform.calendar.during = platform.mail.during = lambda: seen.append(transactions.mine())
    look, find, opened = (
        platform.calendar.inspect,
        platform.calendar.find,
        platform.authorizer.open,
    )

    def watched(call: Callable[..., Any]) -> Callable[..., Any]:
        def instead(*args: Any, **named: Any) -> Any:
            seen.append(transactions.mine())
            return call(*args, **named)

        return instead

    for owner, name, call in (
        (platform.calendar, "look", look),
        (platform.calendar, "find", find),
        (platform.authorizer, "open", opened),
    ):
        setattr(owner, name, watched(call))
    platform.connect("maya@example.org")
    platform.calendar.failures = ["lost"]
    platform.book(platform.a_session())
    platform.deliver(workers=2)
    platform.later(minutes=5)
    platform.deliver(workers=2)
    platform.later(days=9, hours=1)
    platform.inspector.run_once()

    assert platform.states() == ["google live"]
    assert len(seen) >= 6
    assert set(seen) == {0}


def test_a_call_comes_with_the_credentials_of_an_account_that_is_not_open(
    platform: Platform,
) -> None:
    maya = platform.connect("maya@example.org")
    for ident in ("ses-1", "ses-2"):
        platform.book(platform.a_session(ident, participants=(MAYA,)))
        platform.deliver()
    first, second = platform.authorizer.known
    assert first is not None
    assert (first.account, first.secret) == (maya, {"refresh_token": "r"})
    assert second is None, "it is open"


def test_credentials_that_no_key_opens_keep_no_delivery_from_its_call(platform: Platform) -> None:
    platform.connect("maya@example.org")
    with platform.store.write() as db:
        db.run(sa.update(table("account")).values(secret=b"of another key"))
    platform.book(platform.a_session(participants=(MAYA,)))
    platform.deliver()
    assert platform.authorizer.known == [None], "whoever opens it tells ops"
    assert platform.states() == ["google live"]


def test_the_bytes_are_stored_before_they_are_sent_and_sent_as_stored(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs: list[tuple[PreparedRequest, PreparedRequest | None]] = []

    def watched(send: Send, participant: str) -> Send:
        def instead(prepared: PreparedRequest, copy: Copy, access: Access, until: float) -> Receipt:
            key = DeliveryKey("default", "ses-1", participant)
            assert copy.attempt is not None
            with platform.store.read() as db:
                found = stored_request(db, Sealer(platform.vault), key, copy.n, copy.attempt)
            pairs.append((prepared, found[0] if found else None))
            return send(prepared, copy, access, until)

        return instead

    monkeypatch.setattr(platform.calendar, "send", watched(platform.calendar.send, "u-1"))
    monkeypatch.setattr(platform.mail, "send", watched(platform.mail.send, "u-2"))
    platform.connect("maya@example.org")
    platform.mail.failures = ["lost"]
    session = platform.a_session()
    platform.book(session)
    platform.deliver()
    platform.later(minutes=5)
    platform.deliver()
    platform.change(session, place=Online("https://zoom.us/j/2"))
    platform.later(minutes=5)
    platform.deliver()

    assert [prepared.do for prepared, _ in pairs].count(Do.CREATE) == 3
    assert [prepared.do for prepared, _ in pairs].count(Do.CHANGE) == 2
    assert [one for one in pairs if one[0] != one[1]] == []


def late(platform: Platform, meanwhile: Callable[[], None]) -> None:
    """The next calendar call takes so long that its lease ends, and `meanwhile` happens."""

    def during() -> None:
        platform.calendar.during = lambda: None
        platform.later(minutes=3)
        meanwhile()

    platform.calendar.during = during


def test_a_worker_that_comes_late_stores_its_receipt_and_schedules_nothing(
    platform: Platform,
) -> None:
    maya = platform.connect("maya@example.org")
    taken: dict[str, Any] = {}

    def other() -> None:
        with platform.store.write() as db:
            (claim,) = due.take(db, timedelta(seconds=90), ["default"])
            taken["token"] = claim.token

    late(platform, other)
    platform.book(platform.a_session(participants=(MAYA,)))
    platform.work_one()
    row = platform.delivery()

    assert platform.states() == ["google live"]
    assert row["lease_token"] == taken["token"]
    assert len(platform.calendar.live(maya)) == 1


def test_a_second_call_after_a_slow_look_up_has_a_whole_lease_of_its_own(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    maya = platform.connect("maya@example.org")
    find, claimed = platform.calendar.find, []

    def slow(*given: Any) -> Any:
        platform.later(seconds=80)
        return find(*given)

    def other() -> None:
        platform.later(seconds=80)
        with platform.store.write() as db:
            claimed.append(due.take(db, timedelta(seconds=90), ["default"]))

    platform.book(platform.a_session(participants=(MAYA,)))
    platform.calendar.failures = [TryLater("connection lost", happened="maybe", scope="copy")]
    platform.deliver()
    platform.later(minutes=5)
    monkeypatch.setattr(platform.calendar, "find", slow)
    platform.calendar.during = other
    platform.deliver()

    assert [name for name, _ in platform.calendar.calls] == ["create", "find", "create"]
    assert claimed == [[]]
    assert len(platform.calendar.live(maya)) == 1
    assert platform.delivery()["lease_until"] is None


def test_a_late_no_leaves_the_attempt_open_for_who_has_the_lease_now(platform: Platform) -> None:
    platform.connect("maya@example.org")

    def other() -> None:
        with platform.store.write() as db:
            db.run(sa.update(table("delivery")).values(lease_token="another"))

    late(platform, other)
    platform.calendar.failures = [Refused("400", happened="no")]
    platform.book(platform.a_session(participants=(MAYA,)))
    platform.work_one()

    assert platform.states() == ["google unsure"]
    assert platform.delivery()["parked"] is None


def test_a_refusal_of_what_is_no_longer_wanted_parks_nothing(platform: Platform) -> None:
    maya = platform.connect("maya@example.org")
    session = platform.a_session(participants=(MAYA,))

    def during() -> None:
        platform.calendar.during = lambda: None
        platform.change(session, title="Readable now")

    platform.calendar.during = during
    platform.calendar.failures = [Refused("400", happened="no")]
    platform.book(session)
    platform.deliver()

    assert platform.delivery()["parked"] is None
    assert "Readable now" in str(platform.calendar.live(maya)[0]["title"])


def test_a_resync_during_a_call_is_not_forgotten_when_the_call_ends(platform: Platform) -> None:
    platform.connect("maya@example.org")

    def during() -> None:
        platform.calendar.during = lambda: None
        commands.resync(platform.context, Selection())

    platform.calendar.during = during
    platform.book(platform.a_session(participants=(MAYA,)))
    platform.work_one()

    assert platform.delivery()["due_at"] is not None


def test_a_person_rerouted_during_a_call_is_served_without_waiting_for_a_sweep(
    platform: Platform,
) -> None:
    """The mail slot was looked into, and found empty, while the call still had the lease."""
    maya = platform.connect("maya@example.org")

    def during() -> None:
        platform.calendar.during = lambda: None
        with platform.store.write() as db:
            accounts.set_state(db, maya, AccountState.UNUSABLE)
            reroute.reroute(platform.context, db, "default", ["maya@example.org"])
        assert not platform.work_one()

    platform.calendar.during = during
    platform.calendar.failures = [TryLater("503", happened="no")]
    platform.book(platform.a_session(participants=(MAYA,)))
    platform.work_one()
    assert platform.due()
    platform.deliver()

    assert [m["to"] for m in platform.mail.sent] == ["maya@example.org"]


def test_one_that_nothing_can_be_decided_about_blocks_nobody_else(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare = platform.mail.prepare

    def fails(do: Do, copy: Copy, event: DesiredEvent, now: Any) -> PreparedRequest:
        if event.title.endswith("Unwritable"):
            raise ValueError("cannot be written")
        return prepare(do, copy, event, now)

    monkeypatch.setattr(platform.mail, "prepare", fails)
    platform.book(platform.a_session("ses-0", title="Unwritable", participants=(SAM,)))
    platform.book(platform.a_session("ses-1", participants=(SAM,)))
    platform.deliver()
    assert len(platform.mail.sent) == 1
    row = platform.delivery("ses-0", "u-2")
    assert row["last_error"] == "undecided: ValueError"
    monkeypatch.setattr(platform.mail, "prepare", prepare)
    platform.later(minutes=11)
    platform.deliver()

    assert len(platform.mail.sent) == 2


def test_an_outcome_is_stored_although_its_delivery_was_withdrawn_meanwhile(
    platform: Platform,
) -> None:
    maya = platform.connect("maya@example.org")
    session = platform.a_session(participants=(MAYA,))

    def during() -> None:
        platform.calendar.during = lambda: None
        platform.change(session, participants=())

    platform.calendar.during = during
    platform.book(session)
    platform.deliver()

    assert platform.states() == ["google gone"]
    assert platform.calendar.live(maya) == []
    with platform.store.read() as db:
        attempt = table("attempt")
        outcomes = [r["outcome"] for r in db.all(sa.select(attempt).order_by(attempt.c.id))]
    assert outcomes == ["yes", "yes"]
