"""What a read does to the platform's database, and how it tells that it could not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from calsync.errors import SourceError
from calsync.sources.pages import PAGE
from calsync.sources.sql.engines import connected
from calsync.sources.sql.source import SqlSource
from calsync.sources.sql.table import SourceTable
from tests.postgres import Cluster
from tests.sources.platform import QUERY, Platform, a_row, ids


def test_between_pages_no_transaction_is_open(platform: Platform) -> None:
    platform.create()
    platform.add(*(a_row(f"s-{n:04}", n) for n in range(PAGE + 1)))
    pages = platform.source().changes(None)
    next(pages)
    if platform.kind == "postgresql":
        with platform.engine.connect() as db:
            states = db.scalars(
                sa.text(
                    "SELECT state FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                    " AND datname = current_database() AND backend_type = 'client backend'"
                )
            )
            assert set(states) == {"idle"}
    # A writer that needs the table, or on SQLite the file, for itself does not wait.
    platform.run("DROP TABLE booking")
    with pytest.raises(SourceError):
        list(pages)


def test_a_sweep_is_one_snapshot(platform: Platform) -> None:
    if platform.kind == "sqlite":
        platform.run("PRAGMA journal_mode = WAL")
    platform.create()
    platform.add(*(a_row(f"s-{n:04}", n) for n in range(PAGE + 1)))
    pages = platform.source().sweep()
    seen = [next(pages)]
    platform.run("DELETE FROM booking")
    platform.add(a_row("t"))
    seen += pages
    assert ids(seen) == [f"s-{n:04}" for n in range(PAGE + 1)]


def test_nothing_can_be_written(platform: Platform) -> None:
    platform.create()
    if platform.kind == "postgresql":
        platform.run("CREATE SEQUENCE s")
        query = "SELECT nextval('s') AS id, now() AS updated_at"
        with pytest.raises(SourceError, match="25006"):
            list(platform.source(query).changes(None))
    with (
        pytest.raises(SourceError, match=r"read|25006"),
        connected("crm", platform.url) as conn,
        conn.begin(),
    ):
        conn.execute(sa.text("INSERT INTO booking (id) VALUES ('x')"))


def test_a_read_that_stands_still_ends(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    platform.create()
    platform.add(*(a_row(f"s-{n:04}", n) for n in range(PAGE)))
    real = SourceTable.updated
    monkeypatch.setattr(SourceTable, "updated", lambda self, _: real(self, None))
    with pytest.raises(SourceError, match="finer than microseconds"):
        list(platform.source().changes(None))


class TestErrors:
    def reason(self, source: SqlSource) -> str:
        with pytest.raises(SourceError) as swept:
            list(source.sweep())
        with pytest.raises(SourceError) as caught:
            list(source.changes(None))
        assert str(swept.value) == str(caught.value)
        assert caught.value.__suppress_context__ or caught.value.__context__ is None
        return str(caught.value)

    def test_a_missing_column_is_named(self, platform: Platform) -> None:
        platform.create()
        reason = self.reason(platform.source("SELECT id FROM booking"))
        assert reason == "source crm: the query has no column updated_at; add it"

    def test_a_missing_table_is_named(self, platform: Platform) -> None:
        assert "booking" in self.reason(platform.source())

    @pytest.mark.parametrize("missing", ["session_id", "id", "name", "email"])
    @pytest.mark.parametrize("where", ["", " WHERE title IN :session_ids"])
    def test_a_participants_query_without_a_column_is_told_at_once(
        self, platform: Platform, missing: str, where: str
    ) -> None:
        platform.create()
        names = {"session_id", "id", "name", "email"} - {missing}
        columns = ", ".join(f"title AS {name}" for name in sorted(names))
        query = f"SELECT {columns} FROM booking{where}"
        reason = self.reason(platform.source(participants_query=query))
        assert reason == f"source crm: participants_query has no column {missing}; add it"

    def test_values_are_not_quoted(self, platform: Platform) -> None:
        platform.create()
        platform.add(a_row(title="top secret"))
        cast = {
            "sqlite": "json_extract('{}', '~' || title)",
            "postgresql": "CAST(title AS integer)",
            "mysql": "ExtractValue('<a/>', CONCAT('~', title))",
        }
        query = f"SELECT id, updated_at, {cast[platform.kind]} AS title FROM booking"
        assert "secret" not in self.reason(platform.source(query))

    def test_a_missing_sqlite_file_is_told_and_not_made(self, tmp_path: Path) -> None:
        path = tmp_path / "none.db"
        source = SqlSource("crm", "default", f"sqlite:///{path}", QUERY)
        assert "there is no database" in self.reason(source)
        assert not path.exists()

    def test_a_password_is_never_shown(self) -> None:
        url = "postgresql+psycopg://me:s3cr%2Ft@127.0.0.1:1/x?connect_timeout=2"
        reason = self.reason(SqlSource("crm", "default", url, QUERY))
        assert "refused" in reason
        assert "s3cr" not in reason
        source = SqlSource("crm", "default", "postgresql+psycopg//me:s3cr@x", QUERY)
        assert "s3cr" not in self.reason(source)
        assert "s3cr" not in repr(source)

    def test_a_password_is_blanked_wherever_it_turns_up(self, postgres: Platform) -> None:
        url = postgres.url.replace("calsync@", "calsync:s3cr%2Ft@")
        reason = self.reason(SqlSource("crm", "default", url, 'SELECT "s3cr/t", "s3cr%2Ft"'))
        assert reason.startswith('source crm: column "***" does not exist;')

    @pytest.mark.parametrize("password", ["column", "o", "calsync"])
    def test_a_password_that_is_an_innocent_word_masks_no_other(
        self, postgres: Platform, password: str
    ) -> None:
        url = postgres.url.replace("calsync@", f"calsync:{password}@")
        reason = self.reason(SqlSource("crm", "default", url, "SELECT nobody"))
        assert reason.startswith('source crm: column "nobody" does not exist;')

    @pytest.mark.parametrize(
        ("url", "says"),
        [
            ("oracle+oracledb://me:s3cr@x/y", "`pip install oracledb`"),
            ("oracle+cx_oracle://me:s3cr@x/y", "write oracle+oracledb://"),
            ("mssql+pyodbc://me:s3cr@x/y", "`pip install pyodbc` and Microsoft's ODBC driver"),
            ("mssql://me:s3cr@x/y", "`pip install pyodbc` and Microsoft's ODBC driver"),
            ("mssql+pymssql://me:s3cr@x/y", "`pip install pymssql`"),
            ("mysql://me:s3cr@x/y", "write mysql+pymysql://"),
            ("mysql+mysqlconnector://me:s3cr@x/y", "write mysql+pymysql://"),
            ("mariadb+mariadbconnector://me:s3cr@x/y", "write mysql+pymysql://"),
            ("postgresql+psycopg2://me:s3cr@x/y", "write postgresql+psycopg://"),
            ("postgresql+pg8000://me:s3cr@x/y", "write postgresql+psycopg://"),
            ("nothing://me:s3cr@x/y", "there is no kind of database 'nothing'"),
            ("mssql+nothing://me:s3cr@x/y", "there is no kind of database 'mssql+nothing'"),
        ],
    )
    def test_a_missing_driver_is_told_with_what_to_install(self, url: str, says: str) -> None:
        reason = self.reason(SqlSource("crm", "default", url, QUERY))
        assert reason.startswith("source crm: ")
        assert says in reason
        assert "s3cr" not in reason

    @pytest.mark.parametrize(("module", "extra"), [("psycopg", "postgres"), ("pymysql", "mysql")])
    def test_a_driver_that_an_extra_brings_is_told_by_it(
        self, monkeypatch: pytest.MonkeyPatch, module: str, extra: str
    ) -> None:
        monkeypatch.setitem(sys.modules, module, None)
        backend = "postgresql" if extra == "postgres" else "mysql"
        reason = self.reason(SqlSource("crm", "default", f"{backend}+{module}://x/y", QUERY))
        assert f'`pip install "calsync[{extra}]"`' in reason


@pytest.fixture
def without_encoding(postgres_cluster: Cluster) -> Iterator[Platform]:
    with postgres_cluster.database(encoding="SQL_ASCII") as url:
        made = Platform(url + "&client_encoding=UTF8")
        made.create()
        made.url = url
        yield made
        made.engine.dispose()


def test_a_database_without_an_encoding_is_read_as_utf_8(without_encoding: Platform) -> None:
    without_encoding.add(a_row(title="Grüße"))
    (page,) = without_encoding.source().changes(None)
    assert [one.title for one in page.sessions] == ["Grüße"]


def test_text_in_no_known_encoding_is_told_with_what_to_write(
    without_encoding: Platform,
) -> None:
    without_encoding.add(a_row())
    # SQL_ASCII keeps whatever bytes it is given (postgresql.org/docs/current/multibyte.html).
    without_encoding.run(r"UPDATE booking SET title = convert_from('\x4772fc', 'SQL_ASCII')")
    with pytest.raises(SourceError, match=r"not UTF-8.*client_encoding=LATIN1"):
        list(without_encoding.source().changes(None))
    without_encoding.url += "&client_encoding=LATIN1"
    (page,) = without_encoding.source().changes(None)
    assert [one.title for one in page.sessions] == ["Grü"]
