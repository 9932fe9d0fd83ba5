"""The sentences of one language, read from its gettext file when they are first needed.

The files are the source. Nothing is compiled when calsync is built or installed: a language takes
about 30 ms, once in a process.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from gettext import GNUTranslations
from importlib.resources import files
from io import BytesIO
from types import MappingProxyType

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

SOURCE = "en"  # has every message, and stands in where a language lacks one
COUNT = "count"  # the value that decides between singular and plural


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One language's messages. Braces are filled in: `{title}` is the session's.

    texts     what its file says, by key; several forms where one depends on a number
    """

    texts: Mapping[str, tuple[str, ...]]
    translations: GNUTranslations

    def template(self, key: str, count: int | None = None) -> str:
        """The message, braces and all, in English where this language lacks it; in the form for
        `count` where it has several. Raises KeyError for one that does not exist."""
        forms = source_texts()[key]
        if len(forms) == 1:
            return self.translations.gettext(key)
        if count is None:
            raise KeyError(f"{key} without a {COUNT}")
        return self.translations.ngettext(key, key, count)


def source_texts() -> Mapping[str, tuple[str, ...]]:
    """Every message in English, by key."""
    return catalogue(SOURCE).texts


@cache
def languages() -> Mapping[str, str]:
    """Every language that has a file, by code, as each calls itself; English first."""
    names = (entry.name for entry in files(__package__).joinpath("locale").iterdir())
    codes = sorted(name.removesuffix(".po") for name in names if name.endswith(".po"))
    codes.sort(key=lambda code: code != SOURCE)
    return MappingProxyType({code: catalogue(code).texts["language"][0] for code in codes})


@cache
def catalogue(language: str) -> Catalogue:
    """The messages of a language that has a file."""
    found = _read(language)
    compiled = BytesIO()
    write_mo(compiled, found)
    compiled.seek(0)
    translations = GNUTranslations(compiled)
    if language != SOURCE:
        translations.add_fallback(catalogue(SOURCE).translations)
    return Catalogue(_texts(found), translations)


def placeholders(text: str) -> frozenset[str]:
    """The names in braces. Raises ValueError for braces that hold anything else than a name."""
    found = set()
    for _, name, form, conversion in string.Formatter().parse(text):
        if name is None:
            continue
        if not name.isidentifier() or form or conversion:
            raise ValueError("braces hold a name and nothing else")
        found.add(name)
    return frozenset(found)


def _read(language: str) -> Catalog:
    source = files(__package__).joinpath("locale", f"{language}.po").read_bytes()
    return read_po(BytesIO(source), locale=language, abort_invalid=True)


def _texts(found: Catalog) -> Mapping[str, tuple[str, ...]]:
    texts = {}
    for message in found:
        if message.id and message.string and not message.fuzzy:
            key = message.id if isinstance(message.id, str) else message.id[0]
            said = message.string
            texts[key] = (said,) if isinstance(said, str) else tuple(said)
    return MappingProxyType(texts)
