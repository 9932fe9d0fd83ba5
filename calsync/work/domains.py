"""Domain-wide Google grants: who of which mail domain is served without asking each person."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import sqlalchemy as sa

from calsync.core.ledger import Account, AccountState, Grant
from calsync.store import accounts
from calsync.store.database import Db
from calsync.store.rows import account_of, table
from calsync.store.vault import Vault
from calsync.work import reroute
from calsync.work.kit import Kit

REMOVED = "google.domains does not list it any more"


def connect(
    db: Db, vault: Vault, tenant: str, emails: Iterable[str], domains: Collection[str]
) -> list[str]:
    """Give everybody of these domains who has no Google account one; returns who got it."""
    listed = {domain.lower() for domain in domains}
    theirs = sorted({email.lower() for email in emails if _host(email) in listed})
    people = accounts.of_emails(db, tenant, theirs)
    new = [one for one in theirs if all(a.provider != "google" for a in people.get(one, ()))]
    for email in new:
        _connect(db, vault, tenant, email)
    return new


def follow(kit: Kit, db: Db) -> None:
    """Make upcoming sessions go where google.domains says now: people of a new domain to their
    calendar, people of a removed one back to mail. One batch for the guard in each tenant."""
    delivery, account = table("delivery"), table("account")
    upcoming: dict[str, set[str]] = {}
    query = sa.select(delivery.c.tenant, delivery.c.email).where(delivery.c.ends_at > db.now)
    for row in db.all(query.distinct()):
        upcoming.setdefault(row["tenant"], set()).add(row["email"].lower())
    granted: dict[str, list[tuple[Account, bool]]] = {}
    for row in db.all(sa.select(account).where(account.c.grant == Grant.DOMAIN.value)):
        known = account_of(row), row["reason"] == REMOVED
        granted.setdefault(row["tenant"], []).append(known)
    for tenant in sorted(upcoming.keys() | granted.keys()):
        listed = {domain.lower() for domain in kit.tenant(tenant).domains}
        moved = connect(db, kit.vault, tenant, upcoming.get(tenant, ()), listed)
        for one, removed in granted.get(tenant, ()):
            if removed and _host(one.email) in listed:
                _connect(db, kit.vault, tenant, one.email)
                moved.append(one.email)
            elif _is_used(one) and _host(one.email) not in listed:
                reroute.stop_using(kit, db, one, REMOVED)
                moved.append(one.email)
        if moved:
            reroute.reroute(kit, db, tenant, moved)


def _is_used(account: Account) -> bool:
    return account.chosen_at is not None and account.state is not AccountState.DISCONNECTED


def _connect(db: Db, vault: Vault, tenant: str, email: str) -> None:
    account = Account(
        id=accounts.new_id("google"),
        tenant=tenant,
        email=email,
        provider="google",
        address=email,
        grant=Grant.DOMAIN,
    )
    accounts.connect(db, vault, account, email, {})


def _host(email: str) -> str:
    return email.rpartition("@")[2].lower()
