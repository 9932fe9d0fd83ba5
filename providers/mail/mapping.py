"""Desired events and notices as mails: pure, and the same bytes for the same arguments.

The tree is the one every large client recognises: mixed(alternative(plain, html, calendar),
attachment). Outlook and Gmail act on the text/calendar part, others offer the attachment, which
must not be text/calendar as well: some clients then show a second event.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime, parseaddr
from functools import lru_cache

from calsync.core.address import Address
from calsync.core.content.event import DesiredEvent
from calsync.core.content.icalendar import Method, invitation
from calsync.core.content.notices import AccountNews, OwnerNews
from calsync.core.ledger import Copy, Do
from calsync.values import replaced
from providers.mail import mime
from providers.mail.settings import MailSettings
from providers.mail.texts.account import account_body
from providers.mail.texts.body import Body, MailPage, plain_text
from providers.mail.texts.invitation import invitation_body
from providers.mail.texts.notice import digest_body, notice_body
from providers.mail.texts.owner import owner_body
from providers.mail.texts.upcoming import upcoming_body

Headers = list[tuple[str, str]]


class MailWriter:
    """Writes one tenant's mails; create it once."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings, self._page = settings, MailPage(settings.brand)

    def write(self, do: Do, copy: Copy, event: DesiredEvent, now: datetime) -> bytes:
        """The mail that invites, updates or cancels.

        Raises ValueError when the recipient or organizer has no form mail servers know.
        """
        body = invitation_body(do, event, self._settings.brand, now)
        recipient = written_address(copy.address)
        organizer = copy.organizer or self._settings.organizer
        headers = _headers(
            self._settings,
            mime.mailbox("To", recipient, _name(event)),
            body.subject,
            now,
            partner=_partner(event),
            reply_to=_bare(organizer),
        )
        headers.append(("Message-ID", message_id(self._settings, copy, now)))
        if do is not Do.CREATE:
            first = copy.message_id or _by_uid_alone(self._settings, copy)
            headers += [("In-Reply-To", first), ("References", first)]
        method: Method = "CANCEL" if do is Do.WITHDRAW else "REQUEST"
        calendar = invitation(
            replaced(copy, address=recipient, organizer=organizer),
            event,
            now,
            method=method,
            organizer_name=self._settings.own_name,
            rsvp=self._settings.brand.answers_read,
        )
        boundary = _boundary(copy.uid, str(copy.sequence), do, now.isoformat())
        html = self._page.html(body)
        return mime.message(headers, _tree(boundary, plain_text(body), html, calendar, method))

    def notice(self, kind: str, to: str, key: str, event: DesiredEvent, now: datetime) -> bytes:
        """A notice of one of the ledger's kinds, see `notice_body`. Raises ValueError when `to`
        has no form mail servers know."""
        body = notice_body(kind, event, self._settings.brand, now)
        return self._notice(body, to, key, now)

    def account(self, kind: str, to: str, key: str, news: AccountNews, link: str) -> bytes:
        """A notice about an account, see `account_body`. Raises as `notice`."""
        body = account_body(kind, news, link, self._settings.brand)
        return self._notice(body, to, key, news.fact.at)

    def owner(self, to: str, key: str, news: OwnerNews) -> bytes:
        """A notice to the integration's owner, see `owner_body`. Raises as `notice`."""
        return self._notice(owner_body(news), to, key, news.at)

    def digest(self, to: str, key: str, events: Sequence[DesiredEvent], now: datetime) -> bytes:
        """The notice that tells of several sessions, see `digest_body`. Raises as `notice`."""
        return self._notice(digest_body(events, self._settings.brand, now), to, key, now)

    def upcoming(
        self, to: str, key: str, event: DesiredEvent, now: datetime, unsubscribe: str
    ) -> bytes:
        """The Upcoming Session mail, see `upcoming_body`. Raises as `notice`."""
        body = upcoming_body(event, self._settings.brand, unsubscribe)
        recipient = mime.mailbox("To", written_address(to), _name(event))
        partner = _partner(event)
        headers = _headers(self._settings, recipient, body.subject, now, partner=partner)
        if unsubscribe:
            headers += _one_click(unsubscribe)
        return _plain(headers, plain_text(body), self._page.html(body), self._settings, key, now)

    def _notice(self, body: Body, to: str, key: str, now: datetime) -> bytes:
        return notice(
            to,
            body.subject,
            plain_text(body),
            self._page.html(body),
            settings=self._settings,
            key=key,
            now=now,
        )


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
    headers = _headers(settings, written_address(to), subject, now)
    return _plain(headers, text, html, settings, key, now)


def _one_click(url: str) -> Headers:
    """How a mail program turns off mails like this one, without its reader leaving it (RFC 8058,
    section 3.1)."""
    return [
        ("List-Unsubscribe", f"<{url}>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    ]


def _plain(
    headers: Headers, text: str, html: str, settings: MailSettings, key: str, now: datetime
) -> bytes:
    """A mail of two readable parts."""
    number = hashlib.sha256(key.encode()).hexdigest()[:32]
    headers = [*headers, ("Message-ID", f"<notice.{number}@{_domain(settings)}>")]
    parts = [mime.text_part("plain", text), mime.text_part("html", html)]
    boundary = _boundary("notice", key, now.isoformat())
    return mime.message(headers, mime.multipart("alternative", boundary, parts))


def message_id(settings: MailSettings, copy: Copy, now: datetime) -> str:
    """Of uid, SEQUENCE and stamp, for the first invitation too: an invitation that is made again
    after a restore has the same uid, and mail servers drop a Message-ID that they know."""
    stamp = now.astimezone(UTC).strftime("%Y%m%d%H%M%S%f")
    return f"<{_plain_uid(copy)}.{copy.sequence}.{stamp}@{_domain(settings)}>"


def _by_uid_alone(settings: MailSettings, copy: Copy) -> str:
    """What the first mail of a copy was called that was made before Message-IDs were stored."""
    return f"<{_plain_uid(copy)}@{_domain(settings)}>"


def _plain_uid(copy: Copy) -> str:
    if re.fullmatch(r"[A-Za-z0-9-]{1,64}", copy.uid):
        return copy.uid
    return hashlib.sha256(copy.uid.encode()).hexdigest()[:32]  # another system's


@lru_cache(maxsize=256)  # it is written into the mail, and named to the server soon after
def written_address(text: str) -> str:
    """The recipient as servers are given it. Raises AddressError."""
    return str(Address.read(text))


@lru_cache(maxsize=256)
def _bare(organizer: str) -> str:
    """The address of an organizer, who may have a name."""
    return parseaddr(organizer.removeprefix("mailto:"))[1]


def _name(event: DesiredEvent) -> str:
    return event.details.name if event.details else ""


def _partner(event: DesiredEvent) -> str:
    """The other person of a session of two; "" of others."""
    people = event.details.people if event.details and not event.details.others else ()
    return people[0] if len(people) == 1 else ""


def _headers(
    settings: MailSettings,
    recipient: str,
    subject: str,
    now: datetime,
    *,
    partner: str = "",
    reply_to: str = "",
) -> Headers:
    """`reply_to`: where answers to this copy go, after a change of the organizer too."""
    return [
        ("From", mime.mailbox("From", settings.sender, settings.shown_name(partner))),
        ("To", recipient),
        ("Reply-To", reply_to or settings.organizer),
        ("Subject", mime.words("Subject", subject)),
        ("Date", format_datetime(now.astimezone(UTC))),
        # RFC 3834: nobody's holiday answer comes back; the second one is Exchange's own.
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "OOF, AutoReply"),
    ]


def _tree(boundary: str, text: str, html: str, calendar: bytes, method: Method) -> mime.MimePart:
    encoded = mime.in_base64(calendar)
    readable = [
        mime.text_part("plain", text),
        mime.text_part("html", html),
        mime.base64_part(f'text/calendar; charset="utf-8"; method={method}', encoded),
    ]
    attachment = mime.base64_part(
        'application/ics; name="invite.ics"',
        encoded,
        ("Content-Disposition", 'attachment; filename="invite.ics"'),
    )
    alternative = mime.multipart("alternative", f"{boundary}.a", readable)
    return mime.multipart("mixed", f"{boundary}.m", [alternative, attachment])


def _domain(settings: MailSettings) -> str:
    return settings.sender.rpartition("@")[2]


def _boundary(*names: str) -> str:
    return "=_" + hashlib.sha256("\0".join(names).encode()).hexdigest()[:32]
