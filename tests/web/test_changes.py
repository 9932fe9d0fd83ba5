"""GET of the feed: what the platform reads of what happened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from calsync.accounts import disconnect, reroute
from calsync.accounts.disconnect import By
from calsync.core.account import Account, AccountState, Grant
from calsync.platform_api import feed
from calsync.store import expired
from calsync.store.connect import accounts
from calsync.store.ledger import journal
from tests.harness.installation import MAYA, Installation, installed
from tests.web.site import Caller, MakeSite, Site

INSTANT = "%Y-%m-%dT%H:%M:%SZ"


def happened(site: Site, *sessions: str, tenant: str = "default") -> None:
    for session in sessions:
        with site.open.context.store.write() as db:
            note = {"channel": "google", "answer": "yes"}
            journal.note(db, "create_answered", tenant=tenant, session=session, **note)


def read(platform: Caller, **params: Any) -> dict[str, Any]:
    answer = platform.call("GET", "/api/changes", params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_following_the_cursor_tells_everything_once(site: Site, platform: Caller) -> None:
    happened(site, *(f"ses-{n}" for n in range(5)))
    told, page = [], read(platform, limit=2)
    while page["facts"]:
        told += [one["session"] for one in page["facts"]]
        page = read(platform, limit=2, after=page["cursor"])

    assert told == [f"ses-{n}" for n in range(5)]
    assert page == {"facts": [], "cursor": "5", "more": False}
    happened(site, "ses-5")
    assert [one["session"] for one in read(platform, after=page["cursor"])["facts"]] == ["ses-5"]


def test_a_fact_says_what_happened_in_words_and_for_programs(site: Site, platform: Caller) -> None:
    happened(site, "ses-1")
    (fact,) = read(platform)["facts"]
    again = read(platform)["facts"]

    assert again == [fact], "the same id each time"
    assert (fact["kind"], fact["channel"], fact["session"]) == ("delivered", "google", "ses-1")
    assert fact["message"].endswith(".")
    assert fact["at"].endswith("Z")


def test_a_tenant_reads_its_own_feed_alone(site: Site, platform: Caller) -> None:
    happened(site, "ses-1")
    happened(site, "ses-2", tenant="acme")

    assert [one["session"] for one in read(platform)["facts"]] == ["ses-1"]
    assert [one["session"] for one in read(site.caller("acme"))["facts"]] == ["ses-2"]


def lost(site: Site, grant: Grant) -> dict[str, Any]:
    """The fact that Maya's account is lost, as the platform reads it."""
    context = site.open.context
    account = Account("a", "default", MAYA, "google", MAYA, grant=grant)
    with context.store.write() as db:
        ident = accounts.connect(db, context.vault, account, "subject", {})
        reroute.lose(context, db, ident, AccountState.RECONNECT, "invalid_grant")
    (fact,) = [one for one in read(site.caller())["facts"] if one["kind"] == "account_lost"]
    return fact


def test_a_lost_account_is_a_to_do_for_its_person(make_site: MakeSite) -> None:
    page = "https://app.example.org/calendars"
    fact = lost(make_site(web=f'reconnect_url = "{page}"'), Grant.OWN)

    assert fact["todo"] == {"action": "reconnect", "url": page, "email": MAYA}


def test_a_to_do_without_a_page_to_do_it_on_has_no_url(site: Site) -> None:
    assert lost(site, Grant.OWN)["todo"] == {"action": "reconnect", "url": None, "email": MAYA}


def test_what_an_administrator_connected_is_no_to_do_of_its_person(site: Site) -> None:
    assert lost(site, Grant.DOMAIN)["todo"] is None


def test_what_needs_nobody_is_no_to_do(site: Site, platform: Caller) -> None:
    happened(site, "ses-1")
    assert [one["todo"] for one in read(platform)["facts"]] == [None]


def test_a_cursor_from_before_a_restored_backup_is_refused(site: Site, platform: Caller) -> None:
    happened(site, "ses-1")
    answer = platform.call("GET", "/api/changes", params={"after": "7"})

    assert (answer.status_code, answer.json()["code"]) == (410, "cursor_gone")
    assert "begin anew" in answer.json()["message"]


def test_a_cursor_into_what_retention_deleted_is_refused(site: Site, platform: Caller) -> None:
    happened(site, "ses-1", "ses-2", "ses-3")
    read(platform)
    with site.open.context.store.write() as db:
        expired.drop_facts(db, db.now)
    happened(site, "ses-4")

    assert platform.call("GET", "/api/changes", params={"after": "1"}).status_code == 410
    assert [one["session"] for one in read(platform, after="3")["facts"]] == ["ses-4"]
    assert [one["session"] for one in read(platform)["facts"]] == ["ses-4"]


@pytest.mark.parametrize(
    "params", [{"after": "x"}, {"after": "-1"}, {"after": "9" * 30}, {"limit": 0}, {"limit": 1001}]
)
def test_what_is_no_cursor_or_limit_is_refused(platform: Caller, params: dict[str, Any]) -> None:
    answer = platform.call("GET", "/api/changes", params=params)

    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == [*params]


def test_reading_needs_its_scope(site: Site) -> None:
    answer = site.caller("default", "sessions:write").call("GET", "/api/changes")
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as made:
        yield made


def kinds(installation: Installation) -> list[tuple[str, str | None, str | None]]:
    found = feed.changes(installation.open().context, "default", 0, 1000).facts
    return [(one["kind"], one["session"], one["channel"]) for one in found]


def test_a_session_and_a_calendar_are_told_from_the_first_to_the_last(
    installation: Installation,
) -> None:
    """With the sandbox: mailed, connected, handed over, moved by the user, removed, lost."""
    installation.book()
    installation.sync()
    installation.connect("google")
    installation.sync()
    told = kinds(installation)

    assert told[0] == ("delivered", "ses-1", "mail")
    assert ("account_connected", None, "google") in told
    assert ("delivered", "ses-1", "google") in told
    assert ("withdrawn", "ses-1", "mail") in told
    (fact,) = [one for one in facts_of(installation) if one["kind"] == "account_connected"]
    assert (fact["person"], fact["session"]) == (MAYA, None)
    installation.sandbox.revoke(MAYA)
    installation.book(title="Other")
    installation.sync()
    assert ("account_lost", None, "google") in kinds(installation)


def facts_of(installation: Installation) -> list[dict[str, Any]]:
    return feed.changes(installation.open().context, "default", 0, 1000).facts


@pytest.mark.parametrize(("by", "reason"), [("person", "by_person"), ("ops", "by_ops")])
def test_who_ended_an_account_is_told(installation: Installation, by: By, reason: str) -> None:
    account = installation.connect("google")
    disconnect.leave(installation.open().context, "default", MAYA, account, by)
    installation.sync()
    (fact,) = [one for one in facts_of(installation) if one["kind"] == "account_disconnected"]

    assert (fact["reason"], fact["person"], fact["todo"]) == (reason, MAYA, None)
    assert fact["message"].endswith("disconnected the calendar.")


@pytest.mark.parametrize(("provider", "policy"), [("google", "report"), ("outlook", "restore")])
def test_an_event_that_was_moved_is_told_with_both_times_and_the_policy(
    installation: Installation, provider: str, policy: str
) -> None:
    installation.policy = f'drift = "{policy}"'
    installation.connect(provider)
    installation.book()
    installation.sync()
    (event,) = installation.sandbox.shown(MAYA)
    later = timedelta(hours=3)
    installation.sandbox.user_moves(
        MAYA, event.id, event.starts_at + later, event.ends_at + 2 * later
    )
    installation.shift = timedelta(days=8, hours=12)
    installation.inspect()
    (fact,) = [one for one in facts_of(installation) if one["kind"] == "event_moved"]

    assert fact["policy"] == policy
    assert fact["old_time"] == times(event.starts_at, event.ends_at)
    assert fact["new_time"] == times(event.starts_at + later, event.ends_at + 2 * later)
    (shown,) = installation.sandbox.shown(MAYA)
    assert (shown.starts_at == event.starts_at) is (policy == "restore")


def times(starts_at: datetime, ends_at: datetime) -> dict[str, str]:
    return {"starts_at": f"{starts_at:{INSTANT}}", "ends_at": f"{ends_at:{INSTANT}}"}


def test_the_feed_and_the_webhook_tell_times_in_the_same_words(
    site: Site, platform: Caller
) -> None:
    """`old_time` and its brothers are null for other facts, and for those from before they were."""
    old = ["2026-12-03T20:00:00Z", "2026-12-03T20:45:00Z"]
    with site.open.context.store.write() as db:
        moved = {"material": True, "policy": "report", "old": old, "new": None}
        for note in (moved, {"material": True}, {"material": False}):
            journal.note(db, "copy_drifted", tenant="default", session="ses-1", **note)
    told = read(platform)["facts"]
    names = ("kind", "policy", "old_time", "new_time")
    assert [[one[name] for name in names] for one in told] == [
        ["event_moved", "report", {"starts_at": old[0], "ends_at": old[1]}, None],
        ["event_moved", None, None, None],
        ["event_edited", None, None, None],
    ]
    sent = feed.changes(site.open.context, "default", 0, 10).facts
    assert [[one[name] for name in names] for one in sent] == [
        [one[name] for name in names] for one in told
    ]
