"""Retention, forgetting one person, and keys that change: checked by reading every table whole."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from calsync.accounts import reroute
from calsync.core.account import AccountState
from calsync.core.booked import Online, Participant
from calsync.core.content.event import DesiredEvent
from calsync.core.content.notices import AccountNews, OwnerNews
from calsync.core.ledger import DeliveryKey
from calsync.delivery.deliver import Deliverer
from calsync.errors import RecordError, SealError, TryLater
from calsync.notices.sender import Notifier
from calsync.ops import retention
from calsync.ops.results.orders import Forgotten
from calsync.store import expired
from calsync.store.ledger import notices, sessions
from calsync.store.ledger.rows import Sealer
from calsync.store.queue import claims
from calsync.store.tables.proofs import Table
from calsync.store.vault import Vault, new_key
from tests.harness.platform import MAYA, SAM, Platform
from tests.harness.work import most_changed_at_once

HOUR = timedelta(hours=1)
SEALED = {"copy": "content", "attempt": "wire", "notice": "wire", "account": "secret"}


def dump(platform: Platform) -> dict[str, list[dict[str, object]]]:
    """Every row of every table."""
    with platform.store.read() as db:
        return {one.name: db.all(sa.select(one)) for one in Table.metadata.sorted_tables}


def whole(platform: Platform) -> str:
    return repr(dump(platform)).lower()


def sealed(platform: Platform, name: str) -> list[object]:
    return [row[SEALED[name]] for row in dump(platform)[name] if row[SEALED[name]] is not None]


class QuietSender:
    def prepare_notice(
        self, kind: str, to: str, key: str, event: DesiredEvent, now: datetime
    ) -> bytes:
        return f"{kind} {to}".encode()

    def prepare_account_notice(
        self, kind: str, to: str, key: str, news: AccountNews, link: str
    ) -> bytes:
        return f"{kind} to {to} about {news.fact.address} {link}".encode()

    def prepare_owner_notice(self, to: str, key: str, news: OwnerNews) -> bytes:
        return f"owner {to} about {news.account or news.count}".encode()

    def prepare_digest(
        self, to: str, key: str, events: Sequence[DesiredEvent], now: datetime
    ) -> bytes:
        return f"digest {to}".encode()

    def prepare_upcoming(
        self, to: str, key: str, event: DesiredEvent, now: datetime, unsubscribe: str
    ) -> bytes:
        return f"upcoming {to}".encode()

    def send_notice(self, body: bytes, to: str, until: float) -> None:
        raise TryLater("lost", happened="maybe")


def test_content_leaves_when_its_time_is_over_and_the_rows_stay(platform: Platform) -> None:
    platform.connect("maya@example.org")
    platform.book(platform.a_session(title="Quite a secret"))
    platform.deliver()
    platform.later(days=39)
    retention.run_once(platform.context)
    assert "quite a secret" in whole(platform)
    platform.later(days=3)
    done = retention.run_once(platform.context)

    assert "quite a secret" not in whole(platform)
    assert (sealed(platform, "copy"), sealed(platform, "attempt")) == ([], [])
    assert (done["booked_session"], done["delivery"], done["copy"]) == (1, 2, 2)
    assert platform.states() == ["google live"]


def test_content_of_many_sessions_leaves_by_ranges_and_all_of_it(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expired, "RANGE", 2)
    platform.connect("maya@example.org")
    platform.book(*(platform.a_session(f"ses-{n}", title="Quite a secret") for n in range(5)))
    platform.deliver()
    lines = len(dump(platform)["journal"])
    platform.later(days=400)
    with most_changed_at_once(platform.store, "delivery") as most:
        done = retention.run_once(platform.context)

    assert "quite a secret" not in whole(platform)
    assert (sealed(platform, "copy"), sealed(platform, "attempt")) == ([], [])
    assert (done["booked_session"], done["delivery"], done["copy"]) == (5, 10, 10)
    assert (done["journal"], most()) == (lines, 2)


def test_bytes_leave_with_the_answer_that_accepts_them(platform: Platform) -> None:
    platform.connect("maya@example.org")
    platform.mail.failures = ["lost"]
    platform.book(platform.a_session())
    platform.deliver()
    (lost,) = (row for row in dump(platform)["attempt"] if row["wire"] is not None)
    assert lost["channel"] == "mail"
    platform.later(minutes=10)
    platform.deliver()

    assert platform.states(participant="u-2") == ["mail live"]
    assert sealed(platform, "attempt") == []


def test_bytes_that_may_be_sent_again_stay_until_the_session_is_long_over(
    platform: Platform,
) -> None:
    far = platform.now + timedelta(days=100)
    platform.mail.failures = ["lost", "lost"]
    platform.book(platform.a_session(participants=(SAM,), starts_at=far, ends_at=far + HOUR))
    platform.deliver()
    platform.later(days=60)
    retention.run_once(platform.context)
    assert len(sealed(platform, "attempt")) == 1
    platform.deliver()
    assert platform.mail.sent[0] == platform.mail.sent[1]
    platform.later(days=400)
    retention.run_once(platform.context)

    assert sealed(platform, "attempt") == []


def test_old_lines_leave_the_journal(platform: Platform) -> None:
    platform.book(platform.a_session())
    platform.deliver()
    platform.later(days=399)
    assert retention.run_once(platform.context)["journal"] == 0
    platform.later(days=2)

    assert retention.run_once(platform.context)["journal"] > 0
    assert dump(platform)["mail_count"] == []


def full_life(platform: Platform) -> None:
    """Maya with a calendar, a switch, a lost answer, a notice, and a refused record."""
    person = dataclasses.replace(MAYA, id="id-of-maya", email="Maya@Example.org")
    session = platform.a_session(participants=(person, SAM))
    platform.book(session, platform.a_session("ses-2", participants=(person,)))
    platform.deliver()
    maya = platform.connect("maya@example.org")
    platform.deliver()
    platform.calendar.failures = ["lost"]
    platform.change(session, place=Online("https://zoom.us/j/4"))
    platform.deliver()
    with platform.store.write() as db:
        reroute.lose(platform.context, db, maya, AccountState.RECONNECT, "invalid_grant")
        refused = RecordError("ses-9", "participants", "Maya@example.org is written twice")
        sessions.set_aside(db, "platform", [refused])
        notices.want(db, "default", "unreachable", "Maya@Example.org", "ses-2")
    platform.deliver()
    Notifier(platform.context, {"default": QuietSender()}).run_once()
    assert sealed(platform, "notice")
    assert sealed(platform, "account")


def test_of_a_forgotten_person_no_table_holds_address_id_or_sealed_bytes(
    platform: Platform,
) -> None:
    full_life(platform)
    assert "maya@example.org" in whole(platform)
    done = retention.forget(platform.context, "MAYA@example.org")
    rows = dump(platform)

    left = {"events_left": 2, "invitations_left": 1, "named_in": 1}
    assert done == Forgotten(deliveries=2, accounts=1, **left)
    assert "maya@example.org" not in whole(platform)
    assert "id-of-maya" not in whole(platform)
    assert rows["account"] == []
    assert rows["notice"] == []
    for name in ("copy", "attempt"):
        theirs = [r for r in rows[name] if str(r["participant"]).startswith("forgotten-")]
        assert theirs
        assert [r for r in theirs if r[SEALED[name]] is not None] == []
    assert [r["participant"] for r in rows["copy"] if r["content"] is not None] == ["u-2"]


def test_what_was_shown_of_past_sessions_names_a_forgotten_person_no_more(
    platform: Platform,
) -> None:
    platform.book(platform.a_session())
    platform.deliver()
    assert "maya chen" in whole(platform)
    platform.later(days=11)
    retention.forget(platform.context, "maya@example.org")

    assert "maya" not in whole(platform)
    assert (sealed(platform, "copy"), sealed(platform, "attempt")) == ([], [])


def test_nothing_is_done_for_a_forgotten_person_and_the_others_go_on(platform: Platform) -> None:
    session = platform.a_session()
    platform.book(session)
    platform.deliver()
    retention.forget(platform.context, "maya@example.org")
    platform.change(session, participants=(SAM,), place=Online("https://zoom.us/j/4"))
    platform.later(minutes=10)
    platform.deliver()

    assert [m["to"] for m in platform.mail.sent].count("maya@example.org") == 1
    assert [m["to"] for m in platform.mail.sent].count("sam@example.org") == 2


def test_a_person_can_be_forgotten_again_after_the_platform_sent_them_again(
    platform: Platform,
) -> None:
    session = platform.a_session()
    for n in range(3):
        session = platform.change(session, title=f"Session {n}")
        platform.deliver()
        assert retention.forget(platform.context, "maya@example.org").deliveries == 1

    assert "maya@example.org" not in whole(platform)


def test_two_people_with_one_place_can_both_be_forgotten(platform: Platform) -> None:
    twin = Participant("u-3", "Maya again", "maya@example.org")
    platform.book(platform.a_session(participants=(MAYA, twin)))
    platform.deliver()
    assert retention.forget(platform.context, "maya@example.org").deliveries == 2

    assert "maya@example.org" not in whole(platform)


def use_keys(platform: Platform, *keys: str) -> Vault:
    platform.vault = Vault(keys)
    platform.deliverer = Deliverer(dataclasses.replace(platform.context, vault=platform.vault))
    return platform.vault


def test_after_a_new_key_old_seals_open_and_new_ones_use_it(platform: Platform) -> None:
    old = new_key()
    use_keys(platform, old)
    new = "second:" + new_key().partition(":")[2]
    session = platform.a_session(participants=(SAM,))
    platform.book(session)
    platform.deliver()
    (first,) = (row["content"] for row in dump(platform)["copy"])
    assert isinstance(first, bytes)
    use_keys(platform, new, old)
    platform.change(session, place=Online("https://zoom.us/j/4"))
    platform.later(minutes=10)
    platform.deliver()
    with pytest.raises(SealError):
        Vault([new]).open("content", '["copy", "default", "ses-1", "u-2", 1]', first)
    with platform.store.read() as db:
        key = DeliveryKey("default", "ses-1", "u-2")
        assert claims.copies(db, Sealer(Vault([new])), key)[0].content is not None
    assert len(platform.mail.sent) == 2


def test_old_facts_leave_with_the_journal(platform: Platform) -> None:
    platform.book(platform.a_session())
    platform.deliver()
    assert len(dump(platform)["fact"]) == 2
    platform.later(days=399)
    assert retention.run_once(platform.context)["fact"] == 0
    platform.later(days=2)
    assert retention.run_once(platform.context)["fact"] == 2
    assert dump(platform)["fact"] == []
