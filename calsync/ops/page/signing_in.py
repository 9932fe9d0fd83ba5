"""An operator's way through the organization's sign-in and back.

Nothing is stored before somebody is let in: what belongs to one way is derived from a secret that
only this browser has.
"""

from __future__ import annotations

import hmac
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from calsync.core.visit import AskedSignIn, SignedIn
from calsync.errors import ChannelError, InputError, Refused, Setup
from calsync.ops.page.access import VISIT_LASTS
from calsync.ops.page.allowed import Allowed, operators_of
from calsync.ports import SignInService
from calsync.runtime.context import Context
from calsync.store.connect import operators
from calsync.store.connect.operators import EVERY, Operator
from calsync.store.connect.visits import new_secret

CALL_SECONDS = 15.0
AT_ONCE = 4  # sign-ins that call the service at the same time: strangers may begin one
BACK = "/ops/signed-in"


@dataclass(frozen=True, slots=True)
class Entered:
    """A way in: `cookie` lets this browser in; without one the person chooses among `tenants`."""

    cookie: str = ""
    tenants: tuple[str, ...] = ()


class SigningIn:
    """Every sign-in of operators. `base` is how browsers reach calsync."""

    def __init__(
        self, context: Context, service: SignInService, rules: Sequence[Allowed], base: str
    ) -> None:
        self.context, self.base = context, base.rstrip("/")
        self._service, self._rules = service, tuple(rules)
        self._places = threading.BoundedSemaphore(AT_ONCE)

    def begin(self, tenant: str = "") -> tuple[str, str]:
        """Where the browser goes, and the secret that it keeps meanwhile. `tenant`: the one they
        want to see, "" for whatever they may. Raises InputError."""
        secret = f"{new_secret()}.{tenant}"
        asked = self._asked(secret)
        with self._calling(), self.context.call("ops_sign_in_begin"):
            return self._service.address(asked, time.monotonic() + CALL_SECONDS), secret

    def finish(self, secret: str, params: Mapping[str, str]) -> Entered:
        """What became of a browser's return. Raises InputError with what to do."""
        asked = self._asked(secret)
        shown = params.get("state", "")
        if not secret or not hmac.compare_digest(asked.state.encode(), shown.encode()):
            raise InputError("This sign-in was begun in another browser, or too long ago.")
        code = params.get("code", "")
        if "error" in params or not code:
            raise InputError("The sign-in service did not let you in.")
        with self._calling(), self.context.call("ops_sign_in_redeem"):
            person = self._service.redeem(asked, code, time.monotonic() + CALL_SECONDS)
        found = self._operators(person, secret.partition(".")[2])
        if len(found) > 1 and found[0].tenant != EVERY:
            return Entered(tenants=tuple(one.tenant for one in found))
        return Entered(cookie=self._enter(found[0]))

    def _operators(self, person: SignedIn, tenant: str) -> list[Operator]:
        """What they may look after, of one tenant if they asked for it. Raises InputError."""
        found = operators_of(person, self._rules)
        fitting = [one for one in found if tenant in ("", one.tenant)]
        if not fitting:
            self.context.log("operator_refused", subject=person.subject)
            raise InputError(
                "You are signed in, but may not open this page: no entry of ops.allowed or "
                "ops.allowed_read_only names you or a group of yours."
            )
        return fitting

    def _enter(self, operator: Operator) -> str:
        return self.context.transact(
            "ops_signed_in", lambda db: operators.begin(db, operator, VISIT_LASTS)
        )

    def _asked(self, secret: str) -> AskedSignIn:
        def part(purpose: str) -> str:
            return self.context.vault.keyed_hash(f"ops-sign-in-{purpose}", secret)

        return AskedSignIn(self.base + BACK, part("state"), part("nonce"), part("verifier"))

    @contextmanager
    def _calling(self) -> Iterator[None]:
        """Around a call of the service: few at a time, and its errors in words."""
        if not self._places.acquire(blocking=False):
            raise InputError("Several people are signing in at this moment; try again.")
        try:
            yield
        except ChannelError as error:
            self.context.log("operator_sign_in_failed", reason=error.reason)
            raise InputError(_words(error)) from None
        finally:
            self._places.release()


def _words(error: ChannelError) -> str:
    if isinstance(error, Refused):
        return "The sign-in service did not confirm who you are."
    if isinstance(error, Setup):
        return f"The sign-in cannot work as it is configured ({error.reason})."
    return "The sign-in service does not answer; try again in a few minutes."
