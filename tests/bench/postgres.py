"""The page's section on a ledger that is on a server."""

from __future__ import annotations

from tests.bench import against
from tests.bench.figures import Figures, table
from tests.bench.ground import WORKERS
from tests.bench.pieces import ACCOUNTS, IN_A_FILE, SESSIONS, Bench
from tests.bench.section import Section

ROWS = (("Google, new events", "postgres create"), ("Mail, first invitations", "postgres mail"))


def write(figures: Figures) -> list[str]:
    return [
        f"{ACCOUNTS} accounts and {2 * SESSIONS:,} deliveries a round, as above, with the ledger "
        "in a database of a PostgreSQL on the same machine that waits for its disk (fsync on), "
        "reached through a unix socket. Beside it the same with a SQLite file. CPU is calsync's "
        f"own, without the server's. {WORKERS} workers, {WORKERS // 4} connections to the mail "
        "server.",
        "",
        *table("", "A second", "CPU ms each", "A second, SQLite", "CPU ms each, SQLite"),
        *(
            f"| {what} | {_pair(figures, name)} | {_pair(figures, IN_A_FILE + name)} |"
            for what, name in ROWS
        ),
        *against.rows(figures, ROWS),
    ]


def _pair(figures: Figures, name: str) -> str:
    return f"{figures[f'{name} rate'].text()} | {figures[f'{name} cpu'].text(2)}"


SECTION = Section(name="postgres", title="PostgreSQL", measure=Bench.postgres, write=write)
