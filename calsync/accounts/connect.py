"""Connected calendars as ops handle them: listed, added, tried out, checked again."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from calsync.accounts import breaks, probe, reroute
from calsync.core.account import Account, AccountState, Opened
from calsync.core.address import Address, address_key
from calsync.core.content.notices import Cause
from calsync.errors import ChannelError, InputError
from calsync.notices import request_notice
from calsync.runtime import unexpected
from calsync.runtime.context import Context
from calsync.runtime.unexpected import of_tenant
from calsync.store.connect import accounts, route_lock
from calsync.store.database import Db, Row
from calsync.store.ledger.rows import account_of

CONNECT_SECONDS = 30.0
MOST_CHECKED = 500  # unusable accounts that are tried again in one go
SOON = timedelta(hours=1)  # after a break; whoever asks earlier than it is over asks nothing


@dataclass(frozen=True, slots=True)
class AccountListing:
    """An account as operators see it. `state` says "disconnecting" while it is being cleared."""

    id: str
    tenant: str
    email: str
    provider: str
    address: str
    grant: str
    state: str
    since: datetime
    reason: str | None


@dataclass(frozen=True, slots=True)
class ConnectResult:
    """A connected account. `changed`: deliveries that go there now; `served_before`: whose it was;
    `warning`: what operators should know about it."""

    id: str
    address: str
    changed: int
    served_before: str | None
    warning: str | None


@dataclass(frozen=True, slots=True)
class AccountTest:
    """Whether an account opened and its calendar answered."""

    ok: bool
    answer: str


def listed(context: Context, tenant: str | None) -> list[AccountListing]:
    """Who connected what, and how it is; of every tenant unless one is named."""
    with context.store.read() as db:
        return [_listing(row) for row in accounts.listed(db, tenant)]


def _listing(row: Row) -> AccountListing:
    return AccountListing(
        id=row["id"],
        tenant=row["tenant"],
        email=row["email"],
        provider=row["provider"],
        address=row["address"],
        grant=row["grant"],
        state="disconnecting" if _is_leaving(account_of(row)) else row["state"],
        since=row["state_at"],
        reason=row["reason"],
    )


def _is_leaving(account: Account) -> bool:
    return account.chosen_at is None and account.state is AccountState.ACTIVE


def add(
    context: Context,
    tenant: str,
    provider: str,
    email: str,
    credentials: Mapping[str, str],
) -> ConnectResult:
    """Store an account and hand its person's upcoming sessions over to it.

    Raises InputError for what cannot be connected, ChannelError when the calendar cannot be asked.
    """
    if tenant not in context.settings.tenants:
        tenants = ", ".join(context.settings.tenants)
        raise InputError(f"there is no tenant {tenant}; choose one of {tenants}")
    connector = context.connectors.get((tenant, provider))
    if connector is None:
        known = sorted(kind for one, kind in context.connectors if one == tenant)
        raise InputError(f"there is no provider {provider}; choose one of {', '.join(known)}")
    if (tenant, provider) not in context.channels:
        raise InputError(f"{provider} is not set up; add [{provider}] to the configuration first")
    address = str(Address.read(email))
    with context.call("connect_call"):
        until = time.monotonic() + CONNECT_SECONDS
        opened = unexpected.answering(lambda: connector.connect(address, credentials, until))
    return context.transact(
        "connect", lambda db: store(context, db, tenant, address, opened, Cause.OPS)
    )


def store(
    context: Context,
    db: Db,
    tenant: str,
    email: str,
    opened: Opened,
    cause: Cause = Cause.PERSON,
) -> ConnectResult:
    """Store an account that credentials opened, and hand its person's upcoming sessions over to it.
    One that is known, lost ones too, gets the new credentials. `cause`: who connects it."""
    account = replace(opened.account, tenant=tenant, id=accounts.new_id(opened.account.provider))
    route_lock.choosing_again(db, tenant)  # before the account's row, which a poll may wait for
    served = accounts.known(db, account, opened.external_id)
    ident = accounts.connect(
        db,
        context.vault,
        account,
        opened.external_id,
        opened.secret,
        username=opened.username,
        scopes=opened.scopes,
    )
    before = account_of(served) if served and served["email"] else None
    if before is not None and before.email == address_key(email):
        before = None
    request_notice.connected(db, ident, cause, before)
    people = {email, *([before.email] if before else [])}
    changed = reroute.reroute(context, db, tenant, people)
    return ConnectResult(
        id=ident,
        address=account.address,
        changed=changed,
        served_before=before.email if before else None,
        warning=opened.warning,
    )


def try_out(context: Context, ident: str) -> AccountTest:
    """Whether the account opens and its calendar answers; writes nothing there."""
    with context.store.read() as db:
        account = accounts.by_ids(db, [ident]).get(ident)
    if account is None:
        raise InputError(f"there is no account {ident}; `calsync accounts list` shows them")
    try:
        probe.probe(context, account)
    except ChannelError as error:
        return AccountTest(ok=False, answer=f"{error.kind}: {error.reason}")
    return AccountTest(ok=True, answer="opened, and its calendar answers")


def _still_unusable(context: Context, account: Account, error: ChannelError, db: Db) -> None:
    """A provider that asks for a break has not said that the calendar cannot be used."""
    is_break = breaks.begin(db, account.tenant, account.provider, error)
    accounts.check_again(db, account.id, db.now + (SOON if is_break else reroute.CHECK_AGAIN))
    unexpected.tell(context, db, "probe", error.origin, of_tenant(account.tenant))


def _usable_again(context: Context, account: Account, db: Db) -> None:
    accounts.set_state(db, account.id, AccountState.ACTIVE, None)
    reroute.reroute(context, db, account.tenant, [account.email])


def check_unusable(context: Context) -> None:
    """Try accounts that could not be written again, each once a day. While its provider asks for a
    break an account waits for the next time."""
    with context.store.read() as db:
        known = accounts.by_ids(db, [row["id"] for row in accounts.to_check(db, MOST_CHECKED)])
    for account in known.values():
        try:
            breaks.keep(context, account.tenant, account.provider)
        except ChannelError:
            continue
        try:
            probe.probe(context, account)
        except ChannelError as error:
            context.transact("still_unusable", partial(_still_unusable, context, account, error))
            continue
        context.transact("usable_again", partial(_usable_again, context, account))
