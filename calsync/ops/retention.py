"""Retention: content and old lines leave by themselves; `forget` blanks one person at once."""

from __future__ import annotations

from datetime import timedelta

from calsync.core.address import spellings
from calsync.ops.results import Forgotten
from calsync.runtime.context import Context
from calsync.store import retention
from calsync.store.api import facts
from calsync.store.connect import visits
from calsync.store.database import Db, Row
from calsync.store.ledger import failures, journal, notices
from calsync.store.ledger.rows import key_of
from calsync.store.vault import Vault

MAIL_COUNTS = timedelta(days=2)  # only today's are asked for


def run_once(context: Context) -> dict[str, int]:
    """Blank what is past its retention; returns how many rows of each table."""
    settings = context.settings
    with context.write("purge") as db:
        done = retention.blank_content(db, db.now - timedelta(days=settings.content_days))
        before = db.now - timedelta(days=settings.journal_days)
        done["journal"] = retention.drop_lines(db, before)
        done["fact"] = facts.purge(db, before)
        retention.drop_mail_counts(db, db.now - MAIL_COUNTS)
        failures.purge(db, before)
        visits.purge(db)
    return done


def forget(context: Context, email: str) -> Forgotten:
    """Blank everything about one person: content, sealed bytes, credentials; in the journal
    their ids become a keyed hash. What exists in calendars and mailboxes stays as it is.

    Of sessions that are over, nothing of what anybody was shown stays either: their names are in
    it. Upcoming ones go on without this person, and name them until the platform no longer does.
    """
    person, *_ = spelt = spellings(email)
    vault = context.vault
    with context.write("forget") as db:
        rows = retention.of_person(db, person)
        for row in rows:
            retention.forget_delivery(db, row, _alias(db, vault, row))
        gone = retention.forget_accounts(db, spelt)
        notices.forget(db, notices.OWNER_LOST, gone)
        retention.forget_notices(db, spelt)
        visits.forget(db, person)
        retention.forget_words(db, spelt)
        journal.note(db, "person_forgotten", person=vault.keyed_hash("forget", person)[:16])
    return Forgotten(len(rows), len(gone))


def _alias(db: Db, vault: Vault, row: Row) -> str:
    """A name that tells nothing, and that no earlier forgetting has used in this session."""
    name = "forgotten-" + vault.keyed_hash("forget", row["participant"])[:16]
    before = retention.named_like(db, key_of(row), name)
    return f"{name}-{before + 1}" if before else name
