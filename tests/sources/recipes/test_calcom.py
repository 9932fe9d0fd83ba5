"""Cal.com's database: a new row for each rescheduling, UTC without a zone, private descriptions."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from calsync.core.booked import InPerson, Online, Status
from tests.sources.platform import Platform
from tests.sources.recipes.playing import (
    LINK,
    NOW,
    Play,
    addresses,
    days,
    each,
    insert,
    naive,
    roles,
    source_of,
)

# The columns that its published schema names, as far as the recipe reads them.
TABLES = """
CREATE TYPE "BookingStatus" AS ENUM (
  'cancelled', 'accepted', 'rejected', 'pending', 'awaiting_host');
CREATE TABLE users (id serial PRIMARY KEY, name text, email text, "timeZone" text, locale text);
CREATE TABLE "EventType" (
  id serial PRIMARY KEY, title text, description text, "seatsPerTimeSlot" int);
CREATE TABLE "Booking" (
  id serial PRIMARY KEY, uid text UNIQUE, "userId" int, "eventTypeId" int, title text,
  description text, responses jsonb, "startTime" timestamp(3), "endTime" timestamp(3),
  location text, "createdAt" timestamp(3) DEFAULT now(), "updatedAt" timestamp(3),
  status "BookingStatus" DEFAULT 'accepted', rescheduled boolean, "fromReschedule" text,
  metadata jsonb);
CREATE TABLE "Attendee" (
  id serial PRIMARY KEY, email text, name text, "timeZone" text, locale text, "bookingId" int);
CREATE TABLE "BookingReference" (
  id serial PRIMARY KEY, "bookingId" int, "meetingUrl" text, deleted boolean)
"""
LONG_AGO = NOW - timedelta(days=9)


@pytest.fixture
def booking(postgres: Platform) -> Platform:
    fill(postgres)
    return postgres


def fill(postgres: Platform) -> None:
    """A host in Toronto and 20 bookings with a guest each."""
    for one in each(TABLES):
        postgres.run(one)
    insert(postgres, "users", {
        "name": "Ada Lovelace", "email": "ada@home.example", '"timeZone"': "America/Toronto",
        "locale": "de",
    })  # fmt: skip
    insert(postgres, '"EventType"', {"title": "Coaching", "description": "What we do"})
    for number in range(1, 21):
        books(postgres, f"uid-{number}", days(number), guest=f"guest{number}@home.example")
    postgres.run("""UPDATE "Booking" SET "updatedAt" = NULL WHERE id = 1""")


def books(
    platform: Platform, uid: str, starts: datetime, *, guest: str, at: datetime = LONG_AGO,
    before: str | None = None, status: str = "accepted",
) -> None:  # fmt: skip
    room = {"videoCallUrl": f"https://video.example/{uid}"}
    platform.run(
        'INSERT INTO "Booking" (uid, "userId", "eventTypeId", title, description, "startTime",'
        ' "endTime", location, "createdAt", "updatedAt", status, "fromReschedule", metadata)'
        " VALUES (:uid, 1, 1, 'Ada and a guest', 'PRIVATE', :starts, :ends, 'integrations:daily',"
        ' :at, :at, CAST(:status AS "BookingStatus"), :before, CAST(:room AS jsonb))',
        {
            "uid": uid, "starts": naive(starts), "ends": naive(starts + timedelta(minutes=30)),
            "at": naive(at), "before": before, "room": json.dumps(room), "status": status,
        },
    )  # fmt: skip
    platform.run(
        'INSERT INTO "Attendee" (email, name, "timeZone", locale, "bookingId")'
        " SELECT :email, 'Guest', 'Europe/Berlin', 'en', max(id) FROM \"Booking\"",
        {"email": guest},
    )


def reschedules(platform: Platform, old: str, new: str, starts: datetime, guest: str) -> None:
    """As Cal.com does: the old row is cancelled, a new one with a new uid names it."""
    cancels(platform, old)
    books(platform, new, starts, guest=guest, at=NOW, before=old)


def cancels(platform: Platform, uid: str) -> None:
    platform.run(
        f"""UPDATE "Booking" SET status = 'cancelled', "updatedAt" = '{naive(NOW)}'"""
        f" WHERE uid = '{uid}'"
    )


def play(booking: Platform) -> Play:
    return Play(source_of("calcom", booking))


def test_accepted_bookings_are_read_with_host_and_guest(booking: Platform) -> None:
    books(booking, "asked", days(3), guest="x@home.example", status="pending")
    found = play(booking).poll()
    assert len(found) == 21
    one = found["uid-1"]
    assert roles(one) == {"ada@home.example": "host", "guest1@home.example": "guest"}
    assert (one.starts_at, one.time_zone) == (days(1), "America/Toronto")
    assert {one.email: one.time_zone for one in one.participants}[
        "guest1@home.example"
    ] == "Europe/Berlin"
    assert one.place == Online("https://video.example/uid-1")
    assert one.url == f"{LINK}/booking/uid-1"
    assert one.agenda is not None
    assert "What we do" in one.agenda.html
    assert found["asked"].status is Status.CANCELLED, "nobody accepted it yet"
    assert "PRIVATE" not in repr(found)


def test_a_rescheduled_booking_is_the_same_session_with_the_same_people(booking: Platform) -> None:
    reading = play(booking)
    before = reading.poll()["uid-2"]
    reschedules(booking, "uid-2", "second", days(30), "Guest2@home.example")
    moved = reading.poll()
    assert "second" not in moved
    assert (moved["uid-2"].status, moved["uid-2"].starts_at) == (Status.BOOKED, days(30))
    assert {one.id for one in moved["uid-2"].participants} == {
        one.id for one in before.participants
    }
    assert moved["uid-2"].updated_at > before.updated_at
    reschedules(booking, "second", "third", days(31), "guest2@home.example")
    again = reading.poll()["uid-2"]
    assert (again.starts_at, again.url) == (days(31), f"{LINK}/booking/third")
    cancels(booking, "third")
    assert reading.poll()["uid-2"].status is Status.CANCELLED
    assert len(reading.all()) == 20


def test_what_changes_is_found_by_the_next_poll(booking: Platform) -> None:
    reading = play(booking)
    reading.poll()
    books(booking, "new", days(4), guest="new@home.example", at=NOW)
    cancels(booking, "uid-3")
    booking.run(
        """UPDATE "Booking" SET location = 'Room 4', metadata = NULL, "updatedAt" = :now"""
        " WHERE uid = 'uid-4'",
        {"now": naive(NOW)},
    )
    found = reading.poll()
    assert addresses(found["new"]) == ["ada@home.example", "new@home.example"]
    assert found["uid-3"].status is Status.CANCELLED
    assert found["uid-4"].place == InPerson("Room 4")


def test_an_attendee_who_changes_alone_is_found_by_the_sweep(booking: Platform) -> None:
    reading = play(booking)
    reading.poll()
    booking.run("""UPDATE "Attendee" SET email = 'other@home.example' WHERE "bookingId" = 5""")
    booking.run(
        """INSERT INTO "BookingReference" ("bookingId", "meetingUrl") VALUES (6, 'https://z.example')"""
    )
    booking.run("""UPDATE "Booking" SET metadata = '{}' WHERE id = 6""")
    assert addresses(reading.all()["uid-5"]) == ["ada@home.example", "other@home.example"]
    assert reading.all()["uid-6"].place == Online("https://z.example")


def test_a_booking_that_is_deleted_is_gone(booking: Platform) -> None:
    reading = play(booking)
    reading.poll()
    booking.run("""DELETE FROM "Booking" WHERE uid = 'uid-7'""")
    assert reading.gone("uid-6", "uid-7") == {"uid-7"}


def test_the_hour_that_comes_twice_is_two_instants(booking: Platform) -> None:
    """Times are stored in UTC: 02:30 in Berlin, on 31 October 2027, twice."""
    hour = datetime.fromisoformat("2027-10-31T00:30:00+00:00")
    for number in (0, 1):
        books(booking, f"autumn{number}", hour + timedelta(hours=number), guest="g@home.example")
    found = play(booking).poll()
    starts = [found[f"autumn{n}"].starts_at for n in (0, 1)]
    assert starts == [hour, hour + timedelta(hours=1)]
