"""A record that was read before is not read again, and nothing that depends on more than the record
is left out by that."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from apscheduler.schedulers.background import BackgroundScheduler

from calsync.daemon.daemon import Daemon
from calsync.ingest import sweep
from calsync.ingest.poll import Poller
from calsync.ports import KnownRecords
from calsync.runtime.zone_data import ZoneDataSource
from calsync.sources import file, pages, raw
from calsync.sources.file import FileSource
from calsync.store import instance
from calsync.store.ledger import batches, recovery, sessions
from calsync.store.ledger.rows import table
from calsync.store.records import hashes, older_versions, presence
from tests.harness.platform import Platform
from tests.sources.records import NOW, a_record


@dataclass
class Export:
    """A platform's file of records, the source that reads it, and the ids that were read."""

    platform: Platform
    path: Path
    poller: Poller
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    read: list[str] = field(default_factory=list)

    def write(self) -> None:
        self.path.write_text("".join(f"{json.dumps(one)}\n" for one in self.records.values()))

    def change(self, ident: str, **changes: Any) -> None:
        self.records[ident] |= changes
        self.write()

    def change_all(self, **changes: Any) -> None:
        """Each of them an hour after the other, so that no read overlaps with the one before."""
        for n, one in enumerate(self.records.values()):
            one.update(changes, updated_at=f"2026-11-21T{n:02}:30:00Z")
        self.write()

    def sweep(self, hours: float = 7) -> list[str]:
        """The ids that the next sweep reads."""
        self.read.clear()
        self.platform.later(hours=hours)
        done = self.poller.sweep()
        assert (done.error, done.seen) == (None, len(self.records))
        return list(self.read)

    def row(self, ident: str) -> Any:
        c = table("booked_session").c
        with self.platform.store.read() as db:
            return db.one(sa.select(table("booked_session")).where(c.id == ident))

    def set(self, ident: str, **values: Any) -> None:
        stored = table("booked_session")
        with self.platform.store.write() as db:
            db.run(sa.update(stored).where(stored.c.id == ident).values(**values))


@pytest.fixture
def export(platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Export:
    """Sessions in ten days, polled once."""
    path = tmp_path / "sessions.jsonl"
    made = Export(platform, path, platform.poller_of(FileSource("platform", "default", path)))
    start = (platform.now + timedelta(days=10)).replace(tzinfo=None, microsecond=0)
    for ident in ("plain", *HAPPENS):
        times = {
            "starts_at": start.isoformat(),
            "ends_at": (start + timedelta(minutes=45)).isoformat(),
        }
        made.records[ident] = a_record(id=ident, **times)
    made.write()
    whole = pages.parse

    def noted(record: Any, **given: Any) -> Any:
        made.read.append(record["id"])
        return whole(record, **given)

    monkeypatch.setattr(pages, "parse", noted)
    assert made.poller.run_once().error is None
    return made


def test_a_record_that_was_read_is_not_read_again_and_is_there_all_the_same(export: Export) -> None:
    assert export.sweep() == []
    del export.records["plain"]
    export.write()
    assert export.sweep() == []
    assert export.row("plain")["missing_since"]
    assert export.sweep() == []
    assert export.row("plain")["status"] == "vanished"
    assert {export.row(one)["status"] for one in export.records} == {"booked"}


def test_an_id_that_no_ledger_can_hold_is_not_taken_for_one_that_is_known(export: Export) -> None:
    """Zeros in a file are what a torn write leaves."""
    broken = "pl\0ain"
    lines = export.path.read_text().replace('"plain"', f'"{broken}"')
    export.path.write_text(lines)
    export.platform.later(hours=7)
    done = export.poller.sweep()
    assert done.error is not None
    assert "has no id" in done.error
    assert export.row("plain")["missing_since"] is None
    with export.platform.store.read() as db:
        assert hashes.to_read(db, "platform", "default", {broken: "a" * 24}) == [broken]


def test_of_versions_with_one_stamp_the_last_counts_at_every_sweep(
    platform: Platform, tmp_path: Path
) -> None:
    """The first version came back behind another, so that the same bytes are there twice."""
    for n, title in enumerate(("A", "B", "A")):
        record = a_record(id="ses-1", title=title)
        (tmp_path / f"{n}.jsonl").write_text(f"{json.dumps(record)}\n")
    poller = platform.poller_of(FileSource("platform", "default", tmp_path))
    assert poller.run_once().error is None
    titles = []
    for _ in range(4):
        platform.later(hours=7)
        assert poller.sweep().error is None
        with platform.store.read() as db:
            titles += [one["content"] for one in db.all(sa.select(table("delivery").c.content))]
    assert len(titles) == 4 * 2  # people
    assert all('"title": "A with' in one for one in titles)


def test_a_record_that_changed_is_read_and_is_news(export: Export) -> None:
    changes: tuple[dict[str, Any], ...] = (
        {"title": "Another title"},
        {"participants": []},
        {"program": {"id": "prog-8"}},
        {"links": [{"label": "Agreement", "url": "https://app.example.org/agreement"}]},
        {"status": "cancelled"},
    )
    for n, one in enumerate(changes, 1):
        before = export.row("plain")["digest"]
        export.change("plain", updated_at=f"2026-11-21T09:30:0{n}Z", **one)
        assert export.sweep() == ["plain"]
        assert export.row("plain")["digest"] != before
    assert export.sweep() == []


def stale(export: Export, ident: str) -> None:
    """An update of it was refused, and then the platform wrote what it had been."""
    export.set(ident, stale="starts_at: is no time")


def gone(export: Export, ident: str) -> None:
    with export.platform.store.write() as db:
        presence.mark_gone(db, "default", [ident])


def missing(export: Export, ident: str) -> None:
    export.set(ident, missing_since=export.platform.now)


def accepted_by_a_former_version(export: Export, ident: str) -> None:
    """Which knew nothing of hashes, and left this one as it was."""
    export.set(ident, digest="of something else")


def without_people(export: Export, ident: str) -> None:
    export.set(ident, nobody_since=export.platform.now)


def vanished(export: Export, ident: str) -> None:
    export.set(ident, status="vanished", digest="")


def an_older_version(export: Export, ident: str) -> None:
    stamp = datetime(2026, 11, 1, tzinfo=UTC)
    with export.platform.store.write() as db:
        older = replace(export.platform.a_session(ident), updated_at=stamp)
        older_versions.note(db, "platform", [older])


def of_another_source(export: Export, ident: str) -> None:
    export.set(ident, source="another")


def pushed(export: Export, ident: str) -> None:
    """The platform sent another version of it, by another way than this file."""
    intake, accepted = export.poller.intake, sessions.from_json(export.row(ident)["record"])
    found = intake.prepare([replace(accepted, title="Sent")])
    intake.transact("push", lambda db: intake.take_sessions(db, "default", found))


HAPPENS: dict[str, Callable[[Export, str], None]] = {
    one.__name__: one
    for one in (
        accepted_by_a_former_version,
        an_older_version,
        gone,
        missing,
        of_another_source,
        pushed,
        stale,
        vanished,
        without_people,
    )
}


def test_a_session_about_which_something_is_to_be_done_is_read(export: Export) -> None:
    for name, happens in HAPPENS.items():
        happens(export, name)
    assert sorted(export.sweep()) == sorted(HAPPENS)
    for name in HAPPENS:
        row = export.row(name)
        assert [row[one] for one in ("stale", "gone_since", "missing_since")] == [None] * 3
        assert (row["status"], row["digest"] != "") == ("booked", True)
    with export.platform.store.read() as db:
        assert db.all(sa.select(table("older_version"))) == []
    titles = {sessions.from_json(export.row(one)["record"]).title for one in export.records}
    assert titles == {a_record()["title"]}


def test_after_a_restore_everything_is_read(export: Export) -> None:
    with export.platform.store.write() as db:
        recovery.begin(db, read_again=True)
    assert sorted(export.sweep()) == sorted(export.records)


def test_by_other_rules_every_record_is_read_again_once(
    export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = ZoneDataSource("/usr/share/zoneinfo", "2031z")
    offsets = json.dumps({"America/Toronto": {"2026": "abc"}})

    def follow() -> None:
        with export.platform.store.write() as db:
            instance.set_time_zones(db, offsets)

    def set_source(**settings: Any) -> None:
        export.poller.source = FileSource("platform", "default", export.path, **settings)

    for change in (
        lambda: monkeypatch.setattr(raw, "reading_code", lambda: "of another version"),
        lambda: monkeypatch.setattr(sweep.installed, "in_use", lambda: newer),
        follow,
        lambda: set_source(strict=True),
        lambda: set_source(strict=True, max_participants=50),
        lambda: set_source(strict=True, max_participants=50, utc=True),
    ):
        assert export.sweep() == []
        change()
        assert sorted(export.sweep()) == sorted(export.records)


def test_of_two_daemons_that_read_otherwise_one_makes_all_sweeps_while_it_lives(
    export: Export,
) -> None:
    """Each would read every record anew that the other has read, at every sweep."""
    mine = export.poller
    theirs = Poller(mine.intake, mine.source, sweep_gap=mine.sweep_gap, code=lambda: "other")
    mine.sweep()
    for _ in range(2):
        export.platform.later(hours=6)
        assert (theirs.sweep_due(), mine.sweep_due()) == (False, True)
        assert theirs.sweep_due(again=True), "who asks for it does not wait"
        mine.sweep()
    export.platform.later(hours=6, minutes=16)
    assert theirs.sweep_due(), "the other one has ended"
    theirs.sweep()
    export.platform.later(hours=6)
    assert (theirs.sweep_due(), mine.sweep_due()) == (True, False)


def test_the_code_that_runs_counts_and_not_what_is_installed_later(
    export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = raw.Hashing(KnownRecords()).of_bytes(b"{}")
    monkeypatch.setattr(raw, "READERS", ("core",))
    assert raw.Hashing(KnownRecords()).of_bytes(b"{}") == begun


@pytest.mark.parametrize("ledger_url", ["postgres"], indirect=True)  # a file would stay locked
def test_a_daemon_knows_the_code_that_it_runs_before_its_first_poll(
    export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[str] = []

    def begins(_: object) -> None:
        happened.append("jobs begin")
        raise DiedError

    def code() -> str:
        happened.append("code is asked for")
        return "mine"

    export.poller.code = code
    monkeypatch.setattr(BackgroundScheduler, "start", begins)
    with pytest.raises(DiedError):
        Daemon(export.platform.context, [export.poller], {}).run()
    assert happened == ["code is asked for", "jobs begin"]


class DiedError(BaseException):
    """The end of a process: nothing of it catches this."""


def test_an_import_that_died_half_way_goes_on_where_it_was(
    export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file, "PAGE", 2)
    intake, pages_left = export.poller.intake, [2]

    def die(point: str) -> None:
        pages_left[0] -= point == "poll_page.after"
        if not pages_left[0]:
            raise DiedError

    export.change_all(title="Another title")
    export.poller.intake = replace(intake, at=die)
    export.read.clear()
    with pytest.raises(DiedError):
        export.poller.run_once()
    assert len(export.read) == 4

    export.poller.intake = intake
    export.platform.later(minutes=1)
    done = export.poller.run_once()
    assert sorted(export.read) == sorted(export.records)  # each once
    assert done.seen == len(export.records) - 4 + 1  # the newest is shown again, by the overlap
    with export.platform.store.read() as db:
        assert batches.left_open(db, "platform") == {}


def test_what_is_warned_of_is_read_and_told_each_time(export: Export) -> None:
    plain = dict(export.records["plain"])
    export.change("plain", program=plain["program"] | {"kind": "crowd"})  # it says the same by that
    for _ in range(2):
        assert export.sweep() == ["plain"]
    assert any("plain" in one for one in export.poller.sweep().warnings)

    export.change("plain", program=plain["program"])
    assert export.sweep() == ["plain"]
    with export.platform.store.read() as db:
        assert db.all(sa.select(table("record_warning"))) == []


def test_a_sweep_that_reads_nothing_writes_no_page(export: Export) -> None:
    export.poller.intake = replace(export.poller.intake, at=export.platform.at.append)
    assert export.sweep() == []
    written = [one for one in export.platform.at if one.endswith(".before")]
    assert [one for one in written if "lease" not in one] == [
        "sweep_close.before",
        "sweep_tried.before",
    ]


def test_of_an_id_that_is_there_twice_both_records_are_read() -> None:
    first, second = (
        raw.RawRecord(partial(a_record, id="ses-1", title=name), name, "ses-1", name)
        for name in ("first", "second")
    )
    sheet = pages.Sheet("default", NOW)
    sheet.take([first, second], KnownRecords(to_read=lambda _: ()))
    assert [session.title for session in sheet.sessions] == ["first", "second"]
    assert (sheet.hashes, sheet.unchanged) == ({}, [])
