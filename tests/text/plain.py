"""HTML as plain text, for tests that know it as one string."""

from __future__ import annotations

from calsync.text.parse import parse
from calsync.text.render import as_text


def plain(html: str) -> str:
    return as_text(parse(html))
