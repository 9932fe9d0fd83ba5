"""The workers as a model: claim, attempt, call, answer. Every decision is calsync's own;
everything else is written anew."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from calsync.core.account import AccountState
from calsync.core.calls import Receipt
from calsync.core.ledger import MAIL, Attempt, Copy, CopyState, Do, Outcome, Snapshot
from calsync.core.reconcile import outcome, prepare
from calsync.core.reconcile.actions import (
    Decision,
    Find,
    FindUid,
    Nothing,
    Send,
    apply,
    with_transitions,
)
from calsync.core.reconcile.decide import due_after, next_due
from calsync.core.reconcile.looks import find
from calsync.core.reconcile.predicates import (
    announced_until,
    shown_elsewhere,
    taken_here,
    waits_for_listing,
)
from calsync.errors import AccessLost, ChannelError, Refused, TryLater
from tests.machine.ledger import CALL, LEASE, Answer, BrokenError, HeldError, Lease, Ledger
from tests.machine.world import STRIPPED, Message

Worker = Generator[str, str, None]


@dataclass
class Service(Ledger):
    """The store with the workers that drain it.

    slow        calls a server has yet to carry out: until when, whose, what
    touched     whose shown event the user removed
    edited      uids the user or the server changed
    unanswered  uids of mails that were taken as sent
    lost_mails  uids of mails of which a ledger that was put back knew nothing
    restored    the ledger was put back from a backup
    out_of_sight  uids of what was made and moved in the time before a restore
    lost_events uids of what stood in calendars that it did not know to be connected
    """

    slow: list[tuple[datetime, str, Copy]] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    edited: set[str] = field(default_factory=set)
    unanswered: set[str] = field(default_factory=set)
    lost_mails: set[str] = field(default_factory=set)
    restored: bool = False
    lost_events: set[str] = field(default_factory=set)
    out_of_sight: set[str] = field(default_factory=set)

    def sent(self) -> set[tuple[str, str]]:
        """Uid and channel of everything that this ledger knows to be sent, or may be."""
        never = (CopyState.PLANNED, CopyState.FAILED)
        copies = [one for several in self.copies.values() for one in several.values()]
        return {(one.uid, one.channel) for one in copies if one.state not in never}

    def beyond_repair(self) -> set[str]:
        """Uids of mails of which a ledger that was put back does not know that they were sent."""
        return self.lost_mails - {uid for uid, _ in self.sent()}

    # --- a worker --------------------------------------------------------------------------------

    def worker(self, choice: int = 0) -> Worker:
        """Claim one due delivery and do its step. Yields wherever a process can die; what is sent
        into "call" is how the network behaves, and "group" into "yes" stores it in a group."""
        due = self.due()
        if not due:
            return
        p = due[choice % len(due)]
        token = self.number()
        until = self.now + LEASE
        snapshot = self.snapshot(p)
        self.leases[p] = Lease(token, until, snapshot.delivery)
        decision = self.rules.reconcile(snapshot)
        for mark in decision.transitions:
            self.save(p, apply(self.copies[p][mark.n], mark))
        step, snapshot = decision.step, with_transitions(snapshot, decision.transitions)
        self.note(p, step, decision.transitions or "")
        if isinstance(step, Nothing):
            self.release(p, token, step.due_at)
            return
        cooling = snapshot.cooling(step.account)
        if cooling is not None:
            self.release(p, token, cooling)
            return
        yield "claimed"
        copy = self.begin(p, token, snapshot, step)
        if copy is None:
            return
        if not isinstance(step, Send):
            fate = yield "call"
            seen = self.look_up(step, copy, fate, until)
            yield "answered"
            again = self.looked(p, token, snapshot, step, copy, seen)
            if again is None:
                return
            copy = again
        fate = yield "call"
        answer = self.send(p, copy, fate, snapshot)
        foreseen = decision if isinstance(step, Send) else None
        may_share = isinstance(answer, Receipt) and answer.applied and foreseen is not None
        how = yield "yes" if may_share else "answered"
        ending = self.finish_in_group if may_share and how == "group" else self.finish
        ending(p, token, snapshot, foreseen, copy, answer)

    def _moved_on(self, p: str, token: int, snapshot: Snapshot, n: int) -> bool:
        """The lease, the version or the copy is not what was decided upon: end here."""
        if not self.mine(p, token):
            return True
        before = next((c for c in snapshot.copies if c.n == n), None)
        fresh = self.deliveries[p].version == snapshot.delivery.version
        if fresh and self.copies[p].get(n) == before:
            return False
        self.release(p, token, self.now)
        return True

    def begin(
        self, p: str, token: int, snapshot: Snapshot, step: Send | Find | FindUid
    ) -> Copy | None:
        if self._moved_on(p, token, snapshot, step.n):
            return None
        if self.leases[p].until < self.now + CALL:
            self.release(p, token, self.now)
            return None
        if not isinstance(step, Send):
            return self.copies[p][step.n]
        if step.replay:
            return self.again(p, self.copies[p][step.n])
        return self.attempt(p, token, snapshot, step)

    def attempt(self, p: str, token: int, snapshot: Snapshot, step: Send) -> Copy | None:
        copy = self.rules.attempt_copy(snapshot, step, partial(self.rules.uid, p))
        delivery = snapshot.delivery
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
        copy = replace(copy, attempt=prepare.sent_again(copy.attempt, self.now + CALL))
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

    def send(self, p: str, copy: Copy, fate: str, snapshot: Snapshot) -> Answer:
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
        self._check_make_before_withdraw(p, copy, snapshot)
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
                self.mailboxes[copy.address].remove(copy.uid)
            return calendar.withdraw(copy.uid, copy.remote_id)
        shown = attempt.material_fp, attempt.quiet_fp
        if attempt.do is Do.CREATE:
            receipt = calendar.create(copy.uid, *shown)
        else:
            receipt = calendar.change(copy.uid, copy.remote_id, copy.revision, *shown)
        self.touched.discard(p)
        if stripped:
            calendar.events[copy.uid].material = STRIPPED
            self.edited.add(copy.uid)
        return replace(receipt, applied=receipt.applied and not stripped)

    def _check_make_before_withdraw(self, p: str, copy: Copy, snapshot: Snapshot) -> None:
        """While a session stays wanted, ours stands on the route before anything is taken away."""
        delivery, attempt = self.deliveries[p], copy.attempt
        assert attempt is not None
        exempt = (
            attempt.do is not Do.WITHDRAW
            or not delivery.wanted
            or delivery.route is None
            or delivery.version != attempt.version
            or copy.destination == delivery.route.destination
            or snapshot.destination_occupied
            or self.snapshot(p).destination_occupied
            or taken_here(snapshot)
            or shown_elsewhere(snapshot)
            or announced_until(snapshot) is not None
            or f"{p} {delivery.route.destination}" in self.touched
            or any(c.state is CopyState.DISMISSED for c in self.copies[p].values())
        )
        if exempt:
            return
        assert delivery.route is not None
        place = delivery.route.destination
        if waits_for_listing(snapshot):  # then it goes on to stand elsewhere
            place = ""
        own = {c.uid for c in self.copies[p].values() if place in (c.destination, "")}
        if not own & {s.uid for s in self.everything() if place in (s.place, "")}:
            raise BrokenError(f"{p}: copy {copy.n} was withdrawn before another one was made")

    # --- answers ---------------------------------------------------------------------------------

    def looked(
        self, p: str, token: int, snapshot: Snapshot, step: Find | FindUid, copy: Copy, seen: Answer
    ) -> Copy | None:
        """The copy to send again or anew, or None when this claim ends here."""
        if self._moved_on(p, token, snapshot, step.n):
            return None
        if isinstance(seen, ChannelError):
            self._later(p, token, seen, step.account)
            return None
        assert not isinstance(seen, Receipt)
        if isinstance(step, Find):
            result: outcome.After | find.Replay | find.Found = self.rules.after_find(
                snapshot, step, seen
            )
        else:
            result = find.after_find_uid(snapshot, step, seen)
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
        if isinstance(result, find.Replay):
            return self.again(p, result.copy)
        others = [c for c in snapshot.copies if c.n != step.n]
        return self.attempt(p, token, replace(snapshot, copies=[*others, result.copy]), result.step)

    def finish_in_group(
        self,
        p: str,
        token: int,
        snapshot: Snapshot,
        decision: Decision | None,
        copy: Copy,
        answer: Answer,
    ) -> None:
        """A yes on the copy as the claim left it, which is not read again: where somebody has dealt
        with it since, it is worked off by itself."""
        assert copy.attempt is not None
        if not self.rules.waits_for(self.copies[p][copy.n], copy.attempt):
            self.finish(p, token, snapshot, decision, copy, answer)
            return
        believed = self.rules.of_group(answer)
        if isinstance(believed, ChannelError):
            self.finish(p, token, snapshot, decision, copy, believed)
            return
        assert isinstance(believed, Receipt)
        known = prepare.with_copy(snapshot, copy).copies
        after = outcome.after_receipt(copy, copy.attempt, believed, known)
        self.note("  yes of a group", p, copy.n)
        self.save(p, after.copy)
        due_at = due_after(snapshot, decision, after.copy, self.now)
        self.release(p, token, due_at, attempts=0)

    def finish(
        self,
        p: str,
        token: int,
        snapshot: Snapshot,
        decision: Decision | None,
        copy: Copy,
        answer: Answer,
    ) -> None:
        """`decision` led to this call; None: a look-up did."""
        assert isinstance(answer, Receipt | ChannelError)
        assert copy.attempt is not None
        mine, now = self.mine(p, token), self.copies[p][copy.n]
        self.note("  answer", p, copy.n, repr(answer), "" if mine else "late")
        if (
            now.attempt is None
            or now.attempt.id != copy.attempt.id
            or now.state is not CopyState.UNSURE
        ):
            if now.attempt is not None and now.attempt.id == copy.attempt.id:
                told = replace(now.attempt, outcome=outcome.outcome_of(answer))
                self.save(p, replace(now, attempt=told))
            self.wake(p)
            self.release(p, token, self.now)
            return
        believed, ours = (answer, True) if mine else self.rules.late(answer)
        if isinstance(believed, ChannelError):
            moment = outcome.Moment(self.now, snapshot.delivery.version)
            after = self.rules.after_error(now, now.attempt, believed, moment, mine=ours)
        else:
            everyone = list(self.copies[p].values())
            after = outcome.after_receipt(now, now.attempt, believed, everyone)
        if after.alert is not None:  # a mail that may never have arrived: ops are told
            self.touched.add(p)
            self.unanswered.add(copy.uid)
        self.save(p, after.copy)
        if after.refused is not None:
            self.release(p, token, None, parked=after.refused)
        elif isinstance(answer, Refused):
            due_at = next_due(replace(prepare.with_copy(snapshot, after.copy), now=self.now))
            self.release(p, token, due_at)
        elif isinstance(answer, ChannelError):
            self._later(p, token, answer, copy.attempt.account)
        else:
            due_at = due_after(snapshot, decision, after.copy, self.now)
            self.release(p, token, due_at, attempts=0)

    def _later(self, p: str, token: int, error: ChannelError, account: str | None) -> None:
        if isinstance(error, AccessLost) and account is not None:
            self.set_account(account, state=AccountState.RECONNECT)
        attempts = self.deliveries[p].attempts + 1
        wait = timedelta(seconds=min(3600, 5 * 2**attempts))
        due_at = self.now + wait if isinstance(error, TryLater) else self.now
        self.release(p, token, due_at, attempts=attempts)
