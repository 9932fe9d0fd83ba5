"""Retention: content and old lines leave by themselves; `forget` blanks one person at once."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import partial

from calsync.accounts import disconnect
from calsync.core.address import spellings
from calsync.core.ledger import MAIL
from calsync.notices.upcoming_case import reader_in
from calsync.ops import lookup
from calsync.ops.results.orders import Forgotten
from calsync.runtime.context import Context
from calsync.store import expired, retention
from calsync.store.connect import leaving, operators, visits
from calsync.store.database import Db, Row
from calsync.store.findings import failures, record_warnings
from calsync.store.ledger import journal, notices
from calsync.store.ledger.rows import key_of
from calsync.store.queue import channels
from calsync.store.records import older_versions
from calsync.store.upcoming import unsubscribed
from calsync.store.vault import Vault

MAIL_COUNTS = timedelta(days=2)  # only today's are asked for


def run_once(context: Context) -> dict[str, int]:
    """Blank what is past its retention, in as many short transactions as it takes; returns how many
    rows of each table."""
    done = Counter(context.transact("purge", partial(_purge, context)))
    more = True
    while more:
        part = context.transact("purge_more", partial(_purge_range, context))
        done.update(part)
        more = any(part.values())
    return dict(done)


def _purge(context: Context, db: Db) -> dict[str, int]:
    """What there is little of, and the first range of the rest."""
    over = db.now - timedelta(days=context.settings.content_days)
    retention.drop_mail_counts(db, db.now - MAIL_COUNTS)
    failures.purge(db, db.now - timedelta(days=context.settings.journal_days))
    visits.purge(db)
    operators.purge(db)
    return _purge_range(context, db) | {
        "older_version": older_versions.drop_of_sessions_before(db, over),
        "record_warning": record_warnings.drop_of_sessions_before(db, over),
    }


def _purge_range(context: Context, db: Db) -> dict[str, int]:
    before = db.now - timedelta(days=context.settings.journal_days)
    return {
        **expired.blank_content(db, db.now - timedelta(days=context.settings.content_days)),
        "journal": expired.drop_lines(db, before),
        "fact": expired.drop_facts(db, before),
    }


def forget(context: Context, email: str, tenant: str | None = None) -> Forgotten:
    """Blank everything about one person: content, sealed bytes, credentials; in the journal
    their ids become a keyed hash. What exists in calendars and mailboxes stays as it is.

    Of sessions that are over, nothing of what anybody was shown stays either: their names are in
    it. Upcoming ones go on without this person, and name them until the platform no longer does.
    A consent is taken back at its provider as after a disconnect; of its account only the sealed
    credential and the provider's id of it are kept until then. `tenant`: in this one alone; raises
    InputError for one there is not.
    """
    if tenant is not None:
        lookup.check_tenant(context, tenant)
    person, *_ = spelt = spellings(email)
    vault = context.vault

    def work(db: Db) -> Forgotten:
        rows = retention.of_person(db, person, tenant)
        left = retention.left_outside(db, person, tenant)
        named_in = retention.shared_ahead(db, rows)
        for row in rows:
            retention.forget_delivery(db, row, _alias(db, vault, row))
        gone = leaving.of_people(db, spelt, tenant)
        revoking = disconnect.forget(context, db, gone)
        notices.forget(db, [row["id"] for row in gone])
        retention.forget_notices(db, spelt, tenant)
        visits.forget(db, person, tenant)
        _forget_choices(context, db, person, tenant)
        retention.forget_words(db, spelt, tenant)
        alias = vault.keyed_hash("forget", person)[:16]
        journal.note(db, "person_forgotten", tenant=tenant or "", person=alias)
        mailed = left.get(MAIL, 0)
        outside = sum(left.values()) - mailed
        return Forgotten(len(rows), len(gone), revoking, outside, mailed, named_in)

    forgotten = context.transact("forget", work)
    context.store.empty_log()
    return forgotten


def _forget_choices(context: Context, db: Db, person: str, tenant: str | None) -> None:
    """Which mails the person did not want."""
    known = {*context.settings.tenants, *channels.tenants(db)}
    tenants = [tenant] if tenant is not None else sorted(known)
    readers = [reader_in(context, db, name, person) for name in tenants]
    unsubscribed.subscribe(db, [one for one in readers if one is not None])


def _alias(db: Db, vault: Vault, row: Row) -> str:
    """A name that tells nothing, and that no earlier forgetting has used in this session."""
    name = "forgotten-" + vault.keyed_hash("forget", row["participant"])[:16]
    before = retention.named_like(db, key_of(row), name)
    return f"{name}-{before + 1}" if before else name
