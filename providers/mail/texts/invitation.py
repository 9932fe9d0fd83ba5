"""What an invitation, its update or its cancellation says: the human event first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from html import escape
from urllib.parse import quote

from calsync.core.content.causes import ChangedPart, changes
from calsync.core.content.event import DesiredEvent, Details, MailCause, Told
from calsync.core.content.icalendar import one_line
from calsync.core.ledger import Do
from calsync.messages.language import Language
from providers.mail.brand import Brand
from providers.mail.texts.body import (
    Body,
    ChangeLine,
    DetailLine,
    isolated,
    link_line,
    named,
    shown_url,
)

TITLE = 80  # signs of a title in a subject
USUAL = {
    Do.CREATE: MailCause.BOOKED,
    Do.CHANGE: MailCause.UPDATED,
    Do.WITHDRAW: MailCause.CANCELLED,
}
# https://developers.google.com/maps/documentation/urls/get-started
MAP = "https://www.google.com/maps/search/?api=1&query="


def invitation_body(do: Do, event: DesiredEvent, brand: Brand, now: datetime) -> Body:
    """What the mail of this call says, by what it is told of; without that what such calls are
    for mostly."""
    say, told = brand.language(event.locale), event.told or Told(USUAL[do])
    cause, ends = told.cause, do is Do.WITHDRAW
    over = cause in (MailCause.CANCELLED, MailCause.REMOVED)
    notes = [say.optional(f"mail.old_{cause}")]
    notes.append(say.text("mail.older_entry") if told.older_entry else "")
    notes.append(_not_read(event, say) if not ends and not brand.answers_read else "")
    parts = session_parts(event, say) if not ends else Body(say, "", "", "")
    why = "mail.why_removed" if over else "mail.why"
    return Body(
        say=say,
        subject=subject(f"mail.subject_{cause}", event, say, now),
        title=one_line(event.title),
        lead=say.text(f"mail.lead_{cause}"),
        first=first_line(event, say),
        over=cause is MailCause.CANCELLED,
        changes=change_lines(told.before, event, say),
        facts=parts.facts,
        buttons=parts.buttons,
        text=parts.text,
        html=parts.html,
        links=parts.links,
        notes=tuple(note for note in notes if note),
        connect=offer(brand, say) if not ends else None,
        footer=(say.text(why), *((brand.support,) if brand.support else ())),
    )


def _not_read(event: DesiredEvent, say: Language) -> str:
    """Where to answer, as nobody reads the answers."""
    if link_line(say.text("event.view"), event.url):
        return say.text("mail.not_read", view=say.text("event.view"))
    return say.text("mail.not_read_no_link")


def offer(brand: Brand, say: Language) -> DetailLine | None:
    """The line that offers to connect a calendar."""
    return next(iter(link_line(say.text("mail.connect"), brand.connect_url)), None)


def subject(key: str, event: DesiredEvent, say: Language, now: datetime) -> str:
    """A subject that no other mail to its reader has: one that may repeat an earlier one says when
    it was sent, to the second. Changes shortly before the start are mailed at once, so that two
    may leave in one minute."""
    written = say.text(key, **in_subject(event, say))
    if event.told is None or not event.told.repeated:
        return written
    sent = say.exact(now, event.time_zone)
    return say.text("mail.subject_repeated", subject=written, when=sent)


def in_subject(event: DesiredEvent, say: Language) -> dict[str, str]:
    """Title and time, as long as a subject may hold."""
    title = one_line(event.title)
    if len(title) > TITLE:
        title = f"{title[: TITLE - 1].rstrip()}…"
    return {"title": isolated(title), "when": say.short(event.starts_at, event.time_zone)}


def first_line(event: DesiredEvent, say: Language) -> str:
    """When and where."""
    return say.text("mail.first_line", when=_when(event, say), where=isolated(_where(event, say)))


def session_parts(event: DesiredEvent, say: Language) -> Body:
    """Buttons, facts and agenda of a session that takes place; its other fields are empty."""
    details, view = event.details, link_line(say.text("event.view"), event.url)
    if details is None:
        buttons = link_line(say.text("event.join"), event.join_url) + view
        text, html = _without_links(event, buttons)
        return Body(say, "", "", "", buttons=buttons, text=text, html=html)
    tool = isolated(details.label)
    label = say.text("mail.join_with", tool=tool) if tool else say.text("event.join")
    first, last = details.agenda
    start, end = details.agenda_html
    return Body(
        say,
        subject="",
        title="",
        lead="",
        facts=tuple(_facts(event, details, say)),
        buttons=link_line(label, event.join_url) + view,
        text=event.text[first:last],
        html=event.html[start:end],
        links=tuple(line for one in details.links for line in link_line(one.label, one.url)),
    )


def _without_links(event: DesiredEvent, buttons: Sequence[DetailLine]) -> tuple[str, str]:
    """A whole description without the lines that buttons stand for."""
    text, html = event.text.split("\n\n"), event.html
    for one in buttons:
        text = [block for block in text if not block.endswith(f": {one.url}") or "\n" in block]
        html = re.sub(rf'<p><a href="{re.escape(escape(one.url))}">[^<]*</a></p>', "", html)
    return "\n\n".join(text), html


def _facts(event: DesiredEvent, details: Details, say: Language) -> Iterator[DetailLine]:
    if details.kind == "in_person" and event.location:
        venue = one_line(event.location)
        yield DetailLine(say.text("mail.map"), venue, MAP + quote(venue, safe=""))
    if details.how:
        yield DetailLine(say.text("mail.how"), one_line(details.how))
    if details.phone:
        yield DetailLine(say.text("event.phone"), details.phone)
    if details.passcode:
        yield DetailLine(say.text("event.passcode"), details.passcode)
    if details.people:
        yield DetailLine(say.text("event.with_people"), _people(details, say))


def change_lines(
    before: DesiredEvent | None, event: DesiredEvent, say: Language
) -> tuple[ChangeLine, ...]:
    """What is different from what the reader saw, old and new."""
    if before is None:
        return ()
    return tuple(_change(one, before, event, say) for one in changes(before, event))


def _change(
    what: ChangedPart, before: DesiredEvent, event: DesiredEvent, say: Language
) -> ChangeLine:
    label = {
        ChangedPart.TIME: "mail.when",
        ChangedPart.VENUE: "mail.where",
        ChangedPart.LINK: "mail.link",
        ChangedPart.PHONE: "event.phone",
        ChangedPart.PASSCODE: "event.passcode",
        ChangedPart.PEOPLE: "event.with_people",
    }[what]
    old, new = (_shown(what, one, say) for one in (before, event))
    nothing = say.text("mail.none")
    return ChangeLine(say.text(label), old or nothing, new or nothing)


def _shown(what: ChangedPart, event: DesiredEvent, say: Language) -> str:
    details = event.details or Details()
    return {
        ChangedPart.TIME: lambda: _when(event, say),
        ChangedPart.VENUE: lambda: _where(event, say),
        ChangedPart.LINK: lambda: shown_url(event.join_url),
        ChangedPart.PHONE: lambda: details.phone,
        ChangedPart.PASSCODE: lambda: details.passcode,
        ChangedPart.PEOPLE: lambda: _people(details, say),
    }[what]()


def _when(event: DesiredEvent, say: Language) -> str:
    return say.time(event.starts_at, event.ends_at, event.time_zone)


def _where(event: DesiredEvent, say: Language) -> str:
    """The tool by its name, or the venue; what is not agreed is said to be so."""
    details = event.details or Details()
    if event.join_url or details.kind == "online":
        return one_line(details.label) or say.text("event.online")
    place = say.text(
        "mail.labelled", label=say.text("mail.where"), value=say.text("event.no_place")
    )
    return one_line(event.location) or place


def _people(details: Details, say: Language) -> str:
    more = say.text("event.and_more", count=details.others) if details.others else ""
    return f"{named([isolated(name) for name in details.people])} {more}".strip()
