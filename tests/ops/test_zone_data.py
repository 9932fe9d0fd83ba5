"""Other time zone data moves sessions at the next poll, as one batch, pushed ones too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from calsync.ingest import zone_data
from calsync.ops import queries
from calsync.runtime import zone_data as source
from calsync.store.ledger import journal
from calsync.store.ledger.rows import table
from tests.harness.installation import MAYA, Installation, installed
from tests.harness.records import a_record
from tests.harness.zone_data import SUMMER_IN_MEXICO, folder_of, in_use

PUSH = '\n[[source]]\nname = "pushed"\nkind = "push"\n'
WITH_SUMMER, WITHOUT = datetime(2027, 6, 10, 20, tzinfo=UTC), datetime(2027, 6, 10, 21, tzinfo=UTC)


class Machine:
    """What data it has; it is old until it is updated."""

    def __init__(self, folder: Path) -> None:
        self._stack = ExitStack()
        self.use(folder)

    def use(self, folder: Path | None) -> None:
        self.end()
        self._stack.enter_context(in_use(folder))

    def update(self) -> None:
        self.use(None)

    def end(self) -> None:
        self._stack.close()


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """Its data is that of the time when Mexico had a summer time."""
    made = Machine(folder_of(tmp_path / "zoneinfo", SUMMER_IN_MEXICO))
    yield made
    made.end()


@pytest.fixture
def calsync(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as made:
        made.deliver = PUSH
        yield made


def mexican(ident: str, **changes: Any) -> dict[str, Any]:
    return {
        **a_record(ident, [{"id": "u-1", "name": "Maya Chen", "email": MAYA}]),
        "starts_at": "2027-06-10T15:00:00",
        "ends_at": "2027-06-10T15:45:00",
        "time_zone": "America/Mexico_City",
        **changes,
    }


def push(calsync: Installation, record: dict[str, Any]) -> None:
    pusher = calsync.open().web.pushers["default"]
    pusher.put(record["id"], {**record, "updated_at": datetime.now(UTC).isoformat()})


def starts(calsync: Installation) -> list[datetime]:
    return [one.starts_at for one in calsync.sandbox.shown(MAYA)]


def lines(calsync: Installation, what: str) -> list[dict[str, Any]]:
    with calsync.open().context.store.read() as db:
        return [dict(row["detail"]) for row in journal.recent(db, (what,))]


@pytest.mark.parametrize("used_before", [True, False], ids=["known", "first_in_its_zone"])
@pytest.mark.parametrize("pushed", [False, True], ids=["polled", "pushed"])
def test_a_session_moves_at_the_next_poll(
    calsync: Installation, machine: Machine, pushed: bool, used_before: bool
) -> None:
    calsync.connect("google")
    if pushed:
        calsync.publish()
        push(calsync, mexican("mex"))
    else:
        calsync.put(mexican("mex"))
    calsync.sync()
    assert starts(calsync) == [WITH_SUMMER]
    if used_before:
        calsync.sync()
    machine.update()
    calsync.sync()
    assert starts(calsync) == [WITHOUT]
    told = lines(calsync, "time_zones_changed")
    assert [one["zones"] for one in told] == [["America/Mexico_City"]] * (used_before or pushed)
    calsync.sync()
    assert lines(calsync, "time_zones_changed") == told
    assert calsync.mails() == []


def test_all_that_moves_is_one_batch_for_the_guard(
    calsync: Installation, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zone_data, "AT_ONCE", 2)
    calsync.connect("google")
    calsync.deliver += "[guard]\nmax_changes = 2\nmax_share = 0.01\nfree_sessions = 0\n"
    calsync.publish()
    calsync.close()
    for number in range(5):
        push(calsync, mexican(f"mex-{number}"))
    push(calsync, mexican("there", time_zone="America/Toronto"))
    push(calsync, mexican("instant", starts_at="2027-06-10T15:00:00Z", ends_at="2027-06-10T16:00Z"))
    calsync.sync()
    machine.update()
    calsync.sync()
    (held,) = queries.status(calsync.open().context).held
    assert (held.source, dict(held.changes)) == ("pushed", {"move": 5})
    assert starts(calsync).count(WITHOUT) == 0


def test_a_time_that_the_clocks_skip_now_stays_as_it_is_and_is_told(
    calsync: Installation, machine: Machine, tmp_path: Path
) -> None:
    machine.update()
    calsync.connect("google")
    calsync.publish()
    push(calsync, mexican("mex", starts_at="2027-03-14T02:30:00", ends_at="2027-03-14T04:00:00"))
    calsync.sync()
    before = starts(calsync)
    machine.use(folder_of(tmp_path / "zoneinfo", SUMMER_IN_MEXICO))
    calsync.sync()
    assert starts(calsync) == before
    (stale,) = queries.status(calsync.open().context).stale
    assert "the clocks skip it by the new time zone data" in stale.reason


def test_it_goes_on_where_it_was_broken_off(
    calsync: Installation, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zone_data, "AT_ONCE", 1)
    calsync.connect("google")
    calsync.publish()
    for ident in ("mex-1", "mex-2"):
        push(calsync, mexican(ident))
    calsync.sync()
    machine.update()
    with monkeypatch.context() as broken:
        broken.setattr(zone_data, "_close", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            calsync.sync()
    calsync.sync()
    assert starts(calsync) == [WITHOUT, WITHOUT]


def test_status_tells_which_data_is_in_use(
    calsync: Installation, machine: Machine, tmp_path: Path
) -> None:
    calsync.put(mexican("mex"))
    calsync.sync()
    found = queries.status(calsync.open().context).time_zones
    assert found is not None
    assert found.read_from == "the tzdata package", "the folder has no zone but one"
    folder_of(tmp_path / "zoneinfo", {"Etc/UTC": "Etc/UTC"})
    now = queries.status(calsync.open().context).time_zones
    assert now is not None
    assert (now.read_from, now.version) == (str(tmp_path / "zoneinfo"), "")
    assert now.digest == found.digest
    (tmp_path / "zoneinfo" / "tzdata.zi").write_text("# version 2026b\n# This zic input file\n")
    assert source.in_use().version == "2026b"


def test_a_ledger_that_remembers_a_version_has_its_sources_read_once_more(
    calsync: Installation, machine: Machine
) -> None:
    calsync.put(mexican("mex"))
    calsync.sync()
    machine.update()
    with calsync.open().context.store.write() as db:
        db.run(table("instance").update().values(tzdata="2026.1"))
    calsync.shift = timedelta(hours=1)
    calsync.sync()
    assert [one.starts_at for one in calsync.sandbox.shown(MAYA)] == [WITHOUT]
