"""Leases: two columns of a row, who has it and until when.

Whoever takes one writes a random token and an end by the database's clock. The lease ends by
itself; whoever comes back late finds another token there, or none, and leaves the row alone. Times
and tokens are values, or parameters of a statement that is built once.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from calsync.store.ledger.rows import table

Now = datetime | sa.BindParameter[Any]
Token = str | sa.BindParameter[Any]


@dataclass(frozen=True, slots=True)
class Lease:
    """The columns of a table that hold a lease."""

    table: str
    token: str = "lease_token"  # noqa: S105  (a column's name)
    until: str = "lease_until"

    def free(self, now: Now) -> sa.ColumnElement[bool]:
        """Nobody has it, or it has ended."""
        until = self._column(self.until)
        return sa.or_(until.is_(None), until < now)

    def mine(self, token: Token) -> sa.ColumnElement[bool]:
        """Nobody took it since; it may have ended."""
        return self._column(self.token) == token

    def lasts(self, now: Now) -> sa.ColumnElement[bool]:
        """Somebody has it, and it has not ended."""
        return self._column(self.until) > now

    def taken(self, token: str, until: datetime) -> dict[str, Any]:
        """The columns' values while it is taken."""
        return {self.token: token, self.until: until}

    def given_back(self) -> dict[str, Any]:
        """The columns' values when it is over."""
        return {self.token: None, self.until: None}

    def _column(self, name: str) -> sa.ColumnElement[Any]:
        return table(self.table).c[name]


DELIVERY = Lease("delivery")
LANE = Lease("lane")
NOTICE = Lease("notice")
WEBHOOK = Lease("webhook")
ACCOUNT = Lease("account", "lock_token", "lock_until")  # around a token's refresh
SOURCE = Lease("source_cursor", "poll_token", "poll_until")  # one poll or sweep at a time
RUN = Lease("instance", "owner", "owner_until")  # the one `run` of a SQLite file


def new_token() -> str:
    """What nobody else's lease bears."""
    return secrets.token_hex(8)
