"""Events that bear no marker of this installation, as an older version made them: they are known by
the uid that the ledger can compute, and nothing else is ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from calsync.accounts import connect
from tests.caldav_servers.server import USERS, CalendarServer
from tests.harness.installation import MAYA, Installation, installed
from tests.ops.restoring import Restoring
from tests.radicale_server import caldav_server
from tests.sandbox.caller import EVENTS, QUIET, Caller

__all__ = ["caldav_server"]  # a fixture

PROVIDERS = ("google", "outlook", "caldav")


class Place(Restoring):
    """Maya's one calendar, at a provider."""

    def __init__(self, made: Installation, provider: str, server: CalendarServer) -> None:
        super().__init__(made)
        self.server = server
        self.calendar = server.new_calendar("alice") if provider == "caldav" else ""
        if self.calendar:
            given = {"url": self.calendar, "username": "alice", "password": USERS["alice"]}
            connect.add(made.open().context, "default", "caldav", MAYA, given)
        else:
            made.connect(provider)

    def events(self) -> int:
        """How many events stand in it."""
        if not self.calendar:
            return len(self.made.shown())
        return len(self.server.objects(self.calendar))


@pytest.fixture(params=PROVIDERS)
def place(
    request: pytest.FixtureRequest, tmp_path: Path, caldav_server: CalendarServer
) -> Iterator[Place]:
    with installed(tmp_path) as made:
        yield Place(made, request.param, caldav_server)


@contextmanager
def without_markers() -> Iterator[None]:
    """What is written now bears no marker, as before there were any."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("calsync.core.reconcile.prepare.marker_of", lambda *_: None)
        yield


def test_an_unmarked_event_that_the_ledger_has_is_neither_missing_nor_unknown(
    place: Place,
) -> None:
    with without_markers():
        place.made.book()
        place.made.sync()
    told = place.verify()
    assert (told.events, told.differences) == (1, 0)


def test_an_unmarked_event_of_the_lost_time_is_withdrawn_when_its_session_is_cancelled_since(
    place: Place,
) -> None:
    place.made.book("ses-1")
    place.made.sync()
    place.back_up()
    with without_markers():
        place.made.book("ses-2", days=10)
        place.made.sync()
    assert place.events() == 2
    place.made.book("ses-2", days=10, status="cancelled")
    place.put_back()
    done = place.repair()
    assert (done.orphans, done.unknown) == (1, 0)
    assert place.events() == 1
    assert place.verify().differences == 0


def test_an_unmarked_event_of_the_lost_time_is_moved_and_marked_with_its_next_change(
    place: Place,
) -> None:
    place.back_up()
    with without_markers():
        place.made.book()
        place.made.sync()
    place.put_back()
    place.repair()
    assert place.events() == 1
    place.made.book(days=11)
    place.made.sync()
    assert place.events() == 1
    told = place.verify()
    assert (told.events, told.differences) == (1, 0)


def test_an_unmarked_event_whose_id_the_ledger_cannot_compute_is_never_touched(
    place: Place,
) -> None:
    """Of a session that the restored ledger does not know."""
    place.back_up()
    with without_markers():
        place.made.book()
        place.made.sync()
    place.made.records.clear()
    place.made.publish()
    place.put_back()
    done = place.repair()
    assert (done.events, done.differences) == (0, 0)
    assert place.events() == 1


def test_an_event_that_a_person_made_by_hand_is_never_touched(
    tmp_path: Path, caldav_server: CalendarServer
) -> None:
    """It has an id of the kind that ours have, and no marker."""
    with installed(tmp_path) as made:
        place = Place(made, "google", caldav_server)
        made.book()
        made.sync()
        when = {
            "start": {"dateTime": "2030-01-01T10:00:00Z"},
            "end": {"dateTime": "2030-01-01T11:00:00Z"},
        }
        with Caller(made.sandbox, made.sandbox.access_token(MAYA)) as caller:
            own = {"id": "0123456789abcdef" * 2, "summary": "Mine", **when}
            assert caller.call("POST", f"{EVENTS}{QUIET}", own).status == 200
        told = place.repair()
        assert (told.events, told.differences) == (1, 0)
        assert ("google", "Mine") in made.shown()
