"""What plain notices say: subject, text and HTML from the same sentences."""

from __future__ import annotations

from html import escape

from calsync.core import wording
from calsync.core.event import DesiredEvent
from providers.mail.words import mail_words


def notice_text(kind: str, event: DesiredEvent | None, link: str) -> tuple[str, str, str]:
    """(subject, text, HTML document) of a notice: unreachable, account_lost, entry_may_remain.

    `event` is the session it is about, None for an account; `link` is where to reconnect, or "".
    """
    say = wording.words(event.locale if event else "en")
    if event is None:
        parts = [say.account_lost]
        if link:
            parts.append(f"{say.reconnect}: {link}")
        return say.account_lost_subject, "\n\n".join(parts) + "\n", _document(parts)
    when = mail_words(event.locale).time(event.starts_at, event.ends_at, event.time_zone)
    subject, sentence = say.remains_subject, say.remains
    if kind == "unreachable":
        subject, sentence = say.unreachable_subject, say.unreachable
    lead = sentence.format(when=when)
    text = f"{lead}\n\n{event.title}\n\n{event.text}\n"
    html = _document([lead, event.title], event.html)
    return subject.format(title=event.title), text, html


def _document(paragraphs: list[str], html: str = "") -> str:
    body = "".join(f"<p>{escape(one)}</p>" for one in paragraphs)
    return f"<!doctype html><html><body>{body}{html}</body></html>"
