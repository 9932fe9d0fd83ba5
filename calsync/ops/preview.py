"""What one person's event would be, and the bytes that a channel would be given for it."""

from __future__ import annotations

from typing import Any

from calsync.core.desired import wanted_of
from calsync.core.ledger import MAIL, Do, Route
from calsync.errors import InputError
from calsync.ops import commands
from calsync.runtime.context import Context
from calsync.store.connect import accounts
from calsync.store.ledger import deliveries, sessions
from calsync.text.instants import iso

Data = dict[str, Any]


def preview(
    context: Context, session: str, person: str, channel: str | None, tenant: str | None
) -> Data:
    """The event of one person, and the bytes a channel would be given for it."""
    with context.store.read() as db:
        key = commands.find_delivery(db, session, person, tenant)
        row = deliveries.get(db, key)
        stored = sessions.stored(db, key.tenant, [session]).get(session)
        if row is None or stored is None or stored["record"] is None:
            raise InputError(f"{session} is not stored any more; nothing can be previewed")
        known = accounts.of_emails(db, key.tenant, [row["email"]])
        now = db.now
    wanted = {
        one.participant: one for one in wanted_of(sessions.from_json(stored["record"]), known)
    }.get(key.participant)
    if wanted is None or wanted.event is None:
        raise InputError(f"{person} is not to see {session}: it is cancelled, or they left")
    kind = channel or (wanted.route.channel if wanted.route else MAIL)
    copy = commands.sample_copy(context, key, kind, wanted.route or Route(MAIL, None, person, ""))
    prepared = context.channel(key.tenant, kind).prepare(Do.CREATE, copy, wanted.event, now)
    event = wanted.event
    return {
        "session": session,
        "person": row["email"],
        "channel": kind,
        "title": event.title,
        "starts_at": iso(event.starts_at),
        "ends_at": iso(event.ends_at),
        "time_zone": event.time_zone,
        "location": event.location,
        "url": event.url,
        "private": event.private,
        "text": event.text,
        "body": prepared.body.decode("utf-8", errors="replace"),
    }
