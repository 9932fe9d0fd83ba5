"""Sweeps of sources that are larger than one transaction, one question, or memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from calsync.core.booked import BookedSession, RecordWarning
from calsync.errors import RecordError
from calsync.ingest import lease
from calsync.ports import Page
from calsync.store.database import Db, Row
from calsync.store.findings import record_warnings
from calsync.store.ledger import sessions
from calsync.store.ledger.rows import table
from calsync.store.records import shown
from tests.harness.platform import MAYA, Platform
from tests.harness.work import steps

RANGE = 3


@pytest.fixture(autouse=True)
def _short_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "MOST", RANGE)
    monkeypatch.setattr(sessions, "RANGE", RANGE)
    monkeypatch.setattr(shown, "AT_ONCE", RANGE)


def booked(platform: Platform, count: int) -> list[BookedSession]:
    made = [platform.a_session(f"ses-{n:02}", participants=(MAYA,)) for n in range(count)]
    platform.book(*made)
    return made


def states(platform: Platform) -> dict[str, str]:
    c = table("booked_session").c
    query = sa.select(c.id, c.status, c.missing_since).order_by(c.id)
    with platform.store.read() as db:
        return {
            row["id"]: "missing" if row["missing_since"] and row["status"] == "booked" else ""
            for row in db.all(query)
            if row["status"] != "vanished"
        }


def test_what_two_sweeps_miss_is_withdrawn_and_what_comes_back_is_not(platform: Platform) -> None:
    made = booked(platform, 11)
    platform.source.sessions = made[::2]
    platform.poller.sweep()
    assert [ident for ident, state in states(platform).items() if state] == [
        one.id for one in made[1::2]
    ]
    back = made[1:5:2]
    platform.source.sessions = [*made[::2], *back]
    platform.later(hours=7)
    platform.poller.sweep()

    assert states(platform) == {one.id: "" for one in (*made[::2], *back)}
    with platform.store.read() as db:
        left = db.all(sa.select(table("delivery").c.session).where(_wanted()))
    assert len(left) == 8


def _wanted() -> sa.ColumnElement[bool]:
    return table("delivery").c.want == "present"


def test_no_question_of_a_sweep_carries_more_ids_than_a_range_has(platform: Platform) -> None:
    made = booked(platform, 30)
    platform.source.sessions = made[:2]
    most = 0

    def note(_conn: object, _cursor: object, _text: str, values: Any, *_: object) -> None:
        nonlocal most
        one = values[0] if isinstance(values, list) and values else values
        most = max(most, len(one))

    sa.event.listen(platform.store.engine, "before_cursor_execute", note)
    for _ in range(2):
        platform.later(hours=7)
        platform.poller.sweep()
    sa.event.remove(platform.store.engine, "before_cursor_execute", note)

    assert list(states(platform)) == [one.id for one in made[:2]]
    assert most <= 45  # the columns of a delivery and its key


def test_records_that_are_refused_no_longer_leave_the_list_by_ranges(platform: Platform) -> None:
    made = booked(platform, 2)
    refused = [RecordError(f"bad-{n}", "time", "is wrong") for n in range(8)]

    def swept(errors: Sequence[RecordError]) -> Iterator[Page]:
        yield Page(made, errors)

    platform.source.sweep = lambda _known: swept(refused)  # type: ignore[method-assign]
    platform.poller.sweep()
    platform.source.sweep = lambda _known: swept(refused[6:])  # type: ignore[method-assign]
    platform.poller.sweep()

    with platform.store.read() as db:
        assert [row["record"] for row in sessions.quarantined(db)] == ["bad-6", "bad-7"]


def test_a_page_of_any_length_is_taken_in_by_parts_with_the_warnings_of_each(
    platform: Platform,
) -> None:
    made = [platform.a_session(f"ses-{n:02}", participants=(MAYA,)) for n in range(8)]
    newer = replace(made[0], updated_at=made[0].updated_at.replace(hour=5), title="Newer")
    warning = RecordWarning("ses-07", "title", "was cut")
    page = Page([*made, newer], [RecordError("bad", "time", "is wrong")], ["a word", warning])
    pages = iter([page])
    platform.source.changes = lambda _cursor, _known: pages  # type: ignore[method-assign]
    parts: list[int] = []
    take_page = type(platform.poller.intake).take_page

    def counted(self: Any, db: Any, part: Page, prepared: Any) -> Any:
        parts.append(len(part.sessions) + len(part.refused))
        return take_page(self, db, part, prepared)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(type(platform.poller.intake), "take_page", counted)
        done = platform.poller.run_once()

    assert (parts, done.seen, done.refused, done.news) == ([3, 3, 3, 1], 10, 1, 8)
    assert list(done.warnings) == ["a word", str(warning)]
    with platform.store.read() as db:
        assert [row["session"] for row in record_warnings.listed(db, 9)] == ["ses-07"]
        assert "Newer" in sessions.stored(db, "default", ["ses-00"])["ses-00"]["record"]


def test_more_ids_than_a_range_has_are_not_asked_for_at_once() -> None:
    with shown.ShownIds() as found:
        found.add("a", ["1", "2"])
        assert found.lacking("a", ["2", "3"]) == {"3"}
        assert (found.lacking("b", ["2"]), found.groups()) == ({"2"}, ["a"])
        with pytest.raises(ValueError, match="at most 3"):
            found.lacking("a", ["1", "2", "3", "4"])


@pytest.mark.parametrize("ledger_url", ["sqlite"], indirect=True)
def test_a_range_costs_the_same_however_many_are_before_it(platform: Platform) -> None:
    booked(platform, 40)

    def read(db: Db) -> list[Row]:
        return sessions.next_ahead(db, "platform", "default", after)

    after, taken, seen = sessions.FROM_THE_START, list[int](), list[str]()
    while True:
        taken.append(steps(platform.store, read))
        with platform.store.read() as db:
            rows = read(db)
        if not rows:
            break
        seen += [row["id"] for row in rows]
        after = sessions.position(rows[-1])
    assert sorted(seen) == [f"ses-{n:02}" for n in range(40)]
    assert max(taken) < 2 * taken[0]
