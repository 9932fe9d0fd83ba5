"""Who may look at the ops page, and who may act there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from calsync.core.ledger import DeliveryKey
from calsync.errors import InputError
from calsync.ops import lookup
from calsync.runtime.context import Context
from calsync.store.api import tokens
from calsync.store.api.tokens import Scope
from calsync.store.connect import operators
from calsync.store.connect.operators import EVERY, Operator, OperatorVisit
from calsync.store.database import Db
from calsync.store.ledger import journal

TICKET_LASTS = timedelta(minutes=15)
VISIT_LASTS = timedelta(hours=8)
PATH = "/ops/enter"


@dataclass(frozen=True, slots=True)
class OpsLink:
    """A way to the ops page that is good for one browser, once."""

    url: str
    expires_at: datetime


class Operators:
    """Every way to the ops page, and the browsers that went one."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def offer(self, base: str, tenant: str, *, acts: bool) -> OpsLink:
        """A one-time link below `base`. Raises InputError for an unknown tenant."""
        lookup.check_tenant(self.context, tenant)
        operator = Operator(tenant, "ops-link", acts)

        def work(db: Db) -> tuple[str, datetime]:
            return operators.offer(db, operator, TICKET_LASTS)

        ticket, expires_at = self.context.transact("ops_link", work)
        return OpsLink(f"{base}{PATH}?ticket={ticket}", expires_at)

    def is_open(self, ticket: str) -> bool:
        """Whether a ticket lets somebody in; it stays good."""
        with self.context.store.read() as db:
            return operators.is_open(db, ticket)

    def enter(self, ticket: str) -> str | None:
        """Take a ticket: what the browser's cookie holds; None: it is good no more."""
        return self.context.transact(
            "ops_enter", lambda db: operators.enter(db, ticket, VISIT_LASTS)
        )

    def visit(self, cookie: str) -> OperatorVisit | None:
        """Whose browser shows this cookie."""
        with self.context.store.read() as db:
            return operators.visit(db, cookie)

    def leave(self, cookie: str) -> None:
        """End a browser's visit; once more does nothing."""
        self.context.transact("ops_leave", lambda db: operators.leave(db, cookie))

    def of_token(self, shown: str) -> Operator | None:
        """The operator that a token of scope `ops` or `ops:read` stands for, of its tenant."""
        with self.context.store.read() as db:
            found = tokens.verify(db, shown)
        if found is None:
            return None
        caller, _ = found
        acts = Scope.OPS.value in caller.scopes
        if not acts and Scope.OPS_READ.value not in caller.scopes:
            return None
        return Operator(caller.tenant, f"token {caller.token_id}", acts)

    def proof(self, cookie: str) -> str:
        """What a form of this browser carries, so that no other site can send it."""
        return self.context.vault.keyed_hash("ops-csrf", cookie)

    def audit(self, operator: Operator, act: str, about: Mapping[str, str]) -> None:
        """One line of the journal before each act: who does what. Raises InputError for one who
        may only look."""
        if not operator.acts:
            raise InputError("you may look here, and change nothing; ask for a link that acts")
        detail = {"who": operator.who, "act": act, **about}
        tenant = "" if operator.tenant == EVERY else operator.tenant
        key = DeliveryKey(tenant, detail.pop("session", ""), "")

        def work(db: Db) -> None:
            journal.note_of(db, key, "operator_acted", detail)

        self.context.transact("operator_acts", work)
