"""The whole story of a session: who sees it where, what is next, and what happened. Nothing here
carries content or secrets."""

from __future__ import annotations

from calsync.core.address import address_key
from calsync.core.content.visibility import Visibility
from calsync.core.ledger import Want
from calsync.errors import InputError
from calsync.ops.questions.answers import meaning
from calsync.ops.questions.next_step import describe, next_step
from calsync.ops.questions.upcoming import upcoming_story
from calsync.ops.questions.words import local, where
from calsync.ops.results.explanation import (
    CopyStory,
    Explanation,
    JournalLine,
    PersonStory,
    WhereVisible,
)
from calsync.ops.results.status import WarnedRecord
from calsync.runtime.context import Context
from calsync.store.database import Db, Row
from calsync.store.findings import record_warnings
from calsync.store.ledger import copies, deliveries, journal, people, sessions
from calsync.store.ledger.rows import delivery_of, key_of


def knows_session(context: Context, session: str, tenant: str | None) -> bool:
    """Whether the ledger has a session of this id, of one tenant or of any."""
    with context.store.read() as db:
        return bool(sessions.named(db, session, tenant))


def explain(context: Context, session: str, person: str | None, tenant: str | None) -> Explanation:
    """The whole story of a session, or of one person's copies of it.

    Raises InputError for one the ledger does not know.
    """
    with context.store.read() as db:
        row = _one_session(db, session, tenant)
        rows = deliveries.of_session(db, row["tenant"], session)
        warnings, only = record_warnings.of_session(db, row["tenant"], session), None
        if person is not None:
            rows = [one for one in rows if _is(one, person)]
            only = rows[0]["participant"] if rows else person
            warnings = [one for one in warnings if one["participant"].lower() == only.lower()]
            if not rows and not warnings:
                raise InputError(f"{session} has no participant {person}")
        lines = journal.lines(db, row["tenant"], session, only)
        record = sessions.from_json(row["record"]) if row["record"] else None
        return Explanation(
            session=session,
            tenant=row["tenant"],
            source=row["source"],
            status=row["status"],
            updated_at=row["updated_at"],
            starts_at=row["starts_at"],
            ends_at=row["ends_at"],
            stale=row["stale"],
            missing_since=row["missing_since"],
            warnings=[warned_record(one) for one in warnings],
            people=_people(context, db, rows),
            journal=[_line(one) for one in lines],
            title=record.title if record else "",
            local=local(row["starts_at"], record.time_zone) if record and row["starts_at"] else "",
        )


def _one_session(db: Db, session: str, tenant: str | None) -> Row:
    found = sessions.named(db, session, tenant)
    if not found:
        raise InputError(f"the ledger has no session {session}; `calsync sync` polls the sources")
    if len(found) > 1:
        raise InputError(f"{session} exists in several tenants; add --tenant")
    return found[0]


def _is(row: Row, person: str) -> bool:
    """Whether an address or a participant's id names the person of this delivery."""
    by_address = address_key(row["email"]) == address_key(person)
    return bool(by_address or row["participant"].lower() == person.lower())


def _people(context: Context, db: Db, rows: list[Row]) -> list[PersonStory]:
    wanted = [one for one in map(delivery_of, rows) if one.want is Want.PRESENT]
    visible = people.visible(db, wanted)
    return [_person(context, db, row, visible.get(key_of(row))) for row in rows]


def _person(context: Context, db: Db, row: Row, visible: Visibility | None) -> PersonStory:
    return PersonStory(
        participant=row["participant"],
        email=row["email"],
        wants="nothing" if row["want"] == "absent" else "the session",
        visible=_where(visible) if visible else None,
        covered_by=row["covered_by"],
        route=row["channel"],
        address=row["address"],
        account=row["account"],
        due_at=row["due_at"],
        settles_until=row["settle_until"],
        invited_from=row["mail_from"],
        held_in_batch=row["batch"],
        parked=row["parked"],
        last_error=row["last_error"],
        failures=row["attempts"],
        next=describe(next_step(context, db, row)),
        copies=[_copy(one) for one in copies.with_last_call(db, key_of(row))],
        where=where(visible) if visible else None,
        meaning=meaning(row["last_error"]) or None,
        upcoming=upcoming_story(context, db, delivery_of(row)),
    )


def _where(one: Visibility) -> WhereVisible:
    waits_for = one.wait.reason if one.wait else None
    until = one.wait.until if one.wait else None
    return WhereVisible(one.state, one.channel, one.address, one.since, waits_for, until)


def _copy(row: Row) -> CopyStory:
    return CopyStory(
        copy=row["n"],
        uid=row["uid"],
        channel=row["channel"],
        address=row["address"],
        state=row["state"],
        sequence=row["sequence"],
        remote_id=row["remote_id"],
        last_call=row["do"],
        outcome=row["outcome"],
        answer=row["answer"],
        at=row["started"],
        may_remain=row["may_remain"],
    )


def _line(row: Row) -> JournalLine:
    return JournalLine(row["at"], row["participant"] or None, row["n"], row["what"], row["detail"])


def warned_record(row: Row) -> WarnedRecord:
    """What was left out of a record."""
    return WarnedRecord(
        source=row["source"],
        session=row["session"],
        participant=row["participant"] or None,
        set_aside=row["set_aside"],
        field=row["field"],
        reason=row["reason"],
        since=row["since"],
    )
