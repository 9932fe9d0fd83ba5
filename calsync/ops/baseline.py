"""Taking over from another system: what already stands in calendars and mailboxes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calsync.core.ledger import Copy, CopyState, DeliveryKey
from calsync.errors import InputError
from calsync.runtime.context import Context
from calsync.store.database import Db
from calsync.store.ledger import batches, copies, deliveries, journal
from calsync.store.ledger.rows import key_of
from calsync.untrusted.json_text import parse_json
from calsync.untrusted.values import number

LARGEST = 2**31 - 1  # SEQUENCE is an INTEGER (RFC 5545 3.3.8)


@dataclass(frozen=True, slots=True)
class FormerInvitation:
    """An invitation that another system mailed, as far as it is known."""

    uid: str = ""
    sequence: int = 0
    organizer: str = ""


UNKNOWN = FormerInvitation()


def read(file: Path) -> dict[DeliveryKey, FormerInvitation]:
    """Lines of {"session", "participant", "uid"?, "sequence"?, "organizer"?, "tenant"?}.

    Raises InputError, naming the line, for a file that holds anything else.
    """
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise InputError(
            f"{file}: cannot be read ({error.strerror}); name a file of JSON lines"
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(f"{file}: is not UTF-8 text; save it as UTF-8") from error
    known = {}
    for line, text in enumerate(lines, start=1):
        if text.strip():
            try:
                key, told = _invitation(parse_json(text))
            except (ValueError, KeyError, AttributeError, TypeError) as error:
                raise InputError(
                    f'{file}:{line}: write {{"session": "...", "participant": "...", '
                    f'"uid": "..."}} ({type(error).__name__})'
                ) from error
            known[key] = told
    return known


def _invitation(row: dict[str, Any]) -> tuple[DeliveryKey, FormerInvitation]:
    key = DeliveryKey(row.get("tenant", "default"), str(row["session"]), str(row["participant"]))
    told = FormerInvitation(
        str(row.get("uid", "")), _sequence(row.get("sequence", 0)), str(row.get("organizer", ""))
    )
    return key, told


def _sequence(told: object) -> int:
    found = number(told)
    if found is None or not 0 <= found <= LARGEST:
        raise ValueError("no SEQUENCE")
    return int(found)


def record(context: Context, known: Mapping[DeliveryKey, FormerInvitation]) -> int:
    """Record that every upcoming session already stands somewhere, put there by another system;
    returns how many deliveries that are. Nothing leaves for them until a material change."""

    def work(db: Db) -> int:
        touched: set[tuple[str, int]] = set()
        rows = deliveries.never_sent(db)
        for row in rows:
            key = key_of(row)
            told = known.get(key, UNKNOWN)
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
