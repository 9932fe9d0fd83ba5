"""Processes that poll one source as they like, and a platform that changes meanwhile.

While a process waits for its source everything else may happen: time passes, it is killed, another
process polls. Nothing renews its lease then, as with a process that was held up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count

from calsync.core.booked import BookedSession
from calsync.ingest.lease import BusyError
from calsync.ingest.poll import Poller
from calsync.ports import NOTHING_KNOWN, KnownRecords, Page
from calsync.store.ledger import sessions
from tests.harness.platform import ListSource, Platform

Act = tuple[int, int]  # a kind, and a choice
PROCESSES = "abc"
PAGE = 2
PAUSES = (1, 4, 9, 11, 30)  # seconds
WRITES = ("poll_page", "poll_close", "poll_failed")
NUMBERS = count()  # a source for each history


class WrongError(AssertionError):
    """What may not be."""


class KilledError(BaseException):
    """The end of a process: nothing of it catches this."""


@dataclass
class PagedSource(ListSource):
    """Pages in the order of changes; `waits` is called before each."""

    waits: Callable[[], None] = lambda: None

    def changes(self, cursor: str | None, known: KnownRecords = NOTHING_KNOWN) -> Iterator[Page]:
        after = cursor or ""
        while True:
            self.waits()
            found = sorted(self.sessions, key=lambda one: one.updated_at)
            page = [one for one in found if one.updated_at.isoformat() > after][:PAGE]
            after = page[-1].updated_at.isoformat() if page else after
            yield Page(tuple(page), cursor=after)
            if len(page) < PAGE:
                return


class Polls:
    """A history. Raises WrongError as soon as something is wrong."""

    def __init__(self, platform: Platform, acts: Sequence[Act]) -> None:
        self.platform, self._acts = platform, iter(acts)
        self.source = PagedSource(f"source-{next(NUMBERS)}")
        self.reads: str | None = None  # who took the lease last
        self._running: list[str] = []
        self._stamps = count(1)

    def play(self) -> None:
        self._until_it_goes_on()

    def _until_it_goes_on(self) -> None:
        """What happens while a process waits, or nobody does."""
        for kind, choice in self._acts:
            if kind % 6 == 0 and self._running:
                return
            self._act(kind % 6, choice)

    def _act(self, kind: int, choice: int) -> None:
        if kind == 1:
            self.platform.later(seconds=PAUSES[choice % len(PAUSES)])
        elif kind == 2 and self._running:
            raise KilledError
        elif kind in (3, 4):
            self._change(choice)
        elif kind == 5 and (idle := [one for one in PROCESSES if one not in self._running]):
            self.poll(idle[choice % len(idle)])

    def _change(self, choice: int) -> None:
        """Something is booked, or changes."""
        known, stamp = self.source.sessions, next(self._stamps)
        ident = f"{self.source.name}-{choice % 7}"
        made = self.platform.a_session(ident, title=f"Version {stamp}")
        made = replace(made, updated_at=made.updated_at + timedelta(minutes=stamp))
        known[:] = [one for one in known if one.id != ident] + [made]

    def poll(self, process: str) -> None:
        """A poll of this process, until it ends or is killed."""
        self._running.append(process)
        try:
            self._poller(process).run_once()
        except BusyError:
            pass  # which is right while another one reads it
        except KilledError:
            pass
        finally:
            self._running.remove(process)

    def _poller(self, process: str) -> Poller:
        dead = []

        def waits() -> None:
            self.reads = process
            try:
                self._until_it_goes_on()
            except KilledError:
                dead.append(process)
                raise

        def at(point: str) -> None:
            if dead:  # what a dead process would tidy up
                raise KilledError
            name, _, edge = point.partition(".")
            if edge == "after" and name in WRITES and self.reads != process:
                raise WrongError(f"{process} wrote {name}, and {self.reads} reads the source")

        own = PagedSource(self.source.name, sessions=self.source.sessions, waits=waits)
        poller = self.platform.poller_of(own)
        poller.intake, poller.patience = replace(poller.intake, at=at), 0.0
        return poller

    def finish(self) -> None:
        """Ten seconds after the last sign of life somebody else reads it all."""
        self.platform.later(seconds=11)
        poller = self.platform.poller_of(replace(self.source))
        poller.patience = 0.0
        try:
            poller.run_once()
        except BusyError:
            raise WrongError("a process that is gone still keeps others out") from None
        with self.platform.store.read() as db:
            ids = [one.id for one in self.source.sessions]
            known = sessions.stored(db, "default", ids)
        missed = [one.id for one in self.source.sessions if not _is_stored(known.get(one.id), one)]
        if missed:
            raise WrongError(f"never read: {missed}")


def _is_stored(row: object, session: BookedSession) -> bool:
    return isinstance(row, dict) and row["updated_at"] == session.updated_at
