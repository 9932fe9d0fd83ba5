"""Records that go back in time: two complete sweeps that agree decide, a second time a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from calsync.core.booked import BookedSession, Status
from calsync.core.guard import Limits
from calsync.daemon import single_pass
from calsync.errors import InputError, SourceError
from calsync.ingest import lease
from calsync.ops import queries, verdict
from calsync.ops.results.status import OlderRecord
from calsync.ports import KnownRecords, Page
from calsync.store.ledger import batches
from calsync.store.ledger.selection import Selection
from tests.harness.platform import ListSource, Platform
from tests.harness.platform_fixtures import MakePlatform

DAY = timedelta(days=1)


def restored(session: BookedSession, days: int = 2) -> BookedSession:
    """As the platform has it after a restore: at another time, with an older stamp."""
    assert session.starts_at
    assert session.ends_at
    return replace(
        session,
        updated_at=session.updated_at - DAY,
        starts_at=session.starts_at + days * DAY,
        ends_at=session.ends_at + days * DAY,
    )


def shows(platform: Platform, *sessions: BookedSession) -> None:
    platform.source.sessions = list(sessions)


def sweep(platform: Platform, hours: float = 7) -> None:
    """The next complete sweep."""
    platform.later(hours=hours)
    assert platform.poller.sweep().error is None


def older(platform: Platform) -> list[OlderRecord]:
    return list(queries.status(platform.context).went_back)


def starts(platform: Platform) -> object:
    return platform.delivery()["starts_at"]


@pytest.fixture
def session(platform: Platform) -> BookedSession:
    made = platform.a_session()
    platform.book(made)
    platform.deliver()
    return made


def test_a_session_that_a_long_page_shows_twice_did_not_go_back(
    platform: Platform, session: BookedSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page is taken in by parts: the newest version counts, wherever the others stand."""
    monkeypatch.setattr(lease, "MOST", 2)
    others = [platform.a_session(f"ses-{n}") for n in (2, 3)]
    for page in ([session, *others, restored(session)], [restored(session), *others, session]):
        shows(platform, *page)
        assert platform.poller.run_once().older == 0
        for _ in range(2):
            sweep(platform)
            assert older(platform) == []

    assert starts(platform) == session.starts_at


def test_a_session_that_a_sweep_shows_again_on_a_later_page_did_not_go_back(
    platform: Platform, session: BookedSession
) -> None:
    pages = [Page([session]), Page([restored(session)])]
    platform.source.sweep = lambda _known: iter(pages)  # type: ignore[method-assign]
    for _ in range(3):
        sweep(platform)
        assert older(platform) == []

    assert starts(platform) == session.starts_at


def test_what_two_sweeps_show_wins_and_until_then_status_counts_it(
    platform: Platform, session: BookedSession
) -> None:
    before = restored(session)
    shows(platform, before)
    assert platform.poller.run_once().older == 1
    assert older(platform) == []
    sweep(platform)
    (one,) = older(platform)
    assert (one.session, one.updated_at, one.accepted) == (
        "ses-1",
        before.updated_at,
        session.updated_at,
    )
    assert (one.again, one.alert) == (False, False)
    assert [s.went_back for s in queries.status(platform.context).sources] == [1]
    assert starts(platform) == session.starts_at
    sweep(platform, hours=5)  # too soon
    assert starts(platform) == session.starts_at
    sweep(platform)
    assert starts(platform) == before.starts_at
    assert older(platform) == []
    platform.later(minutes=10)
    platform.deliver()
    assert [one["method"] for one in platform.mail.sent] == ["REQUEST"] * 4


def test_anything_newer_in_between_begins_it_anew(
    platform: Platform, session: BookedSession
) -> None:
    before = restored(session)
    shows(platform, before)
    sweep(platform)
    shows(platform, session)
    platform.poller.run_once()
    assert older(platform) == []
    shows(platform, before)
    sweep(platform)
    assert starts(platform) == session.starts_at


def test_another_older_version_begins_it_anew(platform: Platform, session: BookedSession) -> None:
    shows(platform, restored(session))
    sweep(platform)
    shows(platform, restored(session, days=3))
    sweep(platform)
    assert starts(platform) == session.starts_at
    sweep(platform)
    assert starts(platform) == restored(session, days=3).starts_at


def test_a_sweep_that_failed_counts_for_nothing(
    platform: Platform, session: BookedSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    shows(platform, restored(session))
    whole = ListSource.sweep

    def breaks(source: ListSource, known: KnownRecords) -> object:
        yield from whole(source)
        raise SourceError("connection lost")

    with monkeypatch.context() as patched:
        patched.setattr(ListSource, "sweep", breaks)
        assert platform.poller.sweep().error
    sweep(platform)
    assert starts(platform) == session.starts_at
    sweep(platform)
    assert starts(platform) == restored(session).starts_at


def test_the_same_content_under_an_older_stamp_is_nothing_to_tell(
    platform: Platform, session: BookedSession
) -> None:
    shows(platform, replace(session, updated_at=session.updated_at - DAY))
    sweep(platform)
    assert older(platform) == []


def test_the_second_time_it_waits_for_a_person(platform: Platform, session: BookedSession) -> None:
    first = restored(session)
    shows(platform, first)
    sweep(platform)
    sweep(platform)
    second = restored(first)
    shows(platform, second)
    for _ in range(3):
        sweep(platform)
    assert starts(platform) == first.starts_at
    (one,) = older(platform)
    assert one.again
    (finding,) = [f for f in verdict.verdict(platform.context) if "gone back" in f.text]
    assert finding.command == "calsync resync ses-1 --accept"

    done = single_pass.resync(
        platform.context, {}, Selection(("ses-1",)), older_of=[platform.poller]
    )
    assert done.accepted == 1
    assert starts(platform) == second.starts_at
    assert older(platform) == []
    with pytest.raises(InputError, match="no older version of these sessions"):
        single_pass.resync(platform.context, {}, Selection(("ses-1",)), older_of=[platform.poller])


def test_many_that_go_back_are_a_kind_of_their_own_for_the_guard(
    make_platform: MakePlatform,
) -> None:
    platform = make_platform(Limits(1000, 1.0, max_inferred=2, max_first_mails=1000))
    sessions = [platform.a_session(f"ses-{n}") for n in range(4)]
    platform.book(*sessions)
    platform.deliver()
    shows(platform, *(restored(one) for one in sessions))
    sweep(platform)
    sweep(platform)
    with platform.store.read() as db:
        (held,) = batches.held(db)
    assert held.counts == {"went_back": 8}
    shows(platform, *(replace(one, updated_at=one.updated_at + DAY) for one in sessions))
    platform.poller.run_once()
    with platform.store.read() as db:
        assert batches.held(db) == []  # a newer version that says what is shown ends it


def test_a_session_that_starts_within_a_day_is_an_alert(platform: Platform) -> None:
    soon = platform.now + timedelta(hours=20)
    session = platform.a_session(starts_at=soon, ends_at=soon + timedelta(hours=1))
    platform.book(session)
    shows(platform, replace(session, updated_at=session.updated_at - DAY, status=Status.CANCELLED))
    sweep(platform, hours=0)
    (one,) = older(platform)
    assert one.alert
    (finding,) = [f for f in verdict.verdict(platform.context) if "24 hours" in f.text]
    assert finding.severity is verdict.Severity.WARNING
