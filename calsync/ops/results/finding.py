"""What an operator should hear of: one thing that is not as it should be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

EVERYBODY = "everybody"


class Severity(StrEnum):
    """How bad it is, the worst first."""

    ERROR = "error"  # should wake somebody
    WARNING = "warning"  # a person has to do something, today
    NOTICE = "notice"  # good to know


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be.

    text     a sentence, without a full stop
    since    when it began; None: that is not known
    whom     whom or what it concerns
    command  what to run next, "" where no command helps
    kind     the word that machines know it by
    """

    severity: Severity
    text: str
    since: datetime | None
    whom: str
    command: str
    kind: str = ""

    @property
    def advice(self) -> str:
        """The sentence, and what to run next."""
        return f"{self.text}; run `{self.command}`" if self.command else self.text
