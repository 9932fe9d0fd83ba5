"""LibreBooking: NULL dates on new rows, UTC without a zone, instances that are deleted."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from calsync.core.booked import InPerson, Status
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

# The columns that its documentation of the database names, as far as the recipe reads them.
TABLES = """
CREATE TABLE users (
  user_id mediumint unsigned PRIMARY KEY, fname varchar(85), lname varchar(85), email varchar(85),
  password varchar(85), timezone varchar(85) NOT NULL, language varchar(10) NOT NULL,
  last_modified timestamp NULL ON UPDATE current_timestamp);
CREATE TABLE resources (
  resource_id smallint unsigned PRIMARY KEY, name varchar(85), location varchar(85));
CREATE TABLE reservation_series (
  series_id int unsigned PRIMARY KEY, date_created datetime NOT NULL, last_modified datetime NULL,
  title varchar(85) NOT NULL, description text, status_id tinyint unsigned NOT NULL,
  owner_id mediumint unsigned NOT NULL);
CREATE TABLE reservation_instances (
  reservation_instance_id int unsigned PRIMARY KEY, start_date datetime NOT NULL,
  end_date datetime NOT NULL, reference_number varchar(50) NOT NULL,
  series_id int unsigned NOT NULL);
CREATE TABLE reservation_users (
  reservation_instance_id int unsigned, user_id mediumint unsigned,
  reservation_user_level tinyint unsigned NOT NULL,
  PRIMARY KEY (reservation_instance_id, user_id));
CREATE TABLE reservation_resources (
  series_id int unsigned, resource_id smallint unsigned,
  resource_level_id tinyint unsigned NOT NULL,
  PRIMARY KEY (series_id, resource_id))
"""


@pytest.fixture
def booking(mariadb: Platform) -> Platform:
    fill(mariadb)
    return mariadb


def fill(mariadb: Platform) -> None:
    """Two rooms and 20 dates: ten series of two."""
    for one in each(TABLES):
        mariadb.run(one)
    for ident, name, zone, language in (
        (1, "ada", "Europe/Berlin", "de_de"),
        (2, "bo", "America/Toronto", "en_us"),
        (3, "cy", "UTC", ""),
    ):
        insert(mariadb, "users", {
            "user_id": ident, "fname": name.title(), "lname": "Lovelace",
            "email": f"{name}@home.example", "timezone": zone, "language": language,
            "last_modified": naive(NOW - timedelta(days=9)),
        })  # fmt: skip
    insert(mariadb, "resources", {"resource_id": 1, "name": "Blue room", "location": "1st floor"})
    insert(mariadb, "resources", {"resource_id": 2, "name": "Projector", "location": ""})
    for number in range(1, 11):
        reserve(mariadb, number, [days(number), days(number + 7)], created=NOW - timedelta(days=9))


def reserve(
    platform: Platform, series: int, starts: list[datetime], *, created: datetime, status: int = 1
) -> None:
    insert(platform, "reservation_series", {
        "series_id": series, "date_created": naive(created),
        "title": "" if series == 2 else "Lesson",
        "description": "What to bring", "status_id": status, "owner_id": 1,
    })  # fmt: skip
    for resource in (1, 2):
        row = {"series_id": series, "resource_id": resource, "resource_level_id": resource}
        insert(platform, "reservation_resources", row)
    for n, start in enumerate(starts):
        ident = series * 10 + n
        insert(platform, "reservation_instances", {
            "reservation_instance_id": ident, "series_id": series, "start_date": naive(start),
            "end_date": naive(start + timedelta(hours=1)), "reference_number": f"ref{ident}",
        })  # fmt: skip
        for user, level in ((1, 1), (2, 2), (3, 3)):
            row = {
                "reservation_instance_id": ident,
                "user_id": user,
                "reservation_user_level": level,
            }
            insert(platform, "reservation_users", row)


def saved(platform: Platform, series: int, **values: object) -> None:
    given = values | {"last_modified": naive(NOW)}
    names = ", ".join(f"{name} = :{name}" for name in given)
    platform.run(f"UPDATE reservation_series SET {names} WHERE series_id = {series}", given)


def test_each_date_is_a_session_with_those_who_take_part(booking: Platform) -> None:
    found = Play(source_of("librebooking", booking)).poll()
    assert len(found) == 20
    one = found["ref10"]
    assert (one.title, found["ref20"].title) == ("Lesson", "Blue room")
    assert roles(one) == {"ada@home.example": "owner", "bo@home.example": "participant"}
    assert (one.starts_at, one.time_zone) == (days(1), "Europe/Berlin")
    assert one.place == InPerson("Blue room, Projector", "1st floor")
    assert one.url == f"{LINK}/reservation.php?rn=ref10"
    assert one.updated_at == NOW - timedelta(days=9), "a new row has no last_modified"


def test_what_changes_is_found_by_the_next_poll(booking: Platform) -> None:
    play = Play(source_of("librebooking", booking))
    play.poll()
    reserve(booking, 20, [days(2)], created=NOW)
    reserve(booking, 21, [days(2)], created=NOW, status=3)
    booking.run(f"UPDATE reservation_instances SET start_date = '{naive(days(30))}',"
                f" end_date = '{naive(days(30) + timedelta(hours=1))}'"
                " WHERE reference_number = 'ref30'")  # fmt: skip
    saved(booking, 3)
    saved(booking, 4, status_id=2)
    found = play.poll()
    assert addresses(found["ref200"]) == ["ada@home.example", "bo@home.example"]
    assert "ref210" not in found, "it waits for approval"
    assert (found["ref30"].starts_at, found["ref31"].starts_at) == (days(30), days(10))
    assert {found["ref40"].status, found["ref41"].status} == {Status.CANCELLED}
    saved(booking, 21, status_id=1)
    assert "ref210" in play.poll()


def test_a_new_address_is_found_although_no_reservation_changed(booking: Platform) -> None:
    play = Play(source_of("librebooking", booking))
    play.poll()
    booking.run("UPDATE users SET email = 'new@home.example' WHERE user_id = 2")
    found = play.poll()
    assert len(found) == 20
    assert addresses(found["ref10"]) == ["ada@home.example", "new@home.example"]


def test_a_single_date_that_is_deleted_is_gone(booking: Platform) -> None:
    play = Play(source_of("librebooking", booking))
    play.poll()
    booking.run("DELETE FROM reservation_instances WHERE reference_number = 'ref51'")
    saved(booking, 5)
    assert play.gone("ref50", "ref51") == {"ref51"}
    assert len(play.all()) == 19


def test_the_hour_that_comes_twice_is_two_instants(booking: Platform) -> None:
    """Times are stored in UTC: 02:30 in Berlin, on 31 October 2027, twice."""
    for number, hour in enumerate(("00", "01")):
        reserve(booking, 30 + number, [], created=NOW)
        insert(booking, "reservation_instances", {
            "reservation_instance_id": 900 + number, "series_id": 30 + number,
            "start_date": f"2027-10-31 {hour}:30:00", "end_date": f"2027-10-31 {hour}:45:00",
            "reference_number": f"autumn{number}",
        })  # fmt: skip
        row = {"reservation_instance_id": 900 + number, "user_id": 1, "reservation_user_level": 1}
        insert(booking, "reservation_users", row)
    found = Play(source_of("librebooking", booking)).poll()
    starts = [found[f"autumn{n}"].starts_at for n in (0, 1)]
    assert [f"{one:%H:%M}" for one in starts if one] == ["00:30", "01:30"]
