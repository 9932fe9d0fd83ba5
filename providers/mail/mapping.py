"""Desired events as mails: pure, and the same bytes for the same arguments.

The tree is the one every large client recognises: mixed(alternative(plain, html, calendar),
attachment). Outlook and Gmail act on the text/calendar part, others offer the attachment, which
must not be text/calendar as well: some clients then show a second event.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from calsync.core.event import DesiredEvent
from calsync.core.ics import Method, clean, invitation, one_line
from calsync.core.ledger import Copy, Do
from providers.mail import mime
from providers.mail.addresses import ascii_address
from providers.mail.settings import MailSettings
from providers.mail.words import words

Headers = list[tuple[str, str]]


class MailWriter:
    """Writes one tenant's invitations; create it once."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings
        page = files("providers.mail").joinpath("invitation.html").read_text("utf-8")
        self._page = Environment(
            autoescape=True, undefined=StrictUndefined, trim_blocks=True
        ).from_string(page)

    def write(self, do: Do, copy: Copy, event: DesiredEvent, now: datetime) -> bytes:
        """The mail that invites, updates or cancels.

        Raises ValueError when the recipient or organizer has no form mail servers know.
        """
        recipient = ascii_address(copy.address)
        subject = words(event.locale).subject[do].format(title=one_line(event.title))
        headers = _headers(self._settings, recipient, subject, now)
        headers.append(("Message-ID", message_id(self._settings, do, copy, now)))
        if do is not Do.CREATE:
            first = message_id(self._settings, Do.CREATE, copy, now)
            headers += [("In-Reply-To", first), ("References", first)]
        method: Method = "CANCEL" if do is Do.WITHDRAW else "REQUEST"
        organizer = copy.organizer or self._settings.organizer
        calendar = invitation(
            replace(copy, address=recipient, organizer=organizer),
            event,
            now,
            method=method,
            organizer_name=self._settings.sender_name,
        )
        boundary = _boundary(copy.uid, str(copy.sequence), do, now.isoformat())
        readable = [
            mime.text_part("plain", plain_text(do, event)),
            mime.text_part("html", self.html(do, event)),
            mime.base64_part(f'text/calendar; charset="utf-8"; method={method}', calendar),
        ]
        attachment = mime.base64_part(
            'application/ics; name="invite.ics"',
            calendar,
            ("Content-Disposition", 'attachment; filename="invite.ics"'),
        )
        alternative = mime.multipart("alternative", f"{boundary}.a", readable)
        return mime.message(
            headers, mime.multipart("mixed", f"{boundary}.m", [alternative, attachment])
        )

    def html(self, do: Do, event: DesiredEvent) -> str:
        """The body most readers see: what happened, when for them, and what to press."""
        said, cancelled = words(event.locale), do is Do.WITHDRAW
        details = "" if cancelled else event.html
        return self._page.render(
            words=said,
            lead=said.lead[do],
            cancelled=cancelled,
            title=one_line(event.title),
            time=said.time(event.starts_at, event.ends_at, event.time_zone),
            location="" if cancelled else one_line(event.location),
            join_url="" if cancelled else _link(event.join_url),
            details=Markup(details),  # noqa: S704 - sanitised when the session was read
            url="" if cancelled or f'"{event.url}"' in details else _link(event.url),
            note=one_line(event.note),
        )


def plain_text(do: Do, event: DesiredEvent) -> str:
    """The same content for readers of plain text."""
    said = words(event.locale)
    time = said.time(event.starts_at, event.ends_at, event.time_zone)
    blocks = [
        said.lead[do],
        f"{one_line(event.title)}\n{said.when}: {time}",
        *([] if do is Do.WITHDRAW else _details(event)),
        one_line(event.note),
        said.why,
    ]
    return "\n\n".join(block for block in blocks if block)


def notice(
    to: str,
    subject: str,
    text: str,
    html: str,
    *,
    settings: MailSettings,
    key: str,
    now: datetime,
) -> bytes:
    """A plain mail without a calendar part; the same `key` gives the same Message-ID.

    `html` is a whole document, its values escaped by the caller. Raises ValueError when `to` has no
    form mail servers know.
    """
    headers = _headers(settings, ascii_address(to), subject, now)
    number = hashlib.sha256(key.encode()).hexdigest()[:32]
    headers.append(("Message-ID", f"<notice.{number}@{_domain(settings)}>"))
    parts = [mime.text_part("plain", text), mime.text_part("html", html)]
    boundary = _boundary("notice", key, now.isoformat())
    return mime.message(headers, mime.multipart("alternative", boundary, parts))


def message_id(settings: MailSettings, do: Do, copy: Copy, now: datetime) -> str:
    """The first invitation's follows from the uid alone, so that later mails can refer to it."""
    uid = copy.uid
    if not re.fullmatch(r"[A-Za-z0-9-]{1,64}", uid):  # another system's, from before the cut-over
        uid = hashlib.sha256(uid.encode()).hexdigest()[:32]
    stamp = now.astimezone(UTC).strftime("%Y%m%d%H%M%S%f")
    name = uid if do is Do.CREATE else f"{uid}.{copy.sequence}.{stamp}"
    return f"<{name}@{_domain(settings)}>"


def _headers(settings: MailSettings, recipient: str, subject: str, now: datetime) -> Headers:
    return [
        ("From", mime.mailbox("From", settings.sender, settings.sender_name)),
        ("To", recipient),
        ("Reply-To", settings.organizer),
        ("Subject", mime.words("Subject", subject)),
        ("Date", format_datetime(now.astimezone(UTC))),
        # RFC 3834: nobody's holiday answer comes back; the second one is Exchange's own.
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "OOF, AutoReply"),
    ]


def _details(event: DesiredEvent) -> list[str]:
    said, text = words(event.locale), clean(event.text).strip()
    place, url = one_line(event.location), one_line(event.url)
    return [
        f"{said.where}: {place}" if place and place not in text else "",
        text,
        f"{said.view}: {url}" if url and url not in text else "",
    ]


def _link(url: str) -> str:
    """The URL when a browser may be sent there, else ""."""
    return one_line(url) if url.lower().startswith(("https://", "http://")) else ""


def _domain(settings: MailSettings) -> str:
    return settings.sender.rpartition("@")[2]


def _boundary(*names: str) -> str:
    return "=_" + hashlib.sha256("\0".join(names).encode()).hexdigest()[:32]
