"""A plan is what the next pass does, and costs what that looks at, however much is stored."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from calsync.core.booked import BookedSession, Participant, Status
from calsync.core.guard import Limits
from calsync.core.reconcile.reasons import Reason
from calsync.daemon import single_pass
from calsync.errors import SourceError, TryLater
from calsync.ingest.poll import Poller
from calsync.ops import plan
from calsync.ops.results.explanation import PassPlan
from calsync.ports import NOTHING_KNOWN, KnownRecords, Page
from calsync.store.database import Store
from calsync.store.draft import DraftLedger
from calsync.store.ledger import sessions
from calsync.store.ledger.rows import table
from calsync.store.queue import slots
from tests.bench.grown import grow
from tests.harness.platform import MAYA, SAM, ListSource, Platform

STRICT = Limits(3, 0.2, 3, 1000, 3, 0.5, 0)
HOUR = timedelta(hours=1)


@dataclass
class Changing(ListSource):
    """A source whose polls show only what is news."""

    news: list[BookedSession] = field(default_factory=list)
    asked: bool = False
    breaks: bool = False

    def changes(self, cursor: str | None, known: KnownRecords = NOTHING_KNOWN) -> Iterator[Page]:
        yield _page(sorted(self.news, key=lambda one: one.updated_at), cursor="x")
        if self.breaks:
            raise SourceError("the connection was lost")

    def sweep(self, known: KnownRecords = NOTHING_KNOWN) -> Iterator[Page]:
        for start in range(0, len(self.sessions), 7):
            yield _page(self.sessions[start : start + 7])

    def present(self, ids: Sequence[str]) -> set[str] | None:
        return {one.id for one in self.sessions} & set(ids) if self.asked else None

    def change(self, ident: str, **changes: object) -> None:
        """There is a newer version of this session."""
        (place,) = (n for n, one in enumerate(self.sessions) if one.id == ident)
        stamp = self.sessions[place].updated_at + timedelta(minutes=1)
        self.sessions[place] = replace(self.sessions[place], updated_at=stamp, **changes)  # type: ignore[arg-type]
        self.news.append(self.sessions[place])

    def move(self, ident: str) -> None:
        one = next(one for one in self.sessions if one.id == ident)
        self.change(ident, **_at(one.starts_at, HOUR))

    def remove(self, *idents: str) -> None:
        self.sessions = [one for one in self.sessions if one.id not in idents]


def _at(start: datetime | None, later: timedelta) -> dict[str, datetime]:
    assert start is not None
    return {"starts_at": start + later, "ends_at": start + later + timedelta(minutes=45)}


def _page(found: Sequence[BookedSession], cursor: str | None = None) -> Page:
    bare = [one.id for one in found if not one.participants and one.status is Status.BOOKED]
    return Page(found, cursor=cursor, without_people=bare)


@dataclass
class Place:
    platform: Platform
    source: Changing
    poller: Poller

    def deliver(self) -> None:
        """The pass that is planned, to its end."""
        single_pass.poll_all(self.platform.context, [self.poller])
        self.platform.deliver()
        self.source.news = []
        self.platform.later(minutes=90)

    def planned(self) -> PassPlan:
        """What is planned, which is what then happens."""
        before = plan.plan(self.platform.context, [self.poller])
        (done,) = single_pass.poll_all(self.platform.context, [self.poller])
        after = plan.plan(self.platform.context, ())
        assert before.sources == [done]
        assert sorted(map(repr, before.steps)) == sorted(map(repr, after.steps))
        assert Counter(before.waiting) == Counter(after.waiting)
        self.source.news = []
        return before


def a_place(platform: Platform, count: int, limits: Limits = STRICT) -> Place:
    """Everybody sees their sessions, an hour apart."""
    platform.stop_clock(platform.now)
    platform.tenant = replace(platform.tenant, guard=limits)
    source, first = Changing(), platform.a_session()
    for n in range(count):
        people = (_somebody(MAYA, n % 6), _somebody(SAM, n % 6))
        at = _at(first.starts_at, n * HOUR)
        source.sessions.append(platform.a_session(f"ses-{n}", participants=people, **at))
    source.news = list(source.sessions)
    place = Place(platform, source, platform.poller_of(source, limits))
    place.deliver()
    return place


def _somebody(one: Participant, n: int) -> Participant:
    return replace(one, id=f"{one.id}-{n}", email=one.email.replace("@", f"{n}@"))


def test_the_guard_counts_what_lies_ahead_beside_the_news(platform: Platform) -> None:
    """Five of 30 sessions are fewer than a fifth; five of five would be held."""
    place = a_place(platform, 30)
    for n in range(5):
        place.source.move(f"ses-{n}")
    found = place.planned()
    assert [one.held for one in found.steps] == []
    assert found.sources[0].changed == 10


def test_what_the_guard_will_hold_is_planned_as_held_and_so_is_more_of_it(
    platform: Platform,
) -> None:
    place = a_place(platform, 12)
    for n in range(6):
        place.source.move(f"ses-{n}")
    held = place.planned()
    assert [one.held for one in held.steps] == [True] * 12
    place.platform.later(minutes=5)
    assert [one.held for one in place.planned().steps] == [True] * 12, "nothing new"
    place.source.change("ses-1", status=Status.CANCELLED)
    place.source.change("ses-9", title="Another title")
    assert len(place.planned().steps) == 12


def test_withdrawals_are_counted_with_those_of_the_last_hour(platform: Platform) -> None:
    place = a_place(platform, 12)
    for round_ in (range(2), range(2, 4), range(4, 6), range(6, 8)):
        for n in round_:
            place.source.change(f"ses-{n}", status=Status.CANCELLED)
        last = place.planned()
        place.platform.deliver()
        place.platform.later(minutes=10)
    assert any(one.held for one in last.steps)


def test_a_sweep_that_is_due_withdraws_what_two_of_them_miss(platform: Platform) -> None:
    place = a_place(platform, 9)
    place.source.remove("ses-3", "ses-5")
    place.platform.later(hours=7)
    assert list(place.planned().steps) == []
    place.platform.later(hours=7)
    found = place.planned()
    assert {one.session for one in found.steps} == {"ses-3", "ses-5"}


def test_what_is_asked_for_and_missing_is_withdrawn_though_nothing_else_is_news(
    platform: Platform,
) -> None:
    place = a_place(platform, 9)
    place.source.asked = True
    place.source.remove("ses-3")
    assert list(place.planned().steps) == []
    place.platform.later(minutes=11)
    assert {one.session for one in place.planned().steps} == {"ses-3"}


@pytest.mark.parametrize("left", [0, 1])
def test_whether_every_session_lost_its_people_is_known_without_the_others(
    platform: Platform, left: int
) -> None:
    """All of them at once count as a fault of a source that is read for the first time."""
    place = a_place(platform, 9, Limits(1000, 1.0, 1000, 1000, 1000))
    with platform.store.write() as db:
        sessions.forget_cursors(db)
    for n in range(left, 9):
        place.source.change(f"ses-{n}", participants=())
    found = place.planned()
    assert (found.sources[0].error is None) is bool(left)


def test_the_rest_of_a_batch_that_a_failed_poll_left_open_goes_with_the_next_one(
    platform: Platform,
) -> None:
    place = a_place(platform, 9)
    place.source.change("ses-1", status=Status.CANCELLED)
    place.source.breaks = True
    assert place.poller.run_once().error is not None
    place.source.breaks, place.source.news = False, []
    assert [one.held for one in place.planned().steps] == [False] * 2


def test_somebody_new_is_planned_into_their_calendar(platform: Platform) -> None:
    place = a_place(platform, 3)
    platform.connect("lena@example.org")
    place.source.change("ses-1", participants=(Participant("u-9", "Lena", "Lena@example.org"),))
    assert "make copy 1 by google" in {one.step for one in place.planned().steps}


def test_what_waits_for_a_server_or_for_an_answer_is_planned_so(platform: Platform) -> None:
    place = a_place(platform, 3)
    place.source.change("ses-1", status=Status.CANCELLED)
    platform.mail.failures = [TryLater("the connection was lost", happened="maybe", scope="copy")]
    place.deliver()
    with platform.store.write() as db:
        slots.cool(db, "mail:default", db.now + HOUR)
    place.source.change("ses-1", title="Another title")
    place.source.change("ses-2", status=Status.CANCELLED)
    steps = place.planned().steps
    assert {one.waits_for for one in steps} == {Reason.COOLING.value}


@pytest.mark.parametrize("seed", [0, 1])
def test_histories_at_random_go_as_they_were_planned(platform: Platform, seed: int) -> None:
    rng = random.Random(seed)
    place = a_place(platform, rng.choice([5, 20]), replace(STRICT, max_inferred=1))
    place.source.asked = bool(seed)
    for step in range(6):
        for _ in range(rng.choice([1, 3, 9])):
            _something(place, rng, step)
        place.planned()
        place.platform.deliver()
        place.platform.later(minutes=rng.choice([1, 11, 400]))


def _something(place: Place, rng: random.Random, step: int) -> None:
    source = place.source
    one = rng.choice(source.sessions)
    what: list[Callable[[], object]] = [
        lambda: source.move(one.id),
        lambda: source.change(one.id, status=Status.CANCELLED),
        lambda: source.change(one.id, title=f"title {step}"),
        lambda: source.change(one.id, participants=one.participants[:1]),
        lambda: source.change(one.id, participants=()),
        lambda: source.remove(one.id) if len(source.sessions) > 3 else None,
        lambda: place.platform.connect(rng.choice(one.participants or (MAYA,)).email),
    ]
    if one.starts_at is not None:
        rng.choice(what)()


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[Counter[str]]:
    """How many rows of each table a draft held when it was done with."""
    found: list[Counter[str]] = []

    def counting(draft: DraftLedger) -> None:
        names = ("booked_session", "delivery", "copy", "attempt", "account", "slot", "batch")
        with draft.read() as db:
            count = {n: sa.select(sa.func.count()).select_from(table(n)) for n in names}
            found.append(Counter({n: int(db.scalar(one)) for n, one in count.items()}))
        Store.close(draft)

    monkeypatch.setattr(DraftLedger, "close", counting)
    return found


def _news(place: Place) -> None:
    place.source.move("ses-1")


def _sweep(place: Place) -> None:
    place.source.remove("ses-1")
    place.platform.later(hours=7)


def _batch(place: Place) -> None:
    for n in range(9):
        place.source.move(f"ses-{n}")
    place.poller.run_once()
    place.source.news = []


@pytest.mark.parametrize(("beside", "looked_at"), [(_news, 1), (_batch, 9), (_sweep, 10)])
@pytest.mark.parametrize("stored", [200, 2_000])
def test_a_plan_copies_what_it_looks_at_however_much_is_stored(
    platform: Platform,
    copied: list[Counter[str]],
    beside: Callable[[Place], None],
    looked_at: int,
    stored: int,
) -> None:
    """The guard need not count what lies ahead."""
    grow(platform.store, stored)
    with platform.store.write() as db:
        db.run(sa.update(table("booked_session")).values(source="other"))
    place = a_place(platform, 10, replace(STRICT, max_share=0.0, max_withdrawn_share=0.0))
    copied.clear()
    beside(place)
    plan.plan(platform.context, [place.poller])
    (found,) = copied
    assert (found["booked_session"], found["delivery"]) == (looked_at, 2 * looked_at)
    assert found["copy"] == found["attempt"] == 2 * looked_at
    assert found["account"] + found["slot"] + found["batch"] < 10
