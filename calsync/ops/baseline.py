"""Taking over from another system: what already stands in calendars and mailboxes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from calsync.core.address import address_key
from calsync.core.ledger import Copy, CopyState, DeliveryKey
from calsync.errors import CalsyncError, InputError
from calsync.runtime.context import Context
from calsync.store.database import Db
from calsync.store.ledger import batches, copies, deliveries, journal, sessions
from calsync.store.ledger.rows import key_of
from calsync.text.counted import counted
from calsync.untrusted.encoding import not_utf8
from calsync.untrusted.json_text import parse_json
from calsync.untrusted.values import number

LARGEST = 2**31 - 1  # SEQUENCE is an INTEGER (RFC 5545 3.3.8)


@dataclass(frozen=True, slots=True)
class FormerEvent:
    """An event that another system put into a calendar. `remote_id` is the provider's own id of
    it; a Google event's has its calendar in front."""

    provider: str
    remote_id: str


@dataclass(frozen=True, slots=True)
class FormerInvitation:
    """What another system made for one person, as far as it is known: an invitation that it mailed,
    or an event in their calendar."""

    uid: str = ""
    sequence: int = 0
    organizer: str = ""
    event: FormerEvent | None = None


UNKNOWN = FormerInvitation()
EVENTS = {"google": ("calendar", "event"), "outlook": ("event",), "caldav": ("href",)}
LISTED = 20  # lines that match nothing


def read(file: Path) -> dict[DeliveryKey, FormerInvitation]:
    """Lines of {"session", "participant", "uid"?, "sequence"?, "organizer"?, "tenant"?}, or with
    one of "google": {"calendar", "event"}, "outlook": {"event"}, "caldav": {"href"}.

    Raises InputError, naming the line, for a file that holds anything else.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise InputError(
            f"{file}: cannot be read ({error.strerror}); name a file of JSON lines"
        ) from error
    try:
        lines = data.decode("utf-8-sig").split("\n")  # JSON may hold other line ends as they are
    except UnicodeDecodeError as error:
        raise InputError(f"{file}: is {not_utf8(data)}; save it as UTF-8") from error
    known = {}
    for line, text in enumerate(lines, start=1):
        if text.strip():
            try:
                key, told = _invitation(parse_json(text))
            except (ValueError, KeyError, AttributeError, TypeError) as error:
                raise InputError(
                    f'{file}:{line}: write {{"session": "...", "participant": "...", '
                    f'"uid": "..."}}, or instead of the uid "google": {{"calendar": "...", '
                    f'"event": "..."}}, "outlook": {{"event": "..."}} or "caldav": '
                    f'{{"href": "..."}} ({type(error).__name__})'
                ) from error
            known[key] = told
    return known


def _invitation(row: dict[str, Any]) -> tuple[DeliveryKey, FormerInvitation]:
    tenant = row.get("tenant", "default")
    if not isinstance(tenant, str):
        raise TypeError("no tenant")
    key = DeliveryKey(tenant, str(row["session"]), str(row["participant"]))
    told = FormerInvitation(
        str(row.get("uid", "")),
        _sequence(row.get("sequence", 0)),
        str(row.get("organizer", "")),
        _event(row),
    )
    return key, told


def _event(row: dict[str, Any]) -> FormerEvent | None:
    """Raises KeyError, TypeError or ValueError for what names no event."""
    named = [provider for provider in EVENTS if provider in row]
    if not named:
        return None
    (provider,) = named
    parts = [row[provider][name] for name in EVENTS[provider]]
    if not all(isinstance(one, str) and one for one in parts):
        raise ValueError("no event")
    return FormerEvent(provider, "/".join(parts))


def _by_address(key: DeliveryKey) -> DeliveryKey:
    return replace(key, participant=address_key(key.participant))


def _unmatched(db: Db, known: Mapping[DeliveryKey, FormerInvitation]) -> list[DeliveryKey]:
    """Lines that name nobody of a session that the ledger knows. Who takes part in a session that
    is over is not known any more: its lines are not needed."""
    found: list[DeliveryKey] = []
    for tenant in sorted({key.tenant for key in known}):
        mine = [key for key in known if key.tenant == tenant]
        ids = sorted({key.session for key in mine})
        stored = sessions.stored(db, tenant, ids)
        over = {
            ident for ident, row in stored.items() if row["ends_at"] and row["ends_at"] <= db.now
        }
        people = {
            DeliveryKey(tenant, row["session"], name)
            for row in deliveries.people(db, tenant, ids)
            for name in (row["participant"], address_key(row["email"]))
        }
        found += [
            key for key in mine if key.session not in over and not {key, _by_address(key)} & people
        ]
    return found


def _sequence(told: object) -> int:
    found = number(told)
    if found is None or not 0 <= found <= LARGEST:
        raise ValueError("no SEQUENCE")
    return int(found)


class BaselineError(CalsyncError):
    """Lines of the file are wrong. Sending stays paused."""


class UnmatchedError(BaselineError):
    """Lines name nobody whom the sources know; nothing was recorded."""

    def __init__(self, unmatched: Sequence[DeliveryKey]) -> None:
        first = ", ".join(f"{key.session} {key.participant}" for key in unmatched[:LISTED])
        more = f" and {len(unmatched) - LISTED} more" if len(unmatched) > LISTED else ""
        super().__init__(
            f"{counted(len(unmatched), 'line')} of the file match no participant of a session that "
            f"the sources have: {first}{more}. Nothing was recorded, and sending stays paused, as "
            "their next change would mail a second invitation. Correct the lines and run "
            "`calsync baseline` again, or add --allow-unmatched to leave them out"
        )


def check(context: Context, known: Mapping[DeliveryKey, FormerInvitation]) -> None:
    """Raises UnmatchedError for lines that match nobody."""
    with context.store.read() as db:
        unmatched = _unmatched(db, known)
    if unmatched:
        raise UnmatchedError(unmatched)


def told_of(
    known: Mapping[DeliveryKey, FormerInvitation], key: DeliveryKey, email: str
) -> FormerInvitation:
    """The line about this delivery, by the participant's id or their address."""
    address = replace(key, participant=address_key(email))
    return known.get(key) or known.get(address, UNKNOWN)


def record(
    context: Context,
    known: Mapping[DeliveryKey, FormerInvitation],
    *,
    allow_unmatched: bool = False,
    waiting: Collection[tuple[str, int]] = (),
) -> int:
    """Record that every upcoming session already stands somewhere, put there by another system;
    returns how many deliveries that are. Nothing leaves for them until a material change.

    known    by tenant, session, and the participant's id or address
    waiting  batches in which something waits that was taken over before
    Raises UnmatchedError for lines that match nobody, unless they are allowed.
    """

    def work(db: Db) -> int:
        unmatched = [] if allow_unmatched else _unmatched(db, known)
        if unmatched:
            raise UnmatchedError(unmatched)
        touched = set(waiting)
        rows = deliveries.never_sent(db)
        named = {**{_by_address(key): told for key, told in known.items()}, **known}
        for row in rows:
            key = key_of(row)
            told = told_of(named, key, row["email"])
            value = Copy(
                n=1,
                uid=told.uid,
                channel=row["channel"],
                account=row["account"],
                address=row["address"],
                destination=row["place_key"],
                state=CopyState.ELSEWHERE,
                organizer=told.organizer,
                sequence=told.sequence,
                material_fp=row["material_fp"],
                quiet_fp=row["quiet_fp"],
            )
            copies.save(db, context.sealer, key, value)
            if row["batch"] is not None:
                touched.add((row["tenant"], row["batch"]))
        for tenant, batch in touched:
            if batch in batches.touched(db, tenant):  # an open one is closed by its own poll
                batches.close(db, batch, context.tenant(tenant).guard)
        journal.note(db, "baseline_recorded", count=len(rows))
        return len(rows)

    return context.transact("baseline_record", work)
