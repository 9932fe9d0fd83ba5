"""The schema: what upgrades make is what the code reads, whoever upgrades and how often."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext

from calsync.errors import InputError
from calsync.store import instance, schema
from calsync.store.database import Store, open_engine
from calsync.store.ledger.rows import table
from calsync.store.tables.proofs import Table
from tests.postgres import Cluster

OLDER = (  # columns of a delivery at revision 0006 that a row must have
    *("tenant", "session", "participant", "email", "person", "want", "material_fp", "quiet_fp"),
    *("starts_at", "ends_at", "version", "material_version", "priority", "attempts", "parked"),
)


def unread(test: Callable[..., None]) -> Callable[..., None]:
    """No index on an expression is read from SQLite; that ours serves is tested in
    tests/ops/test_reading_little.py."""
    for text in ("Skipped unsupported reflection of expr", "autogenerate skipping metadata-spec"):
        test = pytest.mark.filterwarnings(f"ignore:{text}")(test)
    return test


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    made = Store(open_engine(store_url))
    yield made
    made.close()


@unread
def test_the_migrations_make_exactly_the_tables_that_the_code_reads(store: Store) -> None:
    schema.upgrade(store)
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Table.metadata)
        revision = context.get_current_revision()

    assert differences == []
    assert schema.newest() == schema.current(store) == revision


@unread
def test_a_table_that_a_migration_forgot_is_noticed(store: Store) -> None:
    schema.upgrade(store)
    with store.write() as db:
        db.run(sa.text("ALTER TABLE notice DROP COLUMN attempts"))
    with store.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Table.metadata)

    assert [one[0] for one in differences] == ["add_column"]


def test_upgrading_twice_changes_nothing_and_keeps_the_namespace(store: Store) -> None:
    schema.upgrade(store)
    with store.read() as db:
        before = instance.namespace(db)
    schema.upgrade(store)
    with store.read() as db:
        again = instance.namespace(db)

    assert again == before
    assert schema.current(store) == schema.newest()


def test_an_upgrade_that_dies_at_its_end_leaves_nothing_half_made(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A schema without the row that names the installation would never be made ready again."""

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(schema.instance, "make", die)
        with pytest.raises(KeyboardInterrupt):
            schema.upgrade(store)
    assert schema.current(store) is None
    schema.upgrade(store)
    with store.read() as db:
        assert instance.namespace(db).version == 4


def test_an_empty_database_is_never_taken_for_a_new_installation(store: Store) -> None:
    with pytest.raises(InputError, match=r"holds no ledger.*`calsync init`.*`calsync db upgrade`"):
        schema.make_ready(store)
    told = "its volume is mounted" if store.sqlite else "server, database and user are the right"
    with pytest.raises(InputError, match=told):
        schema.make_ready(store)
    assert schema.current(store) is None
    schema.upgrade(store)
    schema.make_ready(store)
    assert schema.current(store) == schema.newest()


def test_a_missing_file_is_made_only_where_that_is_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "unmounted" / "calsync.db"
    with pytest.raises(InputError, match=r"calsync\.db does not exist.*`calsync init`.*mounted"):
        open_engine(f"sqlite:///{file}", make=False)
    assert not file.parent.exists()
    made = Store(open_engine(f"sqlite:///{file}", make=True))
    schema.upgrade(made)
    made.close()
    again = Store(open_engine(f"sqlite:///{file}", make=False))
    schema.make_ready(again)
    again.close()


def test_a_ledger_on_sqlite_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "calsync.db"
    before = os.umask(0)
    try:
        made = Store(open_engine(f"sqlite:///{file}"))
        schema.upgrade(made)
        modes = {one.name: oct(one.stat().st_mode & 0o777) for one in tmp_path.iterdir()}
        made.close()
    finally:
        os.umask(before)
    names = ("calsync.db", "calsync.db-shm", "calsync.db-wal")
    assert modes == dict.fromkeys(names, "0o600")


def test_a_database_of_another_program_is_refused_with_three_of_its_tables(store: Store) -> None:
    with store.write() as db:
        for name in ("users", "bookings", "attendees", "zones"):
            db.run(sa.text(f"CREATE TABLE {name} (id INTEGER)"))
    with pytest.raises(InputError, match=r"attendees, bookings, users and more.*--beside-others"):
        schema.upgrade(store)
    assert schema.current(store) is None

    schema.upgrade(store, beside_others=True)
    schema.upgrade(store)  # ours is there now: nothing has to be said again
    assert schema.current(store) == schema.newest()


def test_a_database_whose_migrations_another_program_counts_is_never_shared(store: Store) -> None:
    with store.write() as db:
        db.run(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        db.run(sa.text("INSERT INTO alembic_version VALUES ('a1b2c3')"))
    with pytest.raises(InputError, match="another program counts its migrations"):
        schema.upgrade(store, beside_others=True)


def test_a_database_of_a_newer_calsync_is_refused_with_both_revisions_named(store: Store) -> None:
    schema.upgrade(store)
    with store.write() as db:
        db.run(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(InputError, match=f"revision 9999.*knows {schema.newest()}"):
        schema.make_ready(store)


def test_an_older_database_is_upgraded_by_itself_on_sqlite_and_named_on_postgresql(
    store: Store,
) -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.HERE))
    config.set_main_option("path_separator", "os")
    with store.write() as db:
        config.attributes["connection"] = db.conn
        command.upgrade(config, "0001")
    assert schema.current(store) == "0001"
    if store.sqlite:
        schema.make_ready(store)
    else:
        with pytest.raises(InputError, match=f"revision 0001.*needs {schema.newest()}"):
            schema.make_ready(store)
        schema.upgrade(store)
    assert schema.current(store) == schema.newest()


def test_an_upgrade_asks_about_what_nobody_claims_whether_its_person_must_be_told(
    store: Store,
) -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.HERE))
    config.set_main_option("path_separator", "os")
    with store.write() as db:
        config.attributes["connection"] = db.conn
        command.upgrade(config, "0006")
        delivery = sa.table("delivery", *(sa.Column(name) for name in OLDER))
        day = timedelta(days=1)
        for session, parked, ends in (
            ("parked", "refused", db.now + day),
            ("right", None, db.now + day),
            ("over", "refused", db.now - day),
        ):
            row = {"tenant": "default", "session": session, "participant": "u-1", "person": ""}
            row |= {"email": "m@x.org", "want": "present", "material_fp": "m", "quiet_fp": "q"}
            row |= {"version": 1, "material_version": 1, "priority": 1, "attempts": 0}
            times = {"starts_at": ends.isoformat(" "), "ends_at": ends.isoformat(" ")}
            db.run(sa.insert(delivery).values(**row, **times, parked=parked))
    schema.upgrade(store)
    with store.read() as db:
        c = table("delivery").c
        asked = db.all(sa.select(c.session).where(c.tell_at <= db.now))
    assert [row["session"] for row in asked] == ["parked"]


def test_several_processes_that_upgrade_at_once_agree(store_url: str) -> None:
    stores = [Store(open_engine(store_url)) for _ in range(4)]
    errors: list[BaseException] = []
    together = threading.Barrier(len(stores))

    def upgrade(store: Store) -> None:
        together.wait(60)
        try:
            schema.upgrade(store)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=upgrade, args=(one,)) for one in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    found = set()
    for store in stores:
        with store.read() as db:
            found.add(instance.namespace(db))
        store.close()

    assert errors == []
    assert len(found) == 1


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_that_is_not_utf_8_is_refused_with_the_reason(
    postgres_cluster: Cluster, encoding: str
) -> None:
    with postgres_cluster.database(encoding=encoding) as url:
        store = Store(open_engine(url))
        with pytest.raises(InputError, match=f"encoded in {encoding}.*encoding=UTF8"):
            schema.upgrade(store)
        with pytest.raises(InputError, match=f"encoded in {encoding}"):
            schema.make_ready(store)
        assert schema.current(store) is None
        store.close()
