"""Retention: content and old lines leave by themselves; `forget` blanks one person at once."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from calsync.store import journal
from calsync.store.database import Db, Store
from calsync.store.rows import table
from calsync.store.vault import Vault

BLANK_AFTER_ANSWER = timedelta(days=30)


def run_once(store: Store, content_days: int, journal_days: int) -> dict[str, int]:
    """Blank what is past its retention; returns how many rows of each table."""
    with store.write() as db:
        old = db.now - timedelta(days=content_days)
        done = {
            "booked_session": _blank(db, "booked_session", "record", "ends_at", old),
            "delivery": _blank(db, "delivery", "content", "ends_at", old),
            "attempt": _blank(db, "attempt", "wire", "started", old),
        }
        copy, delivery = table("copy"), table("delivery")
        over = sa.exists().where(
            delivery.c.tenant == copy.c.tenant,
            delivery.c.session == copy.c.session,
            delivery.c.participant == copy.c.participant,
            delivery.c.ends_at < old,
        )
        blanked = db.run(
            sa.update(copy).where(over, copy.c.content.is_not(None)).values(content=None)
        )
        done["copy"] = int(blanked.rowcount)
        lines, counts = table("journal"), table("mail_count")
        before = db.now - timedelta(days=journal_days)
        done["journal"] = int(db.run(sa.delete(lines).where(lines.c.at < before)).rowcount)
        day = (db.now - timedelta(days=2)).date().isoformat()
        db.run(sa.delete(counts).where(counts.c.day < day))
    return done


def _blank(db: Db, name: str, column: str, date: str, before: object) -> int:
    """Blank `column` where `date` is before; attempts that are still open keep their bytes."""
    target = table(name)
    c = target.c
    where = sa.and_(c[date] < before, c[column].is_not(None))
    if name == "attempt":
        where = sa.and_(where, c.outcome != "open")
    return int(db.run(sa.update(target).where(where).values({column: None})).rowcount)


def forget(db: Db, vault: Vault, email: str) -> dict[str, int]:
    """Blank everything about one person: content, sealed bytes, credentials; in the journal
    their ids become a keyed hash. What exists in calendars and mailboxes stays as it is."""
    delivery, account = table("delivery"), table("account")
    person = email.strip().lower()
    rows = db.all(sa.select(delivery).where(sa.func.lower(delivery.c.email) == person))
    done = {"deliveries": len(rows), "accounts": 0}
    for row in rows:
        alias = "forgotten-" + vault.keyed_hash("forget", row["participant"])[:16]
        for name in ("attempt", "copy", "journal", "mail_count", "delivery"):
            target = table(name)
            mine = sa.and_(
                target.c.tenant == row["tenant"],
                target.c.session == row["session"],
                target.c.participant == row["participant"],
            )
            values: dict[str, object] = {"participant": alias}
            if name == "attempt":
                values["wire"] = None
            if name == "copy":
                values |= {"content": None, "address": "", "place_key": alias, "holds": False}
            if name == "delivery":
                values |= {"content": None, "email": "", "address": None, "due_at": None}
                values |= {"parked": "forgotten", "place_key": None, "want": "absent"}
            db.run(sa.update(target).where(mine).values(**values))
        sessions = table("booked_session")
        session = sa.and_(sessions.c.tenant == row["tenant"], sessions.c.id == row["session"])
        db.run(sa.update(sessions).where(session).values(record=None))
    done["accounts"] = int(db.run(sa.delete(account).where(account.c.email == person)).rowcount)
    notice = table("notice")
    db.run(sa.delete(notice).where(notice.c.person == person))
    journal.note(db, "person_forgotten", person=vault.keyed_hash("forget", person)[:16])
    return done
