"""What one person's event would be, and the bytes that a channel would be given for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from calsync.core.content.event import DesiredEvent
from calsync.core.desired import wanted_of
from calsync.core.ledger import MAIL, Copy, CopyState, DeliveryKey, Do, Route, copy_uid
from calsync.errors import InputError
from calsync.notices.upcoming_case import unsubscribe_link
from calsync.ops import lookup
from calsync.ops.results.explanation import EventPreview
from calsync.ports import NoticeSender
from calsync.runtime.context import Context
from calsync.store.connect import accounts
from calsync.store.ledger import deliveries, sessions


@dataclass(frozen=True, slots=True)
class PreviewRequest:
    """Whose event of which session is to be shown. `channel`: None for the one it goes by."""

    session: str
    person: str
    channel: str | None = None
    tenant: str | None = None


@dataclass(frozen=True, slots=True)
class _Previewed:
    """The delivery, what is wanted of it, and the ledger's clock."""

    key: DeliveryKey
    email: str
    event: DesiredEvent
    route: Route | None
    now: datetime


def preview(context: Context, asked: PreviewRequest) -> EventPreview:
    """The event of one person, and the bytes that a channel is given for it. Raises InputError for
    an unknown name, and where there is nothing to show."""
    if asked.channel is not None:
        lookup.check_channel(context, asked.channel)
    shown = _shown(context, asked)
    route = shown.route
    kind = asked.channel or (route.channel if route else MAIL)
    copy = _first_copy(context, shown.key, kind, route or Route(MAIL, None, asked.person, ""))
    channel = context.channel(shown.key.tenant, kind)
    prepared = channel.prepare(Do.CREATE, copy, shown.event, shown.now)
    return _preview(asked, shown, kind, prepared.body)


def preview_upcoming(
    context: Context, senders: Mapping[str, NoticeSender], asked: PreviewRequest
) -> EventPreview:
    """The Upcoming Session mail to one person, as it would be written now. Raises InputError as
    `preview`, and where there is no mail server."""
    shown = _shown(context, asked)
    tenant = shown.key.tenant
    sender = senders.get(tenant) or senders.get("default")
    if sender is None:
        raise InputError("no mail is sent: set mail.host and mail.sender")
    with context.store.read() as db:
        link = unsubscribe_link(context, db, tenant, shown.email)
    body = sender.prepare_upcoming(shown.email, "preview", shown.event, shown.now, link)
    return _preview(asked, shown, MAIL, body)


def _shown(context: Context, asked: PreviewRequest) -> _Previewed:
    session, person = asked.session, asked.person
    with context.store.read() as db:
        key = lookup.delivery(db, session, person, asked.tenant)
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
    return _Previewed(key, row["email"], wanted.event, wanted.route, now)


def _preview(asked: PreviewRequest, shown: _Previewed, kind: str, body: bytes) -> EventPreview:
    event = shown.event
    return EventPreview(
        session=asked.session,
        person=shown.email,
        channel=kind,
        title=event.title,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        time_zone=event.time_zone,
        location=event.location,
        url=event.url,
        private=event.private,
        text=event.text,
        body=body.decode("utf-8", errors="replace"),
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
