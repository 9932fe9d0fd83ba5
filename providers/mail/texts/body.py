"""What a mail tells its reader, once, and its two forms: HTML and plain text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from markupsafe import Markup

from calsync.core.content.icalendar import clean, one_line
from calsync.messages.language import Language
from providers.mail.brand import Brand

if TYPE_CHECKING:
    from jinja2 import Template

SHOWN_URL = 48  # signs of a link that are shown where it can be clicked
_RIGHT_TO_LEFT = ("R", "AL", "RLE", "RLO", "RLI")
# The blocks of Unicode that they are in. Most texts have no sign of these.
_MAY_TURN = re.compile(
    "[\u0590-\u08ff\u200f\u202b\u202e\u2067\ufb1d-\ufdff\ufe70-\ufeff"
    "\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
FSI, PDI = "\u2068", "\u2069"


@dataclass(frozen=True, slots=True)
class DetailLine:
    """Something with a label: a fact, where a link leads, or both."""

    label: str
    value: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class ChangeLine:
    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Body:
    """The content of one mail, in the order in which it is read.

    first      the line that an inbox shows beside the subject
    over       the title is struck out
    lead       what happened
    changes    what is different
    buttons    what to press, the most likely first
    text, html the details, same content; html is sanitised
    notes      what it means, and what to do
    connect    an offer to connect a calendar
    footer     why this came, and who helps
    unsubscribe  where mails of this kind are turned off
    """

    say: Language
    subject: str
    title: str
    lead: str
    first: str = ""
    over: bool = False
    changes: tuple[ChangeLine, ...] = ()
    facts: tuple[DetailLine, ...] = ()
    buttons: tuple[DetailLine, ...] = ()
    text: str = ""
    html: str = ""
    links: tuple[DetailLine, ...] = ()
    notes: tuple[str, ...] = ()
    connect: DetailLine | None = None
    footer: tuple[str, ...] = ()
    unsubscribe: DetailLine | None = None


@cache
def template() -> Template:
    """The HTML form, compiled once in a process: every tenant has a channel, all the same page."""
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415  # only a mail needs it

    source = files("providers.mail.texts").joinpath("page.html").read_text("utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["shown"] = shown_url
    return environment.from_string(source)


@dataclass(frozen=True, slots=True)
class MailPage:
    """The HTML form."""

    brand: Brand

    def html(self, body: Body) -> str:
        """A whole document. Everything but the sanitised details is escaped."""
        return template().render(
            body=body,
            direction=body.say.direction,
            label=lambda name: body.say.text("event.label", label=name),
            brand=self.brand,
            logo=self.brand.logo_url,
            ink=self.brand.ink,
            details=Markup(body.html),  # noqa: S704 - sanitised when the session was read
        )


def plain_text(body: Body) -> str:
    """The form for readers of plain text."""
    blocks = [
        isolated(body.first),
        isolated(body.title),
        body.lead,
        "\n".join(_changes(body)),
        "\n".join(_labelled(body.say, link) for link in body.buttons),
        "\n".join(_labelled(body.say, fact) for fact in body.facts),
        clean(body.text).strip(),
        "\n".join(_labelled(body.say, link) for link in body.links),
        *body.notes,
        _labelled(body.say, body.connect) if body.connect else "",
        "\n".join(body.footer),
        _labelled(body.say, body.unsubscribe) if body.unsubscribe else "",
    ]
    return "\n\n".join(block for block in blocks if block)


def _changes(body: Body) -> Iterator[str]:
    for one in body.changes:
        old, new = isolated(one.old), isolated(one.new)
        yield body.say.text("mail.changed_text", label=one.label, old=old, new=new)


def _labelled(say: Language, line: DetailLine) -> str:
    value = line.value if not line.url or line.value == line.url else f"{line.value} {line.url}"
    shown = isolated(value.strip()) if not line.url else value.strip()
    return say.text("mail.labelled", label=line.label, value=shown)


def link_line(label: str, url: str) -> tuple[DetailLine, ...]:
    """The link when a browser may be sent there."""
    known = url.lower().startswith(("https://", "http://"))
    if not known:
        return ()
    written = one_line(url)
    return (DetailLine(label, written, written),)


def shown_url(url: str) -> str:
    """A link as it is shown where it can be clicked: without its scheme, and cut."""
    shown = url.partition("://")[2] or url
    return shown if len(shown) <= SHOWN_URL else f"{shown[: SHOWN_URL - 1]}…"


def isolated(text: str) -> str:
    """Text that may be written from right to left, so that it does not turn what stands beside
    it (Unicode TR9, isolates). Other text stays as it is: old mail readers show the signs."""
    if text.isascii() or not _MAY_TURN.search(text):
        return text
    turns = any(unicodedata.bidirectional(sign) in _RIGHT_TO_LEFT for sign in text)
    return f"{FSI}{text}{PDI}" if turns else text


def named(values: Sequence[str]) -> str:
    return ", ".join(values)
