"""Google's quota of requests: https://developers.google.com/workspace/calendar/api/guides/quota"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from calsync.sandbox.google.google_error import GoogleError

WINDOW = timedelta(minutes=1)
PROJECT = ""  # the key of what all people asked for together


class GoogleQuota:
    """Requests of the last minute, of the project and of each person; a sliding window, as the page
    says. What is refused is not counted: whether Google does is not said."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.begin(project=0, person=0)

    def begin(self, *, project: int, person: int) -> None:
        """Count from now on, and allow so many a minute; 0: any number."""
        self._project, self._person = project, person
        self._last: dict[str, deque[datetime]] = {}
        self._most: dict[str, int] = {}
        self._refused = self._answered = 0

    def take(self, person: str) -> None:
        """Count a request. Raises GoogleError when there were too many."""
        if not (self._person or self._project):
            return
        now = self._clock()
        of_person = self._counted(person, now)
        of_all = self._counted(PROJECT, now)
        if self._person and len(of_person) >= self._person:
            self._refused += 1
            raise GoogleError(403, "userRateLimitExceeded", "User Rate Limit Exceeded")
        if self._project and len(of_all) >= self._project:
            self._refused += 1
            raise GoogleError(429, "rateLimitExceeded", "Rate Limit Exceeded")
        self._answered += 1
        for key, counted in ((person, of_person), (PROJECT, of_all)):
            counted.append(now)
            self._most[key] = max(self._most.get(key, 0), len(counted))

    def told(self) -> dict[str, int]:
        """answered, refused; and the most requests of one minute: of the project, of a person."""
        people = (count for key, count in self._most.items() if key != PROJECT)
        return {
            "answered": self._answered,
            "refused": self._refused,
            "project_minute": self._most.get(PROJECT, 0),
            "person_minute": max(people, default=0),
        }

    def _counted(self, key: str, now: datetime) -> deque[datetime]:
        counted = self._last.setdefault(key, deque())
        while counted and now - counted[0] >= WINDOW:
            counted.popleft()
        return counted
