"""Domain-wide grants: who of which mail domain is served without asking each person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from calsync.accounts import reroute
from calsync.core.account import Account, AccountState, Grant
from calsync.core.address import address_key, ascii_domain
from calsync.core.facts import NOT_LISTED
from calsync.runtime.context import Context
from calsync.store.connect import accounts
from calsync.store.database import Db
from calsync.store.ledger import people
from calsync.store.vault import Vault


def connect(
    db: Db, vault: Vault, tenant: str, emails: Iterable[str], domains: Mapping[str, str]
) -> list[str]:
    """Give everybody of these domains an account of the domain's provider, unless they have one
    there; returns who got it. `domains`: each mail domain with its provider."""
    listed = _Listed(domains)
    theirs = sorted({address_key(email) for email in emails if listed.provider(email)})
    connected = accounts.of_emails(db, tenant, theirs)
    new = [
        one
        for one in theirs
        if all(known.provider != listed.provider(one) for known in connected.get(one, ()))
    ]
    for email in new:
        _connect(db, vault, tenant, email, listed.provider(email))
    return new


def follow(context: Context, db: Db) -> None:
    """Make upcoming sessions go where the `domains` settings say now: people of a new domain to
    their calendar, people of a removed one back to mail. One batch for the guard in each tenant."""
    upcoming, granted = people.everybody_ahead(db), accounts.of_domains(db)
    for tenant in sorted(upcoming.keys() | granted.keys()):
        domains = context.tenant(tenant).domains
        listed = _Listed(domains)
        moved = connect(db, context.vault, tenant, upcoming.get(tenant, ()), domains)
        for stored in granted.get(tenant, ()):
            one, was_removed = stored.account, stored.reason == _removed(stored.account)
            is_listed = listed.provider(one.email) == one.provider
            if was_removed and is_listed:
                _connect(db, context.vault, tenant, one.email, one.provider)
                moved.append(one.email)
            elif _is_used(one) and not is_listed:
                reroute.stop_using(context, db, one, _removed(one))
                moved.append(one.email)
        if moved:
            reroute.reroute(context, db, tenant, moved)


class _Listed:
    """Which provider the settings name for whose mail domain."""

    def __init__(self, domains: Mapping[str, str]) -> None:
        self._providers = {ascii_domain(one) or one: name for one, name in domains.items()}

    def provider(self, email: str) -> str:
        """ "" for somebody of no listed domain."""
        return self._providers.get(address_key(email).rpartition("@")[2], "")


def _removed(account: Account) -> str:
    return f"{account.provider}.domains {NOT_LISTED}"


def _is_used(account: Account) -> bool:
    return account.chosen_at is not None and account.state is not AccountState.DISCONNECTED


def _connect(db: Db, vault: Vault, tenant: str, email: str, provider: str) -> None:
    account = Account(
        id=accounts.new_id(provider),
        tenant=tenant,
        email=email,
        provider=provider,
        address=email,
        grant=Grant.DOMAIN,
    )
    accounts.connect(db, vault, account, email, {}, username=email)
