"""Moodle's Scheduler: seconds since 1970, bookings that are deleted, a zone of 99."""

from __future__ import annotations

from datetime import timedelta

import pytest

from calsync.core.booked import InPerson, Online
from calsync.core.booked import ProgramKind as Kind
from tests.sources.platform import Platform
from tests.sources.recipes.playing import (
    LINK,
    NOW,
    Play,
    addresses,
    days,
    each,
    insert,
    roles,
    source_of,
)

# The columns that its install.xml describes, as far as the recipe reads them.
TABLES = """
CREATE TABLE mdl_user (
  id bigint PRIMARY KEY, firstname varchar(100), lastname varchar(100), email varchar(100),
  timezone varchar(100) DEFAULT '99', lang varchar(30) DEFAULT 'en', deleted smallint DEFAULT 0,
  timemodified bigint DEFAULT 0);
CREATE TABLE mdl_course (id bigint PRIMARY KEY, fullname varchar(254));
CREATE TABLE mdl_modules (id bigint PRIMARY KEY, name varchar(20));
CREATE TABLE mdl_course_modules (id bigint PRIMARY KEY, module bigint, instance bigint);
CREATE TABLE mdl_scheduler (id bigint PRIMARY KEY, course bigint, name varchar(255));
CREATE TABLE mdl_scheduler_slots (
  id bigint PRIMARY KEY, schedulerid bigint, starttime bigint, duration bigint, teacherid bigint,
  appointmentlocation varchar(255), timemodified bigint DEFAULT 0, notes text,
  exclusivity smallint);
CREATE TABLE mdl_scheduler_appointment (
  id bigint PRIMARY KEY, slotid bigint, studentid bigint, teachernote text,
  timecreated bigint NULL, timemodified bigint NULL)
"""
LONG_AGO = int((NOW - timedelta(days=9)).timestamp())


@pytest.fixture(params=["moodle", "moodle-postgresql"])
def named(request: pytest.FixtureRequest) -> str:
    recipe: str = request.param
    return recipe


@pytest.fixture
def booking(named: str, request: pytest.FixtureRequest) -> Platform:
    platform: Platform = request.getfixturevalue("mariadb" if named == "moodle" else "postgres")
    fill(platform)
    return platform


def fill(platform: Platform) -> None:
    """A teacher, ten students, 20 slots: the last of them are groups, and some are free."""
    for one in each(TABLES):
        platform.run(one)
    people = [
        (1, "Ada", "America/Toronto", "de_comm"),
        *((n, f"S{n}", "99", "en") for n in range(2, 12)),
    ]
    for ident, name, zone, language in people:
        insert(platform, "mdl_user", {
            "id": ident, "firstname": name, "lastname": "Lovelace", "timezone": zone,
            "lang": language, "email": f"{name.lower()}@home.example", "timemodified": LONG_AGO,
        })  # fmt: skip
    insert(platform, "mdl_course", {"id": 5, "fullname": "Algebra"})
    insert(platform, "mdl_modules", {"id": 3, "name": "scheduler"})
    insert(platform, "mdl_scheduler", {"id": 4, "course": 5, "name": "Office hours"})
    insert(platform, "mdl_course_modules", {"id": 77, "module": 3, "instance": 4})
    insert(platform, "mdl_course_modules", {"id": 78, "module": 9, "instance": 4})
    for number in range(1, 21):
        insert(platform, "mdl_scheduler_slots", {
            "id": number, "schedulerid": 4, "starttime": int(days(number).timestamp()),
            "duration": 30, "teacherid": 1, "exclusivity": 1 if number < 15 else 3,
            "appointmentlocation": ("https://meet.example/1", "Room 4", "")[number % 3],
            "timemodified": LONG_AGO,
        })  # fmt: skip
        if number != 20:
            books(platform, number, 2 + number % 10, when=LONG_AGO)


def books(platform: Platform, slot: int, student: int, *, when: int) -> None:
    insert(platform, "mdl_scheduler_appointment", {
        "id": slot * 100 + student, "slotid": slot, "studentid": student, "timecreated": when,
        "teachernote": "PRIVATE",
    })  # fmt: skip


def play(named: str, booking: Platform) -> Play:
    return Play(source_of(named, booking, zone="Europe/Berlin"))


def test_slots_that_somebody_booked_are_read(named: str, booking: Platform) -> None:
    found = play(named, booking).poll()
    assert set(found) == {str(n) for n in range(1, 20)}, "and no slot that is free"
    one = found["1"]
    assert (one.title, one.starts_at, one.ends_at) == (
        "Office hours", days(1), days(1) + timedelta(minutes=30),
    )  # fmt: skip
    assert one.time_zone == "America/Toronto"
    assert roles(one) == {"ada@home.example": "teacher", "s3@home.example": "student"}
    assert {one.email: one.time_zone for one in one.participants}[
        "s3@home.example"
    ] == "Europe/Berlin"
    assert [found[n].place for n in "123"] == [
        InPerson("Room 4"),
        None,
        Online("https://meet.example/1"),
    ]
    assert one.url == f"{LINK}/mod/scheduler/view.php?id=77"
    assert [found[n].program.kind for n in ("1", "16")] == [Kind.INDIVIDUAL, Kind.GROUP]  # type: ignore[union-attr]
    assert "PRIVATE" not in repr(found)


def test_what_changes_is_found_by_the_next_poll(named: str, booking: Platform) -> None:
    now = int(NOW.timestamp())
    reading = play(named, booking)
    reading.poll()
    books(booking, 20, 4, when=now)
    books(booking, 16, 5, when=now)
    moved = int(days(40).timestamp())
    booking.run(
        f"UPDATE mdl_scheduler_slots SET starttime = {moved}, timemodified = {now} WHERE id = 2"
    )
    booking.run(
        f"UPDATE mdl_user SET email = 'new@home.example', timemodified = {now} WHERE id = 5"
    )
    found = reading.poll()
    assert addresses(found["20"]) == ["ada@home.example", "s4@home.example"]
    assert addresses(found["16"]) == ["ada@home.example", "new@home.example", "s8@home.example"]
    assert found["2"].starts_at == days(40)
    assert addresses(found["3"]) == ["ada@home.example", "new@home.example"]


def test_a_booking_or_a_slot_that_is_deleted_is_gone(named: str, booking: Platform) -> None:
    reading = play(named, booking)
    reading.poll()
    booking.run("DELETE FROM mdl_scheduler_appointment WHERE slotid = 4")
    booking.run("DELETE FROM mdl_scheduler_slots WHERE id = 5")
    assert reading.gone("3", "4", "5", "6") == {"4", "5"}
    assert set(reading.all()) == {str(n) for n in range(1, 20)} - {"4", "5"}


def test_the_hour_that_comes_twice_is_two_instants(named: str, booking: Platform) -> None:
    for number, start in enumerate(
        (1824942600, 1824946200)
    ):  # 31 October 2027, 00:30 and 01:30 UTC
        insert(booking, "mdl_scheduler_slots", {
            "id": 50 + number, "schedulerid": 4, "starttime": start, "duration": 15, "teacherid": 1,
            "exclusivity": 1, "appointmentlocation": "", "timemodified": LONG_AGO,
        })  # fmt: skip
        books(booking, 50 + number, 2, when=LONG_AGO)
    found = play(named, booking).poll()
    starts = [found[str(50 + n)].starts_at for n in (0, 1)]
    assert [f"{one:%m-%d %H:%M}" for one in starts if one] == ["10-31 00:30", "10-31 01:30"]
