"""A process that works in groups, as a model: claims ahead, and answers that wait for a group."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.machine.workers import Service, Worker


@dataclass
class Grouped:
    """What one such process has in memory, and loses when it is killed.

    ahead    calls whose attempts are stored, and that wait
    answers  calls that were answered with a yes, which is not stored yet
    """

    ledger: Service
    ahead: list[Worker] = field(default_factory=list)
    answers: list[Worker] = field(default_factory=list)

    def group(self, *, more: int, choice: int, late: bool) -> None:
        """One transaction: every answer is stored, `late` calls go back as not sent, and so many
        deliveries are claimed with their attempts."""
        answers, self.answers = self.answers, []
        for worker in answers:
            _on(worker, "group")
        if late:
            unsent, self.ahead = self.ahead, []
            for worker in unsent:
                self._work_off(worker, "no")
        for _ in range(more):
            worker = self.ledger.worker(choice)
            if next(worker, None) is not None and _on(worker, "") is not None:
                self.ahead.append(worker)

    def hand_out(self, choice: int, fate: str) -> None:
        """Make a call that waits: a yes waits for the next group, everything else is worked off."""
        if self.ahead:
            self._work_off(self.ahead.pop(choice % len(self.ahead)), fate)

    def _work_off(self, worker: Worker, fate: str) -> None:
        reached = _on(worker, fate)
        while reached is not None:
            if reached == "yes":
                self.answers.append(worker)
                return
            reached = _on(worker, "ok")


def _on(worker: Worker, value: str) -> str | None:
    """Where the worker stops next; None when it is done."""
    try:
        return worker.send(value)
    except StopIteration:
        return None
