"""Random histories of lanes that several mails share, on a real ledger: two processes claim, send,
store, wait, end and are killed as they like, also while a mail of one of them is being sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from random import Random

from calsync.core.booked import Participant
from calsync.core.reconcile.claimed import Claim
from calsync.delivery.attempts import Call
from calsync.delivery.call import Answer
from calsync.delivery.deliver import Deliverer
from calsync.delivery.dispatch import Dispatcher
from calsync.errors import TryLater
from calsync.store.ledger import deliveries
from calsync.store.queue import slots
from tests.harness.platform import Platform
from tests.machine.ledger import BrokenError

WORKERS, ROW = 4, 4
STEPS = 3  # in which a process that is closed stores what is answered, and gives the rest back
DEEPEST = 3  # mails that are being sent at once
Line = tuple[str, int]


class KilledError(BaseException):
    """The process is gone: nothing that would follow is done."""


class NothingToSendError(Exception):
    """A worker would wait now."""


def line_of(claim: Claim) -> Line:
    return claim.slot, claim.lane


class Process:
    """One process with a few workers, of which one acts at a time."""

    def __init__(self, history: SharedLanes) -> None:
        self.history, deliverer = history, Deliverer(history.platform.context)
        deliverer.spread = history.chance
        self.dispatcher = Dispatcher(deliverer, WORKERS)
        self.dispatcher._handed.wait = self._would_wait  # type: ignore[method-assign]
        self._answer, self.gone = deliverer.calls.answer, False
        deliverer.calls.answer = self.answer  # type: ignore[method-assign]
        self.calls: set[Line] = set()

    def _would_wait(self, _seconds: float | None = None) -> bool:
        raise NothingToSendError

    def step(self) -> None:
        self.dispatcher.wake()
        self.dispatcher.step(lambda: ["default"])

    def send(self) -> None:
        with suppress(NothingToSendError, KilledError):
            self.dispatcher.work_one()

    def answer(self, call: Call) -> Answer:
        """A mail is being sent, while other things happen."""
        line = line_of(call.claim)
        self.history.begin(line)
        self.calls.add(line)
        self.history.meanwhile()
        if self.gone:
            raise KilledError
        answer = self._answer(call)
        self.calls.discard(line)
        return answer

    def kill(self) -> None:
        self.gone, self.calls = True, set()


class SharedLanes:
    """One history. `later` moves all clocks. In an `orderly` one nobody is killed, and no lease
    ends before its process."""

    def __init__(
        self,
        platform: Platform,
        later: Callable[[float], None],
        seed: int,
        *,
        orderly: bool = False,
    ) -> None:
        self.platform, self.later, self.chance = platform, later, Random(seed)
        self.orderly = orderly
        platform.deliverer.spread = self.chance
        self.processes = [Process(self), Process(self)]
        self.people = self.depth = self.kills = 0
        self.begun, self.broken = list[Line](), list[str]()

    def live(self, acts: int) -> None:
        """So many acts, and then rest. Raises BrokenError for what must not be."""
        for _ in range(acts):
            try:
                self.act()
            finally:  # whatever that led to
                if self.broken:
                    raise BrokenError(self.broken[0])
        self.rest()

    # --- acts ------------------------------------------------------------------------------------

    def act(self) -> None:
        process = self.chance.choice(self.processes)
        kinds = [self.book, self.wait, self.look_again, process.step, process.send, self.end]
        self.chance.choices(kinds, weights=(2, 1, 1, 5, 8, 1))[0]()

    def meanwhile(self) -> None:
        self.depth += 1
        try:
            for _ in range(self.chance.randrange(10) if self.depth < DEEPEST else 0):
                self.act()
            if self.chance.random() < 0.1:
                self.platform.mail.failures = [TryLater("421", happened="no", scope="copy")]
        finally:
            self.depth -= 1

    def book(self) -> None:
        found = []
        for _ in range(self.chance.randint(1, 4)):
            one = Participant(f"p-{self.people}", "P", f"p{self.people}@example.org")
            found.append(self.platform.a_session(f"s-{self.people}", participants=(one,)))
            self.people += 1
        self.platform.book(*found)

    def look_again(self) -> None:
        """A few deliveries are due of which nothing is to be done, as a rule."""
        with self.platform.store.write() as db:
            for n in self.chance.sample(range(self.people), min(3, self.people)):
                deliveries.wake_one(db, self.platform.copies_key(f"p-{n}", f"s-{n}"))

    def wait(self) -> None:
        """Longer than a call may wait to be made; between calls, longer than a lease lasts."""
        long = self.depth == 0 and self.chance.random() < 0.3 and not self.orderly
        self.later(200.0 if long else 2.5)

    def end(self) -> None:
        """A process is stopped, or killed."""
        n = self.chance.randrange(len(self.processes))
        process = self.processes[n]
        process.dispatcher.close()
        process.step()
        if self.orderly and not process.dispatcher.over:
            return
        if self.chance.random() < 0.5 or not process.dispatcher.over:
            if self.chance.random() < 0.5 and process.calls:
                return  # it waits for what is being sent
            self.kills += not process.dispatcher.over
            process.kill()
        self.processes[n] = Process(self)

    # --- what must hold --------------------------------------------------------------------------

    def begin(self, line: Line) -> None:
        """A mail is sent over this lane from now on: no other one may be."""
        self.begun.append(line)
        if any(line in one.calls for one in self.processes):
            self.broken.append(f"two mails at once over lane {line[1]}")
            raise KilledError

    def stop(self) -> None:
        """The processes end: in good order, which leaves nothing behind, or killed."""
        for process in self.processes:
            if not self.orderly:
                process.kill()
                continue
            process.dispatcher.close()
            for _ in range(STEPS):
                process.step()
            if not process.dispatcher.over:
                raise BrokenError("a process does not end")
        if self.orderly and self.platform.leased():
            raise BrokenError("a lane or a delivery stays claimed")

    def rest(self) -> None:
        """Everything works; everybody has their mail, byte for byte the same where it came twice:
        never where nobody was killed."""
        self.stop()
        self.platform.mail.failures = []
        for _ in range(3):
            self.later(timedelta(minutes=20).total_seconds())
            with self.platform.store.write() as db:
                slots.reap(db)
            self.platform.deliver()
        sent = self.platform.mail.sent
        times = Counter(str(mail["uid"]) for mail in sent)
        if self.orderly and len(sent) != len(times):
            raise BrokenError(f"{len(sent) - len(times)} mails too many")
        if len(times) != self.people:
            raise BrokenError(f"{self.people - len(times)} were not invited")
        if len({str(mail) for mail in sent}) != self.people:
            raise BrokenError("a mail was sent again with another content")
        for n in range(self.people):
            if self.platform.states(f"s-{n}", f"p-{n}") != ["mail live"]:
                raise BrokenError(f"nobody knows what became of p-{n}")
