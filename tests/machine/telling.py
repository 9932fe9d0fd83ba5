"""Random histories with faults that last: who stands before something wrong must have been told of
it, once and not too early. What may be written is decided by calsync's own code; what people see is
read from the calendars and mailboxes alone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from calsync.core.content.event import DesiredEvent
from calsync.core.ledger import (
    MAIL,
    Attempt,
    Copy,
    Delivery,
    Do,
    Snapshot,
)
from calsync.core.reconcile.actions import Find, FindUid, Send
from calsync.core.reconcile.decide import next_due
from calsync.core.reconcile.outcome import Moment, refused_again
from calsync.core.reconcile.telling import WRONG_FOR, Outlook, Telling, outlook, to_tell
from calsync.errors import ChannelError, Refused, TryLater
from tests.machine.ledger import START, Answer, BrokenError, Rules
from tests.machine.workers import Service
from tests.machine.world import Shown
from tests.make import an_event

HOURS = {"A": 6, "B": 9, "C": 14, "D": 48}
STARTS = {name: START + timedelta(hours=hours) for name, hours in HOURS.items()}
LENGTH = timedelta(hours=1)
LATE = timedelta(minutes=30)  # wrong for so long, so shortly before: then its person must know
EMAIL = "m7@x"


def event_of(material: str) -> DesiredEvent:
    start = STARTS[material]
    return an_event(starts_at=start, ends_at=start + LENGTH, material_fp=material)


class TellingRules(Rules):
    """What is under test. A planted mistake overrides one of these."""

    announced = timedelta()  # nothing is so far ahead that a digest tells of it
    first_look = WRONG_FOR  # after a change
    serves_by_mail = True  # whom a mass loss keeps back, shortly before the start

    def to_tell(self, snapshot: Snapshot) -> Telling | None:
        return to_tell(snapshot)

    def outlook(self, snapshot: Snapshot) -> Outlook:
        return outlook(snapshot)


@dataclass
class TellingService(Service):
    """The store and its workers, with whoever asks what stands wrong.

    faults   by account, or MAIL: what lasts there
    told     plain mails by person: the material version, and when
    mailed   material versions that an invitation or update, or a cancellation (True), said
    without_mailbox  whose address was refused, in which material version
    since    since when each person has stood before something wrong
    """

    rules: TellingRules
    faults: dict[str, str] = field(default_factory=dict)
    tell_at: dict[str, datetime] = field(default_factory=dict)
    told: dict[str, list[tuple[int, datetime]]] = field(default_factory=dict)
    mailed: set[tuple[str, int, bool]] = field(default_factory=set)
    without_mailbox: set[tuple[str, int]] = field(default_factory=set)
    since: dict[str, datetime] = field(default_factory=dict)

    # --- what is wanted ---------------------------------------------------------------------------

    def _write(self, p: str, **wanted: Any) -> None:
        old = self.deliveries.get(p)
        super()._write(p, **wanted)
        new = self.deliveries.get(p)
        if new is None or (old is not None and new.version == old.version):
            return
        start, material = STARTS[new.material_fp], new.material_version == new.version
        self.deliveries[p] = replace(
            new,
            email=EMAIL,
            starts_at=start,
            ends_at=start + LENGTH,
            content=event_of(new.material_fp),
            wanted_since=self.now if material else new.wanted_since,
            attempts=0,
        )
        self.tell_at[p] = self.now + self.rules.first_look

    # --- calls ------------------------------------------------------------------------------------

    def due(self) -> list[str]:
        return [p for p in super().due() if not self._is_stopped(p)]

    def _is_stopped(self, p: str) -> bool:
        route = self.deliveries[p].route
        ident = route.account if route is not None else None
        if ident is None:
            return False
        return self.faults.get(ident) == "stopped" or self.accounts[ident].lost

    def attempt(self, p: str, token: int, snapshot: Snapshot, step: Send) -> Copy | None:
        copy = super().attempt(p, token, snapshot, step)
        if copy is None or copy.attempt is None or step.do is Do.WITHDRAW:
            return copy
        attempt = replace(copy.attempt, content=event_of(copy.attempt.material_fp))
        self.copies[p][copy.n] = replace(copy, attempt=attempt)
        return self.copies[p][copy.n]

    def _trouble(self, p: str, copy: Copy, attempt: Attempt, fate: str) -> ChannelError | None:
        fault = self._fault(attempt.account)
        if isinstance(fault, Refused) and fault.of_address:
            self.without_mailbox.add((p, self.deliveries[p].material_version))
        return fault if fault is not None else super()._trouble(p, copy, attempt, fate)

    def _fault(self, ident: str | None) -> ChannelError | None:
        match self.faults.get(ident or MAIL, "works"):
            case "quota" if ident is not None:
                until = self.now + timedelta(hours=6)
                self.accounts[ident] = replace(self.accounts[ident], cooling_until=until)
                return TryLater("quota", happened="no", scope="account")
            case "refused":
                return Refused("400", happened="no")
            case "no such mailbox":
                error = Refused("rcpt 550", happened="no")
                error.of_address = True
                return error
            case "unforeseen":
                return Refused("odd", happened="maybe")
            case "stopped":
                return TryLater("stopped", happened="no")
        return None

    def look_up(self, step: Find | FindUid, copy: Copy, fate: str, until: datetime) -> Answer:
        return self._fault(step.account) or super().look_up(step, copy, fate, until)

    def looked(
        self, p: str, token: int, snapshot: Snapshot, step: Find | FindUid, copy: Copy, seen: Answer
    ) -> Copy | None:
        if not isinstance(seen, Refused) or not self.mine(p, token):
            return super().looked(p, token, snapshot, step, copy, seen)
        if isinstance(step, FindUid) and copy.attempt is None:
            return super().looked(p, token, snapshot, step, copy, [])
        self.save(p, refused_again(copy, seen, Moment(self.now, snapshot.delivery.version)))
        self.release(p, token, next_due(self.snapshot(p)))
        return None

    def _effect(self, p: str, copy: Copy, attempt: Attempt, *, stripped: bool) -> Any:
        receipt = super()._effect(p, copy, attempt, stripped=stripped)
        delivery, cancel = self.deliveries[p], attempt.do is Do.WITHDRAW
        if attempt.channel == MAIL and attempt.version >= delivery.material_version:
            if cancel or attempt.material_fp == delivery.material_fp:
                self.mailed.add((p, delivery.material_version, cancel))
            if cancel and self.booked:
                self._hands_over(p, delivery, copy)
        return receipt

    def _hands_over(self, p: str, delivery: Delivery, copy: Copy) -> None:
        """An invitation that said what is wanted now is taken back for an entry in a calendar: what
        it said is known, unless that entry shows something else."""
        place = delivery.route.destination if delivery.route is not None else ""
        wrong = any(s.place == place and s.material != self.material for s in self.everything())
        said = (p, delivery.material_version, False)
        self.mailed.discard(said)
        if copy.material_fp == self.material and not wrong:
            self.mailed.add(said)

    def _check_make_before_withdraw(self, p: str, copy: Copy, snapshot: Snapshot) -> None:
        """Nothing is made of a session that is over, but what shows a later time is taken away."""
        if self.deliveries[p].ends_at > self.now:
            super()._check_make_before_withdraw(p, copy, snapshot)

    def release(self, p: str, token: int, due_at: datetime | None, **changes: Any) -> None:
        if not self.mine(p, token):
            return
        version = self.leases[p].delivery.version
        super().release(p, token, due_at, **changes)
        if self.deliveries[p].version != version:
            return
        seen = self.rules.outlook(self.snapshot(p))
        self.tell_at.pop(p, None)
        if seen.tell_at is not None:
            self.tell_at[p] = seen.tell_at
        if seen.right:
            self.deliveries[p] = replace(self.deliveries[p], told=None)

    # --- who is told ------------------------------------------------------------------------------

    def tell(self) -> None:
        for p in [one for one, at in self.tell_at.items() if at <= self.now]:
            del self.tell_at[p]
            telling = self.rules.to_tell(self.snapshot(p))
            if telling is None:
                continue
            route = self.deliveries[p].route
            if telling.at > self.now:
                self.tell_at[p] = telling.at
            elif route is not None and route.account and self.accounts[route.account].lost:
                self.tell_at[p] = self.now + WRONG_FOR
                if self.rules.serves_by_mail:
                    self.sync()
            else:
                self._plain_mail(p, telling)

    def _plain_mail(self, p: str, telling: Telling) -> None:
        delivery = self.deliveries[p]
        version = delivery.material_version
        self.note("  tells", p, telling.kind, version)
        if any(before == version for before, _ in self.told.get(p, ())):
            raise BrokenError(f"{p} is told twice of version {version}")
        if (p, version, not self.booked) in self.mailed and not self._has_guests():
            raise BrokenError(f"{p} is told of what a mail of this version said")
        if not self._may_be_told_yet(p):
            raise BrokenError(f"{p} is told of what the first pass corrects")
        self.told.setdefault(p, []).append((version, self.now))
        self.deliveries[p] = replace(delivery, told=telling.kind, told_version=version)

    def _may_be_told_yet(self, p: str) -> bool:
        """Something lasts that keeps the correction back, or it was kept back for ten minutes."""
        since = self.deliveries[p].wanted_since
        lasts = any(fault != "works" for fault in self.faults.values())
        by_plain_mail = not self.booked and p in self.told  # it stood for the invitation
        return (
            lasts
            or self._has_guests()
            or by_plain_mail
            or since is None
            or self.now - since >= WRONG_FOR
        )

    def _has_guests(self) -> bool:
        """The person took an entry over: when it is wrong, they are told at once, and also after an
        invitation that was right was handed over to it."""
        return any(e.guests for c in self.calendars.values() for e in c.events.values())

    # --- what must hold ---------------------------------------------------------------------------

    def check(self) -> None:
        for p, delivery in self.deliveries.items():
            seen = self.seen_by(p)
            if not self.is_wrong(p, seen):
                self.since.pop(p, None)
                continue
            since = max(self.since.setdefault(p, self.now), delivery.wanted_since or self.now)
            starts = [STARTS[s.material] for s in seen if s.material in STARTS]
            ends = max([delivery.ends_at, *(one + LENGTH for one in starts)])
            near = min([delivery.starts_at, *starts]) - timedelta(hours=1)
            if self.now - since < LATE or not near <= self.now < ends:
                continue
            if not self._knows(p):
                raise BrokenError(f"{p} sees {sorted(seen)} and was not told")

    def seen_by(self, p: str) -> set[Shown]:
        own = {copy.uid for copy in self.copies[p].values()}
        return {one for one in self.everything() if one.uid in own}

    def is_wrong(self, p: str, seen: set[Shown]) -> bool:
        if not self.booked:
            return bool(seen)
        return {one.material for one in seen} != {self.deliveries[p].material_fp}

    def _knows(self, p: str) -> bool:
        version = self.deliveries[p].material_version
        told = any(before == version for before, _ in self.told.get(p, ()))
        nobody_can_tell = (p, version) in self.without_mailbox
        if self.unanswered:  # a mail was taken as sent, and ops are told
            return True
        return told or nobody_can_tell or (p, version, not self.booked) in self.mailed
