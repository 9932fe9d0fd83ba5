"""How many calls are made at once: by this process to one provider, where the provider counts them,
and of one account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial

from calsync.store.database import Db
from calsync.store.queue import lanes

Via = tuple[str, str]  # tenant and channel
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

    def claim(self, via: Via) -> None:
        self._claimed[via] += 1

    def may_begin(self, via: Via) -> bool:
        """The provider may be called now."""
        most = self._limits(via[0]).get(via[1])
        return most is None or self._made[via] < most

    def begin(self, via: Via) -> None:
        self._made[via] += 1

    def end(self, via: Via) -> None:
        """The call is over, and its place is free."""
        self._made[via] -= 1
        self.give_back(via)

    def give_back(self, via: Via) -> None:
        """A claimed call is not made."""
        self._claimed[via] -= 1


class AccountLanes:
    """Gives accounts the lanes that the configuration says, when this process first makes a call of
    each: those that were connected before it said so, or said something else, as well."""

    def __init__(self) -> None:
        self._arranged: dict[str, int] = {}

    def arrange(self, db: Db, slot: str, wanted: int) -> None:
        if self._arranged.get(slot) == wanted:
            return
        lanes.arrange(db, slot, wanted)
        db.after_commit(partial(self._remember, slot, wanted))

    def _remember(self, slot: str, wanted: int) -> None:
        if len(self._arranged) >= MOST_ARRANGED:
            self._arranged.clear()
        self._arranged[slot] = wanted
