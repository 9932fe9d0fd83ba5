"""Random histories with faults that last, and the mistakes that they must find."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from calsync.core.ledger import Attempt, Copy, CopyState, Do, Snapshot
from calsync.core.reconcile.actions import Decision, Nothing
from calsync.core.reconcile.decide import reconcile
from calsync.core.reconcile.outcome import After, Moment, after_error
from calsync.core.reconcile.predicates import at_destination
from calsync.core.reconcile.reasons import Reason
from calsync.core.reconcile.telling import Outlook, Telling, outlook, to_tell
from calsync.errors import ChannelError, Refused
from tests.machine.ledger import BrokenError
from tests.machine.telling import TellingRules
from tests.machine.telling_history import ACTS, Act, TellingHistory

CHUNKS = 4
HISTORIES, FULL = 200, 10_000
FIND_WITHIN = 2000

PLAYED = st.lists(
    st.tuples(st.integers(0, len(ACTS) - 1), st.integers(0, 29)), min_size=4, max_size=24
)


def live_through(
    rules: type[TellingRules], *, number: int, histories: int, shrink: bool = False
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
    @given(PLAYED)
    def run(acts: Sequence[Act]) -> None:
        history = TellingHistory(rules())
        history.play(acts)
        history.finish()

    run()


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_whoever_stands_before_something_wrong_was_told_of_it_once(
    chunk: int, request: pytest.FixtureRequest
) -> None:
    total = FULL if request.config.getoption("--full", default=False) else HISTORIES
    live_through(TellingRules, number=chunk, histories=total // CHUNKS, shrink=True)


# --- the machine must find mistakes --------------------------------------------------------------


class WhatIsLiveCountsAsReached(TellingRules):
    """W1: something is live on the route, so nobody is told."""

    def to_tell(self, snapshot: Snapshot) -> Telling | None:
        return None if at_destination(snapshot, CopyState.LIVE) else to_tell(snapshot)


class TakenIsNotWrong(TellingRules):
    """W1: an event with guests is its person's own affair."""

    def to_tell(self, snapshot: Snapshot) -> Telling | None:
        taken = any(copy.state is CopyState.TAKEN for copy in snapshot.copies)
        return None if taken else to_tell(snapshot)


class ToldAgain(TellingRules):
    """W2: nobody remembers who was told."""

    def to_tell(self, snapshot: Snapshot) -> Telling | None:
        return to_tell(replace(snapshot, delivery=replace(snapshot.delivery, told_version=None)))

    def outlook(self, snapshot: Snapshot) -> Outlook:
        return outlook(replace(snapshot, delivery=replace(snapshot.delivery, told_version=None)))


class ToldBesideTheMail(TellingRules):
    """W2: an invitation of this version tells nobody anything."""

    def to_tell(self, snapshot: Snapshot) -> Telling | None:
        return to_tell(_unmailed(snapshot))

    def outlook(self, snapshot: Snapshot) -> Outlook:
        return outlook(_unmailed(snapshot))


def _unmailed(snapshot: Snapshot) -> Snapshot:
    copies = [
        one if one.channel != "mail" else replace(one, attempt=None) for one in snapshot.copies
    ]
    return replace(snapshot, copies=copies)


class ToldAtOnce(TellingRules):
    """W3: nobody waits for the first pass."""

    first_look = timedelta()

    def to_tell(self, snapshot: Snapshot) -> Telling | None:
        delivery = replace(snapshot.delivery, wanted_since=None)
        return to_tell(replace(snapshot, delivery=delivery))


class ToldOnlyWhatWasTried(TellingRules):
    """W3: what a stopped channel keeps back was never tried, so nobody is told."""

    def to_tell(self, snapshot: Snapshot) -> Telling | None:
        tried = snapshot.delivery.attempts or snapshot.delivery.parked
        return to_tell(snapshot) if tried else None


class WithheldForGood(TellingRules):
    """W4: a mass loss keeps invitations back until somebody resumes."""

    serves_by_mail = False


class OverAtTheWantedEnd(TellingRules):
    """W5: an entry at a later time stands for ever."""

    def reconcile(self, snapshot: Snapshot) -> Decision:
        if snapshot.delivery.ends_at <= snapshot.now:
            return Decision((), Nothing(None, Reason.OVER))
        return reconcile(snapshot)


class EveryRefusalParks(TellingRules):
    """W6: a withdrawal that is refused, and an answer nobody foresaw, are final."""

    def after_error(
        self, copy: Copy, attempt: Attempt, error: ChannelError, moment: Moment, *, mine: bool
    ) -> After:
        after = after_error(copy, attempt, error, moment, mine=mine)
        parks = isinstance(error, Refused)
        return replace(after, refused=error.reason) if parks else after


class RefusedAndForgotten(TellingRules):
    """W6: what was refused is never tried again."""

    def reconcile(self, snapshot: Snapshot) -> Decision:
        decision = reconcile(snapshot)
        refused = [c for c in snapshot.copies if c.refusals and c.state is not CopyState.FAILED]
        step = decision.step
        if not isinstance(step, Nothing) and any(c.n == step.n for c in refused):
            return replace(decision, step=Nothing(None, Reason.DONE))
        return decision


PLANTED = (  # and with which number a history that shows it comes early
    (WhatIsLiveCountsAsReached, 1),
    (TakenIsNotWrong, 1),
    (ToldAgain, 1),
    (ToldBesideTheMail, 1),
    (ToldAtOnce, 1),
    (ToldOnlyWhatWasTried, 1),
    (WithheldForGood, 1),
    (OverAtTheWantedEnd, 5),
    (EveryRefusalParks, 1),
    (RefusedAndForgotten, 1),
)


@pytest.mark.parametrize(("planted", "number"), PLANTED)
def test_a_planted_mistake_in_telling_is_found(planted: type[TellingRules], number: int) -> None:
    with pytest.raises(BrokenError):
        live_through(planted, number=number, histories=FIND_WITHIN)


def test_the_acts_begin_with_a_calendar_that_shows_the_session() -> None:
    history = TellingHistory(TellingRules())
    history.play([])
    assert [one.attempt.do for one in history.ledger.copies["u7"].values() if one.attempt] == [
        Do.CREATE
    ]
