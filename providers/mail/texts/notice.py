"""What plain mails about sessions say: the event first, then why it is not in a calendar, then what
to do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from urllib.parse import urlencode

from calsync.core.content.digest import AHEAD
from calsync.core.content.event import DesiredEvent, MailCause, Told
from calsync.core.content.icalendar import one_line
from calsync.messages.language import Language
from providers.mail.brand import Brand
from providers.mail.texts.body import Body, DetailLine, isolated, link_line
from providers.mail.texts.invitation import change_lines, first_line, session_parts, subject

TAKES_PLACE = (MailCause.UNSHOWN, MailCause.OUTDATED)
# By kind, for one that nothing more is known of.
USUAL = {
    "unreachable": MailCause.UNSHOWN,
    "could_not_update": MailCause.OUTDATED,
    "could_not_remove": MailCause.STILL_THERE_REMOVED,
    "entry_may_remain": MailCause.OUTDATED,
}
GOOGLE = "https://calendar.google.com/calendar/render?"
OUTLOOK = "https://outlook.office.com/calendar/0/deeplink/compose?"


def notice_body(kind: str, event: DesiredEvent, brand: Brand, now: datetime) -> Body:
    """What a notice about a session says, by what it is told of. Kinds: unreachable,
    could_not_update, could_not_remove and entry_may_remain."""
    say, told = brand.language(event.locale), event.told or Told(USUAL[kind])
    cause, takes_place = told.cause, told.cause in TAKES_PLACE
    parts = session_parts(event, say) if takes_place else Body(say, "", "", "")
    view = link_line(say.text("event.view"), event.url)
    links = parts.links + (_to_add(event, say, told.file_url) if cause is MailCause.UNSHOWN else ())
    reasons = _obstacle(told, say)
    why = "mail.why" if takes_place else "mail.why_removed"
    return Body(
        say=say,
        subject=subject(f"notice.subject_{cause}", event, say, now),
        title=one_line(event.title),
        lead=" ".join([say.text(f"notice.lead_{cause}"), *reasons, say.text(f"notice.do_{cause}")]),
        first=first_line(event, say),
        over=cause is MailCause.STILL_THERE,
        changes=change_lines(told.before, event, say) if takes_place else (),
        facts=parts.facts,
        buttons=parts.buttons if takes_place else view,
        text=parts.text,
        html=parts.html,
        links=links,
        footer=(say.text(why), *((brand.support,) if brand.support else ())),
    )


def _obstacle(told: Told, say: Language) -> tuple[str, ...]:
    """The reason that applies to this person and calendar."""
    if told.obstacle is None:
        return ()
    provider = say.text(f"page.name_{told.channel}")
    calendar = say.text("notice.calendar", provider=provider, address=one_line(told.address))
    return (say.text(f"notice.obstacle_{told.obstacle}", calendar=calendar),)


def _to_add(event: DesiredEvent, say: Language, file_url: str) -> tuple[DetailLine, ...]:
    """Pages at which a reader enters the session with one click, and a file for other calendars."""
    start, end = event.starts_at.astimezone(UTC), event.ends_at.astimezone(UTC)
    title, where = one_line(event.title), one_line(event.location)
    form, page = "%Y%m%dT%H%M%SZ", one_line(event.url)
    google = {
        "action": "TEMPLATE",
        "text": title,
        "dates": f"{start.strftime(form)}/{end.strftime(form)}",
        "location": where,
        "details": page,
    }
    outlook = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": title,
        "startdt": start.isoformat(),
        "enddt": end.isoformat(),
        "location": where,
        "body": page,
    }
    return (
        *link_line(say.text("mail.add_google"), GOOGLE + urlencode(google)),
        *link_line(say.text("mail.add_outlook"), OUTLOOK + urlencode(outlook)),
        *link_line(say.text("mail.add_file"), file_url),
    )


def digest_body(events: Sequence[DesiredEvent], brand: Brand, now: datetime) -> Body:
    """What a digest says: sessions far ahead (at least one), in this order, without details. It
    speaks the language of the first."""
    first = events[0]
    say = brand.language(first.locale)
    items = [_item(say, event) for event in events]
    title = say.text("notice.digest_subject", days=AHEAD.days)
    when = say.short(now, first.time_zone)
    return Body(
        say=say,
        subject=say.text("mail.dated", title=title, when=when),
        title=title,
        lead=say.text("notice.digest", days=AHEAD.days),
        text="\n\n".join(text for text, _ in items),
        html=f"<ul>{''.join(html for _, html in items)}</ul>",
        footer=(say.text("notice.digest_why"), *((brand.support,) if brand.support else ())),
    )


def _item(say: Language, event: DesiredEvent) -> tuple[str, str]:
    """One session of a digest as plain text and as HTML."""
    title = one_line(event.title)
    when = say.time(event.starts_at, event.ends_at, event.time_zone)
    page = link_line(say.text("event.view"), event.url)
    links = [say.text("mail.labelled", label=one.label, value=one.url) for one in page]
    text = [f"- {isolated(title)}", f"  {when}", *(f"  {one}" for one in links)]
    html = [f'<b dir="auto">{escape(title)}</b>', escape(when)]
    html += [f'<a href="{escape(one.url)}">{escape(one.label)}</a>' for one in page]
    return "\n".join(text), f"<li>{'<br>'.join(html)}</li>"
