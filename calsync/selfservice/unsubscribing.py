"""What a person says about mails before sessions: by the link in one, or on their page."""

from __future__ import annotations

from dataclasses import dataclass

from calsync.core.upcoming.rules import UPCOMING, UpcomingTo
from calsync.core.upcoming.unsubscribing import CATEGORIES, read_token, reader_of
from calsync.core.visit import Visitor
from calsync.runtime.context import Context
from calsync.store.database import Db
from calsync.store.ledger import journal
from calsync.store.upcoming import unsubscribed


@dataclass(frozen=True)
class Unsubscribing:
    """Both ways end in the same row; doing it twice is harmless."""

    context: Context

    def reader(self, category: str, token: str) -> str | None:
        """Whose link this is; None for one that calsync did not make."""
        if category not in CATEGORIES:
            return None
        with self.context.store.read() as db:
            secret = unsubscribed.secret(db, self.context.vault)
        return None if secret is None else read_token(secret, category, token)

    def gets(self, reader: str) -> bool:
        """Whether this reader gets the mails of their category."""
        with self.context.store.read() as db:
            return not unsubscribed.is_unsubscribed(db, reader)

    def choose(self, category: str, reader: str, *, wanted: bool) -> None:
        """Remember what the reader wants."""
        self.context.transact(
            "choose_mails", lambda db: _choose(db, category, reader, wanted=wanted)
        )

    def wanted_by(self, visitor: Visitor) -> bool | None:
        """Whether the visitor gets mails before sessions; None where nobody does."""
        reader = self._visiting(visitor)
        return None if reader is None else self.gets(reader)

    def choose_for(self, visitor: Visitor, *, wanted: bool) -> None:
        """Remember what the visitor wants of mails before sessions."""
        reader = self._visiting(visitor)
        if reader is not None:
            self.choose(UPCOMING, reader, wanted=wanted)

    def _visiting(self, visitor: Visitor) -> str | None:
        if self.context.tenant(visitor.tenant).upcoming.to is UpcomingTo.OFF:
            return None
        with self.context.store.read() as db:
            secret = unsubscribed.secret(db, self.context.vault)
        if secret is None:
            return None
        return reader_of(secret, UPCOMING, visitor.tenant, visitor.email)


def _choose(db: Db, category: str, reader: str, *, wanted: bool) -> None:
    if unsubscribed.is_unsubscribed(db, reader) is not wanted:
        return
    if wanted:
        unsubscribed.subscribe(db, [reader])
    else:
        unsubscribed.unsubscribe(db, reader, category)
    journal.note(db, "mails_wanted" if wanted else "mails_unwanted", category=category)
