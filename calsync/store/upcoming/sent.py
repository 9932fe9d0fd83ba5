"""Upcoming Session mails as rows of `notice`: begun at most once for a person, session and start.

`unsure` while its call is made, then `sent`, `refused`, or `maybe` when nobody knows whether it
arrived; `dropped` when it certainly was not sent, which is the one state after which it is begun
again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from calsync.core.ledger import Delivery
from calsync.core.upcoming.rules import UPCOMING
from calsync.store.database import Db, Row
from calsync.store.lease import NOTICE, new_token
from calsync.store.ledger.notices import Notice
from calsync.store.ledger.rows import table
from calsync.store.upsert import upsert

MAYBE, DROPPED = "maybe", "dropped"


def subject(session: str, start: datetime) -> str:
    """What of a session the mail is about."""
    return f"{session} {start.isoformat()}"


def begin(db: Db, delivery: Delivery, lease: timedelta) -> Notice | None:
    """Take the one mail to this person about this start under a lease; None where it was sent
    already, or may have been."""
    about, token = subject(delivery.key.session, delivery.starts_at), new_token()
    tenant, person = delivery.key.tenant, delivery.email
    key = {"tenant": tenant, "kind": UPCOMING, "person": person, "subject_key": about}
    until = db.now + lease
    row = {**key, "state": "unsure", "attempts": 0, "due_at": until, "created": db.now}
    notice, taken = table("notice"), NOTICE.taken(token, until)
    mine = sa.and_(*(notice.c[name] == value for name, value in key.items()))
    upsert(db, notice, [{**row, **taken}])
    known = db.first(sa.select(notice.c.lease_token, notice.c.state, notice.c.attempts).where(mine))
    if known is None or (known["lease_token"] != token and known["state"] != DROPPED):
        return None
    db.run(sa.update(notice).where(mine).values(state="unsure", due_at=until, **taken))
    return Notice(
        tenant=tenant,
        kind=UPCOMING,
        person=person,
        subject_key=about,
        created=db.now,
        sealed=None,
        attempts=known["attempts"],
        token=token,
    )


def give_up(db: Db) -> int:
    """Of mails whose sender died nobody knows whether they arrived: they are not sent again. An
    answer that comes all the same is stored."""
    notice = table("notice")
    lost = (notice.c.state == "unsure", notice.c.due_at <= db.now, notice.c.kind == UPCOMING)
    return int(db.run(sa.update(notice).where(*lost).values(state=MAYBE, due_at=None)).rowcount)


def of_start(db: Db, delivery: Delivery) -> Row | None:
    """The state of the mail to this person about this start, and when it was begun; None before
    that."""
    c = table("notice").c
    about = subject(delivery.key.session, delivery.starts_at)
    mine = (c.tenant == delivery.key.tenant, c.kind == UPCOMING, c.person == delivery.email)
    return db.first(sa.select(c.state, c.created).where(*mine, c.subject_key == about))


def any_lost(db: Db) -> bool:
    """`give_up` would find one."""
    c = table("notice").c
    lost = (c.state == "unsure", c.due_at <= db.now, c.kind == UPCOMING)
    return db.first(sa.select(c.tenant).where(*lost).limit(1)) is not None
