"""One person's mailbox, and what the mail client does to the calendar with each invitation.

The rules are those of RFC 5546 with the clients' known habits: Gmail's three "add invitations"
settings, Exchange's tentative entries, Apple's exact addresses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr

from calsync.sandbox.google.google_calendar import GoogleCalendar
from calsync.sandbox.invite import Invite, read_invite
from calsync.sandbox.microsoft.outlook_calendar import OutlookCalendar
from calsync.sandbox.records import Mail, Person, ShownEvent
from calsync.sandbox.switches import Switches

HIDDEN, SHOWN, TENTATIVE, CANCELLED, REMOVED = (
    "hidden",
    "shown",
    "tentative",
    "cancelled",
    "removed",
)
IN_CALENDAR = frozenset({SHOWN, TENTATIVE})
ANSWERS = frozenset({"accepted", "declined", "tentative"})


@dataclass(slots=True)
class Held:
    """The newest known version of one UID and what became of it in the calendar."""

    invite: Invite
    state: str


@dataclass(slots=True)
class Mailbox:
    """Mails, and the events they made. Callers hold the sandbox's lock.

    `google` and `outlook` are the same account's calendars: Gmail puts events into the one,
    Exchange into the other.
    """

    person: Person
    switches: Switches
    google: GoogleCalendar | None = None
    outlook: OutlookCalendar | None = None
    mails: list[Mail] = field(default_factory=list)
    held: dict[str, Held] = field(default_factory=dict)
    unopened: list[Callable[[], None]] = field(default_factory=list)
    known: set[str] = field(default_factory=set)

    def receive(self, raw: bytes, now: datetime) -> None:
        """Keep the mail and let the client act on its invitation."""
        message = message_from_bytes(raw, policy=policy.default)
        sender = parseaddr(str(message["From"] or ""))[1]
        try:
            invite = read_invite(message, self.person.time_zone)
        except ValueError:
            invite = None  # a client shows the mail and leaves the calendar alone
        self.mails.append(as_mail(message, raw, sender, self.person.address, invite, now))
        if invite is None or invite.method not in ("REQUEST", "CANCEL"):
            return
        if self._waits(invite, sender):
            self.unopened.append(lambda: self._apply(invite, sender))
        else:
            self._apply(invite, sender)

    def open_mails(self) -> None:
        """The person reads everything: what waited for that happens now, oldest first."""
        waiting, self.unopened = self.unopened, []
        for act in waiting:
            act()

    def respond(self, uid: str, answer: str) -> None:
        """The person answers an invitation; its sender is known from now on.

        Raises KeyError when there is no such invitation, ValueError for another answer.
        """
        if answer not in ANSWERS:
            raise ValueError(f"answer is one of {', '.join(sorted(ANSWERS))}, not {answer}")
        held = self.held[uid]
        self.known.add(held.invite.organizer.casefold())
        self._put(held.invite, {"accepted": SHOWN, "tentative": TENTATIVE}.get(answer, REMOVED))

    def remove(self, uid: str) -> None:
        """The person deletes a mailed event. Raises KeyError when it is not in the calendar."""
        held = self.held[uid]
        if held.state not in IN_CALENDAR:
            raise KeyError(uid)
        self._put(held.invite, REMOVED)

    def shown(self) -> list[ShownEvent]:
        """The events this client keeps itself; an account's are in its calendar."""
        if self.google_account is not None or self.outlook_account is not None:
            return []
        return [shown_invite(held) for held in self.held.values() if held.state in IN_CALENDAR]

    @property
    def google_account(self) -> GoogleCalendar | None:
        """The calendar that mailed events go to, when it is Google's."""
        return self.google if self.person.client == "gmail" else None

    @property
    def outlook_account(self) -> OutlookCalendar | None:
        """The calendar that mailed events go to, when it is Outlook's."""
        return self.outlook if self.person.client == "exchange" else None

    def _waits(self, invite: Invite, sender: str) -> bool:
        """Exchange leaves meeting mails from outside alone until they are opened."""
        if self.person.client != "exchange" or same_domain(sender, self.person.address):
            return False
        rule = self.switches["exchange_waits"]
        return rule == "all" or (rule == "cancel" and invite.method == "CANCEL")

    def _apply(self, invite: Invite, sender: str) -> None:
        held = self.held.get(invite.uid)
        if held is not None and (
            held.invite.organizer.casefold() != invite.organizer.casefold()
            or invite.version <= held.invite.version
        ):
            return
        if invite.method == "CANCEL":
            self._cancel(invite, held)
        elif self._is_for_me(invite):
            self._put(invite, self._state(invite, held, sender))

    def _cancel(self, invite: Invite, held: Held | None) -> None:
        # Without the method parameter Gmail says "removed" and leaves the event where it is:
        # https://github.com/Couchers-org/couchers/issues/8557
        if not invite.named:
            return
        # Exchange drops a CANCEL that overtook its invitation; the others hold it back.
        if held is not None or self.person.client != "exchange":
            self._put(invite, CANCELLED)

    def _is_for_me(self, invite: Invite) -> bool:
        me = self.person.address
        if invite.organizer.casefold() == me.casefold():
            return False  # "as the organizer you need not respond": no client adds it
        return invite.invites(me, exact=self.person.client == "apple")

    def _state(self, invite: Invite, held: Held | None, sender: str) -> str:
        if held is not None and held.state in (SHOWN, TENTATIVE, HIDDEN):
            return held.state
        if self.person.client == "exchange":
            return TENTATIVE
        if self.person.client == "apple" or self.person.invitations == "everyone":
            return SHOWN
        if self.person.invitations == "known":
            return SHOWN if self._knows(sender) or self._knows(invite.organizer) else HIDDEN
        return HIDDEN

    def _knows(self, address: str) -> bool:
        known = {one.casefold() for one in self.person.contacts} | self.known
        return address.casefold() in known or same_domain(address, self.person.address)

    def _put(self, invite: Invite, state: str) -> None:
        self.held[invite.uid] = Held(invite, state)
        if self.outlook_account is not None:
            self._put_in_outlook(self.outlook_account, invite, state)
        calendar = self.google_account
        if calendar is None:
            return
        if state in IN_CALENDAR:
            calendar.put_mailed(invite)
        elif state != HIDDEN:
            calendar.cancel_mailed(invite.uid, invite.organizer)

    def _put_in_outlook(self, calendar: OutlookCalendar, invite: Invite, state: str) -> None:
        if state in IN_CALENDAR:
            calendar.put_mailed(invite, tentative=state == TENTATIVE)
        elif state != HIDDEN:
            calendar.cancel_mailed(invite.uid, invite.organizer, by_person=state == REMOVED)


def shown_invite(held: Held) -> ShownEvent:
    """A mail-made event as its person sees it."""
    invite = held.invite
    return ShownEvent(
        title=invite.title,
        starts_at=invite.starts_at,
        ends_at=invite.ends_at,
        location=invite.location,
        description=invite.description,
        where="mail",
        uid=invite.uid,
        id=invite.uid,
        status="tentative" if held.state == TENTATIVE else "confirmed",
        ours=False,
        guests=invite.attendees,
        url=invite.url,
    )


def same_domain(one: str, other: str) -> bool:
    return one.rpartition("@")[2].casefold() == other.rpartition("@")[2].casefold()


def as_mail(
    message: EmailMessage,
    raw: bytes,
    sender: str,
    recipient: str,
    invite: Invite | None,
    now: datetime,
) -> Mail:
    """What a reader sees of the message."""
    return Mail(
        sender=sender,
        recipient=recipient,
        subject=str(message["Subject"] or ""),
        text=body_of(message, "plain"),
        html=body_of(message, "html"),
        method=invite.method if invite else "",
        uid=invite.uid if invite else "",
        sequence=invite.sequence if invite else None,
        message_id=str(message["Message-ID"] or ""),
        received_at=now,
        raw=raw.decode("utf-8", "replace"),
    )


def body_of(message: EmailMessage, kind: str) -> str:
    """The text of the first part of this kind that is no attachment, or ""."""
    for part in message.walk():
        if part.get_content_type() == f"text/{kind}" and not part.is_attachment():
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                return payload.decode(part.get_content_charset("utf-8"), "replace")
    return ""
