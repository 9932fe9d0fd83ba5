"""Easy!Appointments: rows that are deleted to cancel, wall times, people in two columns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

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

BERLIN = ZoneInfo("Europe/Berlin")
# The columns that its migrations make, as far as the recipe reads them.
TABLES = """
CREATE TABLE ea_users (
  id bigint unsigned PRIMARY KEY, create_datetime datetime NULL, update_datetime datetime NULL,
  first_name varchar(256), last_name varchar(512), email varchar(512), notes text,
  timezone varchar(256) DEFAULT 'UTC', language varchar(256) DEFAULT 'english',
  id_roles bigint unsigned);
CREATE TABLE ea_services (
  id bigint unsigned PRIMARY KEY, update_datetime datetime NULL, name varchar(256),
  description text, attendants_number int DEFAULT 1);
CREATE TABLE ea_appointments (
  id bigint unsigned PRIMARY KEY AUTO_INCREMENT, create_datetime datetime NULL,
  update_datetime datetime NULL, book_datetime datetime NULL, start_datetime datetime NULL,
  end_datetime datetime NULL, location text, notes text, hash text, status varchar(512) DEFAULT '',
  is_unavailability tinyint DEFAULT 0, id_users_provider bigint unsigned,
  id_users_customer bigint unsigned, id_services bigint unsigned)
"""


def company_time(ago: timedelta = timedelta(0)) -> str:
    return naive((NOW - ago).astimezone(BERLIN))


@pytest.fixture
def booking(mariadb: Platform) -> Platform:
    fill(mariadb)
    return mariadb


def fill(mariadb: Platform) -> None:
    """A company in Berlin with two providers, one of them in Toronto; 20 appointments."""
    for one in each(TABLES):
        mariadb.run(one)
    long_ago = company_time(timedelta(days=9))
    people = [
        (1, "Ada", "ada", "Europe/Berlin", "german"),
        (2, "Bo", "bo", "America/Toronto", "english"),
    ]
    people += [(n, f"Guest {n}", f"guest{n}", "UTC", "english") for n in range(10, 20)]
    for ident, name, address, zone, language in people:
        insert(mariadb, "ea_users", {
            "id": ident, "update_datetime": long_ago, "first_name": name, "last_name": "Lovelace",
            "email": f"{address}@home.example", "timezone": zone, "language": language,
            "notes": "PRIVATE",
        })  # fmt: skip
    insert(mariadb, "ea_services", {"id": 7, "name": "Coaching", "description": "What we do"})
    for number in range(20):
        book(mariadb, number + 1, provider=1 + number % 2, customer=10 + number % 10,
             starts=days(number + 1), changed=long_ago)  # fmt: skip
    insert(mariadb, "ea_appointments", {
        "id": 99, "update_datetime": long_ago, "is_unavailability": 1, "id_users_provider": 1,
        "start_datetime": naive(days(3)), "end_datetime": naive(days(4)),
    })  # fmt: skip


def book(
    platform: Platform, ident: int, *, provider: int, customer: int, starts: datetime, changed: str
) -> None:
    insert(platform, "ea_appointments", {
        "id": ident, "create_datetime": changed, "update_datetime": changed, "status": "Booked",
        "start_datetime": naive(starts), "end_datetime": naive(starts + timedelta(minutes=45)),
        "location": "https://meet.example/1" if ident % 2 else "Room 4", "hash": f"h{ident}",
        "notes": "PRIVATE", "id_users_provider": provider, "id_users_customer": customer,
        "id_services": 7,
    })  # fmt: skip


def change(platform: Platform, table: str, ident: int, **values: str) -> None:
    given = values | {"update_datetime": company_time()}
    names = ", ".join(f"{name} = :{name}" for name in given)
    platform.run(f"UPDATE {table} SET {names} WHERE id = :id", given | {"id": ident})


def test_what_is_booked_is_read_with_both_people(booking: Platform) -> None:
    found = Play(source_of("easyappointments", booking, zone="Europe/Berlin")).poll()
    assert set(found) == {str(n) for n in range(1, 21)}, "and no unavailability"
    one, two = found["1"], found["2"]
    assert (one.title, one.status) == ("Coaching", Status.BOOKED)
    assert roles(one) == {"ada@home.example": "provider", "guest10@home.example": "customer"}
    assert one.participants[0].name == "Ada Lovelace"
    assert {one.email: one.locale for one in one.participants}["ada@home.example"] == "de"
    assert one.starts_at == days(1).replace(tzinfo=BERLIN).astimezone(UTC)
    assert two.starts_at == days(2).replace(tzinfo=ZoneInfo("America/Toronto")).astimezone(UTC)
    assert (one.place, two.place) == (Online("https://meet.example/1"), InPerson("Room 4"))
    assert one.url == f"{LINK}/index.php/booking/reschedule/h1"
    assert "PRIVATE" not in repr(found)
    assert one.updated_at < NOW - timedelta(days=8)


def test_what_changes_is_found_by_the_next_poll(booking: Platform) -> None:
    play = Play(source_of("easyappointments", booking, zone="Europe/Berlin"))
    play.poll()
    book(booking, 30, provider=1, customer=10, starts=days(5), changed=company_time())
    change(booking, "ea_appointments", 2, start_datetime=naive(days(8)),
           end_datetime=naive(days(8) + timedelta(hours=1)))  # fmt: skip
    change(booking, "ea_appointments", 3, status="Cancelled")
    change(booking, "ea_users", 15, email="new@home.example")
    found = play.poll()
    assert addresses(found["30"]) == ["ada@home.example", "guest10@home.example"]
    assert found["2"].starts_at == days(8).replace(tzinfo=ZoneInfo("America/Toronto")).astimezone(
        UTC
    )
    assert found["3"].status is Status.CANCELLED
    assert addresses(found["6"]) == ["bo@home.example", "new@home.example"]
    assert addresses(found["16"]) == ["bo@home.example", "new@home.example"]


def test_a_row_that_is_deleted_is_gone(booking: Platform) -> None:
    play = Play(source_of("easyappointments", booking, zone="Europe/Berlin"))
    play.poll()
    booking.run("DELETE FROM ea_appointments WHERE id = 4")
    assert play.gone("3", "4", "5") == {"4"}
    assert "4" not in play.all()


def test_a_start_in_the_hour_that_comes_twice_is_the_first_of_the_two(booking: Platform) -> None:
    """02:30 in Berlin, on 31 October 2027, twice: Easy!Appointments does not say which."""
    book(booking, 40, provider=1, customer=10, starts=datetime(2027, 10, 31, 2, 30),  # noqa: DTZ001 - wall time
         changed=company_time())  # fmt: skip
    found = Play(source_of("easyappointments", booking, zone="Europe/Berlin")).all()
    assert found["40"].starts_at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_a_change_in_the_hour_that_comes_twice_is_the_newer_one(booking: Platform) -> None:
    """Clocks in Berlin show 02:50 and 20 minutes later 02:10, on 25 October 2026."""
    booking.run("UPDATE ea_appointments SET update_datetime = '2026-10-25 02:50:00' WHERE id = 1")
    source = source_of("easyappointments", booking, zone="Europe/Berlin")
    booking.run("UPDATE ea_appointments SET update_datetime = '2026-10-25 02:10:00' WHERE id = 2")
    found = [
        one.id for page in source.changes("2026-10-25T00:50:30+00:00") for one in page.sessions
    ]
    assert {"1", "2"} <= set(found)
