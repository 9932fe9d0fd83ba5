"""Account changes: where a person's upcoming deliveries go from now on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from calsync.core.account import MASS_WINDOW, Account, AccountState, is_mass_loss
from calsync.core.address import address_key
from calsync.core.content.event import event_from_json
from calsync.core.desired import Wanted, covered
from calsync.core.ledger import MAIL, DeliveryKey, Want
from calsync.core.routing import choose
from calsync.notices import digest, request_notice
from calsync.runtime.context import Context
from calsync.store.connect import accounts, leaving, route_lock
from calsync.store.database import Db, Row
from calsync.store.ledger import batches, copies, deliveries, journal, people, wants
from calsync.store.ledger.deliveries import Write
from calsync.store.queue import pauses, slots

CHECK_AGAIN = timedelta(days=1)


def lose(context: Context, db: Db, ident: str, state: AccountState, reason: str) -> None:
    """The account can no longer be written: its person is served by mail and told once,
    and so is the owner of the integration.

    Many at once is one incident and no flood of mails: the provider is stopped for the tenant
    until ops resume it.
    """
    account = accounts.by_ids(db, [ident]).get(ident)
    if account is None or account.state is AccountState.DISCONNECTED:
        return  # a call that was in flight when ops disconnected it
    if account.chosen_at is None:  # it was being disconnected: nothing is left to be told
        reachable = state is not AccountState.RECONNECT
        leaving.end(db, ident, reason, revoke=reachable and context.revoker(account) is not None)
        copies.wake_in_accounts(db, account.tenant, [account.email])
        return
    if not accounts.set_state(db, ident, state, reason):
        return
    if state is AccountState.UNUSABLE:
        accounts.check_again(db, ident, db.now + CHECK_AGAIN)
    context.log_committed(
        db, "account_lost", tenant=account.tenant, account=ident, state=state, reason=reason
    )
    if _many(db, account.tenant):
        if pauses.stop(db, account.tenant, account.provider, "incident", "many accounts lost"):
            journal.note(db, "mass_account_loss", tenant=account.tenant, channel=account.provider)
            request_notice.owner_many_lost(context, db, account.tenant, account.provider)
            context.log_committed(
                db,
                "mass_account_loss",
                tenant=account.tenant,
                channel=account.provider,
                reason=reason,
            )
        return
    if state is AccountState.RECONNECT:
        request_notice.lost(db, account, db.now)
        request_notice.owner_lost(context, db, account)
    reroute(context, db, account.tenant, [account.email])


def stop_using(context: Context, db: Db, account: Account, reason: str) -> str:
    """Leave an account for `reason`; its person is to be rerouted afterwards. What can be reached
    is withdrawn first; credentials that are dead are deleted at once. Returns "withdrawing" or
    "disconnected"."""
    if account.state is AccountState.ACTIVE and context.has_channel(
        account.tenant, account.provider
    ):
        leaving.unchoose(db, account.id, reason)
        return "withdrawing"
    is_dead = account.state is AccountState.RECONNECT
    leaving.end(db, account.id, reason, revoke=not is_dead and context.revoker(account) is not None)
    return "disconnected"


def _many(db: Db, tenant: str) -> bool:
    return is_mass_loss(*accounts.lost_within(db, tenant, MASS_WINDOW))


def reroute(context: Context, db: Db, tenant: str, emails: Collection[str]) -> int:
    """Choose again where the upcoming sessions of these people are shown; their accounts changed.

    Returns how many deliveries changed. They form a batch of their own for the guard.
    """
    route_lock.choosing_again(db, tenant)
    batch = batches.open_batch(db, tenant, "account change")  # no source's name has a space
    changed = into(context, db, tenant, emails, batch)
    batches.close(db, batch, context.tenant(tenant).guard)
    return changed


def into(context: Context, db: Db, tenant: str, emails: Collection[str], batch: int) -> int:
    """The same, into this open batch."""
    route_lock.choosing_again(db, tenant)
    wanted = [address_key(email) for email in emails]
    ids = people.sessions_ahead(db, tenant, wanted)
    by_session = deliveries.of_sessions(db, tenant, ids)
    connected = accounts.of_emails(
        db, tenant, {row["email"] for rows in by_session.values() for row in rows}
    )
    changed: list[DeliveryKey] = []
    for session, rows in by_session.items():
        now = covered([_rerouted(row, connected) for row in rows])
        changed += wants.write_wanted(db, tenant, session, now, rows, write=Write(batch))
    digest.announce(context, db, tenant, batch, changed)
    slots.ensure(db, tenant, MAIL, None, context.tenant(tenant).mail_lanes)
    copies.wake_in_accounts(db, tenant, wanted)
    return len(changed)


def serve_by_mail(context: Context, db: Db, key: DeliveryKey) -> None:
    """Choose again where this session is shown, although a mass loss of accounts keeps the others
    back: the people of lost accounts are invited by mail. No guard waits for it."""
    route_lock.choosing_again(db, key.tenant)
    rows = deliveries.of_sessions(db, key.tenant, [key.session]).get(key.session, [])
    emails = {row["email"] for row in rows}
    connected = accounts.of_emails(db, key.tenant, emails)
    now = covered([_rerouted(row, connected) for row in rows])
    wants.write_wanted(db, key.tenant, key.session, now, rows, write=Write(None))
    lanes = context.tenant(key.tenant).mail_lanes
    slots.wake(db, [slots.ensure(db, key.tenant, MAIL, None, lanes)])


def _rerouted(row: Row, connected: Mapping[str, Sequence[Account]]) -> Wanted:
    wanted = row["want"] == Want.PRESENT and row["content"] is not None
    return Wanted(
        participant=row["participant"],
        email=row["email"],
        person=row["person"],
        event=event_from_json(row["content"]) if wanted else None,
        route=choose(row["email"], connected.get(address_key(row["email"]), ())),
    )
