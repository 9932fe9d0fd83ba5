"""Feeds that misbehave, polled into a real ledger: what was read stays, nothing is made up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from calsync.bootstrap import assembly
from calsync.config import load
from calsync.daemon import single_pass
from calsync.ingest.poll import Poller
from calsync.ops import queries
from calsync.sources.http import HttpSource
from calsync.store.ledger.rows import table
from calsync.store.vault import new_key
from providers.http.transport import Transport, retry_after
from providers.http.watchdog import Watchdog
from tests.dripping import Dripping, Visitor, dripping
from tests.harness.ledgers import sqlite_ledger
from tests.harness.platform import Platform
from tests.sources.feeds import JSON, TOKEN, Asked, page, says
from tests.sources.records import a_record

NOW = datetime.now(UTC).replace(microsecond=0)


def booked(
    ident: str, *, title: str = "Session", minute: int = 0, **changes: Any
) -> dict[str, Any]:
    """A session in nine days, changed at this minute."""
    start = (NOW + timedelta(days=9)).replace(tzinfo=None)
    return a_record(
        id=ident,
        title=title,
        updated_at=(NOW - timedelta(hours=1) + timedelta(minutes=minute)).isoformat(),
        starts_at=start.isoformat(),
        ends_at=(start + timedelta(minutes=45)).isoformat(),
        time_zone="UTC",
        **changes,
    )


def a_poller(platform: Platform, server: Dripping) -> Poller:
    transport = Transport(Watchdog())
    return platform.poller_of(
        HttpSource("feed", "default", server.url, TOKEN, transport, retry_after)
    )


def wanted(platform: Platform) -> list[str]:
    """Sessions that somebody should see."""
    rows = table("delivery")
    with platform.store.read() as db:
        found = db.all(sa.select(rows.c.session).where(rows.c.want == "present").distinct())
    return sorted(row["session"] for row in found)


def mailed(platform: Platform) -> set[str]:
    """Sessions of which somebody was told by mail."""
    platform.deliver()
    rows = table("copy")
    with platform.store.read() as db:
        found = db.all(sa.select(rows.c.session).where(rows.c.state == "live"))
    return {row["session"] for row in found}


def the_source(platform: Platform) -> Any:
    with platform.store.read() as db:
        return db.one(sa.select(table("source_cursor")))


def test_a_poll_that_died_goes_on_after_the_last_page_it_read(platform: Platform) -> None:
    def dies(visitor: Visitor) -> None:
        visitor.request()
        visitor.answer(page(booked("s-1"), next="c-1", more=True), JSON)

    def fails(visitor: Visitor) -> None:
        visitor.request()
        visitor.answer(b"", status=b"502 Bad Gateway")

    with dripping(dies, fails, says(page(booked("s-2"), next="c-2"))) as server:
        poller = a_poller(platform, server)
        done = poller.run_once()
        assert (done.seen, done.error) == (
            1,
            "source feed: answered 502; the fault is there, and its own log says more; the next "
            "poll asks again",
        )
        assert the_source(platform)["last_error"] == done.error
        assert the_source(platform)["failing_since"] is not None
        assert wanted(platform) == ["s-1"]
        assert mailed(platform) == set()  # the guard has not seen the whole poll

        assert poller.run_once().error is None
        assert Asked.read(server.requests[-1]).query == {"cursor": "c-1"}
        assert the_source(platform)["last_error"] is None
        assert mailed(platform) == {"s-1", "s-2"}


def test_older_versions_are_ignored(platform: Platform) -> None:
    pages = [
        page(booked("s-1", title="New", minute=5), next="c-1"),
        page(booked("s-1", title="Old", minute=4), next="c-2"),
    ]
    with dripping(says(*pages)) as server:
        poller = a_poller(platform, server)
        poller.run_once()
        done = poller.run_once()
    assert (done.seen, done.older, done.changed, done.error) == (1, 1, 0, None)


def test_a_sweep_concludes_only_from_complete_listings(platform: Platform) -> None:
    both = page(booked("s-1"), booked("s-2"))
    unsure: list[dict[str, Any]] = [
        {"count": 1},
        {"complete": True, "count": 2},
        {"complete": True},
    ]
    listings = [page(booked("s-1"), **one) for one in unsure for _ in range(2)]
    whole = page(booked("s-1"), complete=True, count=1)
    with dripping(says(both, *listings, whole)) as server:
        poller = a_poller(platform, server)
        poller.run_once()
        for _ in listings:
            platform.later(hours=7)
            assert poller.sweep().error
        assert wanted(platform) == ["s-1", "s-2"]
        for _ in range(2):
            platform.later(hours=7)
            assert poller.sweep().error is None
        assert wanted(platform) == ["s-1"]


def test_an_empty_listing_withdraws_nothing(platform: Platform) -> None:
    pages = [page(booked("s-1")), page(complete=True, count=0)]
    with dripping(says(*pages)) as server:
        poller = a_poller(platform, server)
        poller.run_once()
        for _ in range(3):
            platform.later(hours=7)
            assert poller.sweep().error is None
        assert wanted(platform) == ["s-1"]


def test_status_tells_of_a_feed_that_fails_and_nothing_of_its_secrets(tmp_path: Path) -> None:
    def fails(visitor: Visitor) -> None:
        while request := visitor.request():
            visitor.answer(request, status=b"500 " + TOKEN.encode())

    told: list[object] = []
    with dripping(fails) as server:
        config = tmp_path / "calsync.toml"
        config.write_text(f"""
[database]
url = "{sqlite_ledger(tmp_path / "calsync.db")}"
[security]
keys = ["{new_key()}"]
[[source]]
name = "feed"
kind = "http"
url = "{server.url}/?key=SECRET-KEY"
token = "{TOKEN}"
""")
        made = assembly.build(load(config, {}), log=lambda *what, **more: told.append((what, more)))
        try:
            told.append(single_pass.poll_all(made.context, made.pollers))
            (source,) = queries.status(made.context).sources
        finally:
            made.close()
        assert TOKEN.encode() in server.requests[0]
    assert source.error.startswith("source feed: answered 500")
    assert source.failing_since is not None
    stored = b"".join(one.read_bytes() for one in tmp_path.glob("calsync.db*"))
    assert b"answered 500" in stored
    for secret in (TOKEN, "SECRET-KEY"):
        assert secret not in f"{told}{source}"
        assert secret.encode() not in stored
