"""What people see in the end, held against what is booked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Self

from calsync.sandbox import RemoteSandbox
from tests.account_mails import of_sessions
from tests.scaling.bookings import Bookings

Shown = Iterable[tuple[str, datetime]]  # title and start of each event that a person sees


@dataclass(frozen=True)
class Tally:
    """Counts over all people.

    events     what should be seen
    lost       what is not seen
    doubled    what is seen more than once, each time too many
    wrong      what is seen at another time than it is booked at
    strange    what is seen and is not booked
    repeated   mails that arrived a second time with the same bytes: an answer was lost, and mail
               clients take the two for one
    broken     what a provider saw that breaks its rules, or that made it mail somebody
    """

    events: int = 0
    lost: int = 0
    doubled: int = 0
    wrong: int = 0
    strange: int = 0
    repeated: int = 0
    broken: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    @property
    def clean(self) -> bool:
        return not any((self.lost, self.doubled, self.wrong, self.strange, self.broken))

    @classmethod
    def of(cls, booked: Mapping[str, datetime], shown: Shown) -> Self:
        """One person's."""
        shown = list(shown)
        seen = Counter(title for title, _ in shown)
        return cls(
            events=len(booked),
            lost=sum(title not in seen for title in booked),
            doubled=sum(seen[title] - 1 for title in booked if title in seen),
            wrong=sum(title in booked and booked[title] != start for title, start in shown),
            strange=sum(title not in booked for title, _ in shown),
        )


def judged(sandbox: RemoteSandbox, bookings: Bookings) -> Tally:
    """Everybody's calendars and mailboxes, through the sandbox."""
    found = Tally(broken=len(sandbox.violations()) + len(sandbox.outbox()))
    for person in bookings.people:
        events = sandbox.shown(person)
        shown = [(one.title.partition(" with ")[0], one.starts_at) for one in events]
        mails = of_sessions(sandbox.mails(person))
        repeated = len(mails) - len({mail.raw for mail in mails})
        found += Tally.of(bookings.of(person), shown) + Tally(repeated=repeated)
    return found
