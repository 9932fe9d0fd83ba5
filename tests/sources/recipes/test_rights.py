"""The user whom a recipe makes may read what the recipe reads, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote

import pytest
import sqlalchemy as sa

from calsync.errors import SourceError
from calsync.ports import SampledSource
from calsync.sources.recipes import catalogue
from calsync.text.sql import MYSQL
from tests.mariadb import MariaDB, running_mariadb
from tests.sources.platform import Platform
from tests.sources.recipes import (
    test_calcom,
    test_easyappointments,
    test_librebooking,
    test_moodle,
)
from tests.sources.recipes.playing import Play, each, source_of

# By recipe: what makes and fills its tables, and columns that are nobody's business.
RECIPES: dict[str, tuple[Callable[[Platform], None], tuple[str, ...]]] = {
    "calcom": (
        test_calcom.fill,
        ('description FROM "Booking"', 'responses FROM "Booking"'),
    ),
    "easyappointments": (
        test_easyappointments.fill,
        ("notes FROM ea_appointments", "notes FROM ea_users"),
    ),
    "librebooking": (test_librebooking.fill, ("password FROM users",)),
    "moodle": (
        test_moodle.fill,
        ("teachernote FROM mdl_scheduler_appointment", "notes FROM mdl_scheduler_slots"),
    ),
    "moodle-postgresql": (
        test_moodle.fill,
        ("teachernote FROM mdl_scheduler_appointment", "notes FROM mdl_scheduler_slots"),
    ),
}
PASSWORD = "p@ss/w:rd#%1"
# PostgreSQL's words, and MariaDB's for a command, a column and a whole database.
DENIED = r"permission denied|must be owner|command denied to user|Access denied for user"


@pytest.fixture(scope="module")
def with_accounts() -> Iterator[MariaDB]:
    with running_mariadb(accounts=True) as server:
        yield server


@dataclass
class Granting:
    """A database with the recipe's tables, the recipe's statements, and the source of its user."""

    platform: Platform
    grants: list[str]
    reader: Platform
    source: SampledSource

    def grant(self, statements: Iterable[str]) -> None:
        for one in statements:
            self.platform.run(one)


@pytest.fixture
def on_postgresql(postgres: Platform) -> Iterator[tuple[Platform, str]]:
    """A database, and the URL of the reader; whatever it was granted is taken back."""
    yield postgres, postgres.url.replace("//calsync@", "//calsync_reader@")
    with suppress(sa.exc.ProgrammingError):  # the test made none
        postgres.run("DROP OWNED BY calsync_reader")
        postgres.run("DROP ROLE calsync_reader")


@pytest.fixture
def on_mariadb(with_accounts: MariaDB) -> Iterator[tuple[Platform, str]]:
    """A database with a name that has to be quoted."""
    with_accounts.run("CREATE DATABASE `my-shop`")
    made = Platform(with_accounts.url("my-shop"))
    yield made, with_accounts.url("my-shop", f"calsync_reader:{quote(PASSWORD, safe='')}")
    made.run("DROP USER IF EXISTS calsync_reader")
    made.engine.dispose()
    with_accounts.run("DROP DATABASE `my-shop`")


@pytest.fixture
def granting(request: pytest.FixtureRequest, name: str) -> Iterator[Granting]:
    found = catalogue.recipe(name)
    backend = sa.make_url(source_url(name)).get_backend_name()
    fixture = "on_mariadb" if backend in MYSQL else "on_postgresql"
    platform, url = request.getfixturevalue(fixture)
    RECIPES[name][0](platform)
    values = {"database": platform.engine.url.database or "", "password": PASSWORD}
    grants = found.filled(found.grant, values)
    reader = Platform(url)
    yield Granting(platform, list(each(grants)), reader, source_of(name, reader))
    reader.engine.dispose()


@pytest.mark.parametrize("name", RECIPES)
def test_the_reader_reads_its_columns_and_no_other(name: str, granting: Granting) -> None:
    granting.grant(["CREATE TABLE other (word int)", *granting.grants])
    reading = Play(granting.source)
    known = reading.poll()
    assert len(known) >= 19
    assert all(one.participants for one in known.values())
    assert set(reading.all()) == set(known)
    assert reading.gone(*known) == set()
    assert list(granting.source.samples(1))
    for forbidden in statements(*RECIPES[name][1]):
        with pytest.raises(sa.exc.DBAPIError, match=DENIED):
            granting.reader.run(forbidden)
    assert set(reading.all()) == set(known)


@pytest.mark.parametrize("name", ["calcom", "easyappointments"])
def test_a_right_that_is_missing_is_told_with_what_grants_it(granting: Granting, name: str) -> None:
    database = granting.platform.engine.url.database
    shown = f"`calsync recipe show {name} --grant --set database={database}` prints the statements"
    user, *rights = granting.grants
    assert f"check the user and the password in its url; {shown}" in failure(granting.source)
    granting.grant([user, *rights[:-1]])
    told = failure(granting.source)
    assert "denied" in told
    assert f"an administrator of the database has to let calsync_reader read this: {shown}" in told
    assert PASSWORD not in told
    granting.source.name = "mine"
    assert "read this: GRANT SELECT does so" in failure(granting.source)
    granting.grant(rights[-1:])
    assert list(granting.source.samples(1))


@pytest.mark.parametrize("name", ["moodle"])
def test_a_user_without_any_right_is_told_with_what_grants_them(granting: Granting) -> None:
    granting.grant(granting.grants[:1])
    told = failure(granting.source)
    assert "Access denied for user" in told
    assert "has to let calsync_reader read this: `calsync recipe show moodle --grant" in told


def failure(source: SampledSource) -> str:
    with pytest.raises(SourceError) as caught:
        list(source.samples(1))
    return str(caught.value)


def test_every_recipe_for_a_database_has_its_rights_tried() -> None:
    assert set(RECIPES) == {one for one in catalogue.names() if source_url(one)}


def source_url(name: str) -> str:
    """The recipe's URL where it reads a database; else ""."""
    found = catalogue.recipe(name)
    return str(source["url"]) if (source := found.table())["kind"] == "sql" else ""


def statements(*private: str) -> Iterator[str]:
    """What the reader must not do: read what is private, and write or read another table."""
    table = private[0].rpartition(" ")[2]
    yield from (f"SELECT {column}" for column in (*private, "word FROM other", f"* FROM {table}"))
    yield f"DELETE FROM {table}"
    yield "INSERT INTO other VALUES (1)"
    yield f"DROP TABLE {table}"
    yield f"GRANT SELECT ON {table} TO calsync_reader"
