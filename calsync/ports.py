"""The ports: what the core's caller asks of the outside. Implementations know how, never whether.

Times are aware UTC; `until` is a `time.monotonic()` instant by which the call has ended.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Protocol

from calsync.core.booked import BookedSession
from calsync.core.calls import PreparedRequest, Receipt, Sighting
from calsync.core.content.event import DesiredEvent
from calsync.core.ledger import Copy, Do
from calsync.errors import ChannelError, RecordError


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a channel can do; read by core and the conformance suite, never the provider's name."""

    can_inspect: bool
    can_find: bool
    can_find_uid: bool
    inspect_batch: int


@dataclass(frozen=True, slots=True)
class Access:
    """What opens one account for one call; only ever in memory."""

    account: str
    secret: str = field(repr=False)
    username: str = ""
    endpoint: str = ""
    calendar: str = "primary"
    expires_at: datetime | None = None


class Channel(Protocol):
    """How one kind of place is written and read. No policy, no state, no sleep, no retry."""

    kind: ClassVar[str]
    able: ClassVar[Abilities]

    def prepare(self, do: Do, copy: Copy, event: DesiredEvent, now: datetime) -> PreparedRequest:
        """The call that makes `copy` show `event` (WITHDRAW: what it last showed). Pure."""
        ...

    def send(self, prepared: PreparedRequest, copy: Copy, access: Access, until: float) -> Receipt:
        """One attempt. Raises ChannelError."""
        ...

    def find(self, copy: Copy, access: Access, until: float) -> Sequence[Sighting]:
        """Everything in the account bearing this copy's key, tombstones included."""
        ...

    def find_uid(self, uid: str, access: Access, until: float) -> Sequence[Sighting]:
        """What a mail client made of a mailed copy with this uid."""
        ...

    def inspect(
        self, copies: Sequence[Copy], access: Access, until: float
    ) -> Iterator[tuple[Copy, Sighting | ChannelError]]:
        """What the calendar shows of up to `able.look_batch` copies of one account."""
        ...


class Authorizer(Protocol):
    """Opens accounts. Refreshes tokens under the account's lock; a channel never refreshes."""

    def open(self, account: str, until: float, *, fresh: bool = False) -> Access:
        """Access for one call. `fresh` forces one refresh (after a 401).

        Raises TryLater, AccessLost or Setup.
        """
        ...


class Revoker(Protocol):
    """Ends at the provider what a person gave. Accounts of one person and `client` share a grant:
    it ends for all of them."""

    client: str

    def revoke(self, secret: Mapping[str, str], until: float) -> bool:
        """True when it ended now, False when the provider knows nothing of it any more.

        Raises TryLater, Refused or Setup.
        """
        ...


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a source. `refused` are the records that failed, with their reasons.

    cursor  what to hand to the next read; opaque to everyone but the source
    now     the source's own clock at the read, aware UTC
    """

    sessions: Sequence[BookedSession]
    refused: Sequence[RecordError] = ()
    warnings: Sequence[str] = ()
    cursor: str | None = None
    now: datetime | None = None


class SessionSource(Protocol):
    """Where booked sessions come from."""

    name: str
    tenant: str

    def changes(self, cursor: str | None) -> Iterator[Page]:
        """Sessions updated since `cursor` (overlap included), oldest first, in pages.

        Raises SourceError when the source cannot be read; pages already yielded stay valid.
        """
        ...

    def sweep(self) -> Iterator[Page]:
        """Every session of the source, paged by id, in one snapshot. Raises SourceError."""
        ...
