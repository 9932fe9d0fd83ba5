"""Which package brings the driver that a database's URL asks for.

PostgreSQL, MariaDB and SQLite are tested. SQL Server and Oracle are not: their names here are those
of SQLAlchemy's documentation (docs.sqlalchemy.org/en/21/dialects).
"""

from __future__ import annotations

from sqlalchemy.engine import URL

from calsync.text.sql import MYSQL

# By the module that is missing: what to install for it.
INSTALL = {
    "psycopg": '`pip install "calsync[postgres]"`',
    "pymysql": '`pip install "calsync[mysql]"`',
    "pyodbc": "`pip install pyodbc` and Microsoft's ODBC driver",
    "pymssql": "`pip install pymssql`",
    "oracledb": "`pip install oracledb`",
}
# By the database: the one driver that calsync's image has, or the newer one.
BETTER = {
    "postgresql": "postgresql+psycopg",
    **dict.fromkeys(MYSQL, "mysql+pymysql"),
    "oracle": "oracle+oracledb",
}


def missing(url: URL, module: str | None) -> str:
    """What to do about a driver that is not installed."""
    install = INSTALL.get(module or "")
    if install is not None:
        return f"the driver {module} is not installed; run {install} beside calsync"
    better = BETTER.get(url.get_backend_name())
    what = f"write {better}:// as the beginning of its url" if better else "install it"
    return f"the driver {module} is not installed; {what}"


def unknown(url: URL) -> str:
    """What to do about a kind of database that SQLAlchemy does not know."""
    return (
        f"there is no kind of database {url.drivername!r}; begin its url with one of "
        "postgresql+psycopg, mysql+pymysql or sqlite (tested), mssql+pyodbc or oracle+oracledb "
        "(not verified)"
    )
