"""The sentences of the pages, one file for each language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib import resources

from markupsafe import Markup, escape

LANGUAGES = {"en": "English", "de": "Deutsch"}  # as each calls itself
USUAL = "en"


class Texts:
    """Every sentence in every language, read once."""

    def __init__(self) -> None:
        self._known = {one: read(one) for one in LANGUAGES}

    def say(self, language: str, key: str, values: Mapping[str, object]) -> Markup:
        """A sentence with its braces filled in; what is filled in is escaped. Raises KeyError for
        one that does not exist."""
        return escape(self._known[language][key]).format(**values)


def read(language: str) -> dict[str, str]:
    """The sentences of one language by key."""
    text = resources.files(__name__).joinpath(f"{language}.toml").read_text("utf-8")
    return {key: str(value) for key, value in tomllib.loads(text).items()}


def choose(wished: str, header: str) -> str:
    """The language for a person: the wished one, else the best of an Accept-Language header."""
    ranked = sorted(_accepted(header), key=lambda one: -one[1])
    for tag in (wished, *(tag for tag, weight in ranked if weight > 0)):
        language = re.split("[-_]", tag.strip().lower())[0]
        if language in LANGUAGES:
            return language
    return USUAL


def _accepted(header: str) -> list[tuple[str, float]]:
    """(tag, weight) as RFC 9110 section 12.5.4 has them; what cannot be read is left out."""
    found = []
    for part in header[:500].split(","):
        tag, _, rest = part.partition(";")
        weight = re.fullmatch(r"\s*q=([01](?:\.\d{0,3})?)\s*", rest)
        if not rest or weight:
            found.append((tag, float(weight[1]) if weight else 1.0))
    return found
