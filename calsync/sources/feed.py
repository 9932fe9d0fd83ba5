"""The feed's format (docs/http-feed.md): one answer read into a page, or refused with a reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from calsync.errors import SourceError
from calsync.untrusted.json_text import JsonError, parse_json
from calsync.untrusted.reading import reads
from calsync.untrusted.values import http_date

CLOCKS_DIFFER = timedelta(days=1)
LONGEST_CURSOR = 2_000
MEDIA_TYPE = re.compile(r"[\w.+-]{1,40}/[\w.+-]{1,60}", re.ASCII)
ETAG = re.compile(r'(W/)?"[\x21\x23-\x7e]{0,500}"')  # RFC 9110, 8.8.3
HTML = re.compile(rb"(\xef\xbb\xbf)?\s*<(!doctype html|html|head|body)\b", re.IGNORECASE)
SIGNED_OUT = ", such as one to sign in; check the source's url and token"
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


@reads
def read_page(body: bytes, content_type: str) -> FeedPage:
    """The answer's page. Raises SourceError; its text quotes nothing of the answer."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        named = kind if MEDIA_TYPE.fullmatch(kind) else "no Content-Type"
        signed_out = SIGNED_OUT if kind == "text/html" else ""
        raise SourceError(f"sent {named}, not application/json{signed_out}")
    try:
        found = parse_json(body)
    except JsonError as error:
        raise SourceError(not_json(body, error)) from None
    if not isinstance(found, dict):
        raise SourceError("sent no JSON object; write sessions, next and more into one")
    try:
        return FeedPage.model_validate(found)
    except ValidationError as error:
        name = str(error.errors(include_url=False, include_input=False)[0]["loc"][0])
        raise SourceError(f"{name}: cannot be used; {WRITE[name]}") from None


def not_json(body: bytes, error: JsonError) -> str:
    """What is wrong with an answer that could not be read; nothing of it is quoted."""
    what = str(error)
    if not body.strip():
        what = "nothing at all; check the source's url"
    elif HTML.match(body):
        what = f"an HTML page{SIGNED_OUT}"
    return f"sent what cannot be read as JSON: {what}"


@reads
def clock_of(date: str, here: datetime) -> datetime:
    """The server's clock from its Date header (RFC 9110, 6.6.1); `here` where it tells none, or one
    that is more than a day off. Aware UTC."""
    told = http_date(date)
    return here if told is None or abs(told - here) > CLOCKS_DIFFER else told


def etag_of(headers: Mapping[str, str]) -> str:
    """The answer's ETag; "" when it has none that can be sent back."""
    etag = headers.get("etag", "")
    return etag if ETAG.fullmatch(etag) else ""
