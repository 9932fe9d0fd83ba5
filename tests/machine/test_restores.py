"""Random histories in which yesterday's ledger is put back: afterwards everybody must see each
session once and right, and nothing of a cancelled one.

Two worlds: calendars alone, where whatever was made can be listed, and mailboxes alone, where mail
clients keep what they hold and sessions are moved but not cancelled and booked again (a second
mailed copy of the lost time is beyond repair, docs/operating.md).
"""

from __future__ import annotations

import copy as copying
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from calsync.core.ledger import MAIL, Copy, CopyState, Do, Snapshot
from calsync.core.reconcile.actions import Send
from calsync.core.reconcile.prepare import copy_number
from calsync.core.reconcile.recover import recovered
from tests.machine.history import Act, BrokenError, History
from tests.machine.ledger import Rules

STRANGERS = 3  # the cast of u7 and u8
HISTORIES, FULL, PLANTED_IN = 150, 5_000, 2_000
IN_CALENDARS = (
    *[History.work] * 10,
    *[History.run] * 3,
    *[History.wait] * 3,
    *[History.move] * 2,
    *[History.cancel_or_book] * 2,
    History.crash,
)
BY_MAIL = (
    *[History.work] * 10,
    *[History.run] * 3,
    *[History.wait] * 4,
    *[History.move] * 3,
    History.crash,
    History.mail_is_read,
)
ACTS = st.lists(st.tuples(st.integers(0, 99), st.integers(0, 7), st.integers(0, 27)), max_size=40)


class RestoreRules(Rules):
    """What is under test besides: what a restored ledger makes of a copy."""

    def recovered(self, copy: Copy, now: datetime) -> Copy:
        return recovered(copy, now)


@dataclass
class Restored:
    """A history with a backup after some of it, which is put back after the rest."""

    rules: RestoreRules
    calendars: bool

    def play(self, before: Sequence[Act], lost: Sequence[Act]) -> None:
        history = History(self.rules, STRANGERS)
        kinds = IN_CALENDARS if self.calendars else BY_MAIL
        if self.calendars:
            for account in range(len(history.ledger.accounts)):
                history.connect(account, 0)
        history.workers = [None, None]
        self._acts(history, kinds, before)
        ledger = history.ledger
        backup = copying.deepcopy((ledger.deliveries, ledger.copies))
        self._acts(history, kinds, lost)
        ledger.advance(ledger.now + timedelta(minutes=30))  # calls that were in flight are over
        self._put_back(history, *backup)
        history.debounce()
        history.check()

    @staticmethod
    def _acts(
        history: History, kinds: Sequence[Callable[[History, int, int], None]], acts: Sequence[Act]
    ) -> None:
        for kind, a, b in acts:
            kinds[kind % len(kinds)](history, a, b)
        history.workers = [None, None]

    def _put_back(self, history: History, deliveries: object, copies: object) -> None:
        ledger = history.ledger
        ledger.leases.clear()
        ledger.deliveries, ledger.copies = deliveries, copies  # type: ignore[assignment]  # as saved
        known = {p: (one.material_fp, one.want) for p, one in ledger.deliveries.items()}
        for several in ledger.copies.values():
            for n, one in several.items():
                several[n] = self.rules.recovered(one, ledger.now)
        ledger.sync()  # the first read
        for p, one in ledger.deliveries.items():
            if (one.material_fp, one.want) != known[p]:
                for n, copy in ledger.copies[p].items():
                    if copy.channel == MAIL and copy.state is CopyState.LIVE:
                        ledger.copies[p][n] = replace(copy, material_fp=None)
            ledger.wake(p)
        self._list(history)

    def _list(self, history: History) -> None:
        """Every event that the restored ledger does not know becomes a stranded copy, where its uid
        is the one that its marker speaks of."""
        ledger = history.ledger
        for ident, calendar in ledger.calendars.items():
            account = ledger.accounts[ident]
            for uid in calendar.events:
                p, generation = uid.partition("-")[0], int(uid.rpartition("-")[2])
                if uid != self.rules.uid(p, account.destination, generation):
                    continue
                several = ledger.copies[p]
                was = next((one for one in several.values() if one.uid == uid), None)
                standing = (CopyState.STRANDED, CopyState.LIVE, CopyState.UNSURE, CopyState.TAKEN)
                if was is not None and was.state in standing:
                    continue
                n = was.n if was else max(several, default=0) + 1
                several[n] = Copy(
                    n, uid, account.provider, ident, account.address, account.destination,
                    CopyState.STRANDED, remote_id=uid, generation=generation, recovered=True,
                )  # fmt: skip


def live_through(
    rules: type[RestoreRules], *, calendars: bool, number: int, histories: int, shrink: bool
) -> None:
    """The same histories on every run. Raises BrokenError."""
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
    @given(ACTS, ACTS)
    def run(before: list[Act], lost: list[Act]) -> None:
        Restored(rules(), calendars).play(before, lost)

    run()


@pytest.mark.parametrize("calendars", [True, False], ids=["calendars", "mail"])
def test_after_any_restore_everybody_sees_each_session_once_and_right(
    calendars: bool, request: pytest.FixtureRequest
) -> None:
    total = FULL if request.config.getoption("--full", default=False) else HISTORIES
    live_through(RestoreRules, calendars=calendars, number=1, histories=total, shrink=True)


# --- the machine must find mistakes --------------------------------------------------------------


class SequenceByCount(RestoreRules):
    """The old rule: one more than the last."""

    def attempt_copy(self, snapshot: Snapshot, step: Send, uid: Callable[[str, int], str]) -> Copy:
        copy = super().attempt_copy(snapshot, step, uid)
        before = copy_number(snapshot, step.n)
        return replace(copy, sequence=before.sequence + 1 if before is not None else 0)


class UidByNumber(RestoreRules):
    """The old rule: the number of the copy, wherever it stands."""

    def attempt_copy(self, snapshot: Snapshot, step: Send, uid: Callable[[str, int], str]) -> Copy:
        copy = super().attempt_copy(snapshot, step, uid)
        if step.do is not Do.CREATE:
            return copy
        return replace(copy, uid=f"{snapshot.delivery.key.participant}-number-{copy.n}")


class CalendarsBelieved(RestoreRules):
    """What stood in calendars is taken for what still stands there."""

    def recovered(self, copy: Copy, now: datetime) -> Copy:
        return super().recovered(copy, now) if copy.channel == MAIL else copy


class StoredMailsSentAgain(RestoreRules):
    """An unsure mail is repeated byte for byte."""

    def recovered(self, copy: Copy, now: datetime) -> Copy:
        return copy if copy.channel == MAIL else super().recovered(copy, now)


PLANTED = (  # and in which world a history shows it
    (SequenceByCount, False),
    (UidByNumber, True),
    (CalendarsBelieved, True),
    (StoredMailsSentAgain, False),
)


@pytest.mark.parametrize(("planted", "calendars"), PLANTED)
def test_a_planted_mistake_about_restores_is_found(
    planted: type[RestoreRules], calendars: bool
) -> None:
    with pytest.raises(BrokenError):
        live_through(planted, calendars=calendars, number=1, histories=PLANTED_IN, shrink=False)
