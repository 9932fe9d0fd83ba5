"""Rows to core values and back. Sealed columns are opened here and nowhere else."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from calsync.core.account import Account, AccountState, Grant
from calsync.core.calls import PreparedRequest
from calsync.core.content.event import DesiredEvent, event_from_json, event_to_json
from calsync.core.ledger import (
    Attempt,
    Copy,
    CopyState,
    Delivery,
    DeliveryKey,
    Do,
    Outcome,
    RefusalKind,
    Route,
    Want,
)
from calsync.store.engine.packed import is_packed, pack_bytes, unpack_bytes
from calsync.store.tables.plain import tables
from calsync.store.vault import Vault


def table(name: str) -> sa.Table:
    """The Core table behind one of our models; statements here are Core, for speed."""
    return tables()[name]


def of_delivery(columns: Any, key: DeliveryKey) -> sa.ColumnElement[bool]:
    """`columns` (delivery, copy or attempt) belong to this delivery."""
    return sa.and_(
        columns.tenant == key.tenant,
        columns.session == key.session,
        columns.participant == key.participant,
    )


def key_of(row: Mapping[str, Any]) -> DeliveryKey:
    return DeliveryKey(row["tenant"], row["session"], row["participant"])


def route_of(row: Mapping[str, Any]) -> Route | None:
    if row["channel"] is None:
        return None
    return Route(row["channel"], row["account"], row["address"], row["place_key"])


def delivery_of(row: Mapping[str, Any]) -> Delivery:
    return Delivery(
        key=key_of(row),
        want=Want(row["want"]),
        content=event_from_json(row["content"]) if row["content"] else None,
        material_fp=row["material_fp"],
        quiet_fp=row["quiet_fp"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        route=route_of(row),
        version=row["version"],
        material_version=row["material_version"],
        email=row["email"],
        covered_by=row["covered_by"],
        batch=row["batch"],
        due_at=row["due_at"],
        debounce_until=row["settle_until"],
        mail_from=row["mail_from"],
        attempts=row["attempts"],
        parked=row["parked"],
        wanted_since=row["wanted_since"],
        told=row["told"],
        told_version=row["told_version"],
        cancelled=bool(row["cancelled"]),
    )


def account_of(row: Mapping[str, Any], cooling_until: datetime | None = None) -> Account:
    return Account(
        id=row["id"],
        tenant=row["tenant"],
        email=row["email"],
        provider=row["provider"],
        address=row["address"],
        calendar=row["calendar"],
        endpoint=row["endpoint"],
        grant=Grant(row["grant"]),
        state=AccountState(row["state"]),
        chosen_at=row["chosen_at"],
        cooling_until=cooling_until,
        version=row["token_version"],
        refuses_stale=row["refuses_stale"],
    )


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals and opens what belongs to one delivery's copies. `packs`: what is sealed is packed
    first, see `store.engine.packed`; either form is opened."""

    vault: Vault
    packs: bool = False

    def content(self, key: DeliveryKey, n: int, event: DesiredEvent | None) -> bytes | None:
        if event is None:
            return None
        plain = event_to_json(event).encode()
        kept = pack_bytes(plain) if self.packs else plain
        return self.vault.seal("content", _place("copy", key, n), kept)

    def open_content(self, key: DeliveryKey, n: int, sealed: bytes | None) -> DesiredEvent | None:
        if sealed is None:
            return None
        kept = self.vault.open("content", _place("copy", key, n), sealed)
        return event_from_json((unpack_bytes(kept) if is_packed(kept) else kept).decode())

    def prepared(
        self, key: DeliveryKey, n: int, prepared: PreparedRequest, event: DesiredEvent | None
    ) -> bytes:
        packed = {
            "do": prepared.do,
            "key": prepared.key,
            "body": base64.b64encode(prepared.body).decode(),
            "material_fp": prepared.material_fp,
            "quiet_fp": prepared.quiet_fp,
            "content": event_to_json(event) if event else None,
        }
        if self.packs:  # the bytes stand behind a NUL, which JSON escapes
            del packed["body"]
            kept = pack_bytes(json.dumps(packed).encode() + b"\0" + prepared.body)
        else:
            kept = json.dumps(packed).encode()
        return self.vault.seal("wire", _place("attempt", key, n), kept)

    def open_prepared(
        self, key: DeliveryKey, n: int, sealed: bytes
    ) -> tuple[PreparedRequest, DesiredEvent | None]:
        kept = self.vault.open("wire", _place("attempt", key, n), sealed)
        head, _, body = unpack_bytes(kept).partition(b"\0") if is_packed(kept) else (kept, b"", b"")
        packed = json.loads(head)
        content = packed["content"]
        prepared = PreparedRequest(
            do=Do(packed["do"]),
            key=packed["key"],
            body=base64.b64decode(packed["body"]) if "body" in packed else body,
            material_fp=packed["material_fp"],
            quiet_fp=packed["quiet_fp"],
        )
        return prepared, event_from_json(content) if content else None


def _place(kind: str, key: DeliveryKey, n: int) -> str:
    return json.dumps([kind, key.tenant, key.session, key.participant, n])


def copy_place(row: Mapping[str, Any]) -> str:
    """What the sealed content of this copy is bound to."""
    return _place("copy", key_of(row), row["n"])


def attempt_place(row: Mapping[str, Any]) -> str:
    """What the sealed call of this attempt is bound to."""
    return _place("attempt", key_of(row), row["n"])


def attempt_of(row: Mapping[str, Any], sealer: Sealer, *, prefix: str = "") -> Attempt:
    """`prefix` is how the attempt's columns are labelled in a join."""
    get = {name: row[prefix + name] for name in _ATTEMPT_FIELDS}
    content = None
    if get["outcome"] == Outcome.OPEN and get["wire"] is not None:
        key = DeliveryKey(get["tenant"], get["session"], get["participant"])
        _, content = sealer.open_prepared(key, get["n"], get["wire"])
    return Attempt(
        id=get["id"],
        do=Do(get["do"]),
        version=get["version"],
        channel=get["channel"],
        account=get["account"],
        material_fp=get["material_fp"],
        quiet_fp=get["quiet_fp"],
        outcome=Outcome(get["outcome"]),
        deadline=get["deadline"],
        sends=get["sends"],
        maybes=get["maybes"],
        conflict=get["conflict"],
        content=content,
    )


_ATTEMPT_FIELDS = (
    *("id", "tenant", "session", "participant", "n", "do", "version", "channel", "account"),
    *("material_fp", "quiet_fp", "wire", "outcome", "deadline", "sends", "maybes"),
    "conflict",
)


def attempt_columns() -> list[sa.Label[Any]]:
    """The attempt's columns, labelled so that they can stand beside a copy's."""
    return [table("attempt").c[name].label("attempt_" + name) for name in _ATTEMPT_FIELDS]


def copy_of(row: Mapping[str, Any], sealer: Sealer) -> Copy:
    """A copy from a row of `copy` joined with `attempt_columns()`."""
    attempt = None
    if row.get("attempt_id") is not None:
        attempt = attempt_of(row, sealer, prefix="attempt_")
    content = sealer.open_content(key_of(row), row["n"], row["content"])
    return Copy(
        n=row["n"],
        uid=row["uid"],
        channel=row["channel"],
        account=row["account"],
        address=row["address"],
        destination=row["place_key"],
        state=CopyState(row["state"]),
        organizer=row["organizer"],
        remote_id=row["remote_id"],
        revision=row["revision"],
        sequence=row["sequence"],
        material_fp=row["material_fp"],
        quiet_fp=row["quiet_fp"],
        content=content,
        replace=row["replace"],
        occupies=row["holds"],
        before=CopyState(row["before"]) if row["before"] else None,
        seen_version=row["seen_version"],
        attempt=attempt,
        look_at=row["look_at"],
        handed_to=row["handed_to"],
        looks_done=row["looks_done"],
        generation=row["generation"],
        recovered=row["recovered"],
        message_id=row["message_id"],
        marked_private=_marked_private(row["marked_private"], content),
        refusal=RefusalKind(row["refusal"]) if row["refusal"] else None,
        refusals=row["refusals"],
        refused_version=row["refused_version"],
        again_at=row["again_at"],
        may_remain=row["may_remain"],
        own_revision=row["own_revision"],
    )


def _marked_private(stored: bool | None, content: DesiredEvent | None) -> bool:
    """Where it was not noted yet, what the copy was made to show tells."""
    return stored if stored is not None else content is not None and content.private


def copy_fields(key: DeliveryKey, copy: Copy, sealer: Sealer) -> dict[str, Any]:
    """The columns of `copy` for this value, its key excluded."""
    return _unsealed(copy) | {"content": sealer.content(key, copy.n, copy.content)}


def changed_fields(key: DeliveryKey, copy: Copy, was: Copy, sealer: Sealer) -> dict[str, Any]:
    """Those of `copy_fields` that differ from what the copy was: a column that is written, even
    with the same value, costs SQLite its place in every index that has it."""
    before = _unsealed(was)
    changed = {name: value for name, value in _unsealed(copy).items() if value != before[name]}
    if copy.content != was.content:
        changed["content"] = sealer.content(key, copy.n, copy.content)
    return changed | {"marked_private": copy.marked_private}  # `was` has it where no row does


def _unsealed(copy: Copy) -> dict[str, Any]:
    return {
        "uid": copy.uid,
        "channel": copy.channel,
        "account": copy.account,
        "address": copy.address,
        "place_key": copy.destination,
        "state": copy.state.value,
        "organizer": copy.organizer,
        "remote_id": copy.remote_id,
        "revision": copy.revision,
        "sequence": copy.sequence,
        "material_fp": copy.material_fp,
        "quiet_fp": copy.quiet_fp,
        "replace": copy.replace,
        "holds": copy.occupies,
        "before": copy.before.value if copy.before else None,
        "seen_version": copy.seen_version,
        "last_attempt": copy.attempt.id if copy.attempt else None,
        "look_at": copy.look_at,
        "handed_to": copy.handed_to,
        "looks_done": copy.looks_done,
        "generation": copy.generation,
        "recovered": copy.recovered,
        "message_id": copy.message_id,
        "marked_private": copy.marked_private,
        "refusal": copy.refusal.value if copy.refusal else None,
        "refusals": copy.refusals,
        "refused_version": copy.refused_version,
        "again_at": copy.again_at,
        "may_remain": copy.may_remain,
        "own_revision": copy.own_revision,
    }


def of_tenant(c: Any, tenant: str | None) -> sa.ColumnElement[bool]:
    """For a table with a tenant: rows of this one; None: all."""
    return sa.true() if tenant is None else sa.and_(c.tenant == tenant)
