"""GET of the feed: what the platform reads of what happened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from calsync.store import journal
from tests.web.site import Caller, Site
from tests.work.installation import MAYA, Installation, installed


def happened(site: Site, *sessions: str, tenant: str = "default") -> None:
    for session in sessions:
        with site.open.store.write() as db:
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


def test_a_cursor_from_before_a_restored_backup_is_refused(site: Site, platform: Caller) -> None:
    happened(site, "ses-1")
    answer = platform.call("GET", "/api/changes", params={"after": "7"})

    assert (answer.status_code, answer.json()["code"]) == (410, "cursor_gone")
    assert "begin anew" in answer.json()["message"]


def test_a_cursor_into_what_retention_deleted_is_refused(site: Site, platform: Caller) -> None:
    happened(site, "ses-1", "ses-2", "ses-3")
    read(platform)
    with site.open.store.write() as db:
        from calsync.store import facts

        facts.purge(db, db.now)
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
    found = installation.open().platform.changes("default", 0, 1000).facts
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
    return installation.open().platform.changes("default", 0, 1000).facts
