"""Tenants: they take turns, and none sees anything of another."""

from __future__ import annotations

from dataclasses import replace

from calsync.accounts import reroute
from calsync.core.account import Account, AccountState
from calsync.core.ledger import DeliveryKey
from calsync.daemon.daemon import Daemon
from calsync.runtime.context import Settings
from calsync.store.connect import accounts
from calsync.store.ledger import batches
from calsync.store.ledger.rows import Sealer
from calsync.store.queue import claims
from tests.harness.platform import MAYA, SAM, Platform


def book_for_both(platform: Platform, count: int = 1) -> None:
    """The same sessions with the same people, for two tenants."""
    both = [
        platform.a_session(f"ses-{n}", tenant=tenant)
        for n in range(count)
        for tenant in ("default", "other")
    ]
    platform.source.sessions = both
    platform.poller.run_once()


def run(platform: Platform, *tenants: str) -> None:
    while platform.work_one(*(tenants or ("default", "other"))):
        pass


def connect(platform: Platform, tenant: str, email: str) -> str:
    account = Account(accounts.new_id("google"), tenant, email, "google", email)
    with platform.store.write() as db:
        found = accounts.connect(db, platform.vault, account, email, {"refresh_token": "r"})
        reroute.reroute(platform.context, db, tenant, [email])
    return found


def test_the_same_session_of_two_tenants_is_two_sessions(platform: Platform) -> None:
    book_for_both(platform)
    run(platform)

    assert len(platform.mail.sent) == 4
    assert len({str(m["uid"]) for m in platform.mail.sent}) == 4


def test_a_calendar_connected_for_one_tenant_shows_nothing_of_another(
    platform: Platform,
) -> None:
    maya = connect(platform, "other", "maya@example.org")
    book_for_both(platform)
    run(platform)

    assert len(platform.calendar.live(maya)) == 1
    assert sorted(str(m["to"]) for m in platform.mail.sent) == [
        *("maya@example.org", "sam@example.org", "sam@example.org"),
    ]


def test_an_account_lost_for_one_tenant_changes_nothing_for_another(platform: Platform) -> None:
    here = connect(platform, "default", "maya@example.org")
    there = connect(platform, "other", "maya@example.org")
    book_for_both(platform)
    run(platform)
    with platform.store.write() as db:
        reroute.lose(platform.context, db, there, AccountState.RECONNECT, "invalid_grant")
    run(platform)
    with platform.store.read() as db:
        states = {
            tenant: [
                copy.state.value
                for copy in claims.copies(
                    db, Sealer(platform.vault), DeliveryKey(tenant, "ses-0", "u-1")
                )
            ]
            for tenant in ("default", "other")
        }

    assert states == {"default": ["live"], "other": ["stranded"]}
    assert len(platform.calendar.live(here)) == 1


def test_a_change_held_for_one_tenant_holds_nothing_of_another(platform: Platform) -> None:
    book_for_both(platform)
    run(platform)
    with platform.store.write() as db:
        held = batches.open_batch(db, "other", "platform")
        assert batches.left_open(db, "platform") == {"other": held}
        assert batches.open_batch(db, "default", "platform") != held
        assert batches.touched(db, "default") == []


def test_a_worker_takes_only_from_the_tenants_it_is_given(platform: Platform) -> None:
    book_for_both(platform, 3)
    run(platform, "other")
    with platform.store.read() as db:
        done = [
            len(claims.copies(db, Sealer(platform.vault), DeliveryKey(tenant, "ses-1", "u-1")))
            for tenant in ("default", "other")
        ]

    assert done == [0, 1]


def test_workers_begin_with_another_tenant_each_time(platform: Platform) -> None:
    settings = Settings(tenants=("a", "b", "c"))
    daemon = Daemon(replace(platform.context, settings=settings), pollers=(), senders={})
    firsts = [daemon._tenants_in_turn()[0] for _ in range(6)]

    assert sorted(firsts) == ["a", "a", "b", "b", "c", "c"]
    assert firsts[:3] == firsts[3:]


def test_sams_session_is_not_mayas(platform: Platform) -> None:
    """The same participant id means another person in another tenant."""
    stranger = replace(SAM, id=MAYA.id)
    platform.source.sessions = [
        platform.a_session(participants=(MAYA,)),
        platform.a_session(participants=(stranger,), tenant="other"),
    ]
    platform.poller.run_once()
    run(platform)

    assert sorted(str(m["to"]) for m in platform.mail.sent) == [
        "maya@example.org",
        "sam@example.org",
    ]
