"""The ports: what calsync asks of the outside, all of it. Implementations know how, never whether.

Times are aware UTC; `until` is a `time.monotonic()` instant by which the call has ended.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol

from calsync.core.account import Credentials, FreshToken, GrantLife, Opened
from calsync.core.booked import BookedSession, RecordWarning
from calsync.core.calls import PreparedRequest, Probed, Proof, Receipt, Sighting
from calsync.core.consent import Given
from calsync.core.content.event import DesiredEvent
from calsync.core.content.notices import AccountNews, OwnerNews
from calsync.core.ledger import Copy, Do
from calsync.core.visit import AskedSignIn, SignedIn
from calsync.errors import ChannelError, RecordError


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a channel can do; read by core and the conformance suite, never the provider's name."""

    can_inspect: bool
    inspect_batch: int
    names_zones: bool = False  # events say in which zone they are displayed, by its name


@dataclass(frozen=True, slots=True)
class Access:
    """What opens one account for one call; only ever in memory. `refuses_stale`: its server was
    seen to refuse a change of an event that had changed meanwhile."""

    account: str
    secret: str = field(repr=False)
    username: str = ""
    endpoint: str = ""
    calendar: str = "primary"
    expires_at: datetime | None = None
    refuses_stale: bool = False


# --- calendars and mailboxes ---------------------------------------------------------------------


class Channel(Protocol):
    """How one kind of place is written and read. No policy, no state, no sleep, no retry."""

    kind: ClassVar[str]
    able: ClassVar[Abilities]

    def prepare(self, do: Do, copy: Copy, event: DesiredEvent, now: datetime) -> PreparedRequest:
        """The call that makes `copy` show `event` (WITHDRAW: what it last showed). Pure."""

    def send(self, prepared: PreparedRequest, copy: Copy, access: Access, until: float) -> Receipt:
        """One attempt. Raises ChannelError."""

    def find(self, copy: Copy, access: Access, until: float) -> Sequence[Sighting]:
        """Everything in the account bearing this copy's key, tombstones included."""

    def find_uid(self, uid: str, access: Access, until: float) -> Sequence[Sighting]:
        """What a mail client made of a mailed copy with this uid."""

    def inspect(
        self, copies: Sequence[Copy], access: Access, until: float
    ) -> Iterator[tuple[Copy, Sighting | ChannelError]]:
        """What the calendar shows of up to `able.inspect_batch` copies of one account."""

    def listed(
        self, instance: str, uids: Collection[str], since: datetime, access: Access, until: float
    ) -> Iterator[Sighting]:
        """Every event in the calendar that bears this marker of an installation, and those without
        it that were made under one of `uids`; of all others nothing but ids is read. What was over
        before `since` may be left out. `uid` is the uid of the copy that was made as this event,
        None for a duplicate that its person made. One that cannot be read is UNREADABLE, and keeps
        none of the others from being listed. Raises ChannelError for what concerns the calendar."""

    def adopt(self, copy: Copy, event: DesiredEvent, access: Access, until: float) -> Sighting:
        """Mark the event at `copy.remote_id`, which another system made, as ours showing `event`.
        What it shows stays as it is, and nobody is mailed; doing it again changes nothing.

        The sighting is LIVE once it is marked, with its material fingerprint drifted where it shows
        other times than `event`. Left as they are: an event of other people too (`has_guests`), and
        one that cannot be ours (NOT_OURS): a series, a whole day, or made by calsync for another
        session. Raises ChannelError, Missing where there is no such event.
        """


class NoticeSender(Protocol):
    """Makes plain mails, which are stored, and sends those bytes. One `key`, one Message-ID."""

    def prepare_notice(
        self, kind: str, to: str, key: str, event: DesiredEvent, now: datetime
    ) -> bytes:
        """What tells a person of one of their sessions."""

    def prepare_account_notice(
        self, kind: str, to: str, key: str, news: AccountNews, link: str
    ) -> bytes:
        """What tells a person that a calendar was connected, disconnected or lost."""

    def prepare_owner_notice(self, to: str, key: str, news: OwnerNews) -> bytes:
        """What tells the integration's owner of lost accounts."""

    def prepare_digest(
        self, to: str, key: str, events: Sequence[DesiredEvent], now: datetime
    ) -> bytes:
        """What tells a person of several sessions at once."""

    def prepare_upcoming(
        self, to: str, key: str, event: DesiredEvent, now: datetime, unsubscribe: str
    ) -> bytes:
        """The Upcoming Session mail. `unsubscribe`: the address of its one-click link, or ""."""
        ...

    def send_notice(self, body: bytes, to: str, until: float) -> None:
        """One attempt. Raises ChannelError."""

    def close(self) -> None:
        """End idle connections; more can be sent afterwards."""


# --- accounts ------------------------------------------------------------------------------------


class Authorizer(Protocol):
    """Opens accounts. Refreshes tokens under the account's lock; a channel never refreshes."""

    def open(
        self,
        account: str,
        until: float,
        *,
        fresh: bool = False,
        version: int | None = None,
        known: Credentials | None = None,
    ) -> Access:
        """Access for one call. `fresh` forces one refresh (after a 401). `version`: that of the
        account's credentials, as the caller has just read it; what is open already is not read.
        `known`: the credentials themselves, where the caller has just read them.

        Raises TryLater, AccessLost or Setup.
        """

    def is_open(self, account: str, version: int) -> bool:
        """`open` needs no credentials: it has opened this version of them before."""


class Connector(Protocol):
    """How credentials that somebody has become an account."""

    def connect(self, email: str, credentials: Mapping[str, str], until: float) -> Opened:
        """What the credentials of the person with this address open.

        Raises InputError for what cannot be connected, ChannelError when nobody can tell.
        """


class Refresher(Protocol):
    """How one provider makes access tokens."""

    def refresh(self, credentials: Credentials, until: float) -> FreshToken:
        """A token to use in place of `credentials.token`, however long that lasts.

        Raises TryLater, AccessLost or Setup.
        """


class Revoker(Protocol):
    """Ends at the provider what a person gave. Accounts of one person and `client` share a grant:
    it ends for all of them."""

    client: str

    def revoke(self, secret: Mapping[str, str], until: float) -> bool:
        """True when it ended now, False when the provider knows nothing of it any more.

        Raises TryLater, Refused or Setup.
        """


class Consenter(Protocol):
    """How one provider asks a person. Everything raises ConsentError. `calls_to_begin`: `begin`
    makes a call."""

    calls_to_begin: ClassVar[bool]

    def begin(
        self, redirect_uri: str, login_hint: str, until: float, *, other: bool, again: bool
    ) -> tuple[str, Mapping[str, Any]]:
        """Where to send the browser, and what to keep, its `state` included. `other`: the person
        chooses the account; `again`: they are asked even if they agreed before."""

    def finish(
        self, kept: Mapping[str, Any], params: Mapping[str, str], until: float, email: str
    ) -> Given:
        """What the browser brought back, redeemed for the person with this address."""

    def admin_url(self, redirect_uri: str, state: str) -> str:
        """Where an administrator approves for all; "" where the provider has no such address."""


class Prober(Protocol):
    """Asks a provider whether it takes what the configuration says. Nothing is changed there."""

    def probe(self, until: float) -> Probed:
        """Raises Setup for what the operator has to put right, ChannelError when nobody can
        tell."""


class LiveTrial(Protocol):
    """Answers what a provider's documentation leaves open, by one event of our own without guests.
    `prepared` is the request that made it; what is made beside it is removed at once."""

    def standing(
        self, prepared: PreparedRequest, copy: Copy, stale: str, access: Access, until: float
    ) -> Iterator[Proof]:
        """While the event is there; `stale` is a revision that it had before. Raises
        ChannelError."""
        ...

    def removed(
        self, prepared: PreparedRequest, copy: Copy, access: Access, until: float
    ) -> Iterator[Proof]:
        """After its removal. Raises ChannelError."""
        ...


# --- providers -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Provider:
    """What one provider offers one tenant; None for what it does not have.

    name          what accounts, routes and settings call it
    channel       None: it is not set up for this tenant
    refresher     None: its accounts are opened by their password
    self_service  people may connect it on their page
    domains       mail domains whose people it serves without asking each of them
    prober        None: there is nothing of the operator's to ask for
    life          how long consents of people last; None: no bound is known
    trial         None: there is nothing to be found out
    """

    name: str
    channel: Channel | None = None
    connector: Connector | None = None
    refresher: Refresher | None = None
    revoker: Revoker | None = None
    consenter: Consenter | None = None
    sender: NoticeSender | None = None
    self_service: bool = False
    domains: Sequence[str] = ()
    prober: Prober | None = None
    life: GrantLife | None = None
    trial: LiveTrial | None = None


# --- booked sessions -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KnownRecords:
    """Which records need not be read again. `rules` are part of each hash: what decides how records
    are read, beside the source's settings. `to_read`: of these sessions, by id and with the hashes
    of their records, those that were not accepted from just that record."""

    rules: str = ""
    to_read: Callable[[Mapping[str, str]], Collection[str]] = lambda hashes: hashes


NOTHING_KNOWN = KnownRecords()


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a source. `refused` are the records that failed, with their reasons.

    warnings  what was left out; those about a record are a RecordWarning
    cursor  what to hand to the next read; opaque to everyone but the source
    now     the source's own clock at the read, aware UTC
    without_people  ids of booked `sessions` for which nobody came from where participants are
                    listed: not the same as a record that says nobody takes part
    hashes  by id, of the raw records of those `sessions` that nothing is warned of
    unchanged  ids of sessions that were not read, for their records are known
    """

    sessions: Sequence[BookedSession]
    refused: Sequence[RecordError] = ()
    warnings: Sequence[str] = ()
    cursor: str | None = None
    now: datetime | None = None
    without_people: Sequence[str] = ()
    hashes: Mapping[str, str] = field(default_factory=dict)
    unchanged: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """One record of a source, to be looked at.

    answer  what the source gave, as JSON values and without notes, before it was read
    page    what became of it: one session or one refusal, and the warnings
    """

    answer: object = field(repr=False)
    page: Page


class SessionSource(Protocol):
    """Where booked sessions come from."""

    name: str
    tenant: str

    def changes(self, cursor: str | None, known: KnownRecords = NOTHING_KNOWN) -> Iterator[Page]:
        """Sessions updated since `cursor` (overlap included), oldest first, in pages. Raises
        SourceError when the source cannot be read; pages already yielded stay valid."""

    def sweep(self, known: KnownRecords = NOTHING_KNOWN) -> Iterator[Page]:
        """Every session of the source, paged by id, in one snapshot. Raises SourceError."""

    def present(self, ids: Sequence[str]) -> set[str] | None:
        """Which of these sessions, 500 at most, the source has now, whatever state they are in;
        None: this source cannot tell. Raises SourceError."""


class SampledSource(SessionSource, Protocol):
    """A source of which a few records can be looked at, apart from any ledger."""

    def samples(self, limit: int) -> Iterator[Sample]:
        """A few records to look at: the first of a file or an answer, the newest of a database.
        Raises SourceError."""


class RecordReader(Protocol):
    """How a record that the platform sends becomes a booked session."""

    def check(self, ident: str) -> None:
        """Raises RecordError for what cannot be a session's id."""

    def read(self, ident: str, record: object) -> tuple[BookedSession, list[RecordWarning]]:
        """The session in this record, sent for the id, and the warnings about it. Raises
        RecordError."""

    def faults(self, record: object, first: RecordError) -> list[RecordError]:
        """The refusal `first`, and whatever else in the record would be refused next."""


class BodyReader(Protocol):
    """How the body of a booking system's webhook becomes booked sessions."""

    def read(self, body: bytes) -> Page | None:
        """The sessions in a body; with `refused`, everything that is wrong with its records, and no
        session. None for one that only says that something has changed."""


# --- HTTP, and where operators sign in ------------------------------------------------------------


class HttpAnswer(Protocol):
    """An answer, whatever its status; header names in lower case."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...


class HttpClient(Protocol):
    """Makes requests, one at a time; follows nothing."""

    def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None,
        until: float,
    ) -> HttpAnswer:
        """One attempt, whatever the answer's status. Raises ChannelError."""


class SignInService(Protocol):
    """Where the organization's people prove who they are."""

    def address(self, asked: AskedSignIn, until: float) -> str:
        """Where a browser goes to sign in. Raises TryLater, Setup."""

    def redeem(self, asked: AskedSignIn, code: str, until: float) -> SignedIn:
        """Whom a code stands for. Raises TryLater, Setup, Refused."""
