"""Leaving an account: by its person or by ops, until the provider's grant and our credentials are
gone. A provider that cannot be reached keeps nobody from leaving."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from datetime import timedelta
from functools import partial
from typing import Literal

from calsync.accounts import reroute
from calsync.core.account import Account, AccountState, Credentials, Grant
from calsync.core.address import address_key
from calsync.core.content.notices import Cause
from calsync.core.facts import DISCONNECTED_BY
from calsync.errors import ChannelError, InputError, Refused, SealError
from calsync.notices import request_notice
from calsync.ports import Revoker
from calsync.runtime import unexpected
from calsync.runtime.context import Context
from calsync.store.connect import accounts, leaving, route_lock
from calsync.store.connect.leaving import Revocation
from calsync.store.database import Db, Row
from calsync.store.ledger import journal

By = Literal["person", "ops"]
CALL_SECONDS = 15.0
SOON = timedelta(minutes=1)  # until a revocation is tried again at first, then twice as long
PATIENCE = timedelta(hours=6)  # then it is given up, after ten tries or so
GIVEN_UP = "the provider could not be told for hours"


def leave(context: Context, tenant: str, email: str, account_id: str, by: By = "person") -> str:
    """Stop using an account of this person. Returns "withdrawing" or "disconnected", as
    `disconnect` does.

    Raises InputError for an account of somebody else, or one that they cannot leave themselves.
    """

    def work(db: Db) -> str:
        route_lock.choosing_again(db, tenant)
        account = accounts.by_ids(db, [account_id]).get(account_id)
        if account is None or (account.tenant, account.email) != (tenant, address_key(email)):
            raise InputError(f"{email} has no such calendar connected; reload the page")
        if account.grant is Grant.DOMAIN:
            host = account.email.rpartition("@")[2]
            raise InputError(
                f"{account.address} is connected by the administrator of {host}, for everybody "
                "there; ask them, or the platform's support, to leave you out"
            )
        return _stop(context, db, account, by)

    return context.transact("leave", work)


def disconnect(context: Context, ident: str) -> str:
    """Ops stop using an account. With a working token its upcoming events are withdrawn first,
    after the mails that replace them; with a dead one they stay, and credentials are deleted.

    Returns "withdrawing" or "disconnected". Raises InputError for an account that is none.
    """

    def work(db: Db) -> str:
        account = accounts.by_ids(db, [ident]).get(ident)
        if account is None:
            raise InputError(f"there is no account {ident}; `calsync accounts list` shows them")
        return _stop(context, db, account, "ops")

    return context.transact("disconnect", work)


def _stop(context: Context, db: Db, account: Account, by: By) -> str:
    if account.state is AccountState.DISCONNECTED:
        return "disconnected"
    if account.state is AccountState.ACTIVE and account.chosen_at is None:
        return "withdrawing"
    request_notice.disconnected(db, account, Cause(by))
    outcome = reroute.stop_using(context, db, account, DISCONNECTED_BY[by])
    reroute.reroute(context, db, account.tenant, [account.email])
    return outcome


def finish(context: Context, db: Db) -> int:
    """Accounts on their way out whose last copy is gone are disconnected; returns how many."""
    done = leaving.cleared(db)
    for one in done:
        leaving.end(db, one.id, "nothing is left there", revoke=context.revoker(one) is not None)
    return len(done)


def forget(context: Context, db: Db, rows: Sequence[Row]) -> int:
    """Accounts of somebody who is forgotten go at once. What that person gave is taken back at the
    provider as after a disconnect; returns how many such consents there are."""
    ids = {row["id"] for row in rows}
    grants = [one for row in rows if (one := leaving.grant_of(row))]
    told = [
        one.account.id
        for one in grants
        if context.revoker(one.account) is not None and _serves(context, db, one, ids) is None
    ]
    leaving.forget(db, rows, told)
    return len(told)


def revoke(context: Context) -> None:
    """Take back at the provider what people gave for accounts that they left, as far as it is due;
    then their credentials are deleted."""
    while _revoke_next(context):
        pass


def _revoke_next(context: Context) -> bool:
    claimed, known = context.transact("revoke_claim", partial(_claim_revocation, context))
    if claimed is None:
        return False
    revoker = context.revoker(claimed.account)
    if known is None or revoker is None:
        return True
    answer = _ask(context, revoker, known)
    context.transact(
        "revoke_finish",
        lambda db: _store(context, db, claimed.account, known.version, answer),
        waits=True,
    )
    return True


def _claim_revocation(context: Context, db: Db) -> tuple[Revocation | None, Credentials | None]:
    """The next one that is due, and what to take it back with: None when that is left out."""
    claimed = leaving.claim_revocation(db, SOON)
    if claimed is None:
        return None, None
    account = claimed.account
    known, why = _credentials(context, db, account), _left_out(context, db, claimed)
    if known is None or context.revoker(account) is None:
        why = "its key or the provider's settings are gone"
    if why:
        _give_up(context, db, account, why)
    return claimed, None if why else known


def _credentials(context: Context, db: Db, account: Account) -> Credentials | None:
    """None when no key opens them any more."""
    try:
        return accounts.credentials(db, context.vault, account.id)
    except SealError:
        return None


def _left_out(context: Context, db: Db, claimed: Revocation) -> str:
    """Why the provider is not to be told (again), "" when it is. Accounts of one person that the
    same client opens share one grant: it goes with the last of them."""
    other = _serves(context, db, claimed)
    if other is not None:
        return f"its grant serves an account of tenant {other.tenant} as well"
    return GIVEN_UP if db.now - claimed.since > PATIENCE else ""


def _serves(
    context: Context, db: Db, grant: Revocation, besides: Collection[str] = ()
) -> Account | None:
    """Another account that is opened by the same grant."""
    client = _client(context, grant.account)
    others = (one for one in leaving.of_same_owner(db, grant) if one.id not in besides)
    return next((one for one in others if _client(context, one) == client), None)


def _client(context: Context, account: Account) -> str | None:
    revoker = context.revoker(account)
    return revoker.client if revoker else None


def _ask(context: Context, revoker: Revoker, known: Credentials) -> str | ChannelError:
    until = time.monotonic() + CALL_SECONDS
    with context.call("revoke_call"):
        ask = partial(revoker.revoke, known.secret, until)
        ended = unexpected.measured(context.meter, known.provider, "revocation", ask)
    if isinstance(ended, ChannelError):
        return ended
    return "yes" if ended else "it was dead already"


def _store(
    context: Context, db: Db, account: Account, version: int, answer: str | ChannelError
) -> None:
    """Store the answer. Whoever connected again meanwhile keeps the new credentials."""
    word = answer if isinstance(answer, str) else f"{answer.kind}: {answer.reason}"
    tenant, ident = account.tenant, account.id
    journal.note(db, "revocation_answered", tenant=tenant, account=ident, answer=word)
    level = None if isinstance(answer, str) else "warning"
    context.log_committed(db, "revocation", level=level, tenant=tenant, account=ident, answer=word)
    origin = answer.origin if isinstance(answer, ChannelError) else None
    unexpected.tell(context, db, "revocation", origin, unexpected.of_tenant(tenant))
    if not leaving.is_left(db, ident, version):
        return
    if isinstance(answer, str):
        leaving.forget_credentials(db, ident)
    elif isinstance(answer, Refused) and origin is None:
        _give_up(context, db, account, "the provider refuses it")


def _give_up(context: Context, db: Db, account: Account, why: str) -> None:
    tenant, ident = account.tenant, account.id
    leaving.forget_credentials(db, ident)
    journal.note(db, "revocation_left_out", tenant=tenant, account=ident, reason=why)
    context.log_committed(db, "revocation_left_out", tenant=tenant, account=ident, reason=why)
