"""The feed's format (docs/http-feed.md): one answer read into a page, or refused with a reason."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from calsync.errors import SourceError

LONGEST_CURSOR = 2_000
MEDIA_TYPE = re.compile(r"[\w.+-]{1,40}/[\w.+-]{1,60}", re.ASCII)
ETAG = re.compile(r'(W/)?"[\x21\x23-\x7e]{0,500}"')  # RFC 9110, 8.8.3
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
        named = kind if MEDIA_TYPE.fullmatch(kind) else "no Content-Type"
        raise SourceError(f"sent {named}, not application/json")
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
        return told.astimezone(UTC) if told.tzinfo else here
    except (ValueError, OverflowError):
        return here


def etag_of(headers: Mapping[str, str]) -> str:
    """The answer's ETag; "" when it has none that can be sent back."""
    etag = headers.get("etag", "")
    return etag if ETAG.fullmatch(etag) else ""
