"""What is known when it is decided whether a person gets the Upcoming Session mail."""

from __future__ import annotations

from calsync.core.ledger import Delivery
from calsync.core.upcoming.rules import UPCOMING, UpcomingCase
from calsync.core.upcoming.unsubscribing import reader_of, token_of
from calsync.errors import SealError
from calsync.runtime.context import Context
from calsync.store.database import Db
from calsync.store.queue import claims, pauses
from calsync.store.upcoming import due, unsubscribed


def is_unsubscribed(context: Context, db: Db, tenant: str, email: str) -> bool:
    """The person does not want Upcoming Session mails."""
    reader = reader_in(context, db, tenant, email)
    return reader is not None and unsubscribed.is_unsubscribed(db, reader)


def unsubscribe_link(context: Context, db: Db, tenant: str, email: str) -> str:
    """Where the person turns these mails off; "" where calsync cannot be reached."""
    url, secret = context.settings.public_url, readable_secret(context, db)
    if not url or secret is None:
        return ""
    reader = reader_of(secret, UPCOMING, tenant, email)
    return f"{url}/unsubscribe/{UPCOMING}/{token_of(secret, UPCOMING, reader)}"


def reader_in(context: Context, db: Db, tenant: str, email: str) -> str | None:
    """What stands for the person where it is kept who does not want these mails; None: nobody is
    known there."""
    secret = readable_secret(context, db)
    return None if secret is None else reader_of(secret, UPCOMING, tenant, email)


def readable_secret(context: Context, db: Db) -> bytes | None:
    """With which links of mails are made; None before it was made, and for one that no key opens
    any more."""
    try:
        return unsubscribed.secret(db, context.vault)
    except SealError:
        return None


def case_of(context: Context, db: Db, delivery: Delivery) -> UpcomingCase:
    """This delivery's case, read in one transaction."""
    name = delivery.key.tenant
    tenant = context.tenant(name)
    excluded = tenant.excludes(delivery.email)
    known = claims.snapshot(db, context.sealer, delivery, tenant.policy, excluded=excluded)
    session = due.session(db, delivery.key)
    paused = pauses.is_paused_by_operator(db, name, delivery.route)
    return UpcomingCase(
        snapshot=known,
        rules=tenant.upcoming,
        since=due.since(db, name) or db.now,
        program_hours=session.hours,
        booked=session.booked,
        stale=session.stale,
        paused=paused,
        restored_at=due.restored_at(db),
        unsubscribed=is_unsubscribed(context, db, name, delivery.email),
    )
