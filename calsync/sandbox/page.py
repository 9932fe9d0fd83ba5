"""The page for people: everybody's upcoming events and mails, as each of them sees them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from itertools import groupby
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import nh3
from jinja2 import Environment, PackageLoader, Template
from markupsafe import Markup, escape

from calsync.sandbox.records import Mail, Person, ShownEvent
from calsync.sandbox.watching import Watching

# A mail's frame inherits this: its inline styles and pictures show, its scripts never run.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; form-action 'none'"
PLACES = {
    "google": "Google Calendar",
    "outlook": "Outlook",
    "mail": "from mail",
    "caldav": "CalDAV",
}
CLIENTS = {"gmail": "Gmail", "exchange": "Outlook", "apple": "Apple Mail"}
TAGS = {"a", "b", "strong", "i", "em", "u", "br", "ul", "ol", "li", "p"}
MAILS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Chip:
    """One event, ready to be read in its person's zone. `outdated`: a newer one of the same session
    shows another time."""

    event: ShownEvent
    day: str
    hours: str
    place: str
    join: str
    link: str
    agenda: Markup
    outdated: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One mail; `link` opens or closes it."""

    mail: Mail
    when: str
    link: str
    is_open: bool
    frame: str


@dataclass(frozen=True, slots=True)
class Card:
    """One person."""

    person: Person
    number: int
    initials: str
    zone: str
    clock: str
    uses: str
    days: list[tuple[str, list[Chip]]]
    upcoming: int
    past: int
    trouble: str
    lines: list[Line]
    older: int


@cache
def template() -> Template:
    """Compiled when the first page is asked for: most sandboxes of tests never show one."""
    environment = Environment(
        loader=PackageLoader("calsync.sandbox"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html")


class Page:
    """Renders the page; made once for a sandbox."""

    def __init__(self, world: Watching) -> None:
        self._world = world

    def render(self, query: str) -> str:
        """HTML. The query `open=<person>-<mail>` opens one mail, both counted from 0."""
        open_mail = parse_qs(query).get("open", [""])[0]
        now = self._world.clock()
        cards = list(self._cards(now, open_mail))
        return template().render(
            cards=cards,
            events=sum(card.upcoming for card in cards),
            mails=sum(len(card.lines) + card.older for card in cards),
            refresh=30 if open_mail else 5,
        )

    def _cards(self, now: datetime, open_mail: str) -> Iterator[Card]:
        for number, address in enumerate(self._world.people()):
            person = self._world.mailboxes[address].person
            trouble, events = "", []
            try:
                events = self._world.shown(address)
            except (OSError, ValueError) as error:
                trouble = f"This calendar cannot be read: {error}"
            ahead = [one for one in events if one.ends_at >= now]
            zone = ZoneInfo(person.time_zone)
            old = outdated(events)
            chips = [replace(as_chip(one, zone), outdated=one.id in old) for one in ahead]
            lines = self._lines(number, address, zone, open_mail)
            yield Card(
                person=person,
                number=number,
                initials=initials(person.name),
                zone=person.time_zone.replace("_", " "),
                clock=f"{now.astimezone(zone):%H:%M}",
                uses=self._uses(person),
                days=[(day, list(some)) for day, some in groupby(chips, lambda one: one.day)],
                upcoming=len(ahead),
                past=len(events) - len(ahead),
                trouble=trouble,
                lines=lines[:MAILS_SHOWN],
                older=len(lines[MAILS_SHOWN:]),
            )

    def _uses(self, person: Person) -> str:
        if person.google or person.outlook:
            uses = (person.google, "Google Calendar"), (person.outlook, "Outlook calendar")
            return " and ".join(name for has, name in uses if has)
        if self._world.has_view(person.address):
            return "CalDAV calendar"
        return f"{CLIENTS[person.client]}, by mail only"

    def _lines(self, number: int, address: str, zone: ZoneInfo, open_mail: str) -> list[Line]:
        lines = []
        for position, mail in enumerate(self._world.mails(address)):
            key = f"{number}-{position}"
            lines.append(
                Line(
                    mail=mail,
                    when=f"{mail.received_at.astimezone(zone):%-d %b, %H:%M}",
                    link="/" if key == open_mail else f"/?open={key}",
                    is_open=key == open_mail,
                    frame=f'<base target="_blank">{mail.html}',
                )
            )
        return lines[::-1]


def as_chip(event: ShownEvent, zone: ZoneInfo) -> Chip:
    """The event in its person's words: local hours, a link to join, the agenda."""
    start, end = event.starts_at.astimezone(zone), event.ends_at.astimezone(zone)
    is_link = is_web(event.location)
    return Chip(
        event=event,
        day=f"{start:%A, %-d %B}",
        hours=f"{start:%H:%M} to {end:%H:%M} {start.tzname()}",
        place=PLACES[event.where],
        join=event.location if is_link else "",
        link=event.url if is_web(event.url) else "",
        agenda=agenda(event.description),
    )


def outdated(events: Sequence[ShownEvent]) -> set[str]:
    """The ids of entries that show a session at another time than a newer entry of it does: nobody
    could change them any more, as in a calendar that calsync has lost. A session is known by its
    address on the platform."""
    newest: dict[str, ShownEvent] = {}
    known = [(one.changed_at, one) for one in events if one.url and one.changed_at]
    for _, one in sorted(known, key=lambda pair: pair[0]):
        newest[one.url] = one
    return {
        one.id
        for _, one in known
        if (one.starts_at, one.ends_at) != (newest[one.url].starts_at, newest[one.url].ends_at)
    }


def agenda(text: str) -> Markup:
    """A description as safe HTML, be it HTML already (Google) or plain text (a mail)."""
    if not nh3.is_html(text):
        text = str(escape(text)).replace("\n", "<br>")
    clean = nh3.clean(text, tags=TAGS, attributes={"a": {"href"}})
    return Markup(clean)  # noqa: S704  nh3 has just cleaned it


def is_web(address: str) -> bool:
    return urlsplit(address).scheme in ("http", "https")


def initials(name: str) -> str:
    words = name.partition("@")[0].split()
    return "".join(word[0] for word in [*words[:1], *words[1:][-1:]]).upper()
