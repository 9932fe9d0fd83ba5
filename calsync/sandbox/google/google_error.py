"""Google's errors in Google's JSON: https://developers.google.com/workspace/calendar/api/guides/errors"""

from __future__ import annotations

from typing import Any


class GoogleError(Exception):
    """One refused call. `reason` is Google's word for it, `location` the header or parameter."""

    def __init__(self, status: int, reason: str, message: str, location: str = "") -> None:
        super().__init__(f"{status} {reason}: {message}")
        self.status = status
        self.reason = reason
        self.message = message
        self.location = location
        self.blameless = False  # nobody can know before Google says so

    def to_json(self) -> dict[str, Any]:
        """The body of the answer."""
        detail: dict[str, Any] = {
            "domain": DOMAINS.get(self.reason, "global"),
            "reason": self.reason,
            "message": self.message,
        }
        if self.location:
            detail |= {"locationType": "header", "location": self.location}
        error = {"errors": [detail], "code": self.status, "message": self.message}
        return {"error": error}


DOMAINS = {
    "userRateLimitExceeded": "usageLimits",
    "rateLimitExceeded": "usageLimits",
    "quotaExceeded": "usageLimits",
    "dailyLimitExceeded": "usageLimits",
    "accessNotConfigured": "usageLimits",
    "updatedMinTooLongAgo": "calendar",
    "timeRangeEmpty": "calendar",
    "forbiddenForNonOrganizer": "calendar",
    "forbiddenForServiceAccounts": "calendar",
    "notACalendarUser": "calendar",
}
