"""Numbers, dates and ids that somebody else wrote, made safe to reckon with and to store."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from calsync.untrusted.reading import reads

LONGEST_ID = 1_000  # characters


@reads
def number(value: object) -> float | None:
    """A finite number, also one that is written as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


@reads
def http_date(text: str) -> datetime | None:
    """An HTTP date (RFC 9110, 5.6.7), aware UTC; None for what is none, or of no time we know."""
    try:
        told = parsedate_to_datetime(text)
        return told.astimezone(UTC) if told.tzinfo else told.replace(tzinfo=UTC)
    except (ValueError, TypeError, ArithmeticError):
        return None


@reads
def iso_instant(text: object) -> datetime:
    """An instant in ISO 8601, aware UTC where it has an offset, else naive. Raises ValueError."""
    if not isinstance(text, str):
        raise ValueError("no text")
    try:
        told = datetime.fromisoformat(text.upper())
        return told.astimezone(UTC) if told.tzinfo else told
    except (ValueError, ArithmeticError):
        raise ValueError("no instant") from None


@reads
def epoch_instant(value: object) -> datetime:
    """Seconds since 1970, aware UTC. Raises ValueError."""
    seconds = number(value)
    if seconds is None or isinstance(value, str):
        raise ValueError("no number of seconds")
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, ArithmeticError, OSError):
        raise ValueError("no instant") from None


@reads
def opaque(value: object) -> str | None:
    """An id, revision or mark of somebody else's, to be kept and given back as it is; None for what
    is no text, is absurdly long, or holds a character that not every database stores."""
    if not isinstance(value, str) or len(value) > LONGEST_ID or "\0" in value:
        return None
    try:
        value.encode()
    except UnicodeEncodeError:
        return None
    return value
