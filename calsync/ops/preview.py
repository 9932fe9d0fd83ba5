"""What one person's event would be, and the bytes that a channel would be given for it."""

from __future__ import annotations

from calsync.core.desired import wanted_of
from calsync.core.ledger import MAIL, Copy, CopyState, DeliveryKey, Do, Route, copy_uid
from calsync.errors import InputError
from calsync.ops import lookup
from calsync.ops.results.explanation import EventPreview
from calsync.runtime.context import Context
from calsync.store.connect import accounts
from calsync.store.ledger import deliveries, sessions


def preview(
    context: Context, session: str, person: str, channel: str | None, tenant: str | None
) -> EventPreview:
    """The event of one person, and the bytes that a channel (None: the one it goes by) is given for
    it. Raises InputError for an unknown name, and where there is nothing to show."""
    if channel is not None:
        lookup.check_channel(context, channel)
    with context.store.read() as db:
        key = lookup.delivery(db, session, person, tenant)
        row = deliveries.get(db, key)
        stored = sessions.stored(db, key.tenant, [session]).get(session)
        if row is None or stored is None or stored["record"] is None:
            raise InputError(f"{session} is no longer stored, so there is nothing to preview")
        known = accounts.of_emails(db, key.tenant, [row["email"]])
        now = db.now
    wanted = {
        one.participant: one for one in wanted_of(sessions.from_json(stored["record"]), known)
    }.get(key.participant)
    if wanted is None or wanted.event is None:
        raise InputError(
            f"{person} is not to see {session}: it was cancelled, or they have left it"
        )
    event = wanted.event
    kind = channel or (wanted.route.channel if wanted.route else MAIL)
    copy = _first_copy(context, key, kind, wanted.route or Route(MAIL, None, person, ""))
    prepared = context.channel(key.tenant, kind).prepare(Do.CREATE, copy, event, now)
    return EventPreview(
        session=session,
        person=row["email"],
        channel=kind,
        title=event.title,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        time_zone=event.time_zone,
        location=event.location,
        url=event.url,
        private=event.private,
        text=event.text,
        body=prepared.body.decode("utf-8", errors="replace"),
    )


def _first_copy(context: Context, key: DeliveryKey, channel: str, route: Route) -> Copy:
    """A first copy as it would be made."""
    return Copy(
        n=1,
        uid=copy_uid(context.namespace, key, route.destination, 1),
        generation=1,
        channel=channel,
        account=route.account,
        address=route.address,
        destination=route.destination,
        state=CopyState.PLANNED,
        organizer=context.tenant(key.tenant).organizer,
    )
