"""A ledger that was put back from a backup meets what it made in the time it knows nothing of."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from calsync.accounts import connect
from calsync.ops.restore.listing import list_waiting
from calsync.ops.restore.recover import recover
from calsync.store.ledger import recovery
from tests.harness.installation import MAYA, Installation, installed


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as made:
        yield made


def back_up(place: Installation) -> None:
    place.close()
    shutil.copy(place.folder / "calsync.db", place.folder / "backup.db")


def put_back(place: Installation) -> None:
    place.close()
    for rest in place.folder.glob("calsync.db*"):
        rest.unlink()
    shutil.copy(place.folder / "backup.db", place.folder / "calsync.db")


def rest(place: Installation) -> None:
    """Everything that is due within half an hour is done."""
    for minutes in (0, 5, 30):
        place.shift = timedelta(minutes=minutes)
        place.sync()


@pytest.mark.parametrize("provider", ["google", "outlook"])
def test_an_event_of_the_lost_time_is_met_and_not_doubled(
    place: Installation, provider: str
) -> None:
    place.connect(provider)
    back_up(place)
    place.book()
    place.sync()
    put_back(place)
    rest(place)
    assert place.shown() == [(provider, "Title of ses-1")]
    assert place.copies() == [(provider, "live")]


@pytest.mark.parametrize("provider", ["google", "outlook"])
def test_an_event_of_the_lost_time_that_is_met_at_another_time_is_moved(
    place: Installation, provider: str
) -> None:
    place.connect(provider)
    back_up(place)
    place.book()
    place.sync()
    put_back(place)
    place.book(days=12)
    rest(place)
    (event,) = place.sandbox.shown(MAYA)
    assert event.starts_at.replace(tzinfo=None) == place.began + timedelta(days=12)
    assert place.copies() == [(provider, "live")]


@pytest.mark.parametrize("rule", ["new", "answered", "conflict"])
@pytest.mark.parametrize("provider", ["google", "outlook"])
def test_what_we_withdrew_in_the_lost_time_is_not_taken_for_the_persons_deletion(
    place: Installation, provider: str, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Booked, shown, cancelled and withdrawn, then yesterday's ledger, then booked again."""
    monkeypatch.setattr("providers.outlook.channel.JUST_NOW", timedelta())  # it is hours ago
    place.sandbox.switch("transaction_after_delete", rule)
    place.connect(provider)
    back_up(place)
    for status in ("booked", "cancelled"):
        place.book(status=status)
        place.sync()
    put_back(place)
    place.book()
    rest(place)
    assert place.shown() == [(provider, "Title of ses-1")]
    assert place.copies()[-1] == (provider, "live")


@pytest.mark.parametrize("provider", ["google", "outlook"])
def test_what_a_person_invited_others_to_in_the_lost_time_stays_theirs(
    place: Installation, provider: str
) -> None:
    place.connect(provider)
    back_up(place)
    place.book()
    place.sync()
    (event,) = place.sandbox.shown(MAYA)
    place.sandbox.user_adds_guest(MAYA, event.id, "guest@else.example")
    put_back(place)
    place.book(days=12)
    rest(place)
    assert place.copies() == [(provider, "taken")]


def test_calendars_are_not_listed_while_their_provider_asks_for_a_break(
    place: Installation,
) -> None:
    """Three calendars wait for their listing after a restore, and Google answers 429."""
    context = place.open().context
    for person in (MAYA, "one@example.org", "two@example.org"):
        place.sandbox.add_person(person, google=True)
        given = {"refresh_token": place.sandbox.grant(person)}
        connect.add(context, "default", "google", person, given)
    recover(context)
    with context.store.write() as db:
        recovery.end(db)
    place.sandbox.fail({}, status=429, retry_after=3600, times=None)
    for minutes in (0, 10, 20):
        place.shift = timedelta(minutes=minutes)
        assert list_waiting(context) == 0
    asked = [one for one in place.sandbox.requests() if one.status == 429]
    assert len(asked) == 1

    place.sandbox.clear_faults()
    place.shift = timedelta(hours=2)
    assert list_waiting(context) == 3
