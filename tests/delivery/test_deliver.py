"""From a booked session to events and invitations, over real databases and fake channels."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from calsync.core.booked import Agenda, Online, Status
from calsync.core.guard import Limits
from calsync.errors import AccessLost, Refused, Setup, TryLater, Unusable
from calsync.ops import commands, startup
from calsync.store.ledger.selection import Selection
from tests.harness.platform import MAYA, SAM, Platform


@pytest.fixture
def platform(ledger_url: str) -> Iterator[Platform]:
    made = Platform(ledger_url)
    yield made
    made.close()


def test_everybody_gets_the_session_once_where_they_look(platform: Platform) -> None:
    maya = platform.connect("maya@example.org")
    platform.book(platform.a_session())
    platform.deliver()
    (event,) = platform.calendar.live(maya)
    assert "Session 1" in str(event["title"])
    (mail,) = platform.mail.sent
    assert (mail["method"], mail["to"]) == ("REQUEST", "sam@example.org")
    assert platform.states(participant="u-1") == ["google live"]
    assert platform.states(participant="u-2") == ["mail live"]


def test_a_second_poll_and_pass_make_no_call(platform: Platform) -> None:
    platform.connect("maya@example.org")
    platform.book(platform.a_session())
    platform.deliver()
    calls, mails = len(platform.calendar.calls), len(platform.mail.sent)
    platform.poller.run_once()
    assert platform.deliver() == 0
    assert (len(platform.calendar.calls), len(platform.mail.sent)) == (calls, mails)


def test_an_agenda_edit_reaches_the_calendar_and_mails_nobody(platform: Platform) -> None:
    maya = platform.connect("maya@example.org")
    session = platform.a_session()
    platform.book(session)
    platform.deliver()
    platform.change(session, agenda=Agenda("<p>Something new</p>"))
    platform.later(minutes=10)
    platform.deliver()
    (event,) = platform.calendar.live(maya)
    assert "Something new" in str(event["text"])
    assert len(platform.mail.sent) == 1


def test_a_mailed_move_waits_until_the_changes_settle_and_then_is_one_mail(
    platform: Platform,
) -> None:
    platform.stop_clock(datetime(2026, 12, 1, 12, 0, 30, tzinfo=UTC))
    session = platform.a_session()
    platform.book(session)
    platform.deliver()
    for hours in (1, 2, 3):
        assert session.starts_at is not None
        assert session.ends_at is not None
        session = platform.change(
            session,
            starts_at=session.starts_at + timedelta(hours=hours),
            ends_at=session.ends_at + timedelta(hours=hours),
        )
        platform.deliver()
    assert len(platform.mail.sent) == 2
    platform.later(minutes=2)
    platform.deliver()
    assert len(platform.mail.sent) == 4
    updates = platform.mail.sent[2:]
    minutes = 481_680  # of 2026 until then
    sequences = [mail["sequence"] for mail in platform.mail.sent]
    assert sequences == [minutes, minutes, minutes + 2, minutes + 2]
    assert session.starts_at is not None
    assert {m["starts_at"] for m in updates} == {session.starts_at.isoformat()}


def test_a_cancellation_takes_everything_away_and_a_rebooking_is_a_new_event(
    platform: Platform,
) -> None:
    maya = platform.connect("maya@example.org")
    session = platform.a_session()
    platform.book(session)
    platform.deliver()
    cancelled = platform.change(session, status=Status.CANCELLED)
    platform.deliver()
    assert platform.calendar.live(maya) == []
    assert platform.mail.events("sam@example.org") == {}
    platform.change(cancelled, status=Status.BOOKED)
    platform.deliver()
    assert len(platform.calendar.live(maya)) == 1
    (uid,) = platform.mail.events("sam@example.org")
    assert uid == platform.copies(participant="u-2")[1].uid
    assert platform.states(participant="u-2") == ["mail gone", "mail live"]


def test_a_lost_answer_is_looked_up_and_nothing_is_doubled(platform: Platform) -> None:
    maya = platform.connect("maya@example.org")
    platform.calendar.failures = ["lost"]
    platform.book(platform.a_session())
    platform.deliver()
    assert platform.states() == ["google unsure"]
    platform.later(minutes=5)
    platform.deliver()
    assert platform.states() == ["google live"]
    assert len(platform.calendar.live(maya)) == 1
    assert [do for do, _ in platform.calendar.calls].count("create") == 1


def test_a_mail_whose_answer_was_lost_is_sent_again_byte_for_byte(platform: Platform) -> None:
    platform.mail.failures = ["lost"]
    platform.book(platform.a_session(participants=(SAM,)))
    platform.deliver()
    platform.later(minutes=5)
    platform.deliver()
    first, second = platform.mail.sent
    assert first == second
    assert platform.states(participant="u-2") == ["mail live"]


def test_a_refused_event_is_parked_and_resync_lets_it_go(platform: Platform) -> None:
    platform.connect("maya@example.org")
    platform.calendar.failures = [Refused("400 invalid", happened="no")]
    platform.book(platform.a_session(participants=(MAYA,)))
    platform.deliver()
    assert platform.delivery()["parked"] == "refused"
    assert platform.states() == ["google failed"]
    assert commands.resync(platform.context, Selection(sessions=("ses-1",))) == 1
    platform.deliver()
    assert platform.states() == ["google failed", "google live"]


def test_a_lost_account_tells_its_person_once_and_mails_only_what_changed(
    platform: Platform,
) -> None:
    maya = platform.connect("maya@example.org")
    session = platform.a_session(participants=(MAYA,))
    platform.book(session)
    platform.deliver()
    platform.authorizer.errors[maya] = AccessLost("invalid_grant", happened="no", scope="account")
    session = platform.change(session, agenda=Agenda("<p>Other</p>"))
    platform.deliver()
    assert platform.states() == ["google stranded"]
    assert platform.mail.sent == []
    platform.change(session, place=Online("https://zoom.us/j/2"))
    platform.later(minutes=10)
    platform.deliver()
    assert platform.states() == ["google stranded", "mail live"]
    from calsync.store.ledger import notices

    with platform.store.write() as db:
        notice = notices.claim(db, timedelta(seconds=10))
    assert notice is not None
    assert (notice.kind, notice.person) == ("account_lost", "maya@example.org")


def test_connecting_a_calendar_moves_the_session_there_and_cancels_the_mail(
    platform: Platform,
) -> None:
    platform.book(platform.a_session(participants=(MAYA,)))
    platform.deliver()
    maya = platform.connect("maya@example.org")
    platform.deliver()
    assert len(platform.calendar.live(maya)) == 1
    assert platform.mail.events("maya@example.org") == {}
    assert platform.states() == ["mail gone", "google live"]


def test_an_invitation_that_stands_in_the_connected_calendar_is_deleted_there_without_a_mail(
    platform: Platform,
) -> None:
    platform.book(platform.a_session(participants=(MAYA,)))
    platform.deliver()
    uid = platform.copies()[0].uid
    maya = platform.connect("maya@example.org")
    platform.calendar.foreign[maya, uid] = uid
    platform.deliver()
    assert platform.calendar.foreign == {}
    assert [m["method"] for m in platform.mail.sent] == ["REQUEST"]
    platform.calendar.foreign[maya, uid] = uid  # the mail client brings it back
    platform.later(minutes=11)
    platform.deliver()
    assert platform.calendar.foreign == {}


def test_an_operators_mistake_stops_the_channel_and_leaves_accounts_alone(
    platform: Platform,
) -> None:
    maya = platform.connect("maya@example.org")
    platform.authorizer.errors[maya] = Setup("invalid_client", happened="no", scope="tenant")
    platform.book(platform.a_session())
    platform.deliver()
    with platform.store.read() as db:
        from calsync.store.connect import accounts
        from calsync.store.queue import pauses

        assert accounts.by_ids(db, [maya])[maya].state.value == "active"
        (stop,) = pauses.active(db)
    assert (stop["channel"], stop["by"]) == ("google", "setup")
    assert len(platform.mail.sent) == 1
    platform.authorizer.errors.clear()
    platform.later(minutes=6)
    platform.deliver()
    assert platform.states() == ["google live"]


def test_a_mailbox_that_cannot_be_written_is_served_by_mail(platform: Platform) -> None:
    platform.connect("maya@example.org")
    platform.calendar.failures = [Unusable("403", happened="no", scope="account")]
    platform.book(platform.a_session(participants=(MAYA,)))
    platform.deliver()
    assert [m["to"] for m in platform.mail.sent] == ["maya@example.org"]
    assert platform.states()[-1] == "mail live"


def test_ten_changes_during_an_outage_become_one_call(platform: Platform) -> None:
    maya = platform.connect("maya@example.org")
    session = platform.a_session(participants=(MAYA,))
    platform.book(session)
    platform.deliver()
    platform.calendar.failures = [TryLater("503", happened="no", scope="account", after=60)]
    for n in range(10):
        session = platform.change(session, title=f"Title {n}")
        platform.deliver()
    platform.later(minutes=30)
    platform.deliver()
    assert [do for do, _ in platform.calendar.calls].count("change") == 2
    assert "Title 9" in str(platform.calendar.live(maya)[0]["title"])


def test_a_change_that_arrives_during_the_call_is_made_right_after_it(platform: Platform) -> None:
    maya = platform.connect("maya@example.org")
    session = platform.a_session(participants=(MAYA,))

    def once() -> None:
        platform.calendar.during = lambda: None
        platform.change(session, title="Renamed meanwhile")

    platform.calendar.during = once
    platform.book(session)
    platform.deliver()
    assert "Renamed meanwhile" in str(platform.calendar.live(maya)[0]["title"])


def test_a_worker_that_lost_its_lease_still_stores_its_receipt(platform: Platform) -> None:
    maya = platform.connect("maya@example.org")

    def long_call() -> None:
        platform.calendar.during = lambda: None
        platform.later(minutes=3)
        platform.deliver()  # another worker takes over, and must not make a second event

    platform.calendar.during = long_call
    platform.book(platform.a_session(participants=(MAYA,)))
    platform.deliver()
    platform.later(minutes=3)
    platform.deliver()
    assert len(platform.calendar.live(maya)) == 1
    assert platform.states() == ["google live"]


def test_two_people_with_one_mailbox_get_one_invitation(platform: Platform) -> None:
    twin = dataclasses.replace(SAM, id="u-3", name="Sam again")
    platform.book(platform.a_session(participants=(MAYA, SAM, twin)))
    platform.deliver()
    assert sorted(str(m["to"]) for m in platform.mail.sent) == [
        "maya@example.org",
        "sam@example.org",
    ]
    gone = platform.a_session().updated_at + timedelta(hours=1)
    platform.book(platform.a_session(participants=(MAYA, twin), updated_at=gone))
    platform.deliver()
    assert len(platform.mail.events("sam@example.org")) == 1


def test_a_removed_event_is_not_forced_back_until_something_material_changes(
    platform: Platform,
) -> None:
    maya = platform.connect("maya@example.org")
    session = platform.a_session(participants=(MAYA,))
    platform.book(session)
    platform.deliver()
    for entry in platform.calendar.entries.values():
        entry.gone = True
    platform.later(days=9, hours=1)
    platform.inspector.run_once()
    platform.deliver()
    assert platform.states() == ["google dismissed"]
    session = platform.change(session, title="Only the title")
    platform.deliver()
    assert platform.calendar.live(maya) == []
    platform.change(session, place=Online("https://zoom.us/j/3"))
    platform.deliver()
    assert len(platform.calendar.live(maya)) == 1


def test_an_event_the_user_moved_is_reported_and_by_policy_restored(ledger_url: str) -> None:
    from calsync.core.ledger import Policy

    platform = Platform(ledger_url, policy=Policy(drift="restore"))
    platform.connect("maya@example.org")
    platform.book(platform.a_session(participants=(MAYA,)))
    platform.deliver()
    (entry,) = platform.calendar.entries.values()
    entry.drifted = True
    platform.later(days=9, hours=1)
    platform.inspector.run_once()
    entry.drifted = False
    platform.deliver()
    assert [do for do, _ in platform.calendar.calls].count("change") == 1
    platform.close()


def test_a_mass_change_is_held_and_leaves_only_as_it_was_shown(ledger_url: str) -> None:
    from calsync.errors import InputError
    from calsync.store.ledger import batches

    platform = Platform(ledger_url, limits=Limits(3, 0.0, 3, 5))
    platform.book(*(platform.a_session(f"ses-{n}") for n in range(4)))
    platform.deliver()
    assert platform.mail.sent == []
    with platform.store.write() as db:
        (held,) = batches.held(db)
    assert held.counts == {"first_mail": 8}
    platform.book(platform.a_session("ses-9"))
    with platform.store.write() as db, pytest.raises(InputError, match="changed since"):
        batches.decide(db, held.id, "0" * 12, reject=False)
    with platform.store.write() as db:
        for one in batches.held(db):
            batches.decide(db, one.id, one.checksum, reject=False)
    platform.deliver()
    assert len(platform.mail.sent) == 10
    platform.close()


def test_what_two_sweeps_no_longer_show_is_withdrawn_and_one_is_not_enough(
    platform: Platform,
) -> None:
    maya = platform.connect("maya@example.org")
    platform.book(platform.a_session("ses-1"), platform.a_session("ses-2"))
    platform.deliver()
    platform.source.sessions = [s for s in platform.source.sessions if s.id == "ses-2"]
    platform.later(minutes=1)
    platform.poller.sweep()
    platform.later(hours=1)
    platform.poller.sweep()
    platform.deliver()
    assert len(platform.calendar.live(maya)) == 2
    platform.later(hours=6)
    platform.poller.sweep()
    platform.deliver()
    assert len(platform.calendar.live(maya)) == 1


def test_several_workers_make_nothing_twice(platform: Platform) -> None:
    maya = platform.connect("maya@example.org")
    platform.book(*(platform.a_session(f"ses-{n}") for n in range(12)))
    platform.deliver(workers=6)
    assert len(platform.calendar.live(maya)) == 12
    assert len(platform.mail.sent) == 12
    assert len({str(m["uid"]) for m in platform.mail.sent}) == 12


def test_outside_only_to_nothing_is_sent_and_it_goes_when_the_setting_does(
    ledger_url: str,
) -> None:
    platform = Platform(ledger_url, only_to=("*@corp.example",))
    platform.book(platform.a_session())
    platform.deliver()
    assert platform.mail.sent == []
    platform.tenant = dataclasses.replace(platform.tenant, only_to=())
    with platform.store.write() as db:
        startup.configuration_changed(platform.context, db, "another")
    platform.deliver()
    assert len(platform.mail.sent) == 2
    platform.close()
