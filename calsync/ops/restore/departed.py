"""Who was put into a session and taken out of it again in a time of which a restored ledger knows
nothing: their event stands, and nothing in the ledger asks for it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from calsync.core.address import address_key
from calsync.core.booked import BookedSession, Participant, Status
from calsync.core.desired import wanted_of
from calsync.core.ledger import DeliveryKey, copy_uid
from calsync.ops.restore.comparison import Place
from calsync.runtime.context import Context
from calsync.store.connect import accounts
from calsync.store.database import Db
from calsync.store.ledger import deliveries, recovery, sessions, wants
from calsync.store.ledger.deliveries import Write

RANGE = 500  # sessions in one transaction
GENERATIONS = (1, 2, 3)


def departed(
    context: Context, place: Place, unknown: Collection[str]
) -> dict[str, tuple[DeliveryKey, int]]:
    """Of which delivery and generation these uids are, where the person of the calendar was shown a
    session that was read anew since the backup and does not name them any more."""
    people = {
        key.participant
        for key, row in place.rows.items()
        if address_key(row["email"]) == address_key(place.account.email)
    }
    if not unknown or not people:
        return {}
    tenant, found = place.account.tenant, {}
    for session in _read_since(context, tenant):
        for key in (DeliveryKey(tenant, session, participant) for participant in sorted(people)):
            for generation in () if key in place.rows else GENERATIONS:
                uid = copy_uid(context.namespace, key, place.account.destination, generation)
                if uid in unknown:
                    found[uid] = key, generation
    return found


def _read_since(context: Context, tenant: str) -> Iterator[str]:
    after = ""
    while True:
        with context.store.read() as db:
            ids = recovery.read_since(db, tenant, after, RANGE)
        yield from ids
        if len(ids) < RANGE:
            return
        after = ids[-1]


def know_departed(db: Db, key: DeliveryKey, email: str) -> None:
    """Write down that this person was shown the session, and is not to see it any more. Not where
    their part of its record only cannot be used: that is a mistake, and no departure. No poll reads
    or writes the session meanwhile."""
    row = sessions.stored(db, key.tenant, [key.session]).get(key.session)
    if row is None or row["record"] is None:
        return
    session = sessions.from_json(row["record"])
    named = {p.id for p in session.participants} | set(session.set_aside)
    if session.starts_at is None or key.participant in named:
        return
    people = accounts.of_emails(db, key.tenant, {address_key(email)})
    alone = Participant(key.participant, "", email)
    for wanted in (wanted_of(_with(session, alone), people), []):
        mine = deliveries.get(db, key)
        known = [mine] if mine is not None else []
        wants.write_wanted(db, key.tenant, key.session, wanted, known, write=Write(None))


def _with(session: BookedSession, alone: Participant) -> BookedSession:
    return replace(session, participants=(alone,), status=Status.BOOKED)
