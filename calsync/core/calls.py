"""What goes to a channel and what comes back from it, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from calsync.core.ledger import Do

Span = tuple[datetime, datetime]  # start and end, aware UTC


@dataclass(frozen=True, slots=True)
class PreparedRequest:
    """One call, complete. Made once, stored before it is sent, replayed unchanged.

    key         the provider's key of the artefact (event id, href, Message-ID)
    body        the exact bytes; b"" where the call has none
    material_fp, quiet_fp   fingerprints this wire makes the copy show
    """

    do: Do
    key: str
    body: bytes = field(repr=False)
    material_fp: str
    quiet_fp: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider's yes. `applied` is False when its answer does not show our fields as sent.

    all_ours  what stands there is what we sent, and nothing that anybody else has put into it
    """

    remote_id: str
    revision: str | None = None
    request_id: str | None = None
    applied: bool = True
    all_ours: bool = False


class Seen(StrEnum):
    LIVE = "live"
    GONE = "gone"  # a tombstone; of an inspection also proven absence
    ABSENT = "absent"  # nothing is there, and nothing tells that anything ever was
    NOT_OURS = "not_ours"
    UNREADABLE = "unreadable"  # it is there, and nothing tells what it shows; of a listing only


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a calendar shows now. Fingerprints are those of what is *shown*: where the user edited
    an owned field the fingerprint starts with "drift:" and equals nothing we ever sent.

    item        of which delivery and generation it is, as its marker says; of a listing only
    span        start and end that it shows, where what is material was edited, or it is not ours;
                None for an entry of whole days, or one that is repeated
    unsearched  it is not where it was, and the account's other calendars could not be asked for
                it: its person may have moved it to one of them
    """

    remote_id: str
    state: Seen
    revision: str | None = None
    uid: str | None = None
    material_fp: str | None = None
    quiet_fp: str | None = None
    has_guests: bool = False
    item: str | None = None
    unsearched: bool = False
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Probed:
    """What a provider said to a probe.

    said             in words, after "it": "knows this client"
    server_time      its clock, where it told, to the second
    certificate_end  until when the certificate is good by which its server is known
    """

    said: str
    server_time: datetime | None = None
    certificate_end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """What a provider was seen to do.

    question  the word for it, as the sandbox's switches have it
    text      the same in words
    answer    what it did, in one word
    expected  what its documentation says; "" where that leaves it open
    """

    question: str
    text: str
    answer: str
    expected: str = ""
