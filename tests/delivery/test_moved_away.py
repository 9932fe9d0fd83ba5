"""A person puts our event into another calendar of the same account: it is followed there, or said
to be somewhere where nobody may look."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import requests
from icalendar import Calendar

from calsync.ops.questions.explain import explain
from calsync.platform_api import feed
from tests.caldav_servers.server import USERS, CalendarServer
from tests.harness.installation import MAYA, Installation, installed
from tests.radicale_server import caldav_server  # noqa: F401 - a fixture

SCOPES = "https://www.googleapis.com/auth/"
WRITES, LISTS = f"{SCOPES}calendar.events.owned", f"{SCOPES}calendar.calendarlist.readonly"
OUR_LOGIN = ("carol", USERS["carol"])  # has no calendars but those of a test


@pytest.fixture
def calsync(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as made:
        yield made


@dataclass
class Account:
    """One provider's calendars of Maya's. `times` are those of all events in any of them."""

    connect: Callable[[], object]
    move: Callable[[], None]
    times: Callable[[], list[datetime]]
    remove: Callable[[], None] = lambda: None


def google(calsync: Installation, *scopes: str) -> Account:
    def move() -> None:
        (event,) = calsync.sandbox.shown(MAYA)
        calsync.sandbox.user_moves_to_other_calendar(MAYA, event.id)

    return Account(
        connect=lambda: calsync.connect("google", ["openid", "email", WRITES, *scopes]),
        move=move,
        times=lambda: [one.starts_at for one in calsync.sandbox.shown(MAYA)],
    )


def caldav(calsync: Installation, server: CalendarServer) -> Account:
    """The first of two calendars is written."""
    first, second = (server.new_calendar(OUR_LOGIN[0]) for _ in range(2))

    def move() -> None:
        (here,) = server.objects(first, OUR_LOGIN[0])
        there = second + here.rpartition("/")[2]
        answer = requests.request(
            "MOVE", here, auth=OUR_LOGIN, headers={"Destination": there}, timeout=10
        )
        assert answer.ok, answer.text

    def times() -> list[datetime]:
        both = [server.objects(calendar, OUR_LOGIN[0]) for calendar in (first, second)]
        texts = [text for objects in both for text in objects.values()]
        return [Calendar.from_ical(text).events[0].start for text in texts]

    def remove() -> None:
        for calendar in (first, second):
            requests.delete(calendar, auth=OUR_LOGIN, timeout=10).raise_for_status()

    return Account(
        connect=lambda: calsync.connect_caldav(first, *OUR_LOGIN),
        move=move,
        times=times,
        remove=remove,
    )


@pytest.fixture(params=["google", "caldav"])
def account(
    request: pytest.FixtureRequest,
    calsync: Installation,
    caldav_server: CalendarServer,  # noqa: F811 - the fixture
) -> Iterator[Account]:
    """Connected, with one session in it."""
    is_google = request.param == "google"
    made = google(calsync, LISTS) if is_google else caldav(calsync, caldav_server)
    made.connect()
    calsync.book()
    calsync.sync()
    yield made
    made.remove()


def sync(calsync: Installation) -> None:
    """Also what comes when the call that was open is certainly over."""
    calsync.sync()
    calsync.shift += timedelta(minutes=1)
    calsync.sync()


def test_a_change_goes_to_where_its_person_put_the_event(
    calsync: Installation, account: Account
) -> None:
    (before,) = account.times()
    account.move()
    calsync.began += timedelta(days=1)
    calsync.book()
    sync(calsync)
    assert account.times() == [before + timedelta(days=1)]
    assert [state for _, state in calsync.copies()] == ["live"]
    calsync.book(title="Session 2")
    calsync.sync()
    assert account.times() == [before + timedelta(days=1)]
    assert [state for _, state in calsync.copies()] == ["live"]


@pytest.mark.parametrize("inspected", [False, True], ids=["unseen", "inspected"])
def test_a_cancellation_removes_it_from_where_its_person_put_it(
    calsync: Installation, account: Account, inspected: bool
) -> None:
    account.move()
    if inspected:
        calsync.shift = timedelta(days=8, hours=1)
        calsync.inspect()
        assert [state for _, state in calsync.copies()] == ["live"]
        assert journal(calsync).count("copy_followed") == 1
        calsync.shift = timedelta(days=8, hours=22, minutes=10)
        calsync.inspect()
        assert journal(calsync).count("copy_followed") == 1
    calsync.book(status="cancelled")
    sync(calsync)
    assert account.times() == []
    assert [state for _, state in calsync.copies()] == ["gone"]
    assert calsync.mails() == []


def journal(calsync: Installation) -> list[str]:
    told = explain(calsync.open().context, "ses-1", None, "default")
    return [line.what for line in told.journal]


def test_an_event_that_lost_our_properties_on_the_way_is_known_by_its_id(
    calsync: Installation,
) -> None:
    """Not verified: whether Google keeps them."""
    calsync.sandbox.switch("moved_properties", "lost")
    account = google(calsync, LISTS)
    account.connect()
    calsync.book()
    calsync.sync()
    account.move()
    calsync.began += timedelta(days=1)
    calsync.book()
    sync(calsync)
    assert len(account.times()) == 1
    assert [state for _, state in calsync.copies()] == ["live"]


# --- where the other calendars cannot be listed ---------------------------------------------------


@pytest.fixture
def unlisted(calsync: Installation) -> Account:
    """The consent that calsync asks for does not include the list of calendars."""
    account = google(calsync)
    account.connect()
    calsync.book()
    calsync.sync()
    account.move()
    return account


def facts(calsync: Installation) -> list[tuple[str, object]]:
    told = feed.changes(calsync.open().context, "default", 0, 100).facts
    return [(one["kind"], one["reason"]) for one in told]


def test_who_may_have_moved_it_is_asked_to_look_with_the_next_event(
    calsync: Installation, unlisted: Account
) -> None:
    calsync.began += timedelta(days=1)
    calsync.book()
    sync(calsync)
    assert len(unlisted.times()) == 2
    new = max(calsync.sandbox.shown(MAYA), key=lambda one: one.starts_at)
    assert "An older entry for this session may remain" in new.description
    told = explain(calsync.open().context, "ses-1", MAYA, "default").people[0].copies
    assert [(one.state, one.may_remain) for one in told] == [("dismissed", True), ("live", False)]
    assert ("event_removed", "may_be_elsewhere") in facts(calsync)
    calsync.book(title="Session 2")
    calsync.sync()
    later = max(calsync.sandbox.shown(MAYA), key=lambda one: one.starts_at)
    assert later.title == "Session 2"
    assert "An older entry" not in later.description, "told once"
    assert calsync.mails() == []


def test_who_may_have_moved_it_is_told_of_a_cancellation_by_one_plain_mail(
    calsync: Installation, unlisted: Account
) -> None:
    calsync.book(status="cancelled")
    sync(calsync)
    sync(calsync)
    (mail,) = calsync.sandbox.mails(MAYA)[-1:]
    assert calsync.mails() == [""]
    assert "to a calendar that we can't see" in mail.text
    assert len(unlisted.times()) == 1
