"""One random history with faults that last: what the platform, the person and the providers do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from calsync.core.account import Account, AccountState
from calsync.core.ledger import MAIL, Copy, Do, RefusalKind, mail_destination
from tests.machine.ledger import BrokenError, Person
from tests.machine.telling import EMAIL, LENGTH, STARTS, TellingRules, TellingService
from tests.machine.world import Calendar, Mailbox

FAULTS = ("works", "works", "quota", "refused", "unforeseen", "stopped")
MAIL_FAULTS = ("works", "works", "refused", "no such mailbox", "unforeseen")
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (2, 20, 60, 180, 420))
STEP = timedelta(minutes=10)  # how long nothing happens at most
ACCOUNTS = {"g7": "m7@x", "o7": "o7@x"}

Act = tuple[int, int]


class TellingHistory:
    """One person with two calendars and a mailbox, and one session; each act is (kind, choice)."""

    def __init__(self, rules: TellingRules) -> None:
        self.ledger = TellingService(rules, {"u7": Person(EMAIL, in_session=True)})
        self.ledger.mailboxes[EMAIL] = Mailbox(EMAIL, mail_destination(EMAIL))
        for ident, address in ACCOUNTS.items():
            account = Account(ident, "t", EMAIL, "cal", address, state=AccountState.DISCONNECTED)
            self.ledger.accounts[ident] = account
            self.ledger.calendars[ident] = Calendar(account.destination, remembers=ident == "g7")
        self.ledger.booked = True
        self.ledger.sync()

    def play(self, acts: Sequence[Act]) -> None:
        self.connect(0)
        self.wait(0)
        for kind, choice in acts:
            ACTS[kind % len(ACTS)](self, choice)
        self.wait(3)

    def wait(self, choice: int) -> None:
        """Time passes, and whoever is at work works: askers before workers, or after them."""
        ledger = self.ledger
        end = ledger.now + PAUSES[choice % len(PAUSES)]
        while True:
            if choice % 2:
                ledger.tell()
            self._drain()
            ledger.tell()
            self._drain()
            for box in ledger.mailboxes.values():
                box.read(None, backwards=False)
            ledger.check()
            if ledger.now >= end:
                return
            times = [*ledger.tell_at.values(), *(d.due_at for d in ledger.deliveries.values())]
            ahead = [at for at in times if at is not None and at > ledger.now]
            ledger.advance(min([end, ledger.now + STEP, *ahead]))

    def _drain(self) -> None:
        for _ in range(40):
            if not self.ledger.due():
                return
            worker = self.ledger.worker()
            if next(worker, None) is not None:
                try:
                    while True:
                        worker.send("ok")
                except StopIteration:
                    pass
        raise BrokenError("it never comes to rest")

    def move(self, choice: int) -> None:
        ledger = self.ledger
        ahead = [one for one, start in STARTS.items() if start > ledger.now]
        if ledger.booked and ahead:
            ledger.material = ahead[choice % len(ahead)]
            ledger.sync()
            if choice % 3 == 0:
                ledger.tell()

    def pull_forward(self, choice: int) -> None:
        """Moved to the earliest time that is left."""
        self.move(0)

    def cancel_or_book(self, choice: int) -> None:
        if STARTS[self.ledger.material] > self.ledger.now:
            self.ledger.booked = not self.ledger.booked
            self.ledger.sync()

    def connect(self, choice: int) -> None:
        ident = list(ACCOUNTS)[choice % 2]
        self.ledger.calendars[ident].alive = True
        self.ledger.set_account(
            ident, state=AccountState.ACTIVE, chosen_at=self.ledger.now, cooling_until=None
        )

    def breaks(self, choice: int) -> None:
        """Something begins or ends that lasts."""
        ident = list(ACCOUNTS)[choice // len(FAULTS) % 2]
        self.ledger.faults[ident] = FAULTS[choice % len(FAULTS)]

    def mail_breaks(self, choice: int) -> None:
        self.ledger.faults[MAIL] = MAIL_FAULTS[choice % len(MAIL_FAULTS)]

    def works_again(self, choice: int) -> None:
        self.ledger.faults.clear()
        for ident, account in self.ledger.accounts.items():
            self.ledger.accounts[ident] = replace(account, cooling_until=None)

    def token_dies(self, choice: int) -> None:
        self.ledger.calendars[list(ACCOUNTS)[choice % 2]].alive = False

    def mass_loss(self, choice: int) -> None:
        """Many accounts are lost, and nobody is handed over to mail."""
        for ident, account in self.ledger.accounts.items():
            if not account.lost:
                self.ledger.calendars[ident].alive = False
                self.ledger.accounts[ident] = replace(account, state=AccountState.RECONNECT)

    def guests(self, choice: int) -> None:
        """The person adds guests, and an inspection finds that."""
        for calendar in self.ledger.calendars.values():
            for event in calendar.events.values():
                event.guests = True
        for p, copies in self.ledger.copies.items():
            for copy in list(copies.values()):
                if copy.state == "live" and copy.channel != MAIL:
                    self.ledger.save(p, replace(copy, state=type(copy.state).TAKEN))
                    self.ledger.wake(p)

    def finish(self) -> None:
        """Everything works, and what was refused is tried at once: then nothing of ours is wrong
        that we can write, and nothing is parked but what was refused by name."""
        ledger = self.ledger
        for p, delivery in ledger.deliveries.items():
            if delivery.parked is not None and not _refused_by_name(ledger.copies[p].values()):
                raise BrokenError(f"{p} is parked for good")
        self.works_again(0)
        ledger.sync()  # operators resume after a mass loss
        for p, copies in ledger.copies.items():
            copies.update({n: replace(one, again_at=None) for n, one in copies.items()})
            ledger.deliveries[p] = replace(ledger.deliveries[p], parked=None, due_at=ledger.now)
        self.wait(1)
        for p in ledger.deliveries:
            if self._stands_wrong_where_we_write(p):
                raise BrokenError(f"{p} goes on seeing {sorted(ledger.seen_by(p))}")

    def _stands_wrong_where_we_write(self, p: str) -> bool:
        ledger = self.ledger
        lost = {one.destination for one in ledger.accounts.values() if one.lost}
        lost |= {c.place for i, c in ledger.calendars.items() if not c.alive}
        theirs = {u for c in ledger.calendars.values() for u, e in c.events.items() if e.guests}
        theirs |= ledger.unanswered
        seen = {s for s in ledger.seen_by(p) if s.place not in lost and s.uid not in theirs}
        ahead = {s for s in seen if STARTS[s.material] + LENGTH > ledger.now}
        delivery = ledger.deliveries[p]
        return any(s.material != delivery.material_fp or not ledger.booked for s in ahead)


def _refused_by_name(copies: Iterable[Copy]) -> bool:
    named = (RefusalKind.NAMED, RefusalKind.ADDRESS)
    last = [one.attempt.do for one in copies if one.attempt is not None and one.refusal in named]
    return Do.CREATE in last or Do.CHANGE in last


ACTS = (
    *[TellingHistory.wait] * 6,
    *[TellingHistory.move] * 4,
    *[TellingHistory.pull_forward] * 2,
    *[TellingHistory.breaks] * 3,
    TellingHistory.mail_breaks,
    TellingHistory.works_again,
    *[TellingHistory.cancel_or_book] * 2,
    TellingHistory.connect,
    TellingHistory.token_dies,
    TellingHistory.mass_loss,
    TellingHistory.guests,
)
