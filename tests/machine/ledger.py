"""The store and its workers, as a model: leases, attempts, answers, one session. Every decision is
calsync's own; everything else here is written anew."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from calsync.core import outcome, route
from calsync.core.ledger import (
    Account,
    AccountState,
    Attempt,
    Copy,
    CopyState,
    Delivery,
    DeliveryKey,
    Do,
    Facts,
    Outcome,
    Want,
)
from calsync.core.reconcile import (
    MAIL,
    Decision,
    Find,
    FindUid,
    Nothing,
    Send,
    apply,
    marked,
    reconcile,
)
from calsync.core.standing import shown_elsewhere, taken_here
from calsync.core.wire import Receipt, Sighting
from calsync.errors import AccessLost, ChannelError, Refused, TryLater
from tests.machine.world import STRIPPED, Calendar, Mailbox, Message, Shown

START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SESSION_AT = START + timedelta(days=400)
LEASE = timedelta(seconds=90)
CALL = timedelta(seconds=30)

Result = Receipt | ChannelError
Answer = Result | Sequence[Sighting]
Worker = Generator[str, str, None]


class BrokenError(AssertionError):
    """A history ended in something a person would see as wrong."""


class HeldError(Exception):
    """The place is held by another copy (the database's unique index)."""


class Rules:
    """What is under test. A planted bug overrides one of these."""

    wakes = True

    def reconcile(self, facts: Facts) -> Decision:
        return reconcile(facts)

    def uid(self, participant: str, n: int) -> str:
        return f"{participant}-{n}"

    def attempt_copy(self, facts: Facts, step: Send, uid: Callable[[int], str]) -> Copy:
        return outcome.attempt_copy(facts, step, uid, "platform@x")

    def after_error(
        self, copy: Copy, attempt: Attempt, error: ChannelError, *, mine: bool
    ) -> outcome.After:
        return outcome.after_error(copy, attempt, error, mine=mine)

    def late(self, answer: Result) -> tuple[Result, bool]:
        """What a worker makes of an answer when its lease is not its own any more, and whether it
        takes the lease for its own."""
        return answer, False


@dataclass
class Lease:
    token: int
    until: datetime


@dataclass
class Person:
    email: str
    person: str = ""
    in_session: bool = False


@dataclass
class Ledger:
    rules: Rules
    people: dict[str, Person]
    now: datetime = START
    material: str = "A"
    quiet: str = "q"
    booked: bool = False
    mailboxes: dict[str, Mailbox] = field(default_factory=dict)
    calendars: dict[str, Calendar] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    copies: dict[str, dict[int, Copy]] = field(default_factory=dict)
    leases: dict[str, Lease] = field(default_factory=dict)
    numbers: int = 0
    refused: set[str] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)  # whose shown event the user removed
    edited: set[str] = field(default_factory=set)  # uids the user or the server changed
    unanswered: set[str] = field(default_factory=set)  # uids of mails taken as sent
    slow: list[tuple[datetime, str, Copy]] = field(default_factory=list)  # until, whose, what
    log: list[str] = field(default_factory=list)

    def number(self) -> int:
        self.numbers += 1
        return self.numbers

    def note(self, *words: object) -> None:
        self.log.append(f"{self.now - START} " + " ".join(str(word) for word in words))

    # --- what the platform and people's accounts want -------------------------------------------

    def sync(self) -> None:
        """A poll, or an account change: write what is wanted, where, and wake what changed."""
        routes = {
            p: route.choose(one.email, self.accounts.values()) for p, one in self.people.items()
        }
        present = [p for p, one in self.people.items() if self.booked and one.in_session]
        covered = route.cover(route.Member(p, routes[p], self.people[p].person) for p in present)
        for p in self.people:
            want = Want.PRESENT if p in present else Want.ABSENT
            self._write(p, want=want, route=routes[p], covered_by=covered.get(p))

    def _write(self, p: str, **wanted: Any) -> None:
        old = self.deliveries.get(p)
        new = {"material_fp": self.material, "quiet_fp": self.quiet, **wanted}
        if old is None:
            if wanted["want"] is Want.PRESENT:
                self.copies.setdefault(p, {})
                self.deliveries[p] = Delivery(
                    key=DeliveryKey("t", "s", p),
                    content=None,
                    starts_at=SESSION_AT,
                    ends_at=SESSION_AT + timedelta(hours=1),
                    due_at=self.now,
                    **new,
                )
            return
        changed = {name: value for name, value in new.items() if getattr(old, name) != value}
        if not changed:
            return
        version = old.version + 1
        material = {"want", "material_fp"} & set(changed)
        settle = old.settle_until
        if set(changed) <= {"material_fp", "quiet_fp"} and old.route and old.route.channel == MAIL:
            settle = self.now + timedelta(seconds=60)
        self.deliveries[p] = replace(
            old,
            version=version,
            material_version=version if material else old.material_version,
            settle_until=settle,
            due_at=self.now,
            parked=None,
            **new,
        )

    def set_account(self, ident: str, **changes: Any) -> None:
        self.accounts[ident] = replace(self.accounts[ident], **changes)
        self.sync()
        for p, copies in self.copies.items():
            if any(ident in (c.account, c.handed_to) for c in copies.values()):
                self.wake(p)

    def wake(self, p: str) -> None:
        self.deliveries[p] = replace(self.deliveries[p], due_at=self.now)

    # --- the store -------------------------------------------------------------------------------

    def save(self, p: str, copy: Copy) -> None:
        old = self.copies[p].get(copy.n)
        if copy.holds:
            for other, copies in self.copies.items():
                for one in copies.values():
                    same = (other, one.n) == (p, copy.n)
                    if one.holds and one.place_key == copy.place_key and not same:
                        raise HeldError(copy.place_key)
        self.copies[p][copy.n] = copy
        if old is not None and old.holds and not copy.holds and self.rules.wakes:
            for other, delivery in self.deliveries.items():
                if delivery.route and delivery.route.place_key == copy.place_key:
                    self.wake(other)

    def facts(self, p: str) -> Facts:
        delivery = self.deliveries[p]
        place = delivery.route.place_key if delivery.route else ""
        everyone = [(q, c) for q, copies in self.copies.items() for c in copies.values()]
        here = [(q, c) for q, c in everyone if c.place_key == place]
        own = self.copies[p].values()
        names = {delivery.route.account if delivery.route else None}
        names |= {c.account for c in own} | {c.handed_to for c in own}
        return Facts(
            now=self.now,
            delivery=delivery,
            copies=sorted(own, key=lambda c: c.n),
            accounts={a: self.accounts[a] for a in names if a in self.accounts},
            place_held=any(c.holds and q != p for q, c in here),
            place_taken=any(c.state is CopyState.TAKEN for _, c in here),
        )

    def mine(self, p: str, token: int) -> bool:
        lease = self.leases.get(p)
        return lease is not None and lease.token == token

    def release(self, p: str, token: int, due_at: datetime | None, **changes: Any) -> None:
        if self.mine(p, token):
            del self.leases[p]
            self.deliveries[p] = replace(self.deliveries[p], due_at=due_at, **changes)

    def due(self) -> list[str]:
        return [
            p
            for p, d in self.deliveries.items()
            if d.due_at is not None
            and d.due_at <= self.now
            and d.parked is None
            and (p not in self.leases or self.leases[p].until <= self.now)
        ]

    # --- a worker --------------------------------------------------------------------------------

    def worker(self, choice: int = 0) -> Worker:
        """Claim one due delivery and do its step. Yields wherever a process can die; what is sent
        into "call" is how the network behaves."""
        due = self.due()
        if not due:
            return
        p = due[choice % len(due)]
        token = self.number()
        until = self.now + LEASE
        self.leases[p] = Lease(token, until)
        facts = self.facts(p)
        decision = self.rules.reconcile(facts)
        for mark in decision.marks:
            self.save(p, apply(self.copies[p][mark.n], mark))
        step, facts = decision.step, marked(facts, decision.marks)
        self.note(p, step, decision.marks or "")
        if isinstance(step, Nothing):
            self.release(p, token, step.due_at)
            return
        cooling = facts.cooling(step.account)
        if cooling is not None:
            self.release(p, token, cooling)
            return
        yield "claimed"
        copy = self.begin(p, token, facts, step)
        if copy is None:
            return
        if not isinstance(step, Send):
            fate = yield "call"
            seen = self.look_up(step, copy, fate, until)
            yield "answered"
            again = self.looked(p, token, facts, step, copy, seen)
            if again is None:
                return
            copy = again
        fate = yield "call"
        answer = self.send(p, copy, fate, facts)
        yield "answered"
        self.finish(p, token, facts, copy, answer)

    def _moved_on(self, p: str, token: int, facts: Facts, n: int) -> bool:
        """The lease, the version or the copy is not what was decided upon: end here."""
        if not self.mine(p, token):
            return True
        before = next((c for c in facts.copies if c.n == n), None)
        fresh = self.deliveries[p].version == facts.delivery.version
        if fresh and self.copies[p].get(n) == before:
            return False
        self.release(p, token, self.now)
        return True

    def begin(self, p: str, token: int, facts: Facts, step: Send | Find | FindUid) -> Copy | None:
        if self._moved_on(p, token, facts, step.n):
            return None
        if self.leases[p].until < self.now + CALL:
            self.release(p, token, self.now)
            return None
        if not isinstance(step, Send):
            return self.copies[p][step.n]
        if step.replay:
            return self.again(p, self.copies[p][step.n])
        return self.attempt(p, token, facts, step)

    def attempt(self, p: str, token: int, facts: Facts, step: Send) -> Copy | None:
        copy = self.rules.attempt_copy(facts, step, lambda n: self.rules.uid(p, n))
        delivery = facts.delivery
        last = copy.material_fp or "", copy.quiet_fp or ""
        fps = last if step.do is Do.WITHDRAW else (delivery.material_fp, delivery.quiet_fp)
        attempt = Attempt(
            id=self.number(),
            do=step.do,
            version=delivery.version,
            channel=step.channel,
            account=step.account,
            material_fp=fps[0],
            quiet_fp=fps[1],
            outcome=Outcome.OPEN,
            started=self.now,
            deadline=self.now + CALL,
        )
        copy = replace(copy, attempt=attempt)
        try:
            self.save(p, copy)
        except HeldError:
            self.release(p, token, None)
            return None
        return copy

    def again(self, p: str, copy: Copy) -> Copy:
        assert copy.attempt is not None
        copy = replace(copy, attempt=outcome.sent_again(copy.attempt, self.now + CALL))
        self.save(p, copy)
        return copy

    # --- calls -----------------------------------------------------------------------------------

    def look_up(self, step: Find | FindUid, copy: Copy, fate: str, until: datetime) -> Answer:
        if fate not in ("ok", "stripped") or self.now > until:
            return TryLater("503", happened="no")
        calendar = self.calendars[step.account]
        try:
            return (
                calendar.find(copy.uid) if isinstance(step, Find) else calendar.find_uid(copy.uid)
            )
        except ChannelError as error:
            return error

    def send(self, p: str, copy: Copy, fate: str, facts: Facts) -> Answer:
        """One attempt through a network that behaves as `fate` says."""
        attempt = copy.attempt
        assert attempt is not None
        trouble = self._trouble(p, copy, attempt, fate)
        if trouble is not None:
            return trouble
        try:
            answer = self._effect(p, copy, attempt, stripped=fate == "stripped")
        except ChannelError as error:
            return error
        self._check_make_before_withdraw(p, copy, facts)
        if fate == "lost":
            return TryLater("connection lost", happened="maybe")
        return Refused("500", happened="maybe") if fate == "refused_late" else answer

    def _trouble(self, p: str, copy: Copy, attempt: Attempt, fate: str) -> ChannelError | None:
        """The error of a call that does nothing, or nothing yet."""
        if self.now > attempt.deadline:
            return TryLater("cut off before it began", happened="no")
        if fate == "cool" and attempt.account:
            until = self.now + timedelta(minutes=20)
            account = self.accounts[attempt.account]
            self.accounts[attempt.account] = replace(account, cooling_until=until)
            return TryLater("429", happened="no", scope="account")
        if fate in ("no", "cool", "refused"):
            kind = Refused if fate == "refused" else TryLater
            return kind("503", happened="no")
        if fate == "slow":
            self.slow.append((attempt.deadline, p, copy))
        if fate in ("maybe", "slow"):
            return TryLater("connection lost", happened="maybe")
        return None

    def advance(self, to: datetime) -> None:
        """Time passes; what a slow server still had to do is done by its deadline."""
        self.now = max(self.now, to)
        late = [one for one in self.slow if one[0] <= self.now]
        self.slow = [one for one in self.slow if one[0] > self.now]
        for _, p, copy in late:
            assert copy.attempt is not None
            with suppress(ChannelError):
                self._effect(p, copy, copy.attempt, stripped=False)

    def _effect(self, p: str, copy: Copy, attempt: Attempt, *, stripped: bool) -> Receipt:
        self.note("  does", p, attempt.do, copy.n, attempt.channel, copy.uid)
        cancel = attempt.do is Do.WITHDRAW
        if attempt.channel == MAIL:
            message = Message(copy.uid, copy.sequence, cancel, attempt.material_fp)
            self.mailboxes[copy.address].unread.append(message)
            return Receipt(copy.uid)
        assert attempt.account is not None
        calendar = self.calendars[attempt.account]
        if cancel:
            if copy.channel == MAIL:
                self.mailboxes[copy.address].removed.add(copy.uid)
            return calendar.withdraw(copy.remote_id or copy.uid)
        shown = attempt.material_fp, attempt.quiet_fp
        if attempt.do is Do.CREATE:
            receipt = calendar.create(copy.uid, *shown)
        else:
            receipt = calendar.change(copy.uid, copy.revision, *shown)
        self.touched.discard(p)
        if stripped:
            calendar.events[copy.uid].material = STRIPPED
            self.edited.add(copy.uid)
        return replace(receipt, applied=receipt.applied and not stripped)

    def _check_make_before_withdraw(self, p: str, copy: Copy, facts: Facts) -> None:
        """While a session stays wanted, ours stands on the route before anything is taken away."""
        delivery, attempt = self.deliveries[p], copy.attempt
        assert attempt is not None
        exempt = (
            attempt.do is not Do.WITHDRAW
            or not delivery.wanted
            or delivery.route is None
            or delivery.version != attempt.version
            or copy.place_key == delivery.route.place_key
            or facts.place_held
            or self.facts(p).place_held
            or taken_here(facts)
            or shown_elsewhere(facts)
            or f"{p} {delivery.route.place_key}" in self.touched
            or any(c.state is CopyState.DISMISSED for c in self.copies[p].values())
        )
        if exempt:
            return
        assert delivery.route is not None
        place = delivery.route.place_key
        own = {c.uid for c in self.copies[p].values() if c.place_key == place}
        if not own & {s.uid for s in self.everything() if s.place == place}:
            raise BrokenError(f"{p}: copy {copy.n} was withdrawn before another one was made")

    # --- answers ---------------------------------------------------------------------------------

    def looked(
        self, p: str, token: int, facts: Facts, step: Find | FindUid, copy: Copy, seen: Answer
    ) -> Copy | None:
        """The copy to send again or anew, or None when this claim ends here."""
        if self._moved_on(p, token, facts, step.n):
            return None
        if isinstance(seen, ChannelError):
            self._later(p, token, seen, step.account)
            return None
        assert not isinstance(seen, Receipt)
        if isinstance(step, Find):
            result: outcome.After | outcome.Replay | outcome.Found = outcome.after_find(
                facts, step, seen
            )
        else:
            result = outcome.after_find_uid(facts, step, seen)
        self.note("  saw", seen, type(result).__name__, result.copy.state)
        if isinstance(result, outcome.After):
            try:
                self.save(p, result.copy)
            except HeldError:
                self.release(p, token, None)
            else:
                self.release(p, token, self.now, attempts=0)
            return None
        if self.leases[p].until < self.now + CALL:
            self.release(p, token, self.now)
            return None
        if isinstance(result, outcome.Replay):
            return self.again(p, result.copy)
        others = [c for c in facts.copies if c.n != step.n]
        return self.attempt(p, token, replace(facts, copies=[*others, result.copy]), result.step)

    def finish(self, p: str, token: int, facts: Facts, copy: Copy, answer: Answer) -> None:
        assert isinstance(answer, Receipt | ChannelError)
        assert copy.attempt is not None
        mine, now = self.mine(p, token), self.copies[p][copy.n]
        self.note("  answer", p, copy.n, repr(answer), "" if mine else "late")
        if now.attempt is None or now.attempt.id != copy.attempt.id or now.state is not S.UNSURE:
            if now.attempt is not None and now.attempt.id == copy.attempt.id:
                told = replace(now.attempt, outcome=outcome.outcome_of(answer))
                self.save(p, replace(now, attempt=told))
            self.wake(p)
            self.release(p, token, self.now)
            return
        believed, ours = (answer, True) if mine else self.rules.late(answer)
        if isinstance(believed, ChannelError):
            after = self.rules.after_error(now, now.attempt, believed, mine=ours)
        else:
            everyone = list(self.copies[p].values())
            after = outcome.after_receipt(now, now.attempt, believed, everyone)
        if after.alert is not None:  # a mail that may never have arrived: ops are told
            self.touched.add(p)
            self.unanswered.add(copy.uid)
        self.save(p, after.copy)
        if after.refused is not None:
            self.refused.add(p)
            self.release(p, token, None, parked=after.refused)
        elif isinstance(answer, ChannelError):
            self._later(p, token, answer, copy.attempt.account)
        else:
            self.release(p, token, self.now, attempts=0)

    def _later(self, p: str, token: int, error: ChannelError, account: str | None) -> None:
        if isinstance(error, AccessLost) and account is not None:
            self.set_account(account, state=AccountState.RECONNECT)
        attempts = self.deliveries[p].attempts + 1
        wait = timedelta(seconds=min(3600, 5 * 2**attempts))
        due_at = self.now + wait if isinstance(error, TryLater) else self.now
        self.release(p, token, due_at, attempts=attempts)

    # --- what can be seen ------------------------------------------------------------------------

    def everything(self) -> set[Shown]:
        """Every event anybody sees, mails still unread included."""
        seen = {
            Shown(self.accounts[ident].place_key, uid, e.material or "")
            for ident, calendar in self.calendars.items()
            for uid, e in calendar.events.items()
        }
        for box in self.mailboxes.values():
            seen |= box.visible()
            seen |= {Shown(box.place, m.uid, m.material) for m in box.unread if not m.cancel}
        return seen


S = CopyState
