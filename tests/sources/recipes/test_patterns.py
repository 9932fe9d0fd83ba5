"""The queries of docs/connect/patterns.md, over tables made from what the frameworks document."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from calsync.bootstrap.sources import make_source
from calsync.config.source_section import SourceSection
from calsync.core.booked import Online, Status
from calsync.ports import SampledSource
from providers.http.watchdog import Watchdog
from tests.sources.platform import Platform
from tests.sources.recipes.playing import NOW, Play, addresses, days, each

PAGE = Path(__file__).parents[3] / "docs" / "connect" / "patterns.md"
LONG_AGO, NOW_ISH = NOW - timedelta(days=9), NOW
MAYA, SAM = "maya@home.example", "sam@home.example"


@dataclass(frozen=True)
class Pattern:
    """What stands for one schema.

    tables, booking, person, joins  its tables; a booking, a person, and one who takes part
    moves, cancels, leaves  statements about booking 3, `readdresses`: about Sam
    """

    tables: str
    person: str
    booking: str
    joins: str
    moves: str
    cancels: str
    leaves: str
    readdresses: str


# As github.com/odoo/odoo has them: addons/calendar/models, odoo/addons/base/models.
ODOO = Pattern(
    tables="""
    CREATE TABLE res_partner (id int PRIMARY KEY, name varchar, email varchar, tz varchar,
      lang varchar, write_date timestamp);
    CREATE TABLE res_users (id int PRIMARY KEY, partner_id int);
    CREATE TABLE calendar_event (id int PRIMARY KEY, name varchar, active boolean DEFAULT true,
      start timestamp, stop timestamp, allday boolean DEFAULT false, user_id int,
      location varchar, videocall_location varchar, privacy varchar, description text,
      write_date timestamp);
    CREATE TABLE calendar_attendee (event_id int, partner_id int, state varchar DEFAULT 'accepted',
      write_date timestamp)""",
    person="""INSERT INTO res_partner VALUES
      (:id, :name, :email, 'America/Toronto', 'de_DE', :at);
      INSERT INTO res_users VALUES (:id, :id)""",
    booking="""INSERT INTO calendar_event (id, name, start, stop, user_id, videocall_location,
      description, write_date)
      VALUES (:id, 'Kick-off', :starts, :ends, 1, 'https://meet.example/1', 'PRIVATE', :at)""",
    joins="INSERT INTO calendar_attendee VALUES (:booking, :person, 'accepted', :at)",
    moves="UPDATE calendar_event SET start = :starts, stop = :ends, write_date = :at WHERE id = 3",
    cancels="UPDATE calendar_event SET active = false, write_date = :at WHERE id = 3",
    leaves="""UPDATE calendar_attendee SET state = 'declined', write_date = :at
      WHERE event_id = 3 AND partner_id = 2;
      UPDATE calendar_event SET write_date = :at WHERE id = 3""",
    readdresses="UPDATE res_partner SET email = 'new@home.example', write_date = :at WHERE id = 2",
)
# As docs.djangoproject.com/en/stable/ref/contrib/auth/ has users; auto_now moves `modified`.
DJANGO = Pattern(
    tables="""
    CREATE TABLE auth_user (id int PRIMARY KEY, first_name varchar(150), last_name varchar(150),
      email varchar(254), password varchar(128));
    CREATE TABLE accounts_profile (user_id int PRIMARY KEY, time_zone varchar(50),
      language varchar(10), modified timestamptz);
    CREATE TABLE bookings_booking (id int PRIMARY KEY, title varchar(200), owner_id int,
      starts_at timestamptz, ends_at timestamptz, cancelled_at timestamptz, modified timestamptz);
    CREATE TABLE bookings_booking_participants (booking_id int, user_id int,
      modified timestamptz)""",
    person="""INSERT INTO auth_user VALUES (:id, :name, 'Chen', :email, 'PRIVATE');
      INSERT INTO accounts_profile VALUES (:id, 'America/Toronto', 'de', :at)""",
    booking="""INSERT INTO bookings_booking VALUES
      (:id, 'Kick-off', 1, :starts, :ends, NULL, :at)""",
    joins="INSERT INTO bookings_booking_participants VALUES (:booking, :person, :at)",
    moves="""UPDATE bookings_booking SET starts_at = :starts, ends_at = :ends, modified = :at
      WHERE id = 3""",
    cancels="UPDATE bookings_booking SET cancelled_at = :at, modified = :at WHERE id = 3",
    leaves="""DELETE FROM bookings_booking_participants WHERE booking_id = 3 AND user_id = 2;
      UPDATE bookings_booking SET modified = :at WHERE id = 3""",
    readdresses="""UPDATE auth_user SET email = 'new@home.example' WHERE id = 2;
      UPDATE accounts_profile SET modified = :at WHERE user_id = 2""",
)
# As guides.rubyonrails.org has stamps, and github.com/jhawthorn/discard what is deleted.
RAILS = Pattern(
    tables="""
    CREATE TABLE users (id int PRIMARY KEY, name varchar, email varchar, time_zone varchar,
      locale varchar, encrypted_password varchar, updated_at timestamp(6));
    CREATE TABLE bookings (id int PRIMARY KEY, title varchar, starts_at timestamp(6),
      ends_at timestamp(6), time_zone varchar, discarded_at timestamp(6), updated_at timestamp(6));
    CREATE TABLE attendances (booking_id int, user_id int, updated_at timestamp(6))""",
    person="INSERT INTO users VALUES (:id, :name, :email, 'America/Toronto', 'de', 'PRIVATE', :at)",
    booking="""INSERT INTO bookings VALUES
      (:id, 'Kick-off', :starts, :ends, 'America/Toronto', NULL, :at)""",
    joins="INSERT INTO attendances VALUES (:booking, :person, :at)",
    moves="UPDATE bookings SET starts_at = :starts, ends_at = :ends, updated_at = :at WHERE id = 3",
    cancels="UPDATE bookings SET discarded_at = :at, updated_at = :at WHERE id = 3",
    leaves="""DELETE FROM attendances WHERE booking_id = 3 AND user_id = 2;
      UPDATE bookings SET updated_at = :at WHERE id = 3""",
    readdresses="UPDATE users SET email = 'new@home.example', updated_at = :at WHERE id = 2",
)
PATTERNS = {"odoo": ODOO, "django": DJANGO, "rails": RAILS}


def tables_of_the_page() -> dict[str, str]:
    found = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return {tomllib.loads(one)["source"][0]["name"]: one for one in found}


@dataclass
class System:
    """A schema with Maya, Sam and 20 bookings of both."""

    platform: Platform
    pattern: Pattern
    source: SampledSource

    def do(self, statements: str, at: datetime = NOW_ISH, **values: object) -> None:
        start = values.pop("starts", days(5))
        assert isinstance(start, datetime)
        naive = self.pattern is not DJANGO
        times = {"at": at, "starts": start, "ends": start + timedelta(minutes=45)}
        known = {k: v.replace(tzinfo=None) if naive else v for k, v in times.items()} | values
        for one in each(statements):
            named = set(re.findall(r":(\w+)", one))
            self.platform.run(one, {k: v for k, v in known.items() if k in named})


@pytest.fixture(params=PATTERNS)
def system(request: pytest.FixtureRequest, postgres: Platform) -> System:
    (table,) = tomllib.loads(tables_of_the_page()[request.param])["source"]
    section = SourceSection.model_validate(table | {"url": postgres.url})
    assert list(section.check()) == []
    made = System(postgres, PATTERNS[request.param], make_source(section, Watchdog()))
    made.do(made.pattern.tables)
    for ident, name, email in ((1, "Maya", MAYA), (2, "Sam", SAM)):
        made.do(made.pattern.person, LONG_AGO, id=ident, name=name, email=email)
    for number in range(1, 21):
        made.do(made.pattern.booking, LONG_AGO, id=number, starts=days(number))
        for person in (1, 2):
            made.do(made.pattern.joins, LONG_AGO, booking=number, person=person)
    return made


def test_every_pattern_of_the_page_is_played() -> None:
    assert set(tables_of_the_page()) == set(PATTERNS)


def test_a_schema_is_read_by_the_query_of_the_page(system: System) -> None:
    reading = Play(system.source)
    found = reading.poll()
    assert set(found) == {str(n) for n in range(1, 21)}
    one = found["3"]
    assert (one.status, one.title, one.time_zone) == (Status.BOOKED, "Kick-off", "America/Toronto")
    assert (one.starts_at, one.ends_at) == (days(3), days(3) + timedelta(minutes=45))
    assert addresses(one) == [MAYA, SAM]
    assert {person.locale for person in one.participants} <= {"de", "de_DE", "de-DE"}
    assert "PRIVATE" not in repr(found)
    if system.pattern is ODOO:
        assert one.place == Online("https://meet.example/1")

    system.do(system.pattern.moves, starts=days(30))
    assert reading.poll()["3"].starts_at == days(30)
    system.do(system.pattern.readdresses, NOW + timedelta(seconds=1))
    assert addresses(reading.poll()["4"]) == [MAYA, "new@home.example"]
    system.do(system.pattern.leaves, NOW + timedelta(seconds=2))
    assert addresses(reading.poll()["3"]) == [MAYA]
    system.do(system.pattern.cancels, NOW + timedelta(seconds=3))
    assert reading.poll()["3"].status is Status.CANCELLED


def test_the_hour_that_comes_twice_is_two_instants(system: System) -> None:
    """7 November 2027 in Toronto, 1:30 before and after: all three store instants."""
    for number, hour in enumerate((0, 1)):
        starts = datetime(2027, 11, 7, 5 + hour, 30, tzinfo=NOW.tzinfo)
        system.do(system.pattern.booking, LONG_AGO, id=50 + number, starts=starts)
        system.do(system.pattern.joins, LONG_AGO, booking=50 + number, person=1)
    found = Play(system.source).poll()
    starts_at = [found[str(50 + n)].starts_at for n in (0, 1)]
    assert [f"{one:%H:%M}" for one in starts_at if one] == ["05:30", "06:30"]
