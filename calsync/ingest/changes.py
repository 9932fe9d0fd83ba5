"""What changed: the records of a page beside what the ledger knows of their sessions. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from calsync.core.address import address_key
from calsync.core.booked import BookedSession, ProgramKind, Status
from calsync.core.desired import NOTHING_KNOWN, Former, Wanted
from calsync.core.guard import ChangeKind, first_kind
from calsync.core.ledger import DeliveryKey
from calsync.errors import RecordError
from calsync.store.database import Row
from calsync.store.ledger import deliveries, sessions
from calsync.store.ledger.recovery import LostTime

Outcome = Literal["accepted", "unchanged", "older"]


@dataclass(frozen=True, slots=True)
class News:
    """The versions that say something new, how many are older than what is known, and the ids of
    those that are not."""

    fresh: tuple[BookedSession, ...]
    older: int
    current: tuple[str, ...] = ()


def newest(found: Iterable[BookedSession]) -> dict[str, dict[str, BookedSession]]:
    """The newest version of each session, by tenant and id; of equal ones the last."""
    by_tenant: dict[str, dict[str, BookedSession]] = {}
    for session in found:
        known = by_tenant.setdefault(session.tenant, {})
        before = known.get(session.id)
        if before is None or session.updated_at >= before.updated_at:
            known[session.id] = session
    return by_tenant


def news(
    found: Collection[BookedSession], known: Mapping[str, Row], lost: LostTime | None = None
) -> News:
    """`known`: the rows of these sessions of one tenant, by id. `lost`: a time of which the ledger
    knows nothing. What was stamped in it is news, whatever it says: it may have been changed and
    changed back."""
    current = [one for one in found if not _is_older(one, known.get(one.id))]
    fresh = tuple(
        one
        for one in current
        if _is_new(one, known.get(one.id)) or _is_of(lost, one, known.get(one.id))
    )
    return News(fresh, len(found) - len(current), tuple(one.id for one in current))


def _is_older(session: BookedSession, row: Row | None) -> bool:
    return row is not None and session.updated_at < row["updated_at"]


def _is_new(session: BookedSession, row: Row | None) -> bool:
    if row is None:
        return True
    return not sessions.is_known_as(session, row["digest"]) or bool(row["stale"])


def _is_of(lost: LostTime | None, session: BookedSession, row: Row | None) -> bool:
    if lost is None or row is None or row["stored_at"] > lost.until:
        return False
    return bool(session.updated_at > max(lost.since, row["updated_at"]))


def outcome(session: BookedSession, row: Row | None) -> Outcome | None:
    """What a version that was sent by itself is, beside what is known. None: that cannot be told,
    for it says something else with the same stamp, as a repetition of an older call may."""
    if row is None:
        return "accepted"
    if not _is_new(session, row):
        return "older" if _is_older(session, row) else "unchanged"
    if session.updated_at == row["updated_at"]:
        return None
    return "older" if _is_older(session, row) else "accepted"


def known_before(
    fresh: Iterable[BookedSession], known: Mapping[str, Row], lost: LostTime
) -> list[str]:
    """Ids of these that were accepted before the lost time, and not since."""
    return [one.id for one in fresh if one.id in known and known[one.id]["stored_at"] <= lost.until]


def counted_otherwise(fresh: Iterable[BookedSession], known: Mapping[str, Row]) -> list[str]:
    """Ids of these whose held changes may be of another kind for the guard when they are accepted:
    they were missing, without people or taken back until now."""
    flags = ("missing_since", "nobody_since", "taken_back")
    before = {one.id: known[one.id] for one in fresh if one.id in known}
    return [ident for ident, row in before.items() if any(row[flag] for flag in flags)]


def gone_back(found: Iterable[BookedSession], known: Mapping[str, Row]) -> list[BookedSession]:
    """Those that are older than what was accepted, and say something else."""
    return [
        one
        for one in found
        if _is_older(one, known.get(one.id))
        and not sessions.is_known_as(one, known[one.id]["digest"])
    ]


def lost_people(
    session: BookedSession, known: Row | None, rows: Sequence[Row]
) -> RecordError | None:
    """Why the update is refused: a person who is shown the session cannot be read any more, or may
    be one who came into it without an id. That is a mistake in the record, not a departure."""
    if session.status is not Status.BOOKED:
        return None
    shown = [row for row in rows if row["want"] == "present"]
    lost = sorted({row["participant"] for row in shown} & set(session.set_aside))
    if lost:
        reason = f"{', '.join(lost)} cannot be used any more; correct the name and address"
        return RecordError(session.id, "participants", reason)
    left = _unserved(session, shown) if _has_more_nameless(session, known) else []
    if not left:
        return None
    reason = (
        f"somebody has no id that can be used, and may be {' or '.join(left)}, who is not named "
        "any more; write the id of every participant"
    )
    return RecordError(session.id, "participants", reason)


def _has_more_nameless(session: BookedSession, known: Row | None) -> bool:
    """More people have no id than in the version before. Who had none then was somebody else."""
    nameless = session.set_aside.count("")
    if not nameless or known is None or known["record"] is None:
        return nameless > 0
    return nameless > sessions.from_json(known["record"]).set_aside.count("")


def _unserved(session: BookedSession, shown: Sequence[Row]) -> list[str]:
    """Who is shown the session, is not named in it, and whose calendar serves nobody who is."""
    named = {one.id for one in session.participants}
    addresses = {address_key(one.email) for one in session.participants}
    covering = {row["covered_by"] for row in shown if row["participant"] in named}
    return sorted(
        row["participant"]
        for row in shown
        if row["participant"] not in named | covering and address_key(row["email"]) not in addresses
    )


def had_people(known: Row | None, rows: Sequence[Row] | None) -> bool:
    """Somebody is shown the session, or was until it was read without people."""
    emptied = known is not None and known["nobody_since"] is not None
    return emptied or any(row["want"] == "present" for row in rows or ())


def nobody_left(session: BookedSession) -> RecordError:
    """Why the update is refused: no participant was listed for a session that had some."""
    reason = (
        "nobody is listed for it any more; what is shown stays until an operator approves that it "
        "is withdrawn. List its participants, or write cancelled if it does not take place"
    )
    return RecordError(session.id, "participants", reason)


def to_write(session: BookedSession, rows: Sequence[Row], now: datetime) -> BookedSession | None:
    """The session as its deliveries are to be written. One that is over was corrected into the
    past: what still stands ahead is taken away; None when nothing does."""
    if session.ends_at is None or session.ends_at > now:
        return session
    return replace(session, status=Status.CANCELLED) if rows else None


def former(row: Row | None, rows: Sequence[Row]) -> Former:
    """The session as it was accepted before, and what its deliveries are to show by that."""
    if row is None or row["record"] is None:
        return NOTHING_KNOWN
    return Former(sessions.from_json(row["record"]), deliveries.standing(rows))


def is_roster_only(row: Row | None, session: BookedSession) -> bool:
    """In a group, only who takes part has changed."""
    group = session.program is not None and session.program.kind is ProgramKind.GROUP
    if not group or row is None or row["record"] is None:
        return False
    before = sessions.from_json(row["record"])
    same = replace(session, participants=before.participants, updated_at=before.updated_at)
    return same == before


def first_kinds(
    keys: Collection[DeliveryKey], wanted: Iterable[Wanted]
) -> dict[DeliveryKey, ChangeKind]:
    """What these deliveries, of a session that nobody knew before, do to their people."""
    of = {one.participant: one for one in wanted}
    return {key: first_kind(of[key.participant]) for key in keys}
