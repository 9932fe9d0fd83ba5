"""The webhook: signed, in order, again until it is taken, given up in the end, replayed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from calsync.core.account import Account, AccountState
from calsync.errors import InputError
from calsync.platform_api import feed
from calsync.platform_api.webhook import Replayed, RetriedWebhook, Webhook, listed, sign
from calsync.runtime.meter import WEBHOOKS
from calsync.store.api import facts
from calsync.store.connect import accounts
from calsync.store.database import Row
from calsync.store.ledger import journal
from calsync.store.ledger.rows import table
from calsync.store.vault import new_key
from tests.harness.surprises import SECRET, failures, raising
from tests.web.receiver import Receiver, receiving
from tests.web.site import MakeSite, Site

KEY = new_key().partition(":")[2]
NEWER = new_key().partition(":")[2]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving({"w1": KEY, "w2": NEWER}) as made:
        yield made


@pytest.fixture
def site(make_site: MakeSite, receiver: Receiver) -> Site:
    """Its webhook has begun; the ledger's clock stands still unless it is moved."""
    made = make_site(webhook=hook(receiver))
    webhook(made).begin()
    return made


def hook(receiver: Receiver, *more: str) -> str:
    keys = [*more, f"w1:{KEY}"]
    return f"url = {json.dumps(receiver.url)}\nkeys = {json.dumps(keys)}"


def webhook(site: Site) -> Webhook:
    return site.open.webhook


def test_a_daemon_without_a_webhook_does_not_look_for_what_to_tell_it(
    make_site: MakeSite, receiver: Receiver
) -> None:
    without = make_site()
    assert [one.name for one in without.open.jobs] == []
    told = make_site(webhook=hook(receiver), key=without.key)
    assert [one.name for one in told.open.jobs] == ["webhooks"]


def happened(site: Site, *sessions: str) -> None:
    for session in sessions:
        with site.open.context.store.write() as db:
            note = {"channel": "google", "answer": "yes"}
            journal.note(db, "create_answered", tenant="default", session=session, **note)


def later(site: Site, **by: float) -> None:
    site.shift += timedelta(**by)


def told_facts(site: Site) -> Sequence[Row]:
    return feed.changes(site.open.context, "default", 0, 1000).facts


def test_facts_are_told_in_order_as_the_feed_has_them(site: Site, receiver: Receiver) -> None:
    happened(site, "a", "b", "c")
    webhook(site).run()

    ((told, status),) = receiver.calls
    assert status == 204
    assert [(one["id"], one["cursor"], one["message"]) for one in told] == [
        (one["id"], one["cursor"], one["message"]) for one in told_facts(site)
    ]
    assert receiver.sessions() == ["a", "b", "c"]
    assert receiver.forged == []
    webhook(site).run()
    assert len(receiver.calls) == 1, "nothing new, no call"


def test_a_to_do_is_told_with_the_page_where_it_is_done(
    make_site: MakeSite, receiver: Receiver
) -> None:
    page = "https://app.example.org/calendars"
    site = make_site(webhook=hook(receiver), web=f'reconnect_url = "{page}"')
    webhook(site).begin()
    account = Account("a", "default", "maya@example.org", "google", "maya@gmail.example")
    with site.open.context.store.write() as db:
        ident = accounts.connect(db, site.open.context.vault, account, "subject", {})
        accounts.set_state(db, ident, AccountState.RECONNECT, "invalid_grant")
    webhook(site).run()

    ((told, _),) = receiver.calls
    assert told[-1]["todo"] == {"action": "reconnect", "url": page, "email": "maya@example.org"}


def test_the_newest_key_signs_and_its_id_is_named(make_site: MakeSite, receiver: Receiver) -> None:
    site = make_site(webhook=hook(receiver, f"w2:{NEWER}"))
    webhook(site).begin()
    happened(site, "a")
    del receiver.keys["w1"]
    webhook(site).run()

    assert receiver.sessions() == ["a"]


def test_the_signature_covers_the_time_and_the_body() -> None:
    """The value was made with openssl."""
    keys = {"w1": b"k" * 32}
    assert sign(keys, b"{}", 1) == (
        "t=1,kid=w1,v1=533ff6d088ebbd8b8eda578fab6866516503044a5a167b1cb03ecce1c2b8a844"
    )
    made = {sign(keys, body, at).partition("v1=")[2] for body in (b"{}", b"[]") for at in (1, 2)}
    assert len(made) == 4


def test_what_happened_before_the_webhook_was_configured_is_not_told(
    make_site: MakeSite, receiver: Receiver
) -> None:
    site = make_site(webhook=hook(receiver))
    happened(site, "before")
    webhook(site).begin()
    happened(site, "after")
    webhook(site).begin()  # a later start begins nothing anew
    webhook(site).run()

    assert receiver.sessions() == ["after"]


def test_a_long_feed_is_numbered_some_facts_a_transaction_before_its_webhook_begins(
    make_site: MakeSite, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facts, "AT_ONCE", 2)
    site = make_site(webhook=hook(receiver))
    happened(site, *"abcde")
    store, ends = site.open.context.store, list[int]()
    sa.event.listen(store.engine, "commit", lambda conn: ends.append(numbered(conn)))
    webhook(site).begin()
    happened(site, "after")
    webhook(site).run()

    assert [one for one in dict.fromkeys(ends) if one][:3] == [2, 4, 5]
    assert receiver.sessions() == ["after"]


def numbered(conn: sa.Connection) -> int:
    query = sa.select(sa.func.count(table("fact").c.number))
    return int(conn.execute(query).scalar_one())


@pytest.mark.parametrize("answer", [500, 302, 404, 0])
def test_what_was_not_taken_is_told_again_later_one_by_one_first(
    site: Site, receiver: Receiver, answer: int
) -> None:
    receiver.answers = [answer, answer]
    happened(site, "a", "b", "c")
    webhook(site).run()
    assert len(receiver.calls) == 1, "it waits"
    for _ in range(2):
        later(site, minutes=1)
        webhook(site).run()

    assert [[one["session"] for one in told] for told, _ in receiver.calls] == [
        ["a", "b", "c"],
        ["a"],
        ["a"],
        ["b", "c"],
    ]
    calls = site.open.context.meter.counted(WEBHOOKS)
    assert calls == {("failed",): 2, ("ok",): 2}
    first, *_, last = receiver.calls
    assert [one["id"] for one in first[0]][1:] == [one["id"] for one in last[0]]
    known = listed(site.open.context).webhooks[1]
    assert known.tenant == "default"
    assert (known.waiting, known.attempts, known.last_error) == (0, 0, None)


def test_a_receiver_that_is_away_is_waited_for_ever_longer(site: Site, receiver: Receiver) -> None:
    receiver.usual = 503
    happened(site, "a")
    waits, rows = [], table("webhook").c
    for _ in range(12):
        webhook(site).run()
        with site.open.context.store.read() as db:
            due = db.scalar(sa.select(rows.due_at).where(rows.tenant == "default"))
            waits.append((due - db.now).total_seconds())
        site.shift += timedelta(seconds=waits[-1] + 1)

    assert waits[0] < 7
    assert all(wait <= 3600 * 1.2 for wait in waits)
    assert waits[-1] > 2000
    (told,) = [one for one in site.told if one[0] == "webhook_failed"]
    assert told[1] == {"tenant": "default", "reason": "status 503"}


def test_one_fact_that_is_never_taken_becomes_a_dead_letter_and_keeps_no_other_back(
    site: Site, receiver: Receiver
) -> None:
    receiver.refuses = {"poison"}
    happened(site, "a", "poison", "b")
    for _ in range(40):
        webhook(site).run()
        later(site, hours=1.3)

    assert receiver.sessions() == ["a", "b"]
    (letter,) = listed(site.open.context).dead
    assert (letter.tenant, letter.facts, letter.reason) == ("default", 1, "status 422")

    receiver.refuses = set()
    assert webhook(site).replay(None, []) == [Replayed(letter.id, "taken")]
    assert receiver.sessions() == ["a", "b", "poison"]
    assert listed(site.open.context).dead == []


def test_a_dead_letter_that_is_not_taken_again_stays(site: Site, receiver: Receiver) -> None:
    receiver.refuses = {"poison"}
    happened(site, "poison")
    for _ in range(40):
        webhook(site).run()
        later(site, hours=1.3)
    (letter,) = listed(site.open.context).dead

    assert webhook(site).replay("default", [letter.id])[0].outcome == "status 422"
    assert [one.id for one in listed(site.open.context).dead] == [letter.id]
    with pytest.raises(InputError, match="webhooks list"):
        webhook(site).replay(None, [letter.id + 1])


def test_what_waits_for_another_attempt_goes_at_once_when_it_is_asked_for(
    site: Site, receiver: Receiver
) -> None:
    receiver.usual = 500
    happened(site, "a", "b")
    webhook(site).run()
    assert RetriedWebhook("default", "status 500") in webhook(site).retry(None)
    receiver.usual = 204
    webhook(site).run()
    assert receiver.sessions() == [], "the next attempt is in a while"
    assert webhook(site).retry("default") == [RetriedWebhook("default", "works")]
    assert receiver.sessions() == ["a", "b"]
    assert webhook(site).retry("nobody")[0].outcome == "no webhook is configured for it"


def test_whoever_asks_for_another_attempt_learns_that_it_was_the_last_one(
    site: Site, receiver: Receiver
) -> None:
    receiver.usual = 500
    happened(site, "a")
    webhook(site).run()
    later(site, hours=50)
    assert webhook(site).retry("default") == [RetriedWebhook("default", "status 500")]
    assert [one.reason for one in listed(site.open.context).dead] == ["status 500"]


def test_two_processes_tell_no_fact_at_the_same_time(site: Site, receiver: Receiver) -> None:
    """The second finds the lease of the first, and nothing to do."""
    happened(site, "a")
    first, second = webhook(site), Webhook(site.open.context, webhook(site).receivers, no_call)

    def between(*given: Any) -> int:
        assert second.run_once("default") is False
        return first_post(*given)

    first_post = first.post
    Webhook(site.open.context, first.receivers, between).run()
    assert receiver.sessions() == ["a"]


def no_call(*_: Any) -> int:
    raise AssertionError("it called")


def test_an_outcome_that_comes_after_the_lease_changes_nothing(
    site: Site, receiver: Receiver
) -> None:
    happened(site, "a")
    slow = webhook(site)

    def late(*given: Any) -> int:
        later(site, minutes=5)
        assert webhook(site).run_once("default") is True
        happened(site, "b")
        return slow.post(*given)

    Webhook(site.open.context, slow.receivers, late).run_once("default")
    webhook(site).run()
    assert receiver.sessions() == ["a", "a", "b"], "twice rather than never"


def test_no_key_address_or_fact_reaches_the_log(site: Site, receiver: Receiver) -> None:
    receiver.usual = 500
    happened(site, "ses-PLANTED")
    webhook(site).run()

    assert "PLANTED" not in repr(site.told)
    assert KEY not in repr(site.told) + repr(webhook(site).receivers)


def test_a_call_that_fails_unexpectedly_is_made_again_and_told_to_ops(
    site: Site, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened(site, "a")
    with monkeypatch.context() as broken:
        broken.setattr(webhook(site), "post", raising(OverflowError(SECRET)))
        webhook(site).run()
    (found,) = failures(site.open.context)
    assert (found.area, found.error, found.tenant) == ("webhook", "OverflowError", "default")
    (known,) = [one for one in listed(site.open.context).webhooks if one.tenant == "default"]
    assert (known.last_error or "").startswith("refused: unexpected OverflowError in calsync.")
    assert known.attempts == 1

    later(site, minutes=1)
    webhook(site).run()
    assert receiver.sessions() == ["a"]
