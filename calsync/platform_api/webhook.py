"""The webhook: tells a tenant's platform the facts of its feed, in order, until it has them.

At least once: a process that dies between the call and its outcome tells the same facts again.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from calsync.core import schedule
from calsync.errors import ChannelError
from calsync.runtime import unexpected
from calsync.runtime.context import Context
from calsync.runtime.meter import WEBHOOKS
from calsync.store.api import facts, webhooks
from calsync.store.api.webhooks import Portion
from calsync.store.database import Db, Row

MOST = 100  # facts in one call
CALL_SECONDS = 10.0
LEASE = timedelta(seconds=30)
RUN_SECONDS = 5.0  # how long one run goes on with what is due
SIGNATURE = "Calsync-Signature"

# url, headers, body, until (monotonic): the answer's status. Raises ChannelError.
Post = Callable[[str, Mapping[str, str], bytes, float], int]


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where a tenant's facts go. `keys` by id, newest first; `patience`: then it is given up."""

    url: str
    keys: Mapping[str, bytes] = field(repr=False)
    patience: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class WebhookProgress:
    """How far a tenant's webhook is: facts it has yet to tell, and how often it failed in a row."""

    tenant: str
    waiting: int
    attempts: int
    failing_since: datetime | None
    last_error: str | None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """So many facts that were given up."""

    id: int
    tenant: str
    facts: int
    attempts: int
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class WebhookListing:
    """Every webhook, and the dead letters."""

    webhooks: Sequence[WebhookProgress]
    dead: Sequence[DeadLetter]


@dataclass(frozen=True, slots=True)
class Replayed:
    """A dead letter that was told once more. `outcome`: taken, or why not."""

    id: int
    outcome: str


@dataclass(frozen=True, slots=True)
class RetriedWebhook:
    """A tenant's webhook that was called at once. `outcome`: works, or why not."""

    tenant: str
    outcome: str


class Webhook:
    """Tells every tenant's receiver."""

    def __init__(
        self,
        context: Context,
        receivers: Mapping[str, Receiver],
        post: Post,
        spread: random.Random | None = None,
    ) -> None:
        self.context, self.receivers, self.post = context, receivers, post
        self.spread = spread or random.Random()  # noqa: S311 - spreads load, guards nothing

    def begin(self) -> None:
        """Note where the feeds are: webhooks that are new tell what comes from now on."""
        for tenant in self.receivers:
            begin = partial(webhooks.begin, tenant=tenant)
            while not self.context.transact("webhook_begin", begin):
                pass

    def run(self) -> None:
        """Tell what is due, for a few seconds at most."""
        end = time.monotonic() + RUN_SECONDS
        while time.monotonic() < end:
            if not any([self.run_once(tenant) for tenant in self.receivers]):
                return

    def run_once(self, tenant: str, *, at_once: bool = False) -> bool:
        """One call for this tenant; False when there is nothing to tell now. `at_once`: it does not
        wait for the next attempt of what failed."""
        with self.context.store.read() as db:
            if not webhooks.waits(db, tenant, at_once=at_once):
                return False

        def claim(db: Db) -> Portion | None:
            link = self._link(tenant)
            return webhooks.claim(db, tenant, LEASE, MOST, link=link, at_once=at_once)

        portion = self.context.transact("webhook_claim", claim)
        if portion is None:
            return False
        with self.context.call("webhook_call"):
            answer = self._call(tenant, portion.facts)
        problem = _problem(answer)
        origin = answer.origin if isinstance(answer, ChannelError) else None

        def finish(db: Db) -> None:
            unexpected.tell(self.context, db, "webhook", origin, unexpected.of_tenant(tenant))
            self._finish(db, portion, problem)

        self.context.transact("webhook_finish", finish, waits=True)
        self._log(portion, problem)
        return problem is None

    def _finish(self, db: Db, portion: Portion, problem: str | None) -> None:
        if problem is None:
            webhooks.taken(db, portion)
        elif self._is_hopeless(portion, db.now):
            webhooks.bury(db, portion, problem)
        else:
            wait = schedule.WEBHOOK.wait(portion.attempts + 1, chance=self.spread.random())
            webhooks.failed(db, portion, problem, db.now + wait)

    def _link(self, tenant: str) -> str:
        return self.context.tenant(tenant).reconnect_url

    def _call(self, tenant: str, told: Sequence[Row]) -> int | ChannelError:
        """The status of the receiver's answer, or why there is none."""
        answer = unexpected.answered(partial(self._posted, tenant, told))
        taken = _problem(answer) is None
        self.context.meter.count(WEBHOOKS, "ok" if taken else "failed")
        return answer

    def _posted(self, tenant: str, told: Sequence[Row]) -> int:
        receiver = self.receivers[tenant]
        body = json.dumps({"tenant": tenant, "facts": told}, default=_plain).encode()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "calsync",
            SIGNATURE: sign(receiver.keys, body, int(time.time())),
        }
        return self.post(receiver.url, headers, body, time.monotonic() + CALL_SECONDS)

    def _is_hopeless(self, portion: Portion, now: datetime) -> bool:
        since = portion.failing_since
        return since is not None and now - since >= self.receivers[portion.tenant].patience

    def _log(self, portion: Portion, problem: str | None) -> None:
        if problem is not None and not portion.attempts:
            self.context.log("webhook_failed", tenant=portion.tenant, reason=problem)
        if problem is None and portion.attempts:
            self.context.log("webhook_works_again", tenant=portion.tenant)

    def retry(self, tenant: str | None) -> list[RetriedWebhook]:
        """Call the receiver of this tenant (None: of each) with what waits, for a few seconds at
        most. The next attempt of what failed is made at once."""
        tenants = list(self.receivers) if tenant is None else [tenant]
        return [RetriedWebhook(one, self._retried(one)) for one in tenants]

    def _retried(self, tenant: str) -> str:
        if tenant not in self.receivers:
            return "no webhook is configured for it"
        end = time.monotonic() + RUN_SECONDS
        self.run_once(tenant, at_once=True)
        while time.monotonic() < end and self.run_once(tenant):
            pass
        with self.context.store.read() as db:
            return webhooks.last_problem(db, tenant) or "works"

    def replay(self, tenant: str | None, idents: Sequence[int]) -> list[Replayed]:
        """Call once more with each of these dead letters (none named: all); those that are taken,
        or whose facts have left, are forgotten. Raises InputError for an id that is none."""
        with self.context.store.read() as db:
            letters = webhooks.dead(db, tenant, idents)
        return [Replayed(one["id"], self._replayed(one)) for one in letters]

    def _replayed(self, letter: Row) -> str:
        tenant = letter["tenant"]
        if tenant not in self.receivers:
            return "no webhook is configured for its tenant"
        with self.context.store.read() as db:
            room = letter["last"] - letter["first"] + 1
            told = facts.between(
                db, tenant, letter["first"] - 1, room, letter["last"], link=self._link(tenant)
            )
        problem = None
        if told:
            with self.context.call("webhook_replay"):
                problem = _problem(self._call(tenant, told))
        if problem is not None:
            return problem
        self.context.transact("webhook_replayed", lambda db: webhooks.forget(db, letter["id"]))
        return "taken" if told else "its facts have left by retention"


def _problem(answer: int | ChannelError) -> str | None:
    """None when the receiver took the facts, else why not."""
    if isinstance(answer, ChannelError):
        return f"{answer.kind}: {answer.reason}"
    return None if 200 <= answer < 300 else f"status {answer}"


def listed(context: Context) -> WebhookListing:
    """How far every webhook is, and the dead letters."""
    with context.store.read() as db:
        known, dead = webhooks.listed(db), webhooks.dead(db, None)
    return WebhookListing([_progress(row) for row in known], [_letter(row) for row in dead])


def _progress(row: Row) -> WebhookProgress:
    return WebhookProgress(
        tenant=row["tenant"],
        waiting=row["waiting"],
        attempts=row["attempts"],
        failing_since=row["failing_since"],
        last_error=row["last_error"],
    )


def _letter(row: Row) -> DeadLetter:
    return DeadLetter(
        id=row["id"],
        tenant=row["tenant"],
        facts=row["last"] - row["first"] + 1,
        attempts=row["attempts"],
        at=row["at"],
        reason=row["reason"],
    )


def sign(keys: Mapping[str, bytes], body: bytes, at: int) -> str:
    """The header's value: HMAC-SHA256 with the newest key, over the time, a dot and the body."""
    kid, key = next(iter(keys.items()))
    made = hmac.new(key, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},kid={kid},v1={made}"


def _plain(value: object) -> str:
    """Instants as the feed writes them."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    raise TypeError(f"{type(value).__name__} is not part of a fact")
