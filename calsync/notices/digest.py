"""Digests: what one account change sends to a mailbox, told together where it is far away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from calsync.core.address import address_key
from calsync.core.content.digest import AHEAD, announced
from calsync.core.ledger import DeliveryKey
from calsync.core.reconcile.decide import invites_by_mail
from calsync.runtime.context import Context
from calsync.store.database import Db
from calsync.store.ledger import announcements, journal, notices
from calsync.store.ledger.rows import delivery_of, key_of
from calsync.store.queue import claims


def announce(
    context: Context, db: Db, tenant: str, change: int, keys: Sequence[DeliveryKey]
) -> None:
    """Of what this account change (its batch) sends to mailboxes for the first time, have the far
    sessions of each person told of by one digest, and their invitations wait for their day."""
    for person, starts in _first_mails(context, db, tenant, keys).items():
        far = announced(starts, db.now)
        for key, mail_from in far.items():
            announcements.postpone(db, key, mail_from)
            journal.note(db, "invitation_announced", key=key, mail_from=mail_from.isoformat())
        if far and not notices.is_to_be_written(db, tenant, notices.DIGEST, person):
            notices.want(db, tenant, notices.DIGEST, person, f"account change {change}")


def _first_mails(
    context: Context, db: Db, tenant: str, keys: Sequence[DeliveryKey]
) -> dict[str, dict[DeliveryKey, datetime]]:
    """Starts of the far sessions to which somebody is invited by mail now, by their address."""
    settings, found = context.tenant(tenant), dict[str, dict[DeliveryKey, datetime]]()
    for row in announcements.far(db, keys, AHEAD):
        if settings.excludes(row["email"]):
            continue
        if invites_by_mail(claims.snapshot(db, context.sealer, delivery_of(row), settings.policy)):
            found.setdefault(address_key(row["email"]), {})[key_of(row)] = row["starts_at"]
    return found
