"""How many calls are made at once: by this process to one provider, where the provider counts them,
and of one account. And how many mails are claimed to be sent one after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial

from calsync.store.database import Db
from calsync.store.queue import slots

Via = tuple[str, str]  # tenant and channel
Line = tuple[str, int]  # slot and lane
MOST_UNSTORED = 3  # mails sent over a line whose answers are not stored: a crash sends them again
ROW, ROW_SECONDS = 8, 0.1  # mails that share a lane, and how long the last of them waits at most
NEWEST = 0.2  # how much the last call counts in the mean of their seconds
MOST_ARRANGED = 5_000  # accounts of which a process remembers that their lanes are arranged


class InFlight:
    """Calls of this process, those that are claimed and those of them that are being made. Other
    processes count for themselves.

    limits  of a tenant: by channel, how many are made at once; not named: no limit
    """

    def __init__(self, limits: Callable[[str], Mapping[str, int]]) -> None:
        self._limits = limits
        self._claimed: Counter[Via] = Counter()
        self._made: Counter[Via] = Counter()
        self._lines: Counter[Line] = Counter()
        self._called: set[Line] = set()
        self._unstored: Counter[Line] = Counter()

    def rooms(self, tenant: str, more: Mapping[Via, int]) -> dict[str, int]:
        """By channel of the tenant that has a limit, how many calls more may be claimed, with
        `more` beside what was before: in all as many as are made at once, and as many that wait for
        their turn."""
        return {
            channel: max(
                0, 2 * most - self._claimed[tenant, channel] - more.get((tenant, channel), 0)
            )
            for channel, most in self._limits(tenant).items()
        }

    @property
    def lines(self) -> int:
        """How many workers are needed for what is claimed: those of one lane need one."""
        return len(self._lines)

    def holds(self, line: Line) -> bool:
        """Something is claimed over it."""
        return line in self._lines

    def claim(self, via: Via, line: Line) -> None:
        self._claimed[via] += 1
        self._lines[line] += 1

    def may_begin(self, via: Via, line: Line) -> bool:
        """The provider may be called now: claims of one lane are called for one after the other,
        and none while a few of its answers are not stored."""
        most = self._limits(via[0]).get(via[1])
        if line in self._called or self._unstored[line] >= MOST_UNSTORED:
            return False
        return most is None or self._made[via] < most

    def begin(self, via: Via, line: Line) -> None:
        self._made[via] += 1
        self._called.add(line)

    def is_called(self, line: Line) -> bool:
        """A call is being made over it."""
        return line in self._called

    def end(self, via: Via, line: Line) -> None:
        """The call is over, and its place is free."""
        self._made[via] -= 1
        self._called.discard(line)
        self.give_back(via, line)

    def answered(self, line: Line) -> None:
        """A call was answered yes, which is not stored yet."""
        self._unstored[line] += 1

    def stored(self, line: Line) -> bool:
        """One of its answers is stored; whether calls over it had to wait for that."""
        waited = self._unstored[line] >= MOST_UNSTORED
        self._unstored[line] -= 1
        if not self._unstored[line]:
            del self._unstored[line]
        return waited

    def give_back(self, via: Via, line: Line) -> None:
        """A claimed call is not made."""
        self._claimed[via] -= 1
        self._lines[line] -= 1
        if not self._lines[line]:
            del self._lines[line]


def mean(so_far: float, seconds: float) -> float:
    """The mean of how long calls took, of which the last ones count most; 0: of none."""
    return so_far + (seconds - so_far) * (NEWEST if so_far else 1.0)


class MailPace:
    """How fast each tenant's mail server answers this process. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._since: dict[Line, tuple[str, float]] = {}  # calls that are being made

    def begin(self, tenant: str, line: Line, now: float) -> None:
        self._since[line] = tenant, now

    def end(self, line: Line, now: float) -> None:
        tenant, since = self._since.pop(line)
        self.took(tenant, now - since)

    def took(self, tenant: str, seconds: float) -> None:
        self._seconds[tenant] = mean(self._seconds.get(tenant, 0.0), seconds)

    def row(self, tenant: str, now: float) -> int:
        """How many mails may share a lane: where a server is fast, its answers come one by one, and
        each would be stored by itself. Those of a slow one are claimed one by one, so that nothing
        waits that could be sent over another lane; so are those of one that keeps a call waiting at
        this moment."""
        seconds = self._seconds.get(tenant)
        if not seconds:
            return 1
        if any(of == tenant and now - since > ROW_SECONDS for of, since in self._since.values()):
            return 1
        return max(1, min(ROW, int(ROW_SECONDS / seconds)))


class AccountLanes:
    """Gives accounts the lanes that the configuration says, when this process first makes a call of
    each: those that were connected before it said so, or said something else, as well."""

    def __init__(self) -> None:
        self._arranged: dict[str, int] = {}

    def arrange(self, db: Db, slot: str, wanted: int) -> None:
        if self._arranged.get(slot) == wanted:
            return
        slots.arrange_lanes(db, slot, wanted)
        db.after_commit(partial(self._remember, slot, wanted))

    def _remember(self, slot: str, wanted: int) -> None:
        if len(self._arranged) >= MOST_ARRANGED:
            self._arranged.clear()
        self._arranged[slot] = wanted
