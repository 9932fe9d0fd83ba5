"""The words of a description, which are all of it that Google is known to keep. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from html import unescape
from html.parser import HTMLParser

# The tags that calsync writes, as it writes them, and as Google's answers repeat them.
_OURS = re.compile(r'<(?:/?(?:a|b|i|li|ol|p|u|ul)|a href="[^"<>]*"|br)>')


@lru_cache(maxsize=64)
def normal_description(text: str) -> str:
    """Not verified: Google's editor may rewrite tags, entities and blanks, so only the words
    count. Kept for a moment, because one delivery asks for the same text several times."""
    bare = _OURS.sub("\n", text)  # which ends a character reference, as a tag does
    if "<" in bare:
        return _joined(parsed_words(text))
    words = unescape(bare)
    return "".join(words.split()) if words.isascii() else _joined(map(unescape, _OURS.split(text)))


def parsed_words(text: str) -> list[str]:
    """The texts between the tags of any HTML. It takes fifteen times as long as looking for our own
    tags, and is what that is tested against."""
    reader = _Words()
    reader.feed(text)
    reader.close()
    return reader.found


def _joined(words: Iterable[str]) -> str:
    return "".join(unicodedata.normalize("NFC", "".join(words)).split())


class _Words(HTMLParser):
    """The text of a description without its tags."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)
