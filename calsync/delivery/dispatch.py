"""Handing out: one thread of a process asks the ledger for all its workers.

It stores the answers that are there and claims as many deliveries as there are free workers, and
some ahead, in one transaction (groups.py): a worker that ends a call finds the next one waiting.
The first group after a pause is small and each one after it twice as large, so that calls begin
while more are claimed. A call that waits is an attempt that is stored and certainly not sent. It
waits two seconds at most, so that a pause ends all sending as soon, and a change that came
meanwhile is seen; then it goes back, as everything does that waits when the process ends. A process
that is killed leaves these attempts unsure, like every call in flight.
"""

from __future__ import annotations

import threading
import time
from bisect import insort
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count

from calsync.core.calls import Receipt
from calsync.core.ledger import MAIL
from calsync.core.schedule import is_far
from calsync.delivery.attempts import Call
from calsync.delivery.call import Answer
from calsync.delivery.concurrency import InFlight, Line, MailPace, Via, mean
from calsync.delivery.deliver import Deliverer
from calsync.delivery.groups import MOST, TOGETHER, Answered, Groups, Work
from calsync.errors import ChannelError, Refused, TimedOut

AHEAD_SECONDS = 2.0  # of work that waits
FIRST = 4  # lanes of the first group: claiming one takes a millisecond, storing a group several
LINGER = 0.05  # seconds in which more answers may come, while calls wait for every worker
AGAIN = 0.25  # seconds after a group that could not be stored
GRACE_SECONDS = 8.0  # for calls that are being made when all sending ends


@dataclass(frozen=True, slots=True)
class Ahead:
    """A call that waits for a worker. Sessions that start soon come first, then who came first."""

    order: tuple[bool, int]
    call: Call
    until: float  # then it goes back
    via: Via
    line: Line


def _line(call: Call) -> Line:
    return call.claim.slot, call.claim.lane


def _via(call: Call) -> Via:
    return call.claim.delivery.key.tenant, call.via[0]


def _in(after: timedelta | None) -> float | None:
    return None if after is None else time.monotonic() + after.total_seconds()


def _concerns(error: ChannelError, call: Call, other: Call) -> bool:
    """The error of a call says that the other one would fail as well."""
    of_sender = isinstance(error, Refused) and error.of_sender
    if error.scope == "account" or of_sender or isinstance(error, TimedOut):
        return call.claim.slot == other.claim.slot
    if error.scope == "copy":
        return False
    if error.scope == "tenant":
        return _via(call) == _via(other)
    return call.via[0] == other.via[0]


class Dispatcher:
    """Between the ledger and the workers of one process.

    Every worker calls `work_one` in its thread. One more thread calls `step`, and `wait` whenever
    there was nothing to do, until `over`.
    """

    def __init__(self, deliverer: Deliverer, workers: int) -> None:
        self._deliverer, self._workers = deliverer, workers
        self._groups = Groups(deliverer)
        context = deliverer.context
        self._least = context.lease.total_seconds() / 6  # half of what a call may take
        self._flights = InFlight(lambda tenant: context.tenant(tenant).in_flight)
        self._pace = MailPace()
        self._lock = threading.Lock()
        self._handed, self._news = threading.Condition(self._lock), threading.Condition(self._lock)
        self._kept = threading.Condition(self._lock)
        self._answered = self._stored = 0  # every yes, and those of them that are stored
        self._waiting: list[Ahead] = []
        self._answers: list[Answered] = []
        self._unsent: list[Call] = []
        self._behind: dict[Line, list[Call]] = {}  # unsent once the call over the line ended
        self._busy, self._seconds, self._group = 0, 0.0, FIRST
        self._first_answer = self._not_before = 0.0
        self._room_at: float | None = None  # a limit that was used up has room again
        self._held: Collection[Via] = ()  # and of these nothing is claimed before
        self._look, self._closed = True, False
        self._freed = False  # a lane is free once the answers that are there are stored
        self._number = count()

    # --- a worker --------------------------------------------------------------------------------

    def work_one(self) -> bool:
        """Wait for a call, and work it off; False once nothing is handed out any more."""
        call = self._take()
        if call is None:
            return False
        began, receipt = time.monotonic(), None
        try:
            answer = self._deliverer.calls.answer(call)
            if isinstance(answer, Receipt):
                receipt = answer
            else:
                self._wait_for_earlier(answer)
                self._recall(call, answer)
                self._deliverer.work_off(call, answer)
                self._recall(call, answer)
        finally:
            self._end(call, receipt, time.monotonic() - began)
        return True

    def _recall(self, call: Call, answer: Answer) -> None:
        """After an answer that concerns more than its delivery nobody sends what waits and would
        be answered alike."""
        if isinstance(answer, ChannelError):
            with self._lock:
                self._send_back([one for one in self._waiting if _concerns(answer, call, one.call)])

    def _wait_for_earlier(self, answer: Answer) -> None:
        """A refusal that may speak of the sender is judged by the mails that were accepted before
        it: first they are stored."""
        if isinstance(answer, Refused) and answer.of_sender:
            with self._lock:
                before = self._answered
                self._kept.wait_for(lambda: self._stored >= before, GRACE_SECONDS)

    def _take(self) -> Call | None:
        with self._lock:
            while not self._closed:
                for waiting in tuple(self._waiting):
                    if self._is_late(waiting):
                        self._news.notify()
                    elif self._flights.may_begin(waiting.via, waiting.line):
                        self._waiting.remove(waiting)
                        self._begin(waiting)
                        return waiting.call
                self._handed.wait()
            return None

    def _begin(self, waiting: Ahead) -> None:
        self._flights.begin(waiting.via, waiting.line)
        self._busy += 1
        tenant, channel = waiting.via
        if channel == MAIL:
            self._pace.begin(tenant, waiting.line, time.monotonic())

    def _end(self, call: Call, receipt: Receipt | None, seconds: float) -> None:
        line = _line(call)
        with self._lock:
            self._busy -= 1
            self._flights.end(_via(call), line)
            self._freed = self._freed or not self._flights.holds(line)
            self._unsent += self._behind.pop(line, [])
            self._seconds = mean(self._seconds, seconds)
            if call.via[0] == MAIL:
                self._pace.end(line, time.monotonic())
            first = not self._answers
            if receipt is None:
                self._look = True  # the delivery is due again, perhaps, and its lane is free
            else:
                self._first_answer = time.monotonic() if first else self._first_answer
                self._answers.append((call, receipt))
                self._answered += 1
                self._flights.answered(line)
            if first or self._due_in() == 0:  # else the next group begins when it would have
                self._news.notify()  # its own worker takes what may be called for now

    # --- the thread that asks the ledger ---------------------------------------------------------

    @property
    def idle(self) -> bool:
        """Nothing is claimed, and nothing was due at the last look."""
        with self._lock:
            return not (self._left() or self._look)

    @property
    def over(self) -> bool:
        """It is closed, and everything is stored."""
        with self._lock:
            return self._closed and not self._left()

    def _left(self) -> bool:
        return bool(self._busy or self._waiting or self._answers or self._unsent)

    def wake(self) -> None:
        """Something may be due."""
        with self._lock:
            self._look = True
            self._news.notify()

    def close(self) -> None:
        """Hand out nothing more. What waits goes back with the next group, as not sent."""
        with self._lock:
            self._closed, self._not_before = True, 0.0
            self._send_back(tuple(self._waiting))
            self._handed.notify_all()
            self._news.notify()

    def wait(self, most: float | None = None) -> None:
        """Return when there may be something for a group, or after so many seconds."""
        with self._lock:
            seconds = self._due_in()
            if seconds is None or (most is not None and most < seconds):
                seconds = most
            if seconds != 0 and not (self._closed and not self._left()):
                self._news.wait(seconds)

    def step(self, tenants: Callable[[], Sequence[str]]) -> int | None:
        """One group, where there is something for one; returns how many claims it made, less those
        that go back, or None. `tenants`: whose deliveries are claimed. Raises DatabaseError, and
        nothing is lost."""
        with self._lock:
            self._send_back([one for one in self._waiting if self._is_late(one)])
            if self._due_in() != 0:
                return None
            answers, unsent = self._answers, self._unsent
            places = self._next_places() if self._may_find() else 0
            self._answers, self._unsent, self._freed = [], [], False
            self._look = self._look and not places
        try:
            names = tenants() if places else ()
            work = Work(answers, unsent, places, names, self._flights.rooms, self._row)
            begun = self._groups.run(work)
        except BaseException:
            with self._lock:
                self._answers[:0], self._unsent[:0] = answers, unsent
                self._look, self._not_before = True, time.monotonic() + AGAIN
            raise
        with self._lock:
            self._hand_out(begun.calls)
            self._look = self._look or bool(places and not begun.dry)
            if places:
                self._room_at, self._held = _in(begun.room_in), begun.held
        try:
            self._groups.work_off_failed(begun)
        finally:  # whatever became of one answer, nobody waits for it any longer
            with self._lock:
                self._stored += len(answers)
                freed = sum(self._flights.stored(_line(call)) for call, _ in answers)
                self._kept.notify_all()
                self._handed.notify(freed)
        return max(0, begun.claims - len(unsent))

    def _hand_out(self, calls: Sequence[Call]) -> None:
        now = time.monotonic()
        for call in calls:
            known = call.snapshot
            later = is_far(known.delivery.starts_at, known.now)
            until = min(now + AHEAD_SECONDS, call.until - self._least)
            ahead = Ahead((later, next(self._number)), call, until, _via(call), _line(call))
            insort(self._waiting, ahead, key=lambda one: one.order)
            self._flights.claim(ahead.via, ahead.line)
        if self._closed:
            self._send_back(tuple(self._waiting))
        self._handed.notify(len({_line(call) for call in calls}))

    def _send_back(self, late: Sequence[Ahead]) -> None:
        """None of these is sent. A lane is free for others when the last of its claims has gone
        back: while a call is still being made over it, that one stays."""
        last = {one.line: one for one in late if self._flights.is_called(one.line)}
        for one in late:
            self._waiting.remove(one)
            self._flights.give_back(one.via, one.line)
            if last.get(one.line) is one:
                self._behind.setdefault(one.line, []).append(one.call)
            else:
                self._unsent.append(one.call)

    def _is_late(self, waiting: Ahead) -> bool:
        return time.monotonic() >= waiting.until

    def _may_find(self) -> bool:
        """There may be something to claim; not after answers in the middle of a row, for one."""
        has_room = self._room_at is not None and time.monotonic() >= self._room_at
        return self._look or self._freed or has_room or bool(self._unsent)

    def _places(self) -> int:
        """How many calls may be claimed: one for every free worker, and at most two seconds of work
        for all of them ahead."""
        if self._closed:
            return 0
        ahead = self._workers
        if self._seconds:
            ahead = min(ahead, int(AHEAD_SECONDS * self._workers / self._seconds))
        return max(0, self._workers + ahead - self._flights.lines)

    def _next_places(self) -> int:
        """How many of these the next group claims: few where nobody is at work, then twice as many
        each time."""
        if not (self._left() or self._held):
            self._group = FIRST
        most, self._group = self._group, min(2 * self._group, MOST)
        return min(self._places(), most)

    def _row(self, tenant: str) -> int:
        with self._lock:
            return self._pace.row(tenant, time.monotonic())

    def _due_in(self) -> float | None:
        """Seconds until the next group; None: not before something happens."""
        now = time.monotonic()
        if self._not_before > now:
            return self._not_before - now
        if self._unsent or (self._look and self._places() and not self._answers):
            return 0
        until = [max(0.0, one.until - now) for one in self._waiting]
        if self._room_at is not None and self._places():
            until.append(max(0.0, self._room_at - now))
        if self._answers:
            until.append(self._lingers(now))
        return min(until, default=None)

    def _lingers(self, now: float) -> float:
        """How long the answers that are there wait for more: not at all where a worker may have to
        wait for it, and no mail's, which nobody could look up after a crash. Where a limit holds
        what would be claimed over their lanes, they wait for the next claims."""
        if self._closed or any(call.via[0] == MAIL for call, _ in self._answers):
            return 0.0
        held = not self._look and all(_via(call) in self._held for call, _ in self._answers)
        if not held and len(self._waiting) * 2 < self._workers:
            return 0.0
        longest = TOGETHER.total_seconds() if held else LINGER
        return max(0.0, self._first_answer + longest - now)
