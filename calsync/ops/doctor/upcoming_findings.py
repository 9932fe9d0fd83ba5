"""Findings about Upcoming Session mails: who cannot turn them off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from calsync.core.upcoming.rules import UpcomingTo
from calsync.ops.results.finding import Finding, Severity
from calsync.runtime.context import Context


def unlinked(context: Context, tenants: Sequence[str]) -> list[str]:
    """Of these tenants, those whose mails bear no link that turns them off."""
    if context.settings.public_url:
        return []
    return [one for one in tenants if context.tenant(one).upcoming.to is not UpcomingTo.OFF]


def findings(tenants: Sequence[str]) -> Iterator[Finding]:
    """One for each such tenant."""
    for one in tenants:
        text = (
            "Upcoming Session mails have no link to turn them off, which large mailbox providers "
            "expect of mails to many people: set web.public_url and run `calsync run` where it "
            "leads, so that one click does it"
        )
        yield Finding(Severity.NOTICE, text, None, f"tenant {one}", "", "upcoming_link")
