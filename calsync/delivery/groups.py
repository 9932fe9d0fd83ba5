"""Groups: one transaction in which many claims end and many begin.

Storing an answer and claiming the next delivery cost a transaction each, and a transaction costs a
disk a write and a server several round trips. Whoever has several answers and several free places
stores and claims them together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from calsync.core.calls import Receipt
from calsync.core.ledger import MAIL
from calsync.core.reconcile.claimed import Claim, Finished
from calsync.delivery import finish
from calsync.delivery.attempts import Call
from calsync.delivery.concurrency import Via
from calsync.delivery.deliver import Deliverer
from calsync.delivery.set_back import DecisionFailed, set_back
from calsync.errors import ConflictError, DatabaseError, ValueRefusedError
from calsync.store.database import Db
from calsync.store.ledger import copies
from calsync.store.queue import claims, due, limiter
from calsync.store.queue.slots import slot_name

MOST = 64  # claims in one transaction, those that lead to no call included
# A limit that has room again so soon is waited for until a few calls can share a group: claimed one
# by one, as room comes, each would cost a transaction. Whoever has to wait longer is claimed, and
# waits by itself.
SOON, TOGETHER = timedelta(seconds=1), timedelta(seconds=0.1)
OF_ONE = (ConflictError, ValueRefusedError)  # errors of the database that concern one delivery

Answered = tuple[Call, Receipt]


@dataclass(frozen=True, slots=True)
class Work:
    """What one group is to do.

    answers  to be stored
    unsent   calls that were not made and go back
    places   how many lanes it may claim at most
    tenants  whose: a different one first each time
    rooms    by channel of a tenant, how many calls more it takes, after so many in this group; not
             named: any number
    row      how many mails of a tenant may be claimed over one lane, to be sent one after the other
    """

    answers: Sequence[Answered]
    unsent: Sequence[Call]
    places: int
    tenants: Sequence[str]
    rooms: Callable[[str, Mapping[Via, int]], Mapping[str, int]]
    row: Callable[[str], int] = lambda _: 1


@dataclass(slots=True)
class Begun:
    """What a group led to.

    claims     how many it made; not every one leads to a call
    dry        nothing more was due that may be called now
    room_in    a limit of all accounts was used up; how long until it has room for a few calls
    held       channels of tenants of which nothing is claimed before
    failed     answers that could not be stored with the others
    undecided  a claim that could not; it ended the group
    """

    calls: list[Call] = field(default_factory=list)
    claims: int = 0
    dry: bool = False
    room_in: timedelta | None = None
    held: set[Via] = field(default_factory=set)
    failed: list[Answered] = field(default_factory=list)
    undecided: DecisionFailed | None = None


class GroupFailedError(Exception):
    """Something of a group could not be stored or decided."""


class Groups:
    """Runs groups, one at a time."""

    def __init__(self, deliverer: Deliverer) -> None:
        self.deliverer, self.context = deliverer, deliverer.context
        # Of the transaction that runs, or ran last.
        self._taken: list[Claim] = []
        self._begun, self._effects = Begun(), list[Callable[[], None]]()

    def run(self, work: Work) -> Begun:
        """Store and claim; once it returns, everything of it is committed. Where something fails,
        the group is done again one by one: what fails then keeps nobody else waiting, and is for
        `work_off_failed`. Raises DatabaseError: then nothing of it is stored."""
        try:
            return self._stored(work, apart=False)
        except GroupFailedError:
            return self._stored(work, apart=True)

    def work_off_failed(self, begun: Begun) -> None:
        """Answers and claims that could not be stored with the others, each by itself."""
        for call, receipt in begun.failed:
            self.deliverer.end(call, receipt)
        if begun.undecided is not None:
            set_back(self.context, begun.undecided)

    def _stored(self, work: Work, *, apart: bool) -> Begun:
        try:
            return self.context.transact(
                "group",
                partial(self._group, work, apart=apart),
                waits=True,
                unsure=partial(self._group_once, work, apart=apart),
            )
        except DatabaseError:
            self.deliverer.unfinished += self._taken
            raise

    def _group_once(self, work: Work, db: Db, *, apart: bool) -> Begun:
        """A group that may be stored already, all of it or nothing."""
        if not self._is_stored(db, work):
            return self._group(work, db, apart=apart)
        for effect in self._effects:
            db.after_commit(effect)
        return self._begun

    def _is_stored(self, db: Db, work: Work) -> bool:
        if self._begun.calls:
            return claims.is_stored(db, self._begun.calls[0].claim)
        ended = [*(call for call, _ in work.answers), *work.unsent]
        known = next((call.attempt for call in ended if call.attempt is not None), None)
        return known is not None and copies.answered(db, known)

    def _group(self, work: Work, db: Db, *, apart: bool) -> Begun:
        self._taken = []  # an earlier try is rolled back
        self._begun, self._effects = Begun(), db.effects
        self.deliverer.give_back(db)
        with _one_fails_all(apart=apart):
            if apart:
                self._begun.failed = self._finish_apart(db, work)
            else:
                self._finish(db, work.answers, work.unsent)
            self._claim(db, work, self._begun, apart=apart)
        return self._begun

    # --- ends ------------------------------------------------------------------------------------

    def _finish(self, db: Db, answers: Sequence[Answered], unsent: Sequence[Call]) -> None:
        ends: list[Finished] = [self.deliverer.accepted(db, *one) for one in answers]
        ends += [self.deliverer.unsent(db, call) for call in unsent]
        finish.store(self.context, db, ends)

    def _finish_apart(self, db: Db, work: Work) -> list[Answered]:
        """Each by itself; returns those that cannot be stored so."""
        failed = []
        for one in work.answers:
            try:
                with db.savepoint():
                    self._finish(db, [one], [])
            except Exception as error:
                _raise_where_all_fail(error)
                failed.append(one)
        for call in work.unsent:
            try:
                with db.savepoint():
                    self._finish(db, [], [call])
            except Exception as error:
                _raise_where_all_fail(error)
                claims.give_back(db, call.claim)
        return failed

    # --- claims ----------------------------------------------------------------------------------

    def _claim(self, db: Db, work: Work, begun: Begun, *, apart: bool) -> None:
        claimed: Counter[Via] = Counter()
        known, order = due.Due(), limiter.LimitOrder()
        while (most := min(work.places - _lines(begun), MOST - begun.claims)) > 0:
            turn = begun.claims % max(1, len(work.tenants))
            tenants = [*work.tenants[turn:], *work.tenants[:turn]]
            known.look(db, tenants)
            rooms = {one: dict(work.rooms(one, claimed)) for one in tenants}
            begun.held, begun.room_in, put_off = self._limit(db, known, rooms, order)
            take = partial(due.take, db, self.context.lease, tenants, rooms=rooms, known=known)
            if apart:
                taken, calls = self._one_apart(db, take, begun)
            else:
                taken = take(most)
                taken += self._behind(db, taken, rooms, work.row, MOST - begun.claims)
                calls = self._decided(db, taken)
            if not taken or begun.undecided is not None:
                # What ended without a call may be due in another channel by now.
                begun.dry = not (taken or put_off) and begun.claims == len(begun.calls)
                return
            begun.claims += len(taken)
            begun.calls += calls
            made = [(one.claim.delivery.key.tenant, one.via[0]) for one in calls]
            claimed.update(made)
            order.used.update(limit[0] for via in made if (limit := self._limit_of(*via)))

    def _behind(
        self,
        db: Db,
        taken: Sequence[Claim],
        rooms: Mapping[str, Mapping[str, int]],
        row: Callable[[str], int],
        most: int,
    ) -> list[Claim]:
        """Mails that are sent one after the other over the lane of a mail that was taken, but for
        one whose call finds out for everybody whether any are accepted again."""
        behind: list[Claim] = []
        for tenant, room in rooms.items():
            mails = [one for one in taken if one.slot == slot_name(tenant, MAIL, None)]
            lanes = [one for one in mails if not one.probes]
            more = min(most - len(taken) - len(behind), room.get(MAIL, MOST) - len(mails))
            each = min(row(tenant) - 1, more // len(lanes)) if lanes else 0
            if each > 0:
                behind += due.take_behind(db, self.context.lease, lanes, each)
        return behind

    def _limit(
        self,
        db: Db,
        known: due.Due,
        rooms: Mapping[str, dict[str, int]],
        order: limiter.LimitOrder,
    ) -> tuple[set[Via], timedelta | None, bool]:
        """Claim no more than the limits of all accounts have room for: what is claimed beyond has
        to be put back, again and again while a limit is used up. Returns what is not claimed for
        that, when to look again, and whether something is put off: its limit may not be locked any
        more in this transaction."""
        asked = {
            (tenant, channel): limit
            for tenant in rooms
            for channel in known.channels[tenant]
            if (limit := self._limit_of(tenant, channel))
        }
        held, soonest, put_off = set[Via](), list[timedelta](), False
        found = dict(zip(wanted := set(asked.values()), limiter.rooms(db, [*wanted]), strict=True))
        known.shared = _shared(asked, found)
        for (tenant, channel), limit in asked.items():
            of, room = rooms[tenant], found[limit]
            if not order.allows(limit[0]):
                of[channel], put_off = 0, True
            elif room.waits > SOON:
                if channel == MAIL:  # the first makes all of the tenant wait
                    of[MAIL] = min(of.get(MAIL, 1), 1)
            elif room.calls < limiter.calls_within(TOGETHER, limit[1]):
                of[channel] = 0
                held.add((tenant, channel))
                soonest.append(max(room.waits, TOGETHER))
            else:
                of[channel] = min(of.get(channel, room.calls), room.calls)
        order.last = max([order.last, *(key for key, _ in wanted)])
        return held, min(soonest, default=None), put_off

    def _limit_of(self, tenant: str, channel: str) -> limiter.Limit | None:
        """What counts the calls of all accounts of this channel."""
        rate = self.context.tenant(tenant).rates.get(channel)
        if rate is None or not rate.provider:
            return None
        return limiter.key_of_all(tenant, channel, rate), rate.provider

    def _one_apart(
        self, db: Db, take: Callable[[int], list[Claim]], begun: Begun
    ) -> tuple[list[Claim], list[Call]]:
        """The next claim by itself; where it cannot be decided, it is as if it was not made."""
        taken: list[Claim] = []
        try:
            with db.savepoint():
                taken = take(1)
                return taken, self._decided(db, taken)
        except Exception as error:
            _raise_where_all_fail(error)
            if not taken:
                raise
            begun.undecided = DecisionFailed(taken[0].delivery.key, error)
            begun.claims += 1
            return taken, []

    def _decided(self, db: Db, taken: Sequence[Claim]) -> list[Call]:
        """The calls that these claims lead to. How the others end is stored."""
        if not taken:
            return []
        self._taken += taken
        decided = self.deliverer.begin.decide(db, taken, self.deliverer.until())
        ended = [one for one in decided if isinstance(one, Finished)]
        calls = [one for one in decided if isinstance(one, Call)]
        finish.store(self.context, db, ended)
        given_up = {(one.claim.slot, one.claim.lane) for one in ended}
        over = [one.claim for one in calls if (one.claim.slot, one.claim.lane) in given_up]
        if over:  # whoever ended may have held the lane for those before it
            due.hold_lanes(db, self.context.lease, over)
        return calls


def _shared(
    asked: Mapping[Via, limiter.Limit], found: Mapping[limiter.Limit, limiter.Room]
) -> dict[Via, limiter.SharedRoom]:
    """The room in limits that several tenants share. One that waits long is claimed all the same,
    and waits by itself."""
    times = Counter(key for key, _ in asked.values())
    rooms: dict[str, limiter.SharedRoom] = {}
    for (key, _), room in found.items():
        if times[key] > 1 and room.waits <= SOON:
            rooms.setdefault(key, limiter.SharedRoom(room.calls))
    return {via: rooms[key] for via, (key, _) in asked.items() if key in rooms}


def _lines(begun: Begun) -> int:
    """How many workers are needed: calls over one lane need one, and take one place."""
    return len({(one.claim.slot, one.claim.lane) for one in begun.calls})


@contextmanager
def _one_fails_all(*, apart: bool) -> Iterator[None]:
    """The whole transaction is given up for what concerns one delivery, to be done again apart."""
    try:
        yield
    except Exception as error:
        if apart:
            raise
        _raise_where_all_fail(error)
        raise GroupFailedError from error


def _raise_where_all_fail(error: Exception) -> None:
    """Raise it again where not one delivery but the database failed, for everybody."""
    if isinstance(error, DatabaseError) and not isinstance(error, OF_ONE):
        raise error
