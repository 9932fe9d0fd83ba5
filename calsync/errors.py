"""Every error calsync raises on purpose.

CalsyncError
├── ConfigError      the configuration has problems; all of them at once
├── InputError       a person asked for something that cannot be; the text says what to do
│   ├── LoginError   because a server refused the user name or password they gave
│   └── HostError    because the server they named is in a private network
├── SourceError      booked sessions could not be read; nothing is changed by it
├── RecordError      one booked session is refused; the others go on
├── SealError        sealed bytes cannot be opened (wrong key, or moved to another row)
├── DatabaseError    the database cannot be reached, or a statement failed
│   ├── ConflictError   because a unique index keeps a row out: somebody else has its place
│   ├── ValueRefusedError   because a value cannot be stored: too large, or a character too many
│   └── CommitUnknownError   the connection was lost at the end: nobody knows whether it is stored
└── ChannelError     a call to a calendar or mail server did not work
    ├── TryLater     wait, then do the same again
    │   └── TimedOut    because the server did not answer in time
    ├── AccessLost   the account no longer gives us access: route to mail
    ├── Unusable     the mailbox cannot be written: route to mail, check again daily
    ├── Refused      this one request will never work; ops are shown it
    ├── Missing      the artefact is not there
    ├── Changed      somebody else changed it meanwhile: look, decide again
    └── Setup        the operator's fault: stop that provider or tenant, accounts untouched
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

Happened = Literal["no", "maybe"]
Scope = Literal["copy", "account", "tenant", "provider"]


class CalsyncError(Exception):
    """The root; its text is written for the person who reads it."""


class ConfigError(CalsyncError):
    """Configuration cannot be used. `problems` holds every one found, each with what to write."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))


class InputError(CalsyncError):
    """What a person asked for cannot be done; the text says what to do instead."""


class LoginError(InputError):
    """A server refused the user name or password that a person gave."""


class HostError(InputError):
    """A person named a server in a private network. Operators may read so; who is not one is told
    what they are told of a name that does not exist, or could find out which names do."""


class OtherServerError(InputError):
    """The server that a person named keeps its calendars on another one, at `url`. Nothing was sent
    there: the person decides whether it gets their password."""

    def __init__(self, reason: str, url: str) -> None:
        self.url = url
        super().__init__(reason)


class SourceError(CalsyncError):
    """A source of booked sessions could not be read. Nothing may be concluded from it."""


def beside_source(reason: str, source: str) -> str:
    """The reason as it is read behind the source's name, which most reasons begin with."""
    return reason.removeprefix(f"source {source}: ")


class RecordError(CalsyncError):
    """One booked session is refused. `field` names where, `record` whose."""

    def __init__(self, record: str, field: str, reason: str) -> None:
        self.record, self.field, self.reason = record, field, reason
        super().__init__(f"{record}: {field}: {reason}")


class SealError(CalsyncError):
    """Sealed bytes cannot be opened with the configured keys for this place."""


class DatabaseError(CalsyncError):
    """The database cannot be used. The text is the driver's own first line: no statement, and no
    values, which may be content. `sqlstate` is PostgreSQL's code, where there is one; `advice` says
    what to do, where that is known; `away`, that the connection is lost or none can be made."""

    def __init__(
        self, reason: str, sqlstate: str | None = None, *, advice: str = "", away: bool = False
    ) -> None:
        self.sqlstate, self.advice, self.away = sqlstate, advice, away
        super().__init__(reason)


class ConflictError(DatabaseError):
    """A row cannot be stored beside one that is there. Only what the savepoint or the transaction
    around it did is lost."""


class ValueRefusedError(DatabaseError):
    """A value cannot be stored: a number out of range, or a text with a character that no text
    holds there. The same value would be refused again."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an exception that nobody foresaw came from. Its text is not kept: it may hold content.

    error     the exception's type
    function  the innermost function of ours that it passed, with its module
    line      of that module
    """

    error: str
    function: str
    line: int

    def __str__(self) -> str:
        return f"unexpected {self.error} in {self.function}, line {self.line}"


OURS = ("calsync.", "providers.")


def origin_of(error: BaseException) -> Origin:
    """Where this exception, which was caught, came from."""
    found = "", 0
    for frame, line in traceback.walk_tb(error.__traceback__):
        module = str(frame.f_globals.get("__name__", ""))
        if module.startswith(OURS) or not found[1]:
            found = f"{module}.{frame.f_code.co_qualname}", line
    return Origin(type(error).__name__, *found)


class CommitUnknownError(DatabaseError):
    """The connection was lost before the answer to a COMMIT: the transaction is stored, or nothing
    of it is."""


class ChannelError(CalsyncError):
    """A call failed. The class says what the caller does next.

    happened  "no": the provider certainly did nothing; "maybe": it may have done it.
    scope     how much is affected: this copy, its account, its tenant, or the whole provider.
    after     seconds to wait at least before the next call, if the provider or our table says so.
    reason    short and safe to log: a status and the provider's reason word, never content.
    origin    where the exception that nobody foresaw came from which this error stands for, if any
    """

    kind: ClassVar[str] = "error"

    def __init__(
        self,
        reason: str,
        *,
        happened: Happened = "maybe",
        scope: Scope = "copy",
        after: float | None = None,
        request_id: str | None = None,
        origin: Origin | None = None,
    ) -> None:
        self.reason, self.happened, self.scope, self.after = reason, happened, scope, after
        self.request_id, self.origin = request_id, origin
        super().__init__(reason)


class TryLater(ChannelError):
    """Wait, then do the same again."""

    kind = "try_later"


class TimedOut(TryLater):
    """The server did not answer in time: it may have more to do than it can."""


class AccessLost(ChannelError):
    """The account no longer gives us access; its person is served by mail."""

    kind = "access_lost"


class Unusable(ChannelError):
    """The mailbox or calendar cannot be written; mail serves, checked again daily."""

    kind = "unusable"


class Refused(ChannelError):
    """This request will never work as it is, or (maybe) nobody foresaw the answer. A create or
    change that was certainly not done is not retried until something changes.

    of_address  what a mail server refuses is the recipient, so another mail would be refused too
    of_sender   it may be about us: a policy, or a login that is asked for
    """

    kind = "refused"
    of_address: bool = False
    of_sender: bool = False


class UnknownZone(Refused):
    """The provider does not know the name of the event's time zone. Nothing was done, and the same
    event is sent at once with another name. `zone` is the name that was sent."""

    REASON: ClassVar[str] = "unknown time zone"  # at the end of what the ledger keeps of the answer

    def __init__(self, said: str, zone: str, *, request_id: str | None = None) -> None:
        self.zone = zone
        reason = f"{said}: {self.REASON}"
        super().__init__(reason, happened="no", scope="copy", request_id=request_id)


class Missing(ChannelError):
    """The artefact is not there."""

    kind = "missing"


class Changed(ChannelError):
    """Somebody else changed the artefact since we last saw it."""

    kind = "changed"


class Setup(ChannelError):
    """The operator's configuration is at fault; accounts are left as they are."""

    kind = "setup"
