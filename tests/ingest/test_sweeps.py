"""What a sweep behind a poll did is told with it, and a sweep that keeps failing is a finding."""

from __future__ import annotations

from collections.abc import Iterator

from calsync.daemon import single_pass
from calsync.errors import RecordError, SourceError
from calsync.ops import verdict
from calsync.ports import NOTHING_KNOWN, KnownRecords, Page
from tests.harness.platform import ListSource, Platform

UNREADABLE = RecordError("ses-9", "starts_at", "is missing; write it")


class Quiet(ListSource):
    """Its polls show nothing; whole, it shows all of its sessions and a record that is refused."""

    def changes(self, cursor: str | None, known: KnownRecords = NOTHING_KNOWN) -> Iterator[Page]:
        yield Page((), cursor="x")

    def sweep(self, known: KnownRecords = NOTHING_KNOWN) -> Iterator[Page]:
        yield Page(list(self.sessions), (UNREADABLE,), ("ses-1: title: was cut",))


class Unsweepable(ListSource):
    """Its changes can be read, and never all of it."""

    def sweep(self, known: KnownRecords = NOTHING_KNOWN) -> Iterator[Page]:
        yield Page(list(self.sessions))
        raise SourceError("row 7 has no id")


def test_what_a_sweep_alone_brings_refuses_and_warns_of_is_among_the_numbers(
    platform: Platform,
) -> None:
    source = Quiet(sessions=[platform.a_session()])
    (done,) = single_pass.poll_all(platform.context, [platform.poller_of(source)])
    assert (done.seen, done.changed, done.refused) == (2, 2, 1)
    assert [one.record for one in done.refusals] == ["ses-9"]
    assert list(done.warnings) == ["ses-1: title: was cut"]
    assert not done.unchanged


def test_a_record_that_poll_and_sweep_show_counts_once(platform: Platform) -> None:
    platform.source.sessions = [platform.a_session()]
    (done,) = single_pass.poll_all(platform.context, [platform.poller])
    assert (done.seen, done.changed) == (1, 2)


def test_a_sweep_that_keeps_failing_while_polls_succeed_is_a_finding(platform: Platform) -> None:
    poller = platform.poller_of(Unsweepable(sessions=[platform.a_session()]))
    assert poller.run_due().error == "row 7 has no id"
    platform.later(minutes=1)
    assert poller.run_due().error is None, "the next sweep waits a little"

    told = [one.text for one in verdict.verdict(platform.context) if "row 7" in one.text]
    assert told == [
        "source platform has not been compared as a whole yet, so sessions deleted there and "
        "updates that polls missed go unnoticed: row 7 has no id"
    ]


def test_what_was_read_before_and_shows_nothing_new_is_unchanged(platform: Platform) -> None:
    poller = platform.poller_of(Quiet())
    assert not poller.run_once().unchanged, "it was never read before"
    assert poller.run_once().unchanged
