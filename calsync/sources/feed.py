"""The feed's format (docs/http-feed.md): one answer read into a page, or refused with a reason."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from calsync.errors import SourceError

LONGEST_CURSOR = 2_000
# What to write in each field of an answer.
WRITE = {
    "sessions": "write a list of records, [] when there are none",
    "next": f"write the cursor as text of at most {LONGEST_CURSOR} characters",
    "more": "write true while further pages follow at once, else false",
    "complete": "write true on the last page of a read of everything",
    "count": "write how many sessions there are in all",
}


class FeedPage(BaseModel, strict=True):
    """One answer. Fields that are not named here are ignored.

    next      where the next request goes on; None: where this one began
    more      further pages are there already
    complete  on the last page of a read of everything: nothing was left out
    count     how many sessions all its pages hold together
    """

    sessions: list[Any]
    next: str | None = Field(None, min_length=1, max_length=LONGEST_CURSOR)
    more: bool = False
    complete: bool = False
    count: int | None = Field(None, ge=0)


def read_page(body: bytes, content_type: str) -> FeedPage:
    """The answer's page. Raises SourceError; its text quotes nothing of the answer."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise SourceError(f"sent {kind[:60] or 'no Content-Type'}, not application/json")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise SourceError("sent what is no JSON") from None
    if not isinstance(found, dict):
        raise SourceError("sent no JSON object; write sessions, next and more into one")
    try:
        return FeedPage.model_validate(found)
    except ValidationError as error:
        name = str(error.errors(include_url=False, include_input=False)[0]["loc"][0])
        raise SourceError(f"{name}: cannot be used; {WRITE[name]}") from None


def clock_of(date: str, here: datetime) -> datetime:
    """The server's clock from its Date header (RFC 9110, 6.6.1), else `here`; aware UTC."""
    try:
        told = parsedate_to_datetime(date)
    except ValueError:
        return here
    return told.astimezone(UTC) if told.tzinfo else here
