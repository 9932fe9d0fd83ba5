"""Taking over from another system, and time zone data that changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from calsync.core.booked import Online, Status
from calsync.core.guard import Limits
from calsync.core.ledger import DeliveryKey
from calsync.daemon import single_pass
from calsync.errors import InputError
from calsync.ops import baseline
from calsync.ops.baseline import FormerEvent, FormerInvitation, UnmatchedError
from calsync.store.ledger import batches
from calsync.store.ledger.rows import table
from calsync.store.queue import pauses
from tests.harness.platform import SAM, Platform
from tests.harness.platform_fixtures import MakePlatform

OTHER = Online("https://zoom.us/j/2", "Zoom")
OLD = FormerInvitation("old-7@former.example", 3, "bookings@former.example")
NOON = datetime(2026, 12, 1, 12, 0, 30, tzinfo=UTC)
MINUTES = 481_680  # of 2026 until then


def record(platform: Platform, told: dict[DeliveryKey, FormerInvitation]) -> int:
    return baseline.record(platform.context, told)


def test_after_a_baseline_nothing_leaves_until_something_material_changes(
    platform: Platform,
) -> None:
    maya = platform.connect("maya@example.org")
    session = platform.a_session()
    platform.book(session)
    assert record(platform, {}) == 2
    platform.deliver()
    session = platform.change(session, title="Only words")
    platform.deliver()
    assert (platform.calendar.live(maya), platform.mail.sent) == ([], [])
    platform.change(session, place=OTHER)
    platform.later(minutes=10)
    platform.deliver()

    assert len(platform.calendar.live(maya)) == 1
    assert [m["method"] for m in platform.mail.sent] == ["REQUEST"]


def test_with_its_uid_an_update_matches_the_former_invitation(platform: Platform) -> None:
    platform.stop_clock(NOON)
    session = platform.a_session(participants=(SAM,))
    platform.book(session)
    assert record(platform, {DeliveryKey("default", "ses-1", "u-2"): OLD}) == 1
    platform.change(session, place=OTHER)
    platform.later(minutes=10)
    platform.deliver()

    (mail,) = platform.mail.sent
    assert (mail["method"], mail["uid"]) == ("REQUEST", OLD.uid)
    assert mail["sequence"] == MINUTES + 10
    assert platform.copies(participant="u-2")[0].organizer == OLD.organizer
    assert platform.states(participant="u-2") == ["mail live"]


def test_a_former_sequence_beyond_the_minutes_of_the_year_goes_up_by_one(
    platform: Platform,
) -> None:
    platform.stop_clock(NOON)
    session = platform.a_session(participants=(SAM,))
    platform.book(session)
    far = replace(OLD, sequence=MINUTES + 1_000)
    record(platform, {DeliveryKey("default", "ses-1", "u-2"): far})
    platform.change(session, status=Status.CANCELLED)
    platform.deliver()
    assert [mail["sequence"] for mail in platform.mail.sent] == [MINUTES + 1_001]


def test_with_its_uid_a_cancellation_matches_the_former_invitation(platform: Platform) -> None:
    platform.stop_clock(NOON)
    session = platform.a_session(participants=(SAM,))
    platform.book(session)
    record(platform, {DeliveryKey("default", "ses-1", "u-2"): OLD})
    platform.change(session, status=Status.CANCELLED)
    platform.deliver()

    (mail,) = platform.mail.sent
    assert (mail["method"], mail["uid"]) == ("CANCEL", OLD.uid)
    assert mail["sequence"] == MINUTES


def test_a_baseline_empties_a_held_batch(make_platform: MakePlatform) -> None:
    tight = Limits(1, 0.0, 1, 1, free_sessions=0)
    platform = make_platform(tight, guard=tight)
    platform.book(*(platform.a_session(f"ses-{n}", participants=(SAM,)) for n in range(3)))
    with platform.store.read() as db:
        assert len(batches.held(db)) == 1
    record(platform, {})
    with platform.store.read() as db:
        assert batches.held(db) == []
    platform.deliver()

    assert platform.mail.sent == []


def test_a_baseline_leaves_the_batch_of_a_running_poll_open(platform: Platform) -> None:
    platform.book(platform.a_session())
    with platform.store.write() as db:
        batch = batches.open_batch(db, "default", "platform")
        db.run(sa.update(table("delivery")).values(batch=batch))
    record(platform, {})
    with platform.store.read() as db:
        assert batches.left_open(db, "platform") == {"default": batch}


# --- time zone data ------------------------------------------------------------------------------


def paused(platform: Platform) -> list[str]:
    with platform.store.read() as db:
        return [row["by"] for row in pauses.active(db)]


def test_a_line_that_matches_nobody_is_listed_and_nothing_is_recorded(platform: Platform) -> None:
    platform.source.sessions = [platform.a_session()]
    told = {
        DeliveryKey("default", "ses-1", "u-1"): OLD,
        DeliveryKey("default", "ses-1", "u-9"): OLD,
        DeliveryKey("default", "ses-9", "sam@example.org"): OLD,
        DeliveryKey("other", "ses-1", "u-1"): OLD,
    }
    with pytest.raises(UnmatchedError, match=r"3 lines .*: ses-1 u-9, ses-9 sam@.*, ses-1 u-1\. "):
        single_pass.record_baseline(platform.context, [platform.poller], told)
    assert platform.copies() == []
    assert paused(platform) == ["baseline"]
    platform.deliver()
    assert platform.mail.sent == []  # nobody is invited while the lines are corrected

    done = single_pass.record_baseline(
        platform.context, [platform.poller], told, allow_unmatched=True
    )
    assert done.recorded == 2
    assert paused(platform) == []
    assert [copy.uid for copy in platform.copies()] == [OLD.uid]


def test_an_address_may_stand_for_a_participants_id(platform: Platform) -> None:
    platform.book(platform.a_session())
    told = {DeliveryKey("default", "ses-1", "SAM@Example.org"): OLD}
    assert record(platform, told) == 2
    assert [copy.uid for copy in platform.copies(participant="u-2")] == [OLD.uid]
    assert record(platform, told) == 0  # what is recorded already is matched as well


def test_lines_of_sessions_that_are_over_are_not_missed(platform: Platform) -> None:
    start = platform.now - timedelta(days=2)
    past = platform.a_session("past", starts_at=start, ends_at=start + timedelta(hours=1))
    platform.book(past)
    assert record(platform, {DeliveryKey("default", "past", "u-1"): OLD}) == 0


def test_of_many_lines_that_match_nobody_the_first_are_named(platform: Platform) -> None:
    told = {DeliveryKey("default", f"ses-{n}", "u-1"): OLD for n in range(25)}
    with pytest.raises(UnmatchedError, match=r"25 lines .*ses-19 u-1 and 5 more"):
        record(platform, told)


@pytest.mark.parametrize(
    ("text", "provider", "remote_id"),
    [
        ('"google": {"calendar": "primary", "event": "e1"}', "google", "primary/e1"),
        ('"outlook": {"event": "AAMk"}', "outlook", "AAMk"),
        ('"caldav": {"href": "/cal/a.ics"}', "caldav", "/cal/a.ics"),
    ],
)
def test_a_line_may_name_an_event_by_its_providers_id(
    tmp_path: Path, text: str, provider: str, remote_id: str
) -> None:
    file = tmp_path / "former.jsonl"
    file.write_text(f'{{"session": "ses-1", "participant": "u-1", {text}}}\n', encoding="utf-8")
    (told,) = baseline.read(file).values()
    assert told.event == FormerEvent(provider, remote_id)


@pytest.mark.parametrize(
    "text",
    [
        '"google": {"event": "e1"}',
        '"google": {"calendar": "primary", "event": 7}',
        '"outlook": "AAMk"',
        '"caldav": {"href": ""}',
        '"outlook": {"event": "AAMk"}, "caldav": {"href": "/cal/a.ics"}',
    ],
)
def test_a_line_that_names_no_single_event_is_refused_with_its_number(
    tmp_path: Path, text: str
) -> None:
    file = tmp_path / "former.jsonl"
    file.write_text(f'{{"session": "ses-1", "participant": "u-1", {text}}}\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"former.jsonl:1: write .*\"caldav\": {\"href\""):
        baseline.read(file)


@pytest.mark.parametrize("tenant", ["[]", "null", "7", '{"a": 1}'])
def test_a_line_whose_tenant_is_no_name_is_refused_with_its_number(
    tmp_path: Path, tenant: str
) -> None:
    file = tmp_path / "former.jsonl"
    line = f'{{"tenant": {tenant}, "session": "ses-1", "participant": "u-1"}}\n'
    file.write_text("\n" + line, encoding="utf-8")
    with pytest.raises(InputError, match=r"former.jsonl:2: write "):
        baseline.read(file)


def test_a_line_ends_where_json_lines_end(tmp_path: Path) -> None:
    file = tmp_path / "former.jsonl"
    line = '{"session": "a\u2028b", "participant": "u-1"}'
    file.write_bytes(f"{line}\r\n{line.replace('u-1', 'u-2')}".encode())
    assert [key.participant for key in baseline.read(file)] == ["u-1", "u-2"]
    assert {key.session for key in baseline.read(file)} == {"a\u2028b"}
