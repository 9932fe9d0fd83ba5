"""`times = "utc"`: sources of every kind whose times without an offset are UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from calsync.bootstrap.sources import make_source
from calsync.config.source_section import SourceSection
from calsync.sources.push import PushSource
from providers.http.watchdog import Watchdog
from tests.sources.feeds import Serve, page, says
from tests.sources.platform import Platform, a_row
from tests.sources.records import a_record, written

NAIVE = a_record(starts_at="2026-12-03T20:00:00", ends_at="2026-12-03T20:45:00")
AS_UTC = datetime(2026, 12, 3, 20, tzinfo=UTC)
AS_LOCAL = datetime(2026, 12, 4, 1, tzinfo=UTC)  # 20:00 in Toronto


@pytest.mark.parametrize(("times", "start"), [("utc", AS_UTC), ("local", AS_LOCAL)])
class TestTimes:
    def test_of_files(self, tmp_path: Path, times: str, start: datetime) -> None:
        path = written(tmp_path / "s.json", [NAIVE])
        section = SourceSection(name="f", kind="file", path=str(path), times=times)
        source = make_source(section, Watchdog())
        for pages in (source.changes(None), source.sweep()):
            assert [one.starts_at for page in pages for one in page.sessions] == [start]

    def test_of_databases(self, platform: Platform, times: str, start: datetime) -> None:
        platform.create()
        platform.add(a_row(starts_at="2026-12-03 20:00:00", ends_at="2026-12-03 20:45:00"))
        section = SourceSection(
            name="db", kind="sql", url=platform.url, query="SELECT * FROM booking", times=times
        )
        source = make_source(section, Watchdog())
        for pages in (source.changes(None), source.sweep()):
            assert [one.starts_at for page in pages for one in page.sessions] == [start]

    def test_of_feeds(self, serve: Serve, times: str, start: datetime) -> None:
        url = serve(says(page(NAIVE))).server.url
        section = SourceSection(name="h", kind="http", url=url, token="x", times=times)
        (read,) = make_source(section, Watchdog()).changes(None)
        assert read.sessions[0].starts_at == start

    def test_of_what_is_pushed(self, times: str, start: datetime) -> None:
        session, _ = PushSource("p", "default", utc=times == "utc").read("ses-1001", NAIVE)
        assert session.starts_at == start
