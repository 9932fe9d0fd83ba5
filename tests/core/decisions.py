"""Builders for decisions: a delivery of Maya's to her Google calendar, and snapshot about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from calsync.core.account import Account, AccountState
from calsync.core.ledger import (
    Attempt,
    Copy,
    CopyState,
    Delivery,
    Do,
    Outcome,
    Route,
    Snapshot,
    Want,
    mail_destination,
)
from tests.make import KEY, NOW, a_copy, an_event

STARTS = NOW + timedelta(days=3)
A = Account("acc-1", "default", "maya@example.org", "google", "maya@example.org", chosen_at=NOW)
B = Account("acc-2", "default", "maya@example.org", "outlook", "maya@work.example", chosen_at=NOW)
LOST_A = replace(A, state=AccountState.RECONNECT)
TO_A = Route("google", "acc-1", A.address, A.destination)
TO_B = Route("outlook", "acc-2", B.address, B.destination)
TO_MAIL = Route("mail", None, "maya@example.org", mail_destination("maya@example.org"))


def a_delivery(**changes: Any) -> Delivery:
    """Wanted in Maya's Google calendar, due now, in three days."""
    delivery = Delivery(
        key=KEY,
        want=Want.PRESENT,
        content=an_event(),
        material_fp="m1",
        quiet_fp="q1",
        starts_at=STARTS,
        ends_at=STARTS + timedelta(hours=1),
        route=TO_A,
        version=5,
        material_version=4,
        due_at=NOW,
    )
    return replace(delivery, **changes)


def an_attempt(do: Do = Do.CREATE, **changes: Any) -> Attempt:
    """An attempt on Google whose answer never came; its call is over."""
    attempt = Attempt(
        id=7,
        do=do,
        version=5,
        channel="google",
        account="acc-1",
        material_fp="m1",
        quiet_fp="q1",
        outcome=Outcome.OPEN,
        deadline=NOW - timedelta(minutes=1),
        content=an_event(),
    )
    return replace(attempt, **changes)


def in_a(state: CopyState = CopyState.LIVE, n: int = 1, **changes: Any) -> Copy:
    """A copy in the Google calendar, showing what is wanted."""
    fields: dict[str, Any] = {
        "account": A.id,
        "address": A.address,
        "destination": A.destination,
        "material_fp": "m1",
        "quiet_fp": "q1",
        "remote_id": f"g{n}",
        "occupies": state in (CopyState.LIVE, CopyState.UNSURE, CopyState.TAKEN),
    }
    return a_copy(n, state=state, **(fields | changes))


def in_b(state: CopyState = CopyState.LIVE, n: int = 1, **changes: Any) -> Copy:
    fields = {
        "channel": "outlook",
        "account": B.id,
        "address": B.address,
        "destination": B.destination,
    }
    return in_a(state, n, **(fields | changes))


def by_mail(state: CopyState = CopyState.LIVE, n: int = 1, **changes: Any) -> Copy:
    fields = {
        "channel": "mail",
        "account": None,
        "address": TO_MAIL.address,
        "destination": TO_MAIL.destination,
    }
    return in_a(state, n, **(fields | changes))


def mailed(do: Do = Do.CREATE, **changes: Any) -> Attempt:
    return an_attempt(do, **({"channel": "mail", "account": None} | changes))


def snapshot(*copies: Copy, accounts: tuple[Account, ...] = (A, B), **changes: Any) -> Snapshot:
    """Snapshot about these copies; a change named like a field of the delivery goes there."""
    of_facts = {name: changes.pop(name) for name in list(changes) if name in Snapshot.__slots__}
    return Snapshot(
        **{
            "now": NOW,
            "delivery": a_delivery(**changes),
            "copies": copies,
            "accounts": {account.id: account for account in accounts},
            **of_facts,
        }
    )


def later(**kwargs: float) -> datetime:
    return NOW + timedelta(**kwargs)
