"""Wrong readers of Graph's delta, planted: the sandbox must show each of them its mistake."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from calsync.sandbox import Sandbox
from tests.sandbox.graph_caller import OLGA, GraphCaller

URL = (
    "/v1.0/me/calendarView/delta"
    "?startDateTime=2026-12-01T00:00:00Z&endDateTime=2027-01-01T00:00:00Z"
)
OUTSIDE = {
    "start": {"dateTime": "2027-03-03T20:00:00", "timeZone": "UTC"},
    "end": {"dateTime": "2027-03-03T20:45:00", "timeZone": "UTC"},
}


@dataclass
class Reader:
    """Keeps a copy of a calendar; right as it stands, and each subclass makes one mistake."""

    caller: GraphCaller
    base: str
    link: str = ""
    titles: dict[str, str] = field(default_factory=dict)

    def read(self) -> dict[str, str]:
        url = self.link or self.base + URL
        while url:
            answer = self.caller.http.get(url, timeout=10)
            url = self.page(answer.json()) if answer.status_code == 200 else self.lost()
        return self.titles

    def page(self, page: dict[str, Any]) -> str:
        for one in page["value"]:
            self.take(one)
        self.link = page.get("@odata.deltaLink", self.link)
        return str(page.get("@odata.nextLink", ""))

    def take(self, one: dict[str, Any]) -> None:
        if "@removed" in one:
            self.titles.pop(one["id"], None)
        else:
            self.titles[one["id"]] = one["subject"]

    def lost(self) -> str:
        self.titles.clear()
        return self.base + URL


class IgnoresRemovals(Reader):
    def take(self, one: dict[str, Any]) -> None:
        if "@removed" not in one:
            super().take(one)


class GoesOnAfterALostToken(Reader):
    def lost(self) -> str:
        return ""


class BelievesInTheOldCopyAfterALostToken(Reader):
    def lost(self) -> str:
        return self.base + URL


class StopsAtAnEmptyPage(Reader):
    def page(self, page: dict[str, Any]) -> str:
        return super().page(page) if page["value"] else ""


class ReadsOnePage(Reader):
    def page(self, page: dict[str, Any]) -> str:
        super().page(page)
        return ""


class CountsWhatIsTold(Reader):
    def take(self, one: dict[str, Any]) -> None:
        self.titles[f"{len(self.titles)}"] = str(one["subject"])


def errors_of(sandbox: Sandbox, caller: GraphCaller, reader: Reader) -> list[set[str]]:
    """In which titles the reader and its person differ, after each of three bouts of changes."""
    errors = []

    def look() -> None:
        shown = {one.title for one in sandbox.shown(OLGA) if one.starts_at.year == 2026}
        errors.append(set(reader.read().values()) ^ shown)

    ids = [caller.create(transactionId=f"t{n}", subject=f"S{n}").json()["id"] for n in range(12)]
    look()
    caller.delete(ids[0])
    sandbox.user_deletes(OLGA, ids[1])
    caller.patch(ids[2], OUTSIDE)
    caller.patch(ids[3], {"subject": "Changed"})
    look()
    caller.delete(ids[4])
    sandbox.expire_delta_links(OLGA)
    look()
    return errors


@pytest.mark.parametrize("lost", ["SyncStateNotFound", "resyncRequired", "syncStateNotFound"])
@pytest.mark.parametrize("outside", ["removed", "left"])
@pytest.mark.parametrize("hard", [True, False])
def test_a_right_reader_sees_what_its_person_sees(
    olga: GraphCaller, sandbox: Sandbox, lost: str, outside: str, hard: bool
) -> None:
    sandbox.switch("delta_lost", lost)
    sandbox.switch("delta_outside", outside)
    sandbox.switch("short_pages", hard)
    sandbox.switch("delta_repeats", hard)
    assert errors_of(sandbox, olga, Reader(olga, sandbox.url)) == [set(), set(), set()]
    assert sandbox.violations() == []


@pytest.mark.parametrize(
    ("wrong", "errors"),
    [
        (IgnoresRemovals, [set(), {"S0", "S1", "S2"}, set()]),
        (GoesOnAfterALostToken, [set(), set(), {"S4"}]),
        (BelievesInTheOldCopyAfterALostToken, [set(), set(), {"S4"}]),
        (ReadsOnePage, [{"S10", "S11"}, {"S0", "S1", "S2"}, set()]),
    ],
)
def test_a_wrong_reader_is_caught(
    olga: GraphCaller, sandbox: Sandbox, wrong: type[Reader], errors: list[set[str]]
) -> None:
    assert errors_of(sandbox, olga, wrong(olga, sandbox.url)) == errors


def test_a_reader_that_stops_at_an_empty_page_is_caught(
    olga: GraphCaller, sandbox: Sandbox
) -> None:
    sandbox.switch("short_pages", True)
    olga.create()
    assert StopsAtAnEmptyPage(olga, sandbox.url).read() == {}
    assert len(sandbox.shown(OLGA)) == 1


def test_a_reader_that_counts_what_is_told_is_caught(olga: GraphCaller, sandbox: Sandbox) -> None:
    sandbox.switch("delta_repeats", True)
    olga.create()
    assert len(CountsWhatIsTold(olga, sandbox.url).read()) == 2
    assert len(sandbox.shown(OLGA)) == 1


def test_a_reader_that_takes_a_removal_for_a_deletion_is_caught(
    olga: GraphCaller, sandbox: Sandbox
) -> None:
    moved, elsewhere = (olga.create(transactionId=one).json()["id"] for one in "ab")
    reader = Reader(olga, sandbox.url)
    reader.read()
    olga.patch(moved, OUTSIDE)
    sandbox.user_moves_to_other_calendar(OLGA, elsewhere)
    assert reader.read() == {}
    assert {one.id for one in sandbox.shown(OLGA)} == {moved, elsewhere}


def test_a_reader_that_trusts_a_window_to_tell_what_left_it_may_be_wrong(
    olga: GraphCaller, sandbox: Sandbox
) -> None:
    sandbox.switch("delta_outside", "silent")
    item = olga.create().json()["id"]
    reader = Reader(olga, sandbox.url)
    reader.read()
    olga.patch(item, OUTSIDE)
    assert reader.read() == {item: "Session 1"}
    assert sandbox.shown(OLGA)[0].starts_at.year == 2027


def test_a_reader_without_immutable_ids_is_caught_and_meets_strangers(
    olga: GraphCaller, sandbox: Sandbox
) -> None:
    item = olga.create().json()["id"]
    olga.http.headers["Prefer"] = ""
    reader = Reader(olga, sandbox.url)
    (told,) = reader.read()
    assert told != item
    assert "no Prefer" in sandbox.violations()[0]
    sandbox.user_deletes(OLGA, item)
    assert reader.read() == {}
