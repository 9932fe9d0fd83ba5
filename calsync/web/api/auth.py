"""Who calls: the bearer token of a request, its scopes, and how often it may call."""

import threading
import time
from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from calsync.platform_api import tokens
from calsync.runtime.context import Context
from calsync.store.api.tokens import Caller, Scope
from calsync.web.api.problems import ProblemError
from calsync.web.middleware import CALLER

MOST_KNOWN = 10_000
BURST_SECONDS = 5.0  # what a minute allows may come this much ahead of an even spacing
BEARER = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    description="An API token of `calsync tokens create`. It says which tenant is meant.",
)


class Pace:
    """How often each of many may call, in this process (GCRA over a monotonic clock). Who has not
    called for a while is forgotten."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._spacing, self._clock = 60 / per_minute, clock
        self._arrival: dict[str, float] = {}
        self._lock = threading.Lock()

    def take(self, who: str) -> float:
        """Spend a call: 0 when it may be made, else for how many seconds to wait."""
        with self._lock:
            now = self._clock()
            if len(self._arrival) >= MOST_KNOWN:
                self._arrival = {one: at for one, at in self._arrival.items() if at > now}
            arrival = max(self._arrival.get(who, now), now)
            burst = max(BURST_SECONDS, self._spacing)
            wait = arrival - now + self._spacing - burst  # this order: a first call is exactly 0
            if wait > 0:
                return wait
            self._arrival[who] = arrival + self._spacing
            return 0.0


class Callers:
    """Lets in who shows a token with the right scope, not too often."""

    def __init__(self, context: Context, pace: Pace) -> None:
        self.context, self.pace = context, pace

    def needs(self, scope: Scope) -> Callable[..., Caller]:
        """The dependency of a route that this scope opens."""

        def caller(
            request: Request,
            shown: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)],
        ) -> Caller:
            found = tokens.caller(self.context, shown.credentials) if shown else None
            if found is None:
                headers = {"WWW-Authenticate": "Bearer"}
                message = "send a valid token: Authorization: Bearer calsync_..."
                raise ProblemError(401, "no_valid_token", message, headers=headers)
            request.scope[CALLER] = found.token_id
            if scope.value not in found.scopes:
                message = f"this token lacks the scope {scope.value}"
                raise ProblemError(403, "scope_missing", message)
            wait = self.pace.take(found.token_id)
            if wait:
                headers = {"Retry-After": str(int(wait) + 1)}
                raise ProblemError(429, "too_often", "call less often", headers=headers)
            return found

        return caller
