"""The user whom a recipe makes may read what the recipe reads, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from calsync.sources.recipes.catalogue import recipe
from tests.sources.platform import Platform
from tests.sources.recipes import test_calcom, test_moodle
from tests.sources.recipes.playing import Play, each, source_of

# By recipe: what makes and fills its tables, and columns that are nobody's business.
RECIPES = {
    "moodle-postgresql": (
        test_moodle.fill,
        ("teachernote FROM mdl_scheduler_appointment", "notes FROM mdl_scheduler_slots"),
    ),
    "calcom": (
        test_calcom.fill,
        ('description FROM "Booking"', 'responses FROM "Booking"'),
    ),
}


@pytest.fixture
def reader(postgres: Platform) -> Iterator[str]:
    """The URL of the user; whatever it was granted is taken back."""
    yield postgres.url.replace("//calsync@", "//calsync_reader@")
    postgres.run("DROP OWNED BY calsync_reader")
    postgres.run("DROP ROLE calsync_reader")


@pytest.mark.parametrize("name", RECIPES)
def test_the_reader_reads_its_columns_and_no_other(
    name: str, postgres: Platform, reader: str
) -> None:
    fill, private = RECIPES[name]
    found = recipe(name)
    database = sa.make_url(postgres.url).database or ""
    grants = found.filled(found.grant, {"database": database})
    fill(postgres)
    for one in each(grants):
        postgres.run(one)
    made = Platform(reader)
    try:
        found_by_id = Play(source_of(name, made)).poll()
        assert all(one.participants for one in found_by_id.values())
        assert len(found_by_id) >= 19
        for column in private:
            with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
                made.run(f"SELECT {column}")
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            made.run(f"DELETE FROM {private[0].rpartition(' ')[2]}")
    finally:
        made.engine.dispose()
