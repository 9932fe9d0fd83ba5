"""The sandbox's people and everything they have: calendars, mailboxes, credentials."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from calsync.sandbox.faults import Faults
from calsync.sandbox.google.google import GoogleApi
from calsync.sandbox.google.google_consent import GoogleConsent
from calsync.sandbox.google.google_event import Entry
from calsync.sandbox.mailbox import Mailbox
from calsync.sandbox.microsoft.graph import GraphApi
from calsync.sandbox.microsoft.outlook_consent import OutlookConsent
from calsync.sandbox.records import Person, Request
from calsync.sandbox.sign_in.codes import Codes
from calsync.sandbox.sign_in.consent import Consent
from calsync.sandbox.sign_in.sign_in import SignIn
from calsync.sandbox.sign_in.staff import Staff, StaffSignIn
from calsync.sandbox.sign_in.tokens import Tokens
from calsync.sandbox.switches import Switches
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
        self.sign_in = SignIn(self.chosen, self.clock)
        self.graph = GraphApi(self.sign_in, self.chosen, self.clock, threading.Condition(self.lock))
        self.mailboxes: dict[str, Mailbox] = {}
        self.google_consent = GoogleConsent(self.tokens, self.chosen, self._google_people)
        self.outlook_consent = OutlookConsent(self.sign_in, self._outlook_people)
        self.staff = StaffSignIn(Codes(self.chosen, self.clock), self.clock)
        self.views: dict[str, View] = {}
        self.log: list[Request] = []

    def box_of(self, person: str) -> Mailbox:
        """The person's mailbox. Raises KeyError."""
        return self.mailboxes[person]

    def entry_of(self, person: str, event_id: str) -> Entry:
        """A live Google event. Raises KeyError."""
        entry = self.google.holding(person, event_id).entries[event_id]
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
        outlook: bool = False,
        client: str | None = None,
        invitations: str = "everyone",
        contacts: Iterable[str] = (),
    ) -> None:
        """One account. Adding it again changes its settings and keeps what it has."""
        client = client or ("exchange" if outlook else "gmail")
        if client not in CLIENTS or invitations not in INVITATIONS:
            raise ValueError(f"client is one of {CLIENTS}, invitations one of {INVITATIONS}")
        ZoneInfo(time_zone)
        person = Person(
            address=address,
            name=name or address,
            time_zone=time_zone,
            google=google,
            outlook=outlook,
            client=client,
            invitations=invitations,
            contacts=frozenset(contacts),
        )
        with self.lock:
            if google:
                self.google.open_calendar(address, time_zone)
            if outlook:
                oid = self.graph.open_calendar(address, person.name).oid
                self.sign_in.people[address] = (oid, person.name)
            self.tokens.people.add(address)
            box = self.mailboxes.setdefault(address, Mailbox(person, self.chosen))
            box.person = person
            box.google = self.google.calendars.get(address)
            box.outlook = self.graph.calendars.get(address)

    def people(self) -> list[str]:
        """Their addresses, in the order in which they came."""
        return list(self.mailboxes)

    def _google_people(self) -> dict[str, str]:
        boxes = self.mailboxes.values()
        return {box.person.address: box.person.name for box in boxes if box.person.google}

    def _outlook_people(self) -> dict[str, str]:
        return {address: name for address, (_, name) in self.sign_in.people.items()}

    def add_staff(
        self,
        address: str,
        name: str = "",
        *,
        groups: Iterable[str] = (),
        claims: Mapping[str, Any] | None = None,
    ) -> None:
        """An account at the organization's sign-in service, and what it says beside or instead."""
        with self.lock:
            self.staff.staff[address] = Staff(name or address, tuple(groups), dict(claims or {}))

    # Consent

    def register_redirect(self, provider: str, uri: str) -> None:
        """An address that the application may send browsers back to; none: any of this machine."""
        with self.lock:
            self._consent_of(provider).redirects.append(uri)

    def need_approval(self, person: str, provider: str, *, needed: bool = True) -> None:
        """Whether the person's administrator must consent first."""
        with self.lock:
            approval = self._consent_of(provider).approval
            approval.add(person) if needed else approval.discard(person)

    def expire_codes(self) -> None:
        """Every authorization code that is out is too old."""
        with self.lock:
            self.tokens.codes.expire()
            self.sign_in.codes.expire()

    def take_calendar(self, person: str, provider: str) -> None:
        """The account stays and has no calendar any more: no licence, service switched off."""
        self._consent_of(provider)
        with self.lock:
            box = self.box_of(person)
            if provider == "google":
                self.google.calendars.pop(person, None)
                box.google = None
            else:
                self.graph.calendars.pop(person, None)
                box.outlook = None

    def _consent_of(self, provider: str) -> Consent:
        if provider == "staff":
            return self.staff
        if provider not in ("google", "outlook"):
            raise ValueError(f"vendor is google or outlook, not {provider}")
        return self.google_consent if provider == "google" else self.outlook_consent

    # Tokens

    def grant(self, person: str, scopes: Iterable[str] | None = None) -> str:
        """A refresh token of Google's; also ends an earlier revoke."""
        with self.lock:
            return self.tokens.grant(self.box_of(person).person.address, scopes)

    def grant_outlook(self, person: str, scopes: Iterable[str] | None = None) -> str:
        """A refresh token of Microsoft's; also ends an earlier revoke. Raises KeyError."""
        with self.lock:
            return self.sign_in.grant(self.graph.calendars[person].owner, scopes)

    def outlook_token(
        self, person: str = "", scopes: Iterable[str] | None = None, expires_in: float = 3600
    ) -> str:
        """An access token for Graph, the application's own without a person. Raises KeyError."""
        with self.lock:
            owner = self.graph.calendars[person].owner if person else ""
            return self.sign_in.access(owner, scopes, expires_in)

    def access_token(
        self, person: str, scopes: Iterable[str] | None = None, expires_in: float = 3600
    ) -> str:
        """An access token, live for `expires_in` seconds."""
        with self.lock:
            return self.tokens.access(self.box_of(person).person.address, scopes, expires_in)

    def expire_tokens(self, person: str) -> None:
        """The person's access tokens of both providers answer 401; refreshing works."""
        with self.lock:
            self.tokens.expire(person)
            self.sign_in.expire(person)

    def expire_delta_links(self, person: str) -> None:
        """Graph has lost every delta round of this person's mailbox. Raises KeyError."""
        with self.lock:
            self.graph.delta.forget(self.graph.calendars[person].owner)

    # Graph's subscriptions

    def subscriptions(self, person: str) -> list[dict[str, Any]]:
        """The live subscriptions to this person's Outlook events. Raises KeyError."""
        with self.lock:
            return self.graph.subscriptions.told(self.graph.calendars[person])

    def subscription_lifecycle(self, person: str, event: str) -> None:
        """missed, subscriptionRemoved or reauthorizationRequired, told for all of them."""
        with self.lock:
            self.graph.subscriptions.lifecycle(self.graph.calendars[person], event)

    def notification_patience(self, seconds: float) -> None:
        """Graph waits so long for answers to validation requests and notifications, else 10 s."""
        self.graph.messenger.patience = seconds

    def revoke(self, person: str, provider: str | None = None) -> None:
        """The person withdraws the consent, from one provider (google, outlook) or both."""
        if provider not in (None, "google", "outlook"):
            raise ValueError(f"vendor is google or outlook, not {provider}")
        with self.lock:
            if provider != "outlook":
                self.tokens.revoke(person)
            if provider != "google":
                self.sign_in.revoke(person)

    def make_certificate(self) -> dict[str, str]:
        """A certificate of the application at Microsoft: private_key, public_certificate (PEM)."""
        with self.lock:
            return self.sign_in.make_certificate()

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
