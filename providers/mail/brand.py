"""How one tenant's mails look and speak: its name, colour and picture, and sentences of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from calsync.messages.language import Language, language

Texts = Mapping[str, Mapping[str, str]]  # by language, and key of the catalogue


@dataclass(frozen=True, slots=True)
class Brand:
    """What a tenant has in place of calsync's own. "" for none.

    color    of the first button, `#rrggbb`
    logo_url a picture above the mail; nothing in it is needed to understand the mail
    support  one line at the end
    answers_read somebody reads what is answered to an invitation
    connect_url  where a reader without a connected calendar is offered to connect one
    """

    name: str = ""
    color: str = "#1a56c4"
    logo_url: str = ""
    support: str = ""
    connect_url: str = ""
    answers_read: bool = True
    texts: Texts = field(default_factory=lambda: MappingProxyType({}))

    def language(self, tag: str) -> Language:
        """The reader's language, with this tenant's sentences."""
        return language(tag).speaking(self.texts)

    @property
    def ink(self) -> str:
        """Black or white: what can be read on the colour (WCAG 2.2, relative luminance)."""
        red, green, blue = map(_linear, bytes.fromhex(self.color.removeprefix("#")))
        luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
        return "#ffffff" if 1.05 / (luminance + 0.05) >= 4.5 else "#000000"


def _linear(part: int) -> float:
    share = part / 255
    return share / 12.92 if share <= 0.04045 else pow((share + 0.055) / 1.055, 2.4)
