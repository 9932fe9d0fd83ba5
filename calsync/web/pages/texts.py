"""The sentences of the pages, and the language of whoever reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from markupsafe import Markup, escape

from calsync.messages.catalogue import COUNT, SOURCE, languages
from calsync.messages.language import Language


def say(language: str, key: str, values: Mapping[str, object]) -> Markup:
    """A sentence of the pages with its braces filled in; what is filled in is escaped. Raises
    KeyError for one that does not exist."""
    count = values.get(COUNT)
    template = Language(language).template(f"page.{key}", count if isinstance(count, int) else None)
    return escape(template).format(**values)


def choose(wished: str, header: str) -> str:
    """The language for a person: the wished one, else the best of an Accept-Language header."""
    ranked = sorted(_accepted(header), key=lambda one: -one[1])
    for tag in (wished, *(tag for tag, weight in ranked if weight > 0)):
        code = re.split("[-_]", tag.strip().lower())[0]
        if code in languages():
            return code
    return SOURCE


def _accepted(header: str) -> list[tuple[str, float]]:
    """(tag, weight) as RFC 9110 section 12.5.4 has them; what cannot be read is left out."""
    found = []
    for part in header[:500].split(","):
        tag, _, rest = part.partition(";")
        weight = re.fullmatch(r"\s*q=([01](?:\.\d{0,3})?)\s*", rest)
        if not rest or weight:
            found.append((tag, float(weight[1]) if weight else 1.0))
    return found
