"""Fakes that remember and fail on cue. A calendar and a mail server as channels see them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar

from calsync.core.account import Credentials
from calsync.core.calls import PreparedRequest, Receipt, Seen, Sighting
from calsync.core.content.event import DesiredEvent, event_to_json
from calsync.core.ledger import Copy, Do, Marker
from calsync.errors import Changed, ChannelError, Missing, TryLater
from calsync.ports import Abilities, Access


@dataclass
class Entry:
    """One event in the fake calendar; `gone` is a tombstone."""

    material_fp: str
    quiet_fp: str
    event: dict[str, object]
    gone: bool = False
    guests: bool = False
    drifted: bool = False
    marker: Marker | None = None


@dataclass
class FakeCalendar:
    """A calendar channel over memory: own keys, tombstones, answers lost on cue.

    failures   taken from the front, one per call: an error to raise before the work ("no"), or
               "lost" to do the work and raise TryLater(maybe)
    """

    kind: ClassVar[str] = "google"
    able: ClassVar[Abilities] = Abilities(True, 20)
    entries: dict[tuple[str, str], Entry] = field(default_factory=dict)
    foreign: dict[tuple[str, str], str] = field(default_factory=dict)  # (account, uid) -> id
    failures: list[ChannelError | str] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)
    during: Callable[[], None] = lambda: None

    def prepare(self, do: Do, copy: Copy, event: DesiredEvent, now: datetime) -> PreparedRequest:
        body = event_to_json(event).encode() if do is not Do.WITHDRAW else b""
        key = copy.remote_id if do is Do.WITHDRAW and copy.remote_id else copy.uid
        return PreparedRequest(do, key, body, event.material_fp, event.quiet_fp)

    def send(self, prepared: PreparedRequest, copy: Copy, access: Access, until: float) -> Receipt:
        self.calls.append((prepared.do.value, prepared.key))
        self.during()
        failure = self.failures.pop(0) if self.failures else None
        if isinstance(failure, ChannelError):
            raise failure
        receipt = self._work(prepared, access.account)
        if prepared.do is not Do.WITHDRAW:
            self.entries[access.account, prepared.key].marker = copy.marker
        if failure == "lost":
            raise TryLater("answer lost", happened="maybe", scope="copy")
        return receipt

    def _work(self, prepared: PreparedRequest, account: str) -> Receipt:
        place = (account, prepared.key)
        if prepared.do is Do.WITHDRAW and self.foreign.pop(place, None) is not None:
            return Receipt(prepared.key)
        entry = self.entries.get(place)
        if prepared.do is Do.CREATE:
            if entry is not None:
                raise Changed("409 duplicate", happened="maybe")
            self.entries[place] = Entry(
                prepared.material_fp, prepared.quiet_fp, json.loads(prepared.body)
            )
            return Receipt(prepared.key, "1")
        if entry is None or entry.gone:
            raise Missing("404 notFound", happened="no")
        if prepared.do is Do.WITHDRAW:
            entry.gone = True
        else:
            entry.material_fp, entry.quiet_fp = prepared.material_fp, prepared.quiet_fp
            entry.event = json.loads(prepared.body)
        return Receipt(prepared.key, "2")

    def _sighting(self, key: str, entry: Entry) -> Sighting:
        state = Seen.GONE if entry.gone else Seen.LIVE
        material = "drift:moved" if entry.drifted else entry.material_fp
        return Sighting(key, state, "1", key, material, entry.quiet_fp, entry.guests)

    def find(self, copy: Copy, access: Access, until: float) -> Sequence[Sighting]:
        self.calls.append(("find", copy.uid))
        entry = self.entries.get((access.account, copy.uid))
        return [self._sighting(copy.uid, entry)] if entry is not None else []

    def find_uid(self, uid: str, access: Access, until: float) -> Sequence[Sighting]:
        self.calls.append(("find_uid", uid))
        if (access.account, uid) in self.foreign:
            return [Sighting(uid, Seen.NOT_OURS, None, uid)]
        return []

    def inspect(
        self, copies: Sequence[Copy], access: Access, until: float
    ) -> Iterator[tuple[Copy, Sighting | ChannelError]]:
        for copy in copies:
            self.calls.append(("look", copy.uid))
            entry = self.entries.get((access.account, copy.uid))
            if entry is None:
                yield copy, Sighting(copy.uid, Seen.GONE)
            else:
                yield copy, self._sighting(copy.uid, entry)

    def listed(
        self, instance: str, since: datetime, access: Access, until: float
    ) -> Iterator[Sighting]:
        self.calls.append(("list", access.account))
        for (account, key), entry in self.entries.items():
            marker = entry.marker if account == access.account and not entry.gone else None
            if marker is not None and marker.instance == instance:
                yield replace(self._sighting(key, entry), item=marker.item)

    def adopt(self, copy: Copy, event: DesiredEvent, access: Access, until: float) -> Sighting:
        key = str(copy.remote_id)
        self.calls.append(("adopt", key))
        failure = self.failures.pop(0) if self.failures else None
        if isinstance(failure, ChannelError):
            raise failure
        entry = self.entries.get((access.account, key))
        if entry is None or entry.gone:
            raise Missing("404 notFound", happened="no")
        if not entry.guests:
            entry.material_fp, entry.quiet_fp = event.material_fp, event.quiet_fp
            entry.marker = copy.marker
        return self._sighting(key, entry)

    def live(self, account: str) -> list[dict[str, object]]:
        """What stands in one account's calendar."""
        return [e.event for (acc, _), e in self.entries.items() if acc == account and not e.gone]


@dataclass
class FakeMail:
    """A mail channel over memory."""

    kind: ClassVar[str] = "mail"
    able: ClassVar[Abilities] = Abilities(False, 0)
    sent: list[dict[str, object]] = field(default_factory=list)
    failures: list[ChannelError | str] = field(default_factory=list)
    during: Callable[[], None] = lambda: None

    def prepare(self, do: Do, copy: Copy, event: DesiredEvent, now: datetime) -> PreparedRequest:
        message = {
            "method": "CANCEL" if do is Do.WITHDRAW else "REQUEST",
            "uid": copy.uid,
            "sequence": copy.sequence,
            "to": copy.address,
            "title": event.title,
            "starts_at": event.starts_at.isoformat(),
            "stamp": now.isoformat(),
        }
        body = json.dumps(message).encode()
        return PreparedRequest(
            do, f"{copy.uid}-{copy.sequence}", body, event.material_fp, event.quiet_fp
        )

    def send(self, prepared: PreparedRequest, copy: Copy, access: Access, until: float) -> Receipt:
        self.during()
        failure = self.failures.pop(0) if self.failures else None
        if isinstance(failure, ChannelError):
            raise failure
        self.sent.append(json.loads(prepared.body))
        if failure == "lost":
            raise TryLater("answer lost", happened="maybe", scope="copy")
        return Receipt(prepared.key)

    def find(self, copy: Copy, access: Access, until: float) -> Sequence[Sighting]:
        raise NotImplementedError("a mailbox cannot be searched")

    def find_uid(self, uid: str, access: Access, until: float) -> Sequence[Sighting]:
        raise NotImplementedError("a mailbox cannot be searched")

    def inspect(
        self, copies: Sequence[Copy], access: Access, until: float
    ) -> Iterator[tuple[Copy, Sighting | ChannelError]]:
        raise NotImplementedError("a mailbox cannot be looked at")

    def listed(
        self, instance: str, since: datetime, access: Access, until: float
    ) -> Iterator[Sighting]:
        raise NotImplementedError("a mailbox cannot be listed")

    def adopt(self, copy: Copy, event: DesiredEvent, access: Access, until: float) -> Sighting:
        raise NotImplementedError("a mailbox has no events")

    def events(self, address: str) -> dict[str, dict[str, object]]:
        """What a mail client of this address shows: the newest REQUEST per UID, less CANCELs."""
        shown: dict[str, dict[str, object]] = {}
        for message in self.sent:
            if message["to"] != address:
                continue
            if message["method"] == "CANCEL":
                shown.pop(str(message["uid"]), None)
            else:
                shown[str(message["uid"])] = message
        return shown


@dataclass
class FakeAuthorizer:
    """Opens every account at once; `errors` by account id raises instead. `known`: the credentials
    that came with each call."""

    errors: dict[str, ChannelError] = field(default_factory=dict)
    opened: list[str] = field(default_factory=list)
    known: list[Credentials | None] = field(default_factory=list)

    def open(
        self,
        account: str,
        until: float,
        *,
        fresh: bool = False,
        version: int | None = None,
        known: Credentials | None = None,
    ) -> Access:
        self.opened.append(account)
        self.known.append(known)
        if account in self.errors:
            raise self.errors[account]
        return Access(account=account, secret="secret")

    def is_open(self, account: str, version: int) -> bool:
        return account in self.opened
