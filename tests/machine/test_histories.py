"""Random histories: platform, people, network and two workers do what they like, and now and then
the ledger is put back from a backup. Then peace comes, and everybody must see each session once and
right, and nothing of a cancelled one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace as replaced
from datetime import datetime

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from calsync.core.calls import Sighting
from calsync.core.ledger import MAIL, Attempt, Copy, CopyState, Delivery, Do, Snapshot
from calsync.core.reconcile.actions import Decision, Find, Nothing, Send, Transition
from calsync.core.reconcile.actions import apply as apply_transition
from calsync.core.reconcile.decide import reconcile
from calsync.core.reconcile.looks.find import Replay
from calsync.core.reconcile.outcome import After, Moment, after_error
from calsync.core.reconcile.predicates import on_route
from calsync.core.reconcile.prepare import attempt_copy, copy_number
from calsync.core.reconcile.reasons import Reason
from calsync.errors import ChannelError, TryLater
from tests.machine.history import CASTS, KINDS, Act, History
from tests.machine.ledger import Answer, BrokenError, Result, Rules

CHUNKS = 10
HISTORIES, FULL, PLANTED_IN = 300, 10_000, 2_000


def acts(last: int) -> st.SearchStrategy[list[Act]]:
    """Acts of the kinds up to this one."""
    one = st.tuples(st.integers(0, last), st.integers(0, 7), st.integers(0, 27))
    return st.lists(one, min_size=20, max_size=90)


ACTS = acts(KINDS.index(History.group) - 1)
WITH_GROUPS = acts(len(KINDS) - 1)
WITHOUT_RESTORES = acts(KINDS.index(History.drain) - 1)


def live_through(
    rules: type[Rules],
    *,
    number: int,
    histories: int,
    shrink: bool,
    acts: st.SearchStrategy[list[Act]] = ACTS,
) -> None:
    """The same histories on every run, for each number others. Raises BrokenError."""
    phases = [Phase.generate, *([Phase.shrink] if shrink else [])]

    @seed(number)
    @settings(
        max_examples=histories,
        phases=phases,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.integers(0, len(CASTS) - 1), st.booleans(), acts)
    def run(cast: int, baseline: bool, acts: list[Act]) -> None:
        history = History(rules(), cast, baseline=baseline)
        history.play(acts)
        history.finish()

    run()


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_after_any_history_everybody_sees_each_session_once_and_right(
    chunk: int, request: pytest.FixtureRequest
) -> None:
    total = FULL if request.config.getoption("--full", default=False) else HISTORIES
    live_through(Rules, number=chunk, histories=total // CHUNKS, shrink=True)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_after_any_history_with_groups_and_claims_ahead_everybody_sees_the_same(
    chunk: int, request: pytest.FixtureRequest
) -> None:
    total = FULL if request.config.getoption("--full", default=False) else HISTORIES // 2
    number, acts = CHUNKS + chunk, WITH_GROUPS
    live_through(Rules, number=number, histories=total // CHUNKS, shrink=True, acts=acts)


# --- the machine must find mistakes --------------------------------------------------------------


class OneUidForAllCopies(Rules):
    def uid(self, participant: str, destination: str, generation: int) -> str:
        return participant


class AnswerLostWithTheLease(Rules):
    """A worker that lost its lease takes its work for undone."""

    def late(self, answer: Result) -> tuple[Result, bool]:
        return TryLater("rolled back", happened="no"), True


class NewKeyInsteadOfReplay(Rules):
    def reconcile(self, snapshot: Snapshot) -> Decision:
        decision = reconcile(snapshot)
        step, route = decision.step, snapshot.delivery.route
        if isinstance(step, Send) and step.replay and step.do is Do.CREATE and route:
            gone = Transition(step.n, {"state": CopyState.GONE, "occupies": False})
            n = max(c.n for c in snapshot.copies) + 1
            again = Send(Do.CREATE, n, route.channel, route.account)
            return Decision((*decision.transitions, gone), again)
        return decision


class WithdrawBeforeMake(Rules):
    def reconcile(self, snapshot: Snapshot) -> Decision:
        decision = reconcile(snapshot)
        if isinstance(decision.step, Send) and decision.step.do is Do.CREATE:
            for copy in snapshot.copies:
                if copy.state is CopyState.LIVE and not on_route(snapshot, copy):
                    step = Send(Do.WITHDRAW, copy.n, copy.channel, copy.account)
                    return Decision(decision.transitions, step)
        return decision


class NobodyIsWoken(Rules):
    wakes = False


class SequenceStays(Rules):
    def attempt_copy(self, snapshot: Snapshot, step: Send, uid: Callable[[str, int], str]) -> Copy:
        copy = attempt_copy(snapshot, step, uid, "platform@x")
        before = next((c for c in snapshot.copies if c.n == step.n), copy)
        changed = Transition(copy.n, {"sequence": before.sequence})
        return apply_transition(copy, changed)


class AnnouncedAndForgotten(Rules):
    """An announced invitation never gets its day."""

    def reconcile(self, snapshot: Snapshot) -> Decision:
        decision = reconcile(snapshot)
        if isinstance(decision.step, Nothing) and decision.step.why is Reason.ANNOUNCED:
            return replaced(decision, step=Nothing(None, Reason.ANNOUNCED))
        return decision


class NeverDueAgain(Rules):
    """A step that went well is taken for the last one."""

    def reconcile(self, snapshot: Snapshot) -> Decision:
        decision = reconcile(snapshot)
        return replaced(decision, due_at=None) if isinstance(decision.step, Send) else decision


class EveryNoIsBelieved(Rules):
    def after_error(
        self, copy: Copy, attempt: Attempt, error: ChannelError, moment: Moment, *, mine: bool
    ) -> After:
        return after_error(copy, replaced(attempt, sends=1), error, moment, mine=True)


class SequenceByCount(Rules):
    """One more than the last, which is less than what a lost ledger had sent."""

    def attempt_copy(self, snapshot: Snapshot, step: Send, uid: Callable[[str, int], str]) -> Copy:
        copy = super().attempt_copy(snapshot, step, uid)
        before = copy_number(snapshot, step.n)
        return replaced(copy, sequence=before.sequence + 1 if before is not None else 0)


class UidByNumber(Rules):
    """By the number of the copy, wherever it stands: a restored ledger gives it anew."""

    def attempt_copy(self, snapshot: Snapshot, step: Send, uid: Callable[[str, int], str]) -> Copy:
        copy = super().attempt_copy(snapshot, step, uid)
        if step.do is not Do.CREATE:
            return copy
        return replaced(copy, uid=f"{snapshot.delivery.key.participant}-number-{copy.n}")


class CalendarsBelieved(Rules):
    """After a restore, what stood in calendars is taken for what still stands there."""

    def recovered(self, copy: Copy, now: datetime, delivery: Delivery) -> Copy:
        return super().recovered(copy, now, delivery) if copy.channel == MAIL else copy


class StoredMailsSentAgain(Rules):
    """After a restore, an unsure mail is repeated byte for byte."""

    def recovered(self, copy: Copy, now: datetime, delivery: Delivery) -> Copy:
        return copy if copy.channel == MAIL else super().recovered(copy, now, delivery)


class MovedAndNotFollowed(Rules):
    """An event that its person put into another calendar is found, and called where it was."""

    def after_find(
        self, snapshot: Snapshot, step: Find, seen: Sequence[Sighting]
    ) -> After | Replay:
        before = next(one for one in snapshot.copies if one.n == step.n)
        result = super().after_find(snapshot, step, seen)
        return replaced(result, copy=replaced(result.copy, remote_id=before.remote_id))


class MovedAndForgotten(Rules):
    """Of an event that may be anywhere nobody is told that it may remain."""

    def after_find(
        self, snapshot: Snapshot, step: Find, seen: Sequence[Sighting]
    ) -> After | Replay:
        searched = [replaced(one, unsearched=False) for one in seen]
        return super().after_find(snapshot, step, searched)


class MailsBelieved(Rules):
    """After a restore, mails are taken to show what they showed, although the session changed."""

    forgets = False


class StoredUnread(Rules):
    """A group stores a yes on a copy that somebody has dealt with since."""

    def waits_for(self, copy: Copy, attempt: Attempt) -> bool:
        return True


class AnsweredAndGivenBack(Rules):
    """A group gives back calls that were made meanwhile as not sent."""

    def of_group(self, answer: Answer) -> Answer:
        return TryLater("not sent", happened="no")


PLANTED_IN_GROUPS = (
    (AnsweredAndGivenBack, 1),
    pytest.param(StoredUnread, 1, marks=pytest.mark.full),  # shows late
)

PLANTED = (  # and with which number a history that shows it comes early
    (OneUidForAllCopies, 1),
    (AnswerLostWithTheLease, 3),
    (NewKeyInsteadOfReplay, 2),
    (WithdrawBeforeMake, 1),
    (NobodyIsWoken, 2),
    (SequenceStays, 1),
    (AnnouncedAndForgotten, 1),
    (NeverDueAgain, 1),
    (EveryNoIsBelieved, 1),
    (SequenceByCount, 1),
    (UidByNumber, 1),
    (CalendarsBelieved, 2),
    (StoredMailsSentAgain, 2),
    (MailsBelieved, 1),
    (MovedAndNotFollowed, 1),
    (MovedAndForgotten, 1),
)


@pytest.mark.parametrize(("planted", "number"), PLANTED)
def test_a_planted_mistake_is_found(planted: type[Rules], number: int) -> None:
    acts = WITHOUT_RESTORES if planted is AnswerLostWithTheLease else ACTS  # they hide it
    with pytest.raises(BrokenError):
        live_through(planted, number=number, histories=PLANTED_IN, shrink=False, acts=acts)


@pytest.mark.parametrize(("planted", "number"), PLANTED_IN_GROUPS)
def test_a_planted_mistake_of_a_group_is_found(planted: type[Rules], number: int) -> None:
    with pytest.raises(BrokenError):
        live_through(planted, number=number, histories=PLANTED_IN, shrink=False, acts=WITH_GROUPS)
