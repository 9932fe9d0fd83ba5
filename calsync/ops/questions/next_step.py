"""What happens to a delivery next, for `plan` and `explain`."""

from __future__ import annotations

from dataclasses import replace

from calsync.core.reconcile.actions import Find, FindUid, Nothing, Send, Step, as_queued
from calsync.core.reconcile.decide import reconcile
from calsync.errors import InputError
from calsync.runtime.context import Context
from calsync.store.database import Db, Row
from calsync.store.ledger.rows import delivery_of
from calsync.store.queue import claims, obstacles
from calsync.text.instants import iso


def next_step(context: Context, db: Db, row: Row, *, released: bool = False) -> Step:
    """What happens to this delivery next, and what keeps it waiting; `released` as if no batch held
    it."""
    delivery, tenant = delivery_of(row), context.tenant(row["tenant"])
    if released:
        delivery = replace(delivery, batch=None)
    excluded = tenant.excludes(delivery.email)
    snapshot = claims.snapshot(db, context.sealer, delivery, tenant.policy, excluded=excluded)
    step = reconcile(snapshot).step
    if isinstance(step, Nothing):
        return step
    return as_queued(step, obstacles.of_call(db, row["tenant"], row["slot"], step))


def describe(step: Step) -> str:
    """A step in words."""
    if isinstance(step, Send):
        words = {"create": "make", "change": "change", "withdraw": "withdraw"}
        again = " again, the same bytes" if step.replay else ""
        return f"{words[step.do.value]} copy {step.n} by {step.channel}{again}"
    if isinstance(step, Find):
        return f"look for copy {step.n} in {step.channel} ({step.why})"
    if isinstance(step, FindUid):
        return f"look for the mailed copy {step.n} in {step.channel}"
    if isinstance(step, Nothing):
        until = f" until {iso(step.until)}" if step.until else ""
        return f"nothing ({step}){until}" + (f", then {describe(step.then)}" if step.then else "")
    raise InputError(f"unknown step {type(step).__name__}")
