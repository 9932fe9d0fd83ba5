"""The sandbox's people and everything they have: calendars, mailboxes, credentials."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from calsync.sandbox.faults import Faults
from calsync.sandbox.google import GoogleApi
from calsync.sandbox.google_event import Entry
from calsync.sandbox.mailbox import Mailbox
from calsync.sandbox.records import Person, Request
from calsync.sandbox.switches import Switches
from calsync.sandbox.tokens import Tokens
from calsync.sandbox.views import Collection, View

CLIENTS = ("gmail", "exchange", "apple")
INVITATIONS = ("everyone", "known", "respond")


class World:
    """The state, and how people enter it. `lock` guards all of it; `delay` is in seconds.

    Methods raise ValueError for arguments that mean nothing and KeyError for a person, event or
    invitation that is not there.
    """

    def __init__(self, now: Callable[[], datetime] | None = None, latency: float = 0.0) -> None:
        self.lock = threading.RLock()
        self.clock = now or (lambda: datetime.now(UTC))
        self.delay = latency
        self.faults = Faults()
        self.smtp_faults = Faults()
        self.chosen = Switches()
        self.tokens = Tokens(self.chosen, self.clock)
        self.google = GoogleApi(self.tokens, self.chosen, self.clock)
        self.mailboxes: dict[str, Mailbox] = {}
        self.views: dict[str, View] = {}
        self.log: list[Request] = []

    def box_of(self, person: str) -> Mailbox:
        """The person's mailbox. Raises KeyError."""
        return self.mailboxes[person]

    def entry_of(self, person: str, event_id: str) -> Entry:
        """A live Google event. Raises KeyError."""
        entry = self.google.calendars[person].entries[event_id]
        if not entry.is_live:
            raise KeyError(event_id)
        return entry

    # People

    def add_person(
        self,
        address: str,
        *,
        name: str = "",
        time_zone: str = "UTC",
        google: bool = False,
        client: str = "gmail",
        invitations: str = "everyone",
        contacts: Iterable[str] = (),
    ) -> None:
        """One account. Adding it again changes its settings and keeps what it has."""
        if client not in CLIENTS or invitations not in INVITATIONS:
            raise ValueError(f"client is one of {CLIENTS}, invitations one of {INVITATIONS}")
        ZoneInfo(time_zone)
        person = Person(
            address, name or address, time_zone, google, client, invitations, frozenset(contacts)
        )
        with self.lock:
            if google:
                self.google.open_calendar(address, time_zone)
            self.tokens.people.add(address)
            box = self.mailboxes.setdefault(address, Mailbox(person, self.chosen))
            box.person = person
            box.google = self.google.calendars.get(address)

    def people(self) -> list[str]:
        """Their addresses, in the order in which they came."""
        return list(self.mailboxes)

    # Tokens

    def grant(self, person: str, scopes: Iterable[str] | None = None) -> str:
        """A refresh token; also ends an earlier revoke."""
        with self.lock:
            return self.tokens.grant(self.box_of(person).person.address, scopes)

    def access_token(
        self, person: str, scopes: Iterable[str] | None = None, expires_in: float = 3600
    ) -> str:
        """An access token, live for `expires_in` seconds."""
        with self.lock:
            return self.tokens.access(self.box_of(person).person.address, scopes, expires_in)

    def expire_tokens(self, person: str) -> None:
        """The person's access tokens answer 401; refreshing works."""
        with self.lock:
            self.tokens.expire(person)

    def revoke(self, person: str) -> None:
        """The person withdraws the consent: nothing works until the next grant."""
        with self.lock:
            self.tokens.revoke(person)

    def make_service_account(self, scopes: Iterable[str] | None = None) -> dict[str, str]:
        """A key file with domain-wide delegation for these scopes."""
        with self.lock:
            return self.tokens.make_service_account(scopes)

    # Switches and views

    def switch(self, name: str, value: str | bool) -> None:
        """Choose between rival behaviours."""
        with self.lock:
            self.chosen.choose(name, value)

    def switches(self) -> dict[str, str | bool]:
        """The chosen behaviours."""
        return self.chosen.all()

    def register_view(
        self, person: str, source: str | View, *, username: str = "", password: str = ""
    ) -> None:
        """Show a calendar that lives elsewhere: a CalDAV collection's URL, or a callable."""
        with self.lock:
            zone = self.box_of(person).person.time_zone
            self.views[person] = (
                Collection(source, username, password, zone) if isinstance(source, str) else source
            )

    def has_view(self, person: str) -> bool:
        """Whether a calendar from elsewhere is shown for this person."""
        return person in self.views
