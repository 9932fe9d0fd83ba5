"""Asking whether an account opens and its calendar answers. Nothing is written there."""

from __future__ import annotations

import time

from calsync.core.account import Account
from calsync.ports import Access
from calsync.runtime import unexpected
from calsync.runtime.context import Context


def probe(context: Context, account: Account) -> None:
    """Open the account and ask its calendar for an event that cannot exist. Raises ChannelError."""
    until = time.monotonic() + context.lease.total_seconds() / 3
    access = context.authorizer.open(account.id, until)
    ask(context, account.tenant, account.provider, access, until)


def ask(context: Context, tenant: str, provider: str, access: Access, until: float) -> None:
    """Ask a calendar for an event that cannot exist. Raises ChannelError."""
    channel = context.channel(tenant, provider)
    with context.call("probe"):
        unexpected.answering(lambda: channel.find_uid("calsync-probe", access, until))
