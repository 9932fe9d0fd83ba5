"""A person's way through a vendor's sign-in and back: begun here, spent once, then connected.

Nothing is stored of an account before everything about it is known: what was granted, whose it is,
whether it can be written. Until then the person's calendars are as they were.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Protocol

from calsync.accounts import connect, probe
from calsync.accounts.connect import Opened
from calsync.core.account import Account
from calsync.core.consent import ConsentError, Hitch, Rights, lacking, meaning, trouble
from calsync.errors import ChannelError, InputError, SealError, TryLater
from calsync.ports import Access
from calsync.runtime.context import Kit
from calsync.store.connect import consents, visits
from calsync.store.connect.consents import Consent, Step
from calsync.store.connect.visits import Visit

LASTS = timedelta(minutes=10)
LINK_LASTS = timedelta(days=7)  # a link for an administrator is handed on
CALL_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Given:
    """What a person gave. `address` is as the vendor tells it, "" when it does not."""

    opened: Opened
    address: str
    rights: Rights
    token: str = field(repr=False)


class Consenter(Protocol):
    """How one vendor asks a person. Everything raises ConsentError."""

    def begin(
        self, redirect_uri: str, login_hint: str, until: float, *, other: bool, again: bool
    ) -> tuple[str, Mapping[str, Any]]:
        """Where to send the browser, and what to keep, its `state` included. `other`: the person
        chooses the account; `again`: they are asked even if they agreed before."""
        ...

    def finish(
        self, kept: Mapping[str, Any], params: Mapping[str, str], until: float, email: str
    ) -> Given:
        """What the browser brought back, redeemed for the person with this address."""
        ...

    def admin_url(self, redirect_uri: str, state: str) -> str:
        """Where an administrator approves for all; "" where the vendor has no such address."""
        ...


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


class Consents:
    """Every consent that people give on their page.

    consenters  by (tenant, provider)
    public_url  how browsers reach calsync
    """

    def __init__(
        self, kit: Kit, consenters: Mapping[tuple[str, str], Consenter], public_url: str
    ) -> None:
        self.kit, self.consenters = kit, consenters
        self.base = f"{public_url.rstrip('/')}/connect"

    # --- out and back ----------------------------------------------------------------------------

    def begin(
        self, visit: Visit, provider: str, *, other: bool = False, again: bool = False
    ) -> str:
        """The vendor's address for this browser. Raises ConsentError, InputError."""
        guest = visit.guest
        consenter = self._consenter(guest.tenant, provider)
        until = time.monotonic() + CALL_SECONDS
        try:
            with self.kit.call("consent_begin"):
                url, kept = consenter.begin(
                    self._back(provider), guest.email, until, other=other, again=again
                )
        except ConsentError as error:
            self._tell(visit, provider, error)
            raise
        ident = visits.hashed(str(kept["state"]))
        with self.kit.write("consent_ask") as db:
            whole = {"flow": dict(kept), "again": again}
            consents.ask(db, self.kit.vault, ident, visit, provider, whole, LASTS)
        return url

    def finish(self, visit: Visit, provider: str, params: Mapping[str, str]) -> Landing:
        """What became of a browser's return. Raises ConsentError when nothing was connected, and
        InputError for a provider that is none."""
        consenter = self._consenter(visit.guest.tenant, provider)
        try:
            known = self._spend(visit, provider, params.get("state", ""))
            landing = self._land(visit, consenter, known, params)
        except ConsentError as error:
            self._tell(visit, provider, error)
            raise
        self._say(visit, provider, landing.step)
        return landing

    def _spend(self, visit: Visit, provider: str, state: str) -> Consent:
        """The consent that was asked for, spent before the vendor hears of it, so that an answer
        that comes twice finds nothing."""
        ident = visits.hashed(state)
        with self.kit.write("consent_spend") as db:
            try:
                known = consents.get(db, self.kit.vault, ident)
            except SealError:
                raise ConsentError(Hitch.EXPIRED, "its key is gone") from None
            if known is None:
                raise ConsentError(Hitch.FOREIGN, "state")
            if known.visit != visit.id:
                raise ConsentError(Hitch.FOREIGN, "visit")
            if known.provider != provider:
                raise ConsentError(Hitch.FOREIGN, "provider")
            if not consents.take(db, ident, visit, Step.ASKED):
                raise ConsentError(Hitch.EXPIRED, "spent or too late")
        return known

    def _land(
        self, visit: Visit, consenter: Consenter, known: Consent, params: Mapping[str, str]
    ) -> Landing:
        until = time.monotonic() + CALL_SECONDS
        with self.kit.call("consent_redeem"):
            given = consenter.finish(known.kept["flow"], params, until, visit.guest.email)
        hitch = lacking(given.rights)
        if hitch is Hitch.NO_RETURN and not known.kept["again"]:
            return Landing("again", self.begin(visit, known.provider, again=True))
        if hitch is not None:
            raise ConsentError(hitch, "granted scopes")
        self._probe(visit, given, until)
        if given.address.lower() != visit.guest.email:
            return self._hold(known, given)
        with self.kit.write("consent_store") as db:
            connect.store(self.kit, db, visit.guest.tenant, visit.guest.email, given.opened)
        return Landing("connected")

    def _probe(self, visit: Visit, given: Given, until: float) -> None:
        """Nobody is turned away because the calendar does not answer just now: what is to be
        delivered waits for it in any case."""
        account = given.opened.account
        access = Access(account=account.address, secret=given.token, calendar=account.calendar)
        try:
            probe.ask(self.kit, visit.guest.tenant, account.provider, access, until)
        except TryLater:
            self._say(visit, account.provider, "not probed")
        except ChannelError as error:
            raise trouble(error) from None

    def _hold(self, known: Consent, given: Given) -> Landing:
        opened = given.opened
        account = opened.account
        kept = {
            "told": given.address,
            "address": account.address,
            "opened": {**asdict(opened), "account": None},
        }
        with self.kit.write("consent_hold") as db:
            if not consents.hold(db, self.kit.vault, known.id, kept, LASTS):
                raise ConsentError(Hitch.EXPIRED, "the page was left")
        return Landing("confirm")

    # --- another address -------------------------------------------------------------------------

    def waiting(self, visit: Visit) -> Waiting | None:
        """What this browser is to confirm."""
        with self.kit.store.read() as db:
            try:
                found = consents.waiting(db, self.kit.vault, visit)
            except SealError:
                return None
        return Waiting(found.id, found.provider, found.kept["told"]) if found else None

    def confirm(self, visit: Visit, ident: str) -> bool:
        """Connect what was shown; False when it is over, or was answered before."""
        with self.kit.write("consent_confirm") as db:
            try:
                found = consents.get(db, self.kit.vault, ident)
            except SealError:
                return False
            if found is None or not consents.take(db, ident, visit, Step.CONFIRMING):
                return False
            opened = _opened(found)
            connect.store(self.kit, db, visit.guest.tenant, visit.guest.email, opened)
        self._say(visit, found.provider, "confirmed")
        return True

    def decline(self, visit: Visit, ident: str) -> None:
        """Forget what was shown."""
        with self.kit.write("consent_decline") as db:
            consents.take(db, ident, visit, Step.CONFIRMING)

    # --- an administrator's approval -------------------------------------------------------------

    def admin_link(self, tenant: str, provider: str) -> str:
        """An address to hand to an administrator, good for a week; "" where there is none."""
        with self.kit.store.read() as db:
            ends = int((db.now + LINK_LASTS).timestamp())
        state = f"{tenant}.{ends}.{self._proof(tenant, ends)}"
        consenter = self._consenter(tenant, provider)
        return consenter.admin_url(f"{self.base}/{provider}/admin", state)

    def approved(self, provider: str, params: Mapping[str, str]) -> None:
        """Return when an administrator approved; nothing in calsync changes by it. Raises
        ConsentError."""
        tenant, _, rest = params.get("state", "").partition(".")
        ends, _, proof = rest.partition(".")
        right = ends.isdigit() and len(ends) < 12 and self._proof(tenant, int(ends))
        if not right or not hmac.compare_digest(right.encode(), proof.encode()):
            raise ConsentError(Hitch.FOREIGN, "state")
        with self.kit.store.read() as db:
            late = db.now > datetime.fromtimestamp(int(ends), UTC)
        if late:
            raise ConsentError(Hitch.EXPIRED, "too late")
        if "error" in params:
            raise ConsentError(meaning(params["error"]), "not approved")
        if params.get("admin_consent", "").lower() != "true":
            raise ConsentError(Hitch.DENIED, "not approved")
        self.kit.tell("admin_approved", tenant=tenant, provider=provider)

    def _proof(self, tenant: str, ends: int) -> str:
        return self.kit.vault.keyed_hash("admin consent", f"{tenant} {ends}")

    # --- details ---------------------------------------------------------------------------------

    def _consenter(self, tenant: str, provider: str) -> Consenter:
        found = self.consenters.get((tenant, provider))
        if found is None:
            raise InputError(f"{provider} is not set up for tenant {tenant}")
        return found

    def _back(self, provider: str) -> str:
        return f"{self.base}/{provider}/callback"

    def _say(self, visit: Visit, provider: str, outcome: str) -> None:
        self.kit.tell("consent", tenant=visit.guest.tenant, provider=provider, outcome=outcome)

    def _tell(self, visit: Visit, provider: str, error: ConsentError) -> None:
        """The operator's own fault is an incident: nobody of this tenant can connect."""
        event = "consent_setup_fault" if error.hitch is Hitch.OURS else "consent"
        self.kit.tell(
            event,
            tenant=visit.guest.tenant,
            provider=provider,
            outcome=error.hitch.value,
            reason=error.reason,
        )


def _opened(found: Consent) -> Opened:
    account = Account(
        id="",
        tenant="",
        email=found.guest.email,
        provider=found.provider,
        address=found.kept["address"],
    )
    return replace(Opened(account, "", {}), **{**found.kept["opened"], "account": account})
