"""The store as a model: deliveries, copies, leases, accounts, one session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from calsync.core import routing
from calsync.core.account import Account
from calsync.core.calls import Receipt, Sighting
from calsync.core.ledger import (
    MAIL,
    Attempt,
    Copy,
    CopyState,
    Delivery,
    DeliveryKey,
    Snapshot,
    Want,
)
from calsync.core.reconcile import outcome, prepare, recover
from calsync.core.reconcile.actions import Decision, Find, Send
from calsync.core.reconcile.decide import invites_by_mail, reconcile
from calsync.core.reconcile.looks import find
from calsync.errors import ChannelError
from tests.machine.world import Calendar, Mailbox, Shown

START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SESSION_AT = START + timedelta(days=400)
LEASE = timedelta(seconds=90)
CALL = timedelta(seconds=30)

Result = Receipt | ChannelError
Answer = Result | Sequence[Sighting]


class BrokenError(AssertionError):
    """A history ended in something a person would see as wrong."""


class HeldError(Exception):
    """The place is held by another copy (the database's unique index)."""


class Rules:
    """What is under test. A planted bug overrides one of these."""

    wakes = True
    forgets = True  # what mails show of a session that was changed in the time before a restore
    announced = timedelta(days=1)  # how long an invitation waits that a digest announced

    def reconcile(self, snapshot: Snapshot) -> Decision:
        return reconcile(snapshot)

    def uid(self, participant: str, destination: str, generation: int) -> str:
        return f"{participant}-{destination}-{generation}"

    def attempt_copy(self, snapshot: Snapshot, step: Send, uid: Callable[[str, int], str]) -> Copy:
        return prepare.attempt_copy(snapshot, step, uid, "platform@x")

    def after_error(
        self,
        copy: Copy,
        attempt: Attempt,
        error: ChannelError,
        moment: outcome.Moment,
        *,
        mine: bool,
    ) -> outcome.After:
        return outcome.after_error(copy, attempt, error, moment, mine=mine)

    def after_find(
        self, snapshot: Snapshot, step: Find, seen: Sequence[Sighting]
    ) -> outcome.After | find.Replay:
        return find.after_find(snapshot, step, seen)

    def recovered(self, copy: Copy, now: datetime, delivery: Delivery) -> Copy:
        return recover.recovered(copy, now, delivery)

    def waits_for(self, copy: Copy, attempt: Attempt) -> bool:
        """The stored copy still waits for the answer to this attempt."""
        same = copy.attempt is not None and copy.attempt.id == attempt.id
        return same and copy.state is CopyState.UNSURE

    def of_group(self, answer: Answer) -> Answer:
        """What a group stores of an answer that waited for it."""
        return answer

    def late(self, answer: Result) -> tuple[Result, bool]:
        """What a worker makes of an answer when its lease is not its own any more, and whether it
        takes the lease for its own."""
        return answer, False


@dataclass
class Lease:
    """`delivery` is what was claimed."""

    token: int
    until: datetime
    delivery: Delivery


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
    stamp: int = 0
    mailboxes: dict[str, Mailbox] = field(default_factory=dict)
    calendars: dict[str, Calendar] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    copies: dict[str, dict[int, Copy]] = field(default_factory=dict)
    leases: dict[str, Lease] = field(default_factory=dict)
    numbers: int = 0
    log: list[str] = field(default_factory=list)

    def number(self) -> int:
        self.numbers += 1
        return self.numbers

    def note(self, *words: object) -> None:
        self.log.append(f"{self.now - START} " + " ".join(str(word) for word in words))

    def publish(self) -> None:
        """The platform has changed the session."""
        self.stamp += 1
        self.sync()

    # --- what the platform and people's accounts want -------------------------------------------

    def sync(self) -> None:
        """A poll, or an account change: write what is wanted, where, and wake what changed."""
        routes = {
            p: routing.choose(one.email, self.accounts.values()) for p, one in self.people.items()
        }
        present = [p for p, one in self.people.items() if self.booked and one.in_session]
        covered = routing.cover(
            routing.Member(p, routes[p], self.people[p].person) for p in present
        )
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
        debounce = old.debounce_until
        if set(changed) <= {"material_fp", "quiet_fp"} and old.route and old.route.channel == MAIL:
            debounce = self.now + timedelta(seconds=60)
        moved = bool(material | ({"route", "covered_by"} & set(changed)))
        self.deliveries[p] = replace(
            old,
            mail_from=None if moved else old.mail_from,
            version=version,
            material_version=version if material else old.material_version,
            debounce_until=debounce,
            due_at=self.now,
            parked=None,
            **new,
        )

    def set_account(self, ident: str, **changes: Any) -> None:
        before = {p: one.version for p, one in self.deliveries.items()}
        self.accounts[ident] = replace(self.accounts[ident], **changes)
        self.sync()
        for p, one in self.deliveries.items():  # a digest tells of what it sends to mailboxes
            if one.version != before.get(p) and invites_by_mail(self.snapshot(p)):
                self.deliveries[p] = replace(one, mail_from=self.now + self.rules.announced)
        for p, copies in self.copies.items():
            if any(ident in (c.account, c.handed_to) for c in copies.values()):
                self.wake(p)

    def wake(self, p: str) -> None:
        self.deliveries[p] = replace(self.deliveries[p], due_at=self.now)

    # --- the store -------------------------------------------------------------------------------

    def save(self, p: str, copy: Copy) -> None:
        old = self.copies[p].get(copy.n)
        if copy.occupies:
            for other, copies in self.copies.items():
                for one in copies.values():
                    same = (other, one.n) == (p, copy.n)
                    if one.occupies and one.destination == copy.destination and not same:
                        raise HeldError(copy.destination)
        self.copies[p][copy.n] = copy
        if old is not None and old.occupies and not copy.occupies and self.rules.wakes:
            for other, delivery in self.deliveries.items():
                if delivery.route and delivery.route.destination == copy.destination:
                    self.wake(other)

    def snapshot(self, p: str) -> Snapshot:
        delivery = self.deliveries[p]
        place = delivery.route.destination if delivery.route else ""
        everyone = [(q, c) for q, copies in self.copies.items() for c in copies.values()]
        here = [(q, c) for q, c in everyone if c.destination == place]
        own = self.copies[p].values()
        names = {delivery.route.account if delivery.route else None}
        names |= {c.account for c in own} | {c.handed_to for c in own}
        return Snapshot(
            now=self.now,
            delivery=delivery,
            copies=sorted(own, key=lambda c: c.n),
            accounts={a: self.accounts[a] for a in names if a in self.accounts},
            destination_occupied=any(c.occupies and q != p for q, c in here),
            destination_taken=any(c.state is CopyState.TAKEN for _, c in here),
        )

    def mine(self, p: str, token: int) -> bool:
        lease = self.leases.get(p)
        return lease is not None and lease.token == token

    def release(self, p: str, token: int, due_at: datetime | None, **changes: Any) -> None:
        """End the lease. Who changed or woke the delivery meanwhile wins: then it is due now."""
        if not self.mine(p, token):
            return
        then, now = self.leases.pop(p).delivery, self.deliveries[p]
        if now.version != then.version:
            changes.pop("parked", None)
        if (now.version, now.due_at) != (then.version, then.due_at):
            due_at = self.now
        self.deliveries[p] = replace(now, due_at=due_at, **changes)

    def due(self) -> list[str]:
        return [
            p
            for p, d in self.deliveries.items()
            if d.due_at is not None
            and d.due_at <= self.now
            and d.parked is None
            and (p not in self.leases or self.leases[p].until <= self.now)
        ]

    # --- what can be seen ------------------------------------------------------------------------

    def everything(self) -> set[Shown]:
        """Every event anybody sees, mails still unread included."""
        seen = {
            Shown(self.accounts[ident].destination, uid, e.material or "")
            for ident, calendar in self.calendars.items()
            for uid, e in calendar.events.items()
        }
        for box in self.mailboxes.values():
            seen |= box.visible()
            seen |= {Shown(box.place, m.uid, m.material) for m in box.unread if not m.cancel}
        return seen
