"""Connected calendars: their rows, their sealed credentials, and the lock around a refresh."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from calsync.core.account import Account, AccountState, Credentials, Grant
from calsync.core.address import address_key, spellings
from calsync.errors import SealError
from calsync.store.database import Db, Row
from calsync.store.engine.among import among, these
from calsync.store.lease import ACCOUNT, new_token
from calsync.store.ledger import journal
from calsync.store.ledger.rows import account_of, table
from calsync.store.prepared import built_once
from calsync.store.queue import slots
from calsync.store.upsert import upsert
from calsync.store.vault import Vault


@dataclass(frozen=True, slots=True)
class StoredAccount:
    """An account, since when it is in its state, and why."""

    account: Account
    state_at: datetime
    reason: str | None


def place(ident: str, column: str) -> str:
    """What a sealed column of this account is bound to."""
    return f"account:{ident}:{column}"


def new_id(provider: str) -> str:
    """A new random id; rows are found by (tenant, provider, provider id), never by parsing this."""
    return f"{provider}-{secrets.token_hex(6)}"


def known(db: Db, account: Account, external_id: str) -> Row | None:
    """The row of this account: by the provider's id of it. A provider does not tell that every
    time, and an address stands for it then: a row that bears one is known by it, and so is what is
    connected under one."""
    accounts = table("account")
    mine = spellings(account.email)  # an address beyond ASCII was stored as it was typed once
    same_place = sa.and_(
        sa.func.lower(accounts.c.address).in_(spellings(account.address)),
        accounts.c.calendar == account.calendar,
        accounts.c.endpoint == account.endpoint,
    )
    stands_for_id = accounts.c.vendor_id == sa.func.lower(accounts.c.address)
    if external_id in mine:
        stands_for_id = sa.true()
    by_address = sa.or_(sa.and_(same_place, stands_for_id), accounts.c.vendor_id.in_(mine))
    own = sa.and_(accounts.c.grant == Grant.OWN.value, by_address)
    query = sa.select(accounts).where(
        accounts.c.tenant == account.tenant,
        accounts.c.provider == account.provider,
        sa.or_(accounts.c.vendor_id == external_id, own),
    )
    best = sa.case((accounts.c.vendor_id == external_id, 0), (same_place, 1), else_=2)
    return db.first(query.order_by(best).limit(1))


def connect(
    db: Db,
    vault: Vault,
    account: Account,
    external_id: str,
    secret: Mapping[str, str],
    *,
    username: str = "",
    scopes: str = "",
) -> str:
    """Store a connected account, or new credentials for the one that is `known`.

    Returns its id. The newest choice wins where a person has several accounts.
    """
    accounts = table("account")
    before = known(db, account, external_id)
    ident = before["id"] if before else account.id
    row: dict[str, Any] = {
        "id": ident,
        "tenant": account.tenant,
        "email": address_key(account.email),
        "provider": account.provider,
        "vendor_id": external_id,
        "address": _kept_address(before, account),
        "calendar": account.calendar,
        "endpoint": account.endpoint,
        "username": username,
        "scopes": scopes,
        "grant": account.grant.value,
        "state": account.state.value,
        "reason": None,
        "chosen_at": db.now,
        "state_at": db.now,
        "secret": vault.seal("account", place(ident, "secret"), json.dumps(dict(secret)).encode()),
        "token": None,
        "token_until": None,
        "token_version": (before["token_version"] if before else 0) + 1,
        "refuses_stale": account.refuses_stale,
    }
    upsert(db, accounts, [row], [name for name in row if name != "id"])
    slots.ensure(db, account.tenant, account.provider, ident)
    journal.note(
        db,
        "account_connected",
        tenant=account.tenant,
        account=ident,
        provider=account.provider,
        grant=account.grant.value,
    )
    return str(ident)


def _kept_address(before: Row | None, account: Account) -> str:
    """Another spelling of the address that is known is no other place: events stay there."""
    known = before["address"] if before else ""
    return str(known) if address_key(known) == address_key(account.address) else account.address


def of_emails(db: Db, tenant: str, emails: Collection[str]) -> dict[str, list[Account]]:
    """Accounts by the key of the platform address of the person who connected them."""
    found: dict[str, list[Account]] = {}
    wanted = sorted({address_key(email) for email in emails})
    for start in range(0, len(wanted), 500):
        values = these(tenant, wanted[start : start + 500])
        for row in db.all(_of_emails(), values):
            found.setdefault(row["email"], []).append(account_of(row))
    return found


@built_once
def _of_emails() -> sa.Select[Any]:
    c = table("account").c
    return sa.select(table("account")).where(among(c.tenant, c.email))


def by_ids(db: Db, ids: Collection[str]) -> dict[str, Account]:
    """Accounts by id, each with until when its slot is cooling."""
    found = db.first_of_each(_with_slot(), [{"ident": one} for one in ids])
    return {row["id"]: _as_found(row) for row in found if row is not None}


def _as_found(row: Row) -> Account:
    account, recovered_at = account_of(row, row["cooling_until"]), row["recovered_at"]
    listed_at = row["listed_at"]
    behind = recovered_at is not None and (listed_at is None or listed_at < recovered_at)
    return replace(account, unlisted=behind)


@built_once
def _with_slot() -> sa.Select[Any]:
    accounts, slot, instance = table("account"), table("slot"), table("instance")
    return (
        sa.select(accounts, slot.c.cooling_until, instance.c.recovered_at)
        .outerjoin(slot, slot.c.account == accounts.c.id)
        .join(instance, sa.true())
        .where(accounts.c.id == sa.bindparam("ident"))
    )


def listed(db: Db, tenant: str | None = None) -> list[Row]:
    """Accounts in order; none of somebody who is forgotten."""
    accounts = table("account")
    query = sa.select(accounts).where(accounts.c.email != "")
    query = query.order_by(accounts.c.tenant, accounts.c.email)
    return db.all(query.where(accounts.c.tenant == tenant) if tenant else query)


def of_other_tenants(db: Db, row: Row, tenants: Collection[str]) -> list[Row]:
    """The accounts of these tenants, but for its own, that are for the calendar of this one."""
    c = table("account").c
    names = set(tenants) - {row["tenant"]}
    alike = (c[name] == row[name] for name in ("provider", "vendor_id"))
    return db.all(sa.select(table("account")).where(c.tenant.in_(names), *alike))


def lost(
    db: Db, tenant: str, provider: str, since: datetime | None, after: str, limit: int
) -> list[Row]:
    """The next accounts of this provider, by id, that cannot be written; with `since`, that became
    so from then on."""
    c = table("account").c
    states = [AccountState.RECONNECT.value, AccountState.UNUSABLE.value]
    query = sa.select(table("account")).where(
        c.tenant == tenant, c.provider == provider, c.state.in_(states), c.id > after
    )
    if since is not None:
        query = query.where(c.state_at >= since)
    return db.all(query.where(c.email != "").order_by(c.id).limit(limit))


def of_person(db: Db, tenant: str, email: str) -> list[StoredAccount]:
    """What the person with this address connected and has not left."""
    accounts = table("account")
    mine = sa.and_(accounts.c.tenant == tenant, accounts.c.email == address_key(email))
    left = accounts.c.state == AccountState.DISCONNECTED.value
    return [_stored(row) for row in db.all(sa.select(accounts).where(mine, ~left))]


def of_domains(db: Db) -> dict[str, list[StoredAccount]]:
    """Accounts under a domain-wide grant, by tenant, whatever their state."""
    accounts = table("account")
    found: dict[str, list[StoredAccount]] = {}
    query = sa.select(accounts).where(accounts.c.grant == Grant.DOMAIN.value)
    for row in db.all(query):
        found.setdefault(row["tenant"], []).append(_stored(row))
    return found


def _stored(row: Row) -> StoredAccount:
    return StoredAccount(account_of(row), row["state_at"], row["reason"])


def set_state(db: Db, ident: str, state: AccountState, reason: str | None = None) -> bool:
    """Set the account's state; True when it was another one before."""
    accounts = table("account")
    result = db.run(
        sa.update(accounts)
        .where(accounts.c.id == ident, accounts.c.state != state.value)
        .values(state=state.value, reason=reason, state_at=db.now)
    )
    if not result.rowcount:
        return False
    tenant = db.scalar(sa.select(accounts.c.tenant).where(accounts.c.id == ident)) or ""
    journal.note(db, f"account_{state.value}", tenant=tenant, account=ident, reason=reason)
    return True


def lost_within(db: Db, tenant: str, window: timedelta) -> tuple[int, int]:
    """(accounts lost within the window, all accounts of the tenant that should work)."""
    accounts = table("account")
    mine = accounts.c.tenant == tenant
    lost = sa.and_(
        accounts.c.state.in_(["reconnect", "unusable"]), accounts.c.state_at > db.now - window
    )
    counted = sa.select(
        sa.func.count().filter(lost).label("lost"),
        sa.func.count().filter(accounts.c.state != "disconnected").label("working"),
    ).where(mine)
    row = db.one(counted) or {"lost": 0, "working": 0}
    return int(row["lost"]), int(row["working"])


def credentials(
    db: Db, vault: Vault, ident: str, lasting: timedelta = timedelta()
) -> Credentials | None:
    """Unsealed credentials, or None for an unknown account. A token that does not last that much
    longer is left out. Raises SealError where they cannot be opened."""
    row = db.one(_by_id(), {"ident": ident})
    return _opened(db, vault, row, lasting) if row is not None else None


def credentials_of_each(
    db: Db, vault: Vault, idents: Collection[str], lasting: timedelta
) -> dict[str, Credentials]:
    """`credentials` by id, without those that cannot be opened."""
    found = {}
    for row in db.first_of_each(_by_id(), [{"ident": one} for one in idents]):
        if row is not None:
            with suppress(SealError):
                found[str(row["id"])] = _opened(db, vault, row, lasting)
    return found


def _opened(db: Db, vault: Vault, row: Row, lasting: timedelta) -> Credentials:
    ident, secret = str(row["id"]), dict[str, str]()
    if row["secret"] is not None:
        secret = json.loads(vault.open("account", place(ident, "secret"), row["secret"]))
    token = None
    if row["token"] is not None and row["token_until"] and row["token_until"] > db.now + lasting:
        token = vault.open("account", place(ident, "token"), row["token"]).decode()
    return Credentials(
        account=ident,
        tenant=row["tenant"],
        provider=row["provider"],
        grant=Grant(row["grant"]),
        state=AccountState(row["state"]),
        address=row["address"],
        username=row["username"],
        endpoint=row["endpoint"],
        calendar=row["calendar"],
        secret=secret,
        token=token,
        token_until=row["token_until"],
        version=row["token_version"],
        refuses_stale=row["refuses_stale"],
    )


@built_once
def _by_id() -> sa.Select[Any]:
    accounts = table("account")
    return sa.select(accounts).where(accounts.c.id == sa.bindparam("ident"))


def lock(db: Db, ident: str, seconds: float) -> str | None:
    """Take the account's refresh lock; None while somebody else has it."""
    accounts = table("account")
    token, until = new_token(), db.now + timedelta(seconds=seconds)
    result = db.run(
        sa.update(accounts)
        .where(accounts.c.id == ident, ACCOUNT.free(db.now))
        .values(**ACCOUNT.taken(token, until))
    )
    return token if result.rowcount else None


def unlock(db: Db, ident: str, token: str) -> None:
    accounts = table("account")
    db.run(
        sa.update(accounts)
        .where(accounts.c.id == ident, ACCOUNT.mine(token))
        .values(**ACCOUNT.given_back())
    )


def store_token(
    db: Db,
    vault: Vault,
    old: Credentials,
    token: str,
    until: datetime,
    secret: Mapping[str, str] | None,
) -> bool:
    """Store a refreshed token over the version it was made from, with the new fields of the secret
    if there are any; False when that version is gone."""
    accounts = table("account")
    ident = old.account
    values: dict[str, Any] = {
        "token": vault.seal("account", place(ident, "token"), token.encode()),
        "token_until": until,
        "token_version": old.version + 1,
    }
    if secret:
        whole = json.dumps({**old.secret, **secret})
        values["secret"] = vault.seal("account", place(ident, "secret"), whole.encode())
    result = db.run(
        sa.update(accounts)
        .where(accounts.c.id == ident, accounts.c.token_version == old.version)
        .values(**values)
    )
    return bool(result.rowcount)


def check_again(db: Db, ident: str, at: datetime) -> None:
    """When an unusable account is tried again."""
    accounts = table("account")
    db.run(sa.update(accounts).where(accounts.c.id == ident).values(check_at=at))


def to_check(db: Db, limit: int) -> list[Row]:
    """Unusable accounts whose daily check is due, those first that wait longest."""
    c = table("account").c
    due = sa.select(table("account")).where(c.state == "unusable", c.check_at <= db.now)
    return db.all(due.order_by(c.check_at).limit(limit))
