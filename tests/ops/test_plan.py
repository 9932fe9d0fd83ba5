"""A plan tells what a pass would do, what waits, and which records it cannot use."""

from __future__ import annotations

from collections.abc import Iterator

from calsync.core.booked import Online
from calsync.core.reconcile.reasons import Reason
from calsync.errors import RecordError
from calsync.ops import plan
from calsync.ports import Page
from tests.harness.platform import ListSource, Platform


class Refusing(ListSource):
    """A source with one record that cannot be used."""

    def changes(self, cursor: str | None) -> Iterator[Page]:
        refused = RecordError("ses-9", "starts_at", "is missing; write it")
        yield Page(self.sessions, (refused,), cursor="x")


def test_no_steps_and_no_more_lines_mean_that_nothing_will_happen(platform: Platform) -> None:
    platform.book(platform.a_session())
    platform.deliver()
    found = plan.plan(platform.context, [platform.poller])
    assert (list(found.steps), list(found.refused), found.waiting) == ([], [], {})


def test_what_settles_is_counted_with_its_reason(platform: Platform) -> None:
    session = platform.a_session()
    platform.book(session)
    platform.deliver()
    platform.later(minutes=1)
    platform.change(session, place=Online("https://zoom.us/j/2", "Zoom"))
    found = plan.plan(platform.context, [platform.poller])
    assert list(found.steps) == []
    assert found.waiting == {Reason.DEBOUNCING.value: 2}
    platform.later(minutes=2)
    again = plan.plan(platform.context, [platform.poller])
    assert (len(again.steps), again.waiting) == (2, {})


def test_refused_records_are_named(platform: Platform) -> None:
    source = Refusing()
    found = plan.plan(platform.context, [platform.poller_of(source)])
    assert found.refused == ["ses-9: starts_at: is missing; write it"]
