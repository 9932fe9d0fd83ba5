"""Findings about the platform: a receiver of its webhook that takes no facts."""

from __future__ import annotations

from collections.abc import Iterator

from calsync.ops.results.command import to_type
from calsync.ops.results.finding import Finding, Severity
from calsync.ops.results.status import InstallationStatus, Liveness
from calsync.text.counted import counted
from calsync.text.instants import iso


def failing(known: InstallationStatus, _: Liveness) -> Iterator[Finding]:
    """Webhooks whose last calls failed; calsync tries again by itself."""
    for one in known.webhooks:
        if one.failing_since is None:
            continue
        text = (
            f"the webhook of tenant {one.tenant} has failed since {iso(one.failing_since)}: "
            f"{one.error}; calsync tries again by itself"
        )
        whom, command = f"tenant {one.tenant}", to_type("webhooks retry", tenant=one.tenant)
        yield Finding(Severity.WARNING, text, one.failing_since, whom, command)


def given_up(known: InstallationStatus, _: Liveness) -> Iterator[Finding]:
    """Facts that a receiver never took."""
    for one in known.webhooks:
        if one.dead_letters:
            text = (
                f"the platform of tenant {one.tenant} never took some facts that its webhook told "
                f"({counted(one.dead_letters, 'dead letter')}); once its receiver works, send them "
                "again"
            )
            command = to_type("webhooks replay", tenant=one.tenant)
            yield Finding(Severity.WARNING, text, None, f"tenant {one.tenant}", command)
