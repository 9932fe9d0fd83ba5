"""What `calsync doctor` found, check by check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class CheckVerdict(StrEnum):
    """How a check ended, the worst first."""

    ERROR = "error"
    WARNING = "warning"
    NOT_CHECKED = "not checked"
    OK = "ok"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One thing that was checked.

    area     what it belongs to: database, mail, sources, ...
    checked  what was looked at
    text     what was found; of what was not checked, why
    todo     what to do about it, "" for nothing
    """

    area: str
    checked: str
    verdict: CheckVerdict
    text: str
    todo: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Every result in the order of the checks, and the worst verdict among them that was reached:
    what was not checked makes nothing worse."""

    verdict: CheckVerdict
    checks: Sequence[CheckResult]

    @staticmethod
    def of(checks: Sequence[CheckResult]) -> Diagnosis:
        reached = [one.verdict for one in checks if one.verdict is not CheckVerdict.NOT_CHECKED]
        worst = min(reached, key=list(CheckVerdict).index, default=CheckVerdict.OK)
        return Diagnosis(worst, checks)
