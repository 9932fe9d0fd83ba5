"""Faults on cue: what the sandbox does wrong, to whom and how often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MATCHES = frozenset({"method", "path_contains", "person"})


@dataclass(slots=True)
class Fault:
    """One arranged fault. `left` None means until it is cleared.

    kind  "fail" (answer an error, no work), "drop" (cut, no work), "commit_then_drop",
          "commit_then_504", "commit_then_fail", "slow" and "drip" (the work is done; `seconds`
          before the answer or between two bytes), or for SMTP "rcpt", "data", "drop_before_data",
          "drop_after_data"
    """

    kind: str
    match: Mapping[str, str]
    left: int | None
    status: int = 0
    reason: str = ""
    message: str = ""
    retry_after: int | None = None
    seconds: float = 0.0

    def fits(self, method: str, path: str, person: str) -> bool:
        """Whether this request is one of those that were meant."""
        return (
            self.match.get("method", method) == method
            and self.match.get("path_contains", "") in path
            and self.match.get("person", person) == person
        )


class Faults:
    """The arranged faults, oldest first. Callers hold the sandbox's lock."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Raises ValueError when the match names something unknown."""
        unknown = fault.match.keys() - MATCHES
        if unknown:
            known = ", ".join(sorted(MATCHES))
            raise ValueError(f"match has {', '.join(sorted(unknown))}; it may have {known}")
        self._faults.append(fault)

    def take(self, method: str, path: str, person: str) -> Fault | None:
        """The first fault meant for this request, counted as used."""
        if not self._faults:
            return None
        for fault in self._faults:
            if fault.fits(method, path, person):
                if fault.left is not None:
                    fault.left -= 1
                    if fault.left <= 0:
                        self._faults.remove(fault)
                return fault
        return None

    def clear(self) -> None:
        self._faults.clear()
