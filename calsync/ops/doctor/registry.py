"""Checks, and how they are run: side by side, each within a time, and none can end the others."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from calsync.errors import CalsyncError, origin_of
from calsync.log import scrub
from calsync.ops.results.diagnosis import CheckResult, CheckVerdict, Diagnosis

CALL_SECONDS = 15.0  # one call to another machine


@dataclass(frozen=True, slots=True)
class CheckAnswer:
    """What a check says. `checked`: what it looked at, where that is narrower than its name."""

    verdict: CheckVerdict
    text: str
    todo: str = ""
    checked: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """Something to look at. `run` may raise, and may take until a call's time is over."""

    area: str
    checked: str
    run: Callable[[], Iterable[CheckAnswer]]


def ok(text: str, checked: str = "") -> CheckAnswer:
    return CheckAnswer(CheckVerdict.OK, text, "", checked)


def warning(text: str, todo: str, checked: str = "") -> CheckAnswer:
    return CheckAnswer(CheckVerdict.WARNING, text, todo, checked)


def error(text: str, todo: str, checked: str = "") -> CheckAnswer:
    return CheckAnswer(CheckVerdict.ERROR, text, todo, checked)


def not_checked(why: str, todo: str = "", checked: str = "") -> CheckAnswer:
    return CheckAnswer(CheckVerdict.NOT_CHECKED, why, todo, checked)


def call_ends() -> float:
    """When a call that begins now has to be over, as ports want it."""
    return time.monotonic() + CALL_SECONDS


@dataclass
class _Running:
    check: Check
    answers: list[CheckAnswer] = field(default_factory=list)

    def start(self) -> threading.Thread:
        # Not waited for at the end of the process: a name that is being looked up cannot be ended.
        thread = threading.Thread(target=self._run, name=self.check.checked, daemon=True)
        thread.start()
        return thread

    def _run(self) -> None:
        for one in _answers(self.check):
            self.answers.append(one)


def examine(
    checks: Sequence[Check],
    progress: Callable[[int], None] = lambda _: None,
    longest: float = 60.0,
) -> Diagnosis:
    """Run all checks. One that raises is a result like any other, and so is one that does not end
    within `longest` seconds; `progress` hears how many have ended."""
    end = time.monotonic() + longest
    begun = [(one, one.start()) for one in map(_Running, checks)]
    found: list[CheckResult] = []
    for number, (running, thread) in enumerate(begun, 1):
        thread.join(max(0.0, end - time.monotonic()))
        answers = list(running.answers)
        if thread.is_alive():
            answers.append(not_checked(f"it did not end within {longest:.0f} seconds", AGAIN))
        found += _results(running.check, answers)
        progress(number)
    return Diagnosis.of(found)


AGAIN = "try again when the machine and the network are less busy"


def _answers(check: Check) -> Iterator[CheckAnswer]:
    try:
        yield from check.run()
    except CalsyncError as problem:
        yield error(scrub(str(problem)), "")
    except Exception as problem:
        yield not_checked(f"the check itself failed ({origin_of(problem)})", "report this line")


def _results(check: Check, answers: Sequence[CheckAnswer]) -> list[CheckResult]:
    return [
        CheckResult(check.area, one.checked or check.checked, one.verdict, one.text, one.todo)
        for one in answers
    ]
