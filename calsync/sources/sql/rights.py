"""What to do where a database does not let a source's user in, or read what the query asks for."""

from __future__ import annotations

import re
from collections.abc import Collection
from shlex import quote

from sqlalchemy.engine import URL

from calsync.sources.recipes.catalogue import recipe_of

# By the database: MySQL's errors of a database, a table, a column and a routine that a user may not
# use (dev.mysql.com/doc/mysql-errors), and PostgreSQL's insufficient_privilege
# (postgresql.org/docs/current/errcodes-appendix.html).
MAY_NOT = (1044, 1142, 1143, 1370, "42501")
# Those of a user who does not exist or has another password.
UNKNOWN = (1045, 1698, "28000", "28P01")
# libpq tells no code of a connection that was refused.
UNKNOWN_WORDS = re.compile(r'FATAL: +(password authentication failed|role ".*" does not exist)')


def to_grant(source: str, url: URL, codes: Collection[object], reason: str) -> str | None:
    """What to type for the right that is missing; None where an error with these codes is of
    something else. `reason` is its text."""
    if any(one in MAY_NOT for one in codes):
        user = url.username or "its user"
        what = f"an administrator of the database has to let {user} read this"
        return f"{what}: {_shown(source, url) or 'GRANT SELECT does so'}"
    if any(one in UNKNOWN for one in codes) or UNKNOWN_WORDS.search(reason):
        what, shown = "check the user and the password in its url", _shown(source, url)
        return f"{what}; {shown}" if shown else what
    return None


def _shown(source: str, url: URL) -> str:
    """How to see the statements that make the user; "" for a source that is of no recipe."""
    recipe = recipe_of(source, url.get_backend_name())
    if recipe is None:
        return ""
    database = f" --set database={quote(url.database)}" if url.database else ""
    return (
        f"`calsync recipe show {recipe} --grant{database}` prints the statements that make the "
        "user and grant what is read"
    )
