"""A sample invitation: what is in it, and sending it with its update and its cancellation."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from uuid import uuid4

from calsync.core.booked import BookedSession, Online, Participant, Status
from calsync.core.calls import PreparedRequest
from calsync.core.content.event import DesiredEvent
from calsync.core.content.render import desired_events
from calsync.core.ledger import MAIL, Copy, CopyState, Do
from calsync.core.reconcile.prepare import next_sequence
from calsync.errors import ChannelError
from calsync.ops.doctor.registry import CheckAnswer, call_ends, error, ok, warning
from calsync.ports import Access, Channel

LONGEST_LINE = 998  # RFC 5322, 2.1.1, without CRLF
CLIPPED = 102_000  # bytes of HTML after which Gmail shows a part only; not documented by Google
ONCE = ("From", "To", "Subject", "Date", "Message-ID", "Reply-To", "MIME-Version", "Content-Type")
SAID = {Do.CREATE: "invitation", Do.CHANGE: "update", Do.WITHDRAW: "cancellation"}


class SampleMail:
    """One invitation to `to` by this channel, which changes and is cancelled."""

    def __init__(self, channel: Channel, organizer: str, to: str, now: datetime) -> None:
        self._channel, self._now, self._to = channel, now, to
        self._copy = Copy(
            n=1,
            uid=str(uuid4()),
            channel=MAIL,
            account=None,
            address=to,
            destination=to,
            state=CopyState.PLANNED,
            organizer=organizer,
            generation=1,
        )

    def steps(self) -> Iterator[tuple[PreparedRequest, Copy]]:
        """Invitation, update and cancellation, each with the copy as it is then."""
        copy, event = self._copy, self._event(hours=0)
        for do in (Do.CREATE, Do.CHANGE, Do.WITHDRAW):
            event = self._event(hours=1) if do is Do.CHANGE else event
            copy = replace(copy, sequence=next_sequence(copy.sequence, self._now))
            prepared = self._channel.prepare(do, copy, event, self._now)
            yield prepared, copy
            first = copy.message_id or prepared.key
            copy = replace(copy, message_id=first, content=event, state=CopyState.LIVE)

    def _event(self, *, hours: int) -> DesiredEvent:
        day = (self._now + timedelta(days=30)).replace(minute=0, second=0, microsecond=0)
        start = day + timedelta(hours=hours)
        session = BookedSession(
            id="calsync-doctor",
            tenant="",
            updated_at=self._now,
            status=Status.BOOKED,
            title="Test of invitations by mail",
            starts_at=start,
            ends_at=start + timedelta(minutes=30),
            place=Online("https://example.org/meeting", "Example"),
            url="https://example.org/session",
            participants=(Participant("reader", "", self._to),),
        )
        return desired_events(session)["reader"]


def sent(sample: SampleMail, channel: Channel) -> Iterator[CheckAnswer]:
    """Hand the three mails to the server; the first one that it does not take is the last."""
    for prepared, copy in sample.steps():
        what = SAID[prepared.do]
        try:
            receipt = channel.send(prepared, copy, Access("", ""), call_ends())
        except ChannelError as problem:
            yield error(f"not taken: {problem.reason}", "look up what the server says", what)
            return
        queued = f" as {receipt.request_id}" if receipt.request_id else ""
        yield ok(f"the server took it{queued}; look at what arrives", what)


def lint(body: bytes, verify: Callable[[bytes], CheckAnswer | None]) -> Iterator[CheckAnswer]:
    """What receivers may dislike in this mail, by its bytes. `verify`: what its signature is."""
    found = list(_faults(body))
    yield from found or [
        ok(f"{len(body)} bytes; headers, parts, lines and links are as they should be")
    ]
    signature = verify(body)
    if signature is not None:
        yield signature


def _faults(body: bytes) -> Iterator[CheckAnswer]:
    if not body:
        yield error(
            "no mail can be written", "correct mail.sender, mail.organizer and the recipient"
        )
        return
    mail = email.message_from_bytes(body, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    for name in ONCE:
        if len(mail.get_all(name, [])) != 1:
            yield error(
                f"it has {len(mail.get_all(name, []))} headers {name}, not one", "report it"
            )
    if not body.isascii():
        yield error("it is not 7-bit", "report it")
    if max(map(len, body.split(b"\r\n"))) > LONGEST_LINE:
        yield error(f"a line is longer than {LONGEST_LINE} characters", "report it")
    yield from _part_faults(mail)


def _part_faults(mail: EmailMessage) -> Iterator[CheckAnswer]:
    kinds = [part.get_content_type() for part in mail.walk() if not part.is_multipart()]
    if kinds[:3] != ["text/plain", "text/html", "text/calendar"]:
        yield error(f"its parts are {', '.join(kinds)}", "report it")
    for part in mail.walk():
        if part.get_content_type() != "text/html":
            continue
        html = str(part.get_content())
        if len(html.encode()) > CLIPPED:
            yield warning("its HTML is so large that Gmail shows a part only", "shorten your texts")
        images = re.findall(r'<img [^>]*src="([^"]*)"', html)
        if any(not one.startswith("https://") for one in images):
            yield warning("an image is not loaded by https", "correct mail.logo_url")


def now_to_the_second() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
