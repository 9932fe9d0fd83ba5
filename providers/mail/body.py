"""What a mail tells its reader, once, and its two forms: HTML and plain text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from calsync.core.content.digest import AHEAD
from calsync.core.content.event import DesiredEvent
from calsync.core.content.icalendar import clean, one_line
from calsync.core.content.notices import AccountFact, AccountNews, Cause
from calsync.core.ledger import Do
from calsync.messages.language import Language, language

PROVIDERS = {"google": "Google Calendar", "outlook": "Outlook", "caldav": "CalDAV"}


@dataclass(frozen=True, slots=True)
class DetailLine:
    """Something with a label: a fact, or where a link leads."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Body:
    """The content of one mail. Facts and links that the details hold already are not repeated.

    lead       what happened
    over       the title is struck out
    button     what to press first
    text, html the details, same content; html is sanitised
    page       where there is more
    """

    language: str
    subject: str
    lead: str
    title: str
    over: bool = False
    facts: tuple[DetailLine, ...] = ()
    button: DetailLine | None = None
    text: str = ""
    html: str = ""
    page: DetailLine | None = None
    note: str = ""
    why: str = ""


def invitation_body(do: Do, event: DesiredEvent) -> Body:
    """What an invitation, its update or its cancellation says."""
    say, title = language(event.locale), one_line(event.title)
    over = do is Do.WITHDRAW
    when = DetailLine(
        say.text("mail.when"), say.time(event.starts_at, event.ends_at, event.time_zone)
    )
    place = DetailLine(say.text("event.place"), one_line(event.location))
    return Body(
        language=say.code,
        subject=say.text(f"mail.subject_{do}", title=title),
        lead=say.text(f"mail.lead_{do}"),
        title=title,
        over=over,
        facts=(when,) if over or event.join_url or not place.value else (when, place),
        button=None if over else _link(say.text("event.join"), event.join_url),
        text="" if over else event.text,
        html="" if over else event.html,
        page=None if over else _link(say.text("event.view"), event.url),
        note=one_line(event.note),
        why=say.text("mail.why"),
    )


def notice_body(kind: str, event: DesiredEvent) -> Body:
    """What a notice about a session says. Kinds: unreachable, could_not_update, could_not_remove
    and entry_may_remain."""
    say, title = language(event.locale), one_line(event.title)
    when = say.time(event.starts_at, event.ends_at, event.time_zone)
    takes_place = kind in ("unreachable", "could_not_update")
    return Body(
        language=say.code,
        subject=say.text(f"notice.{kind}_subject", title=title),
        lead=say.text(f"notice.{kind}", when=when),
        title=title,
        button=_link(say.text("event.join"), event.join_url) if takes_place else None,
        text=event.text if takes_place else "",
        html=event.html if takes_place else "",
        page=_link(say.text("event.view"), event.url),
        why=say.text("mail.why"),
    )


def account_body(kind: str, news: AccountNews, link: str) -> Body:
    """What a person reads when a calendar of theirs was connected (account_connected), disconnected
    or lost: which one, since when, why, and what to do if they did not do it. `link` is the page
    where they see their calendars, "" for none."""
    say, fact = language(news.locale), news.fact
    what, why, not_you = _account_keys(kind, fact)
    subject, reason = say.text(f"notice.{kind}_subject"), say.optional(f"notice.{why}")
    taken_back = kind == "account_disconnected"
    return Body(
        language=say.code,
        subject=subject,
        lead=say.text(
            f"notice.{what}",
            provider=PROVIDERS.get(fact.provider, fact.provider),
            address=_place(fact),
            when=say.moment(fact.at, news.time_zone),
            why=f" {reason}" if reason else "",
        ),
        title=subject,
        button=_link(say.text(f"notice.{_button(kind)}"), link),
        note=say.optional(f"notice.take_back_{fact.provider}") if taken_back else "",
        why=say.text(f"notice.{not_you}"),
    )


def _button(kind: str) -> str:
    return "reconnect" if kind == "account_lost" else "calendars"


def _account_keys(kind: str, fact: AccountFact) -> tuple[str, str, str]:
    """The messages that say what happened, why, and what somebody does who did not do it."""
    if kind == "account_lost":
        return kind, f"why_lost_{fact.provider}", "lost_not_you"
    if kind == "account_connected":
        what = kind if fact.writes else "account_connected_to_read"
        return what, f"why_connected_{fact.cause}", "not_you"
    taken = fact.cause is Cause.TAKEN_OVER
    return kind, f"why_disconnected_{fact.cause}", "taken_over_not_you" if taken else "not_you"


def _place(fact: AccountFact) -> str:
    """The account, and where its calendar is when the address does not tell."""
    return ", ".join(one_line(one) for one in (fact.address, fact.calendar) if one)


def digest_body(events: Sequence[DesiredEvent]) -> Body:
    """What a digest says: sessions far ahead (at least one), in this order, without details. It
    speaks the language of the first."""
    say = language(events[0].locale)
    items = [_item(say, event) for event in events]
    return Body(
        language=say.code,
        subject=say.text("notice.digest_subject"),
        lead=say.text("notice.digest", days=AHEAD.days),
        title=say.text("notice.digest_subject"),
        text="\n\n".join(text for text, _ in items),
        html=f"<ul>{''.join(html for _, html in items)}</ul>",
        why=say.text("notice.digest_why"),
    )


def _item(say: Language, event: DesiredEvent) -> tuple[str, str]:
    """One session of a digest as plain text and as HTML."""
    title = one_line(event.title)
    when = say.time(event.starts_at, event.ends_at, event.time_zone)
    page = _link(say.text("event.view"), event.url)
    text = [f"- {title}", f"  {when}", *([f"  {_labelled(page)}"] if page else [])]
    html = [f"<b>{escape(title)}</b>", escape(when)]
    if page is not None:
        html.append(f'<a href="{escape(page.value)}">{escape(page.label)}</a>')
    return "\n".join(text), f"<li>{'<br>'.join(html)}</li>"


@cache
def template() -> Template:
    """The HTML form, compiled once in a process: every tenant has a channel, all the same page."""
    source = files("providers.mail").joinpath("page.html").read_text("utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.from_string(source)


class MailPage:
    """The HTML form."""

    def html(self, body: Body) -> str:
        """A whole document. Everything but the sanitised details is escaped."""
        details = _without_first_link(body.html, body.button)
        return template().render(
            body=body,
            facts=[fact for fact in body.facts if escape(fact.value) not in details],
            details=Markup(details),  # noqa: S704 - sanitised when the session was read
            page=body.page if body.page and escape(body.page.value) not in details else None,
        )


def plain_text(body: Body) -> str:
    """The form for readers of plain text."""
    text = clean(body.text).strip()
    links = [_labelled(link) if link and link.value not in text else "" for link in _links(body)]
    facts = [_labelled(fact) for fact in body.facts if fact.value not in text]
    blocks = [body.lead, "\n".join([body.title, *facts]), links[0], text, links[1]]
    return "\n\n".join(block for block in (*blocks, body.note, body.why) if block)


def _links(body: Body) -> tuple[DetailLine | None, DetailLine | None]:
    return body.button, body.page


def _labelled(line: DetailLine) -> str:
    return f"{line.label}: {line.value}"


def _link(label: str, url: str) -> DetailLine | None:
    """The link when a browser may be sent there."""
    known = url.lower().startswith(("https://", "http://"))
    return DetailLine(label, one_line(url)) if known else None


def _without_first_link(html: str, button: DetailLine | None) -> str:
    """The details without their own first line for joining: the button stands for it."""
    if button is None:
        return html
    return re.sub(rf'^<p><a href="{re.escape(escape(button.value))}">[^<]*</a></p>', "", html)
