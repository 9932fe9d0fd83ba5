"""A person's way through a provider's sign-in and back: begun here, spent once, then connected.

Nothing is stored of an account before everything about it is known: what was granted, whose it is,
whether it can be written. Until then the person's calendars are as they were.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Literal, TypeVar

from calsync.accounts import connect, probe
from calsync.core.account import Account, Opened
from calsync.core.address import address_key
from calsync.core.consent import ConsentError, Given, SignInProblem, lacking, meaning, trouble
from calsync.core.visit import Visit
from calsync.errors import ChannelError, InputError, SealError, TryLater
from calsync.ports import Access, Consenter
from calsync.runtime import unexpected
from calsync.runtime.context import Context
from calsync.store.connect import consents, visits
from calsync.store.connect.consents import PendingConsent, Step
from calsync.store.database import Db

T = TypeVar("T")

LASTS = timedelta(minutes=10)
LINK_LASTS = timedelta(days=7)  # a link for an administrator is handed on
CALL_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Landing:
    """How a browser's return ended, unless it is a ConsentError: connected, or to be confirmed, or
    to be asked again at `url`."""

    step: Literal["connected", "confirm", "again"]
    url: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a person must confirm: the account that came back is not known under their address."""

    id: str
    provider: str
    address: str


def callback(public_url: str, provider: str) -> str:
    """Where a provider sends a browser back: what has to be registered there."""
    return f"{public_url.rstrip('/')}/connect/{provider}/callback"


class Consents:
    """Every consent that people give on their page.

    consenters  by (tenant, provider)
    public_url  how browsers reach calsync
    """

    def __init__(
        self, context: Context, consenters: Mapping[tuple[str, str], Consenter], public_url: str
    ) -> None:
        self.context, self.consenters = context, consenters
        self.public_url = public_url.rstrip("/")

    @property
    def providers(self) -> list[str]:
        """Every provider that asks people, whichever tenant it is set up for."""
        return sorted({provider for _, provider in self.consenters})

    def calls_to_begin(self, visit: Visit, provider: str) -> bool:
        """Whether `begin` asks the provider something first. Raises InputError for one that is
        none."""
        return self._consenter(visit.visitor.tenant, provider).calls_to_begin

    # --- out and back ----------------------------------------------------------------------------

    def begin(
        self, visit: Visit, provider: str, *, other: bool = False, again: bool = False
    ) -> str:
        """The provider's address for this browser. Raises ConsentError, InputError."""
        visitor = visit.visitor
        consenter = self._consenter(visitor.tenant, provider)
        until = time.monotonic() + CALL_SECONDS
        try:
            with self.context.call("consent_begin"):
                url, kept = self._ask(
                    visitor.tenant,
                    partial(
                        consenter.begin,
                        *(self._back(provider), visitor.email, until),
                        other=other,
                        again=again,
                    ),
                )
        except ConsentError as error:
            self._log(visit, provider, error)
            raise
        ident = visits.hashed(str(kept["state"]))
        whole = {"flow": dict(kept), "again": again}
        self.context.transact(
            "consent_ask",
            lambda db: consents.ask(db, self.context.vault, ident, visit, provider, whole, LASTS),
        )
        return url

    def finish(self, visit: Visit, provider: str, params: Mapping[str, str]) -> Landing:
        """What became of a browser's return. Raises ConsentError when nothing was connected, and
        InputError for a provider that is none."""
        consenter = self._consenter(visit.visitor.tenant, provider)
        try:
            known = self._spend(visit, provider, params.get("state", ""))
            landing = self._land(visit, consenter, known, params)
        except ConsentError as error:
            self._log(visit, provider, error)
            raise
        self._say(visit, provider, landing.step)
        return landing

    def _spend(self, visit: Visit, provider: str, state: str) -> PendingConsent:
        """The consent that was asked for, spent before the provider hears of it, so that an answer
        that comes twice finds nothing."""
        ident = visits.hashed(state)

        def spend(db: Db) -> PendingConsent:
            try:
                known = consents.get(db, self.context.vault, ident)
            except SealError:
                raise ConsentError(SignInProblem.EXPIRED, "its key is gone") from None
            if known is None:
                raise ConsentError(SignInProblem.FOREIGN, "state")
            if known.visit != visit.id:
                raise ConsentError(SignInProblem.FOREIGN, "visit")
            if known.provider != provider:
                raise ConsentError(SignInProblem.FOREIGN, "provider")
            if not consents.take(db, ident, visit, Step.ASKED):
                raise ConsentError(SignInProblem.EXPIRED, "spent or too late")
            return known

        return self.context.transact("consent_spend", spend)

    def _land(
        self, visit: Visit, consenter: Consenter, known: PendingConsent, params: Mapping[str, str]
    ) -> Landing:
        until = time.monotonic() + CALL_SECONDS
        with self.context.call("consent_redeem"):
            given = self._ask(
                visit.visitor.tenant,
                partial(consenter.finish, known.kept["flow"], params, until, visit.visitor.email),
            )
        problem = lacking(given.rights)
        if problem is SignInProblem.NO_RETURN and not known.kept["again"]:
            return Landing("again", self.begin(visit, known.provider, again=True))
        if problem is not None:
            raise ConsentError(problem, "granted scopes")
        self._probe(visit, given, until)
        if address_key(given.address) != visit.visitor.email:
            return self._hold(known, given)
        who = visit.visitor
        self.context.transact(
            "consent_store",
            lambda db: connect.store(self.context, db, who.tenant, who.email, given.opened),
        )
        return Landing("connected")

    def _probe(self, visit: Visit, given: Given, until: float) -> None:
        """Nobody is turned away because the calendar does not answer just now: what is to be
        delivered waits for it in any case."""
        account = given.opened.account
        access = Access(account=account.address, secret=given.token, calendar=account.calendar)
        try:
            probe.ask(self.context, visit.visitor.tenant, account.provider, access, until)
        except ChannelError as error:
            if not isinstance(error, TryLater) and error.origin is None:
                raise trouble(error) from None
            self._report(visit.visitor.tenant, error)
            self._say(visit, account.provider, "not probed")

    def _hold(self, known: PendingConsent, given: Given) -> Landing:
        opened = given.opened
        account = opened.account
        kept = {
            "told": given.address,
            "address": account.address,
            "opened": {**asdict(opened), "account": None},
        }
        held = self.context.transact(
            "consent_hold",
            lambda db: consents.hold(db, self.context.vault, known.id, kept, LASTS),
        )
        if not held:
            raise ConsentError(SignInProblem.EXPIRED, "the page was left")
        return Landing("confirm")

    # --- another address -------------------------------------------------------------------------

    def waiting(self, visit: Visit) -> Waiting | None:
        """What this browser is to confirm."""
        with self.context.store.read() as db:
            try:
                found = consents.waiting(db, self.context.vault, visit)
            except SealError:
                return None
        return Waiting(found.id, found.provider, found.kept["told"]) if found else None

    def confirm(self, visit: Visit, ident: str) -> bool:
        """Connect what was shown; False when it is over, or was answered before."""

        def confirm(db: Db) -> str | None:
            try:
                found = consents.get(db, self.context.vault, ident)
            except SealError:
                return None
            if found is None or not consents.take(db, ident, visit, Step.CONFIRMING):
                return None
            opened = _opened(found)
            connect.store(self.context, db, visit.visitor.tenant, visit.visitor.email, opened)
            return found.provider

        provider = self.context.transact("consent_confirm", confirm)
        if provider is not None:
            self._say(visit, provider, "confirmed")
        return provider is not None

    def decline(self, visit: Visit, ident: str) -> None:
        """Forget what was shown."""
        self.context.transact(
            "consent_decline", lambda db: consents.take(db, ident, visit, Step.CONFIRMING)
        )

    # --- an administrator's approval -------------------------------------------------------------

    def admin_link(self, tenant: str, provider: str) -> str:
        """An address to hand to an administrator, good for a week; "" where there is none."""
        with self.context.store.read() as db:
            ends = int((db.now + LINK_LASTS).timestamp())
        state = f"{tenant}.{ends}.{self._proof(tenant, ends)}"
        consenter = self._consenter(tenant, provider)
        return consenter.admin_url(f"{self.public_url}/connect/{provider}/admin", state)

    def approved(self, provider: str, params: Mapping[str, str]) -> None:
        """Return when an administrator approved; nothing in calsync changes by it. Raises
        ConsentError."""
        tenant, _, rest = params.get("state", "").partition(".")
        ends, _, proof = rest.partition(".")
        right = ends.isdecimal() and len(ends) < 12 and self._proof(tenant, int(ends))
        if not right or not hmac.compare_digest(right.encode(), proof.encode()):
            raise ConsentError(SignInProblem.FOREIGN, "state")
        with self.context.store.read() as db:
            late = db.now > datetime.fromtimestamp(int(ends), UTC)
        if late:
            raise ConsentError(SignInProblem.EXPIRED, "too late")
        if "error" in params:
            raise ConsentError(meaning(params["error"]), "not approved")
        if params.get("admin_consent", "").lower() != "true":
            raise ConsentError(SignInProblem.DENIED, "not approved")
        self.context.log("admin_approved", tenant=tenant, provider=provider)

    def _proof(self, tenant: str, ends: int) -> str:
        return self.context.vault.keyed_hash("admin consent", f"{tenant} {ends}")

    # --- details ---------------------------------------------------------------------------------

    def _ask(self, tenant: str, work: Callable[[], T]) -> T:
        """What a provider's sign-in gave. What nobody foresaw is reported, and costs a person
        another try. Raises ConsentError."""
        try:
            return unexpected.answering(work)
        except ChannelError as error:
            if error.origin is None:
                raise trouble(error) from None
            self._report(tenant, error)
            raise ConsentError(SignInProblem.BUSY, error.reason) from None

    def _report(self, tenant: str, error: ChannelError) -> None:
        unexpected.report(self.context, "sign-in", error.origin, unexpected.of_tenant(tenant))

    def _consenter(self, tenant: str, provider: str) -> Consenter:
        found = self.consenters.get((tenant, provider))
        if found is None:
            raise InputError(f"{provider} is not set up for tenant {tenant}")
        return found

    def _back(self, provider: str) -> str:
        return callback(self.public_url, provider)

    def _say(self, visit: Visit, provider: str, outcome: str) -> None:
        self.context.log("consent", tenant=visit.visitor.tenant, provider=provider, outcome=outcome)

    def _log(self, visit: Visit, provider: str, error: ConsentError) -> None:
        """The operator's own fault is an incident: nobody of this tenant can connect."""
        event = "consent_setup_fault" if error.problem is SignInProblem.OURS else "consent"
        self.context.log(
            event,
            tenant=visit.visitor.tenant,
            provider=provider,
            outcome=error.problem.value,
            reason=error.reason,
        )


def _opened(found: PendingConsent) -> Opened:
    account = Account(
        id="",
        tenant="",
        email=found.visitor.email,
        provider=found.provider,
        address=found.kept["address"],
    )
    return replace(Opened(account, "", {}), **{**found.kept["opened"], "account": account})
