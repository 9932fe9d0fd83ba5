"""One account change, many sessions: the near ones by mail, the far ones in one digest."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from calsync.accounts import disconnect, reroute
from calsync.core.account import AccountState
from calsync.core.booked import BookedSession, Online
from calsync.core.guard import Limits
from calsync.errors import AccessLost, Refused
from calsync.notices.sender import Notifier
from calsync.ops import plan, queries
from calsync.ops.questions.explain import explain
from calsync.store.ledger import batches, deliveries
from calsync.store.ledger.rows import table
from calsync.text.instants import iso
from tests.harness.platform import MAYA, SAM, Platform
from tests.harness.platform_fixtures import MakePlatform
from tests.notices.test_notices import FakeSender


def a_year(platform: Platform, *days: int, who: object = (MAYA,)) -> list[BookedSession]:
    """Sessions called after the days until they start, in Maya's calendar."""
    platform.connect("maya@example.org", "google-maya")
    found = [
        platform.a_session(
            f"in-{n}",
            title=f"In {n}",
            participants=who,
            starts_at=platform.now + timedelta(days=n),
            ends_at=platform.now + timedelta(days=n, hours=1),
        )
        for n in days
    ]
    platform.book(*found)
    platform.deliver()
    assert len(platform.calendar.live("google-maya")) == len(days)
    return found


def disconnect_google(platform: Platform) -> None:
    disconnect.disconnect(platform.context, "google-maya")


def work(platform: Platform) -> list[str]:
    """Everything that is due; returns the digests that were sent."""
    sender = FakeSender()
    platform.deliver()
    notifier = Notifier(platform.context, {"default": sender})
    while notifier.run_once():
        pass
    return [body.decode() for _, body in sender.sent if body.startswith(b"digest")]


def mailed(platform: Platform) -> list[object]:
    return [one["title"] for one in platform.mail.sent]


def test_the_near_ones_are_mailed_nearest_first_and_the_far_ones_told_of_at_once(
    platform: Platform,
) -> None:
    a_year(platform, 60, 9, 30, 3, 100)
    disconnect_google(platform)

    assert work(platform) == ["digest to maya@example.org about In 30, In 60, In 100"]
    assert mailed(platform) == ["In 3", "In 9"]
    assert platform.calendar.live("google-maya") == []


def test_each_invitation_follows_two_weeks_before_its_session(platform: Platform) -> None:
    a_year(platform, 30, 60)
    disconnect_google(platform)
    work(platform)
    assert mailed(platform) == []
    platform.later(days=15, hours=23)
    assert work(platform) == []
    assert mailed(platform) == []
    platform.later(hours=2)
    assert work(platform) == []
    assert mailed(platform) == ["In 30"]
    platform.later(days=30)
    work(platform)

    assert mailed(platform) == ["In 30", "In 60"]


def test_a_material_change_has_its_invitation_go_out_at_once_and_a_quiet_one_does_not(
    platform: Platform,
) -> None:
    near, far = a_year(platform, 30, 60)
    disconnect_google(platform)
    work(platform)
    near = platform.change(near, title="Another title")
    work(platform)
    assert mailed(platform) == []
    platform.change(near, place=Online("https://zoom.us/j/7"))
    work(platform)
    assert mailed(platform) == ["Another title"]
    platform.change(far, participants=())
    work(platform)

    assert mailed(platform) == ["Another title"]


def test_one_far_session_is_simply_mailed(platform: Platform) -> None:
    a_year(platform, 3, 60)
    disconnect_google(platform)

    assert work(platform) == []
    assert mailed(platform) == ["In 3", "In 60"]


def test_a_calendar_connected_meanwhile_shows_them_and_nothing_is_mailed(
    platform: Platform,
) -> None:
    a_year(platform, 30, 60)
    disconnect_google(platform)
    platform.connect("maya@example.org", "google-maya")
    assert work(platform) == []
    assert len(platform.calendar.live("google-maya")) == 2
    platform.later(days=50)
    work(platform)

    assert mailed(platform) == []


def test_what_stands_right_in_a_lost_calendar_is_not_told_of(platform: Platform) -> None:
    sessions = a_year(platform, 30, 40, 60)
    platform.authorizer.errors["google-maya"] = AccessLost("x", happened="no", scope="account")
    for one in sessions[:2]:
        platform.change(one, place=Online("https://zoom.us/j/7"))

    assert work(platform) == ["digest to maya@example.org about In 30, In 40"]
    assert mailed(platform) == []


def test_an_unusable_calendar_is_a_change_of_the_account_too(platform: Platform) -> None:
    a_year(platform, 30, 60)
    with platform.store.write() as db:
        db.run(sa.update(table("copy")).values(material_fp="1.old"))
        reroute.lose(platform.context, db, "google-maya", AccountState.UNUSABLE, "403")

    assert work(platform) == ["digest to maya@example.org about In 30, In 60"]


def test_everybody_is_told_of_their_own_sessions_only(platform: Platform) -> None:
    a_year(platform, 30, 60, who=(MAYA, SAM))
    work(platform)
    before = len(platform.mail.sent)
    disconnect_google(platform)

    (told,) = work(platform)
    assert told == "digest to maya@example.org about In 30 with Sam Okafor, In 60 with Sam Okafor"
    assert len(platform.mail.sent) == before


def test_two_changes_before_the_first_digest_was_written_make_one(platform: Platform) -> None:
    a_year(platform, 30, 60)
    disconnect_google(platform)
    platform.connect("maya@example.org", "google-maya")
    disconnect_google(platform)

    assert work(platform) == ["digest to maya@example.org about In 30, In 60"]


def test_a_later_disconnection_is_told_of_again(platform: Platform) -> None:
    a_year(platform, 30, 60)
    for _ in range(2):
        disconnect_google(platform)
        assert len(work(platform)) == 1
        platform.connect("maya@example.org", "google-maya")
        work(platform)

    assert len(platform.calendar.live("google-maya")) == 2


@pytest.mark.parametrize("reject", [False, True])
def test_a_digest_waits_with_what_the_guard_holds(
    make_platform: MakePlatform, reject: bool
) -> None:
    platform = make_platform(guard=Limits(1, 0.0, 1000, 1000, free_sessions=0))
    a_year(platform, 30, 60)
    disconnect_google(platform)
    assert work(platform) == []
    assert len(platform.calendar.live("google-maya")) == 2
    with platform.store.write() as db:
        (held,) = batches.held(db)
        batches.decide(db, held.id, held.checksum, reject=reject)
    platform.later(minutes=2)
    told = work(platform)

    assert bool(told) is not reject
    assert len(platform.calendar.live("google-maya")) == (2 if reject else 0)


def test_a_digest_that_is_refused_costs_no_invitation(platform: Platform) -> None:
    a_year(platform, 30, 60)
    disconnect_google(platform)
    sender = FakeSender()
    sender.errors = [Refused("550", happened="no")]
    assert Notifier(platform.context, {"default": sender}).run_once()
    for _ in range(2):
        platform.later(days=25)
        work(platform)

    assert mailed(platform) == ["In 30", "In 60"]


def test_ops_are_told_that_and_until_when_invitations_wait(platform: Platform) -> None:
    a_year(platform, 30, 60)
    disconnect_google(platform)
    work(platform)
    day = platform.now + timedelta(days=16)
    with platform.store.read() as db:
        left = queries.counts(db)
        planned = plan.steps(platform.context, db, deliveries.with_work(db))
    (maya,) = explain(platform.context, "in-30", "u-1", None).people

    why = "nothing (told of in a digest; invited on its day)"
    assert maya.next == f"{why} until {iso(day)}"
    assert maya.invited_from == day
    assert (left.waiting, left.announced, left.next_announced) == (2, 2, day)
    assert [(one.session, one.announced) for one in planned] == [
        ("in-30", True),
        ("in-60", True),
    ]
    assert planned[0].step == f"{why} until {iso(day)}"
