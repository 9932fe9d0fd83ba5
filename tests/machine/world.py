"""The outside, as a model: calendars, mailboxes and what their people can see."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from calsync.core.calls import Receipt, Seen, Sighting
from calsync.errors import AccessLost, Changed, Missing

STRIPPED = "stripped"  # shown by a server that did not take our fields


class Shown(NamedTuple):
    """One event a person can see."""

    place: str
    uid: str
    material: str


@dataclass
class Event:
    uid: str
    material: str | None
    quiet: str | None
    revision: int = 1
    guests: bool = False
    ours: bool = True
    moved: bool = False

    @property
    def remote_id(self) -> str:
        """Where its provider has it."""
        return f"{self.uid}/moved" if self.moved else self.uid


@dataclass
class Calendar:
    """One calendar that is written, and the others of its account, where its person moves events.

    remembers  a deleted id stays taken (Google); otherwise a repeated create answers with the one
               that is there, and a deleted one is simply absent (Graph, CalDAV)
    searched   the others are searched as well; otherwise what was moved looks like what was
               deleted, and may be anywhere (Google without the scope)
    """

    place: str
    remembers: bool
    searched: bool = True
    alive: bool = False
    events: dict[str, Event] = field(default_factory=dict)
    tombstones: set[str] = field(default_factory=set)

    def _open(self) -> None:
        if not self.alive:
            raise AccessLost("invalid_grant", happened="no", scope="account")

    def create(self, uid: str, material: str, quiet: str) -> Receipt:
        self._open()
        if self.remembers and (uid in self.events or uid in self.tombstones):
            raise Changed("duplicate", happened="no")
        event = self.events.setdefault(uid, Event(uid, material, quiet))
        return Receipt(event.remote_id, str(event.revision), applied=event.material == material)

    def change(
        self, uid: str, at: str | None, revision: str | None, material: str, quiet: str
    ) -> Receipt:
        self._open()
        event = self._at(uid, at)
        if revision is not None and revision != str(event.revision):
            raise Changed("412", happened="no")
        event.material, event.quiet = material, quiet
        event.revision += 1
        return Receipt(event.remote_id, str(event.revision))

    def withdraw(self, uid: str, at: str | None) -> Receipt:
        self._open()
        event = self._at(uid, at)
        del self.events[uid]
        self.tombstones.add(uid)
        return Receipt(event.remote_id)

    def _at(self, uid: str, at: str | None) -> Event:
        event = self.events.get(uid)
        if event is None or event.remote_id != (at or uid):
            raise Missing("404", happened="no")
        return event

    def find(self, uid: str) -> list[Sighting]:
        self._open()
        event = self.events.get(uid)
        if event is not None and event.moved and not self.searched:
            return [Sighting(uid, Seen.GONE, unsearched=True)]
        if event is not None and event.ours:
            return [
                Sighting(
                    remote_id=event.remote_id,
                    state=Seen.LIVE,
                    revision=str(event.revision),
                    uid=uid,
                    material_fp=event.material,
                    quiet_fp=event.quiet,
                    has_guests=event.guests,
                )
            ]
        gone = self.remembers and uid in self.tombstones
        return [Sighting(uid, Seen.GONE, unsearched=not self.searched)] if gone else []

    def find_uid(self, uid: str) -> list[Sighting]:
        self._open()
        event = self.events.get(uid)
        if event is None or event.ours:
            return []
        return [Sighting(remote_id=uid, state=Seen.NOT_OURS, uid=uid)]

    def user_deletes(self, uid: str) -> None:
        if self.events.pop(uid, None) is not None:
            self.tombstones.add(uid)


class Message(NamedTuple):
    uid: str
    sequence: int
    cancel: bool
    material: str


@dataclass
class Mailbox:
    """A mail client that keeps, of each uid, the newest message by SEQUENCE; a CANCEL of the same
    SEQUENCE wins. Messages may be read long after they came, in any order.

    removed  what was taken out of the calendar it was put into, and the SEQUENCE it had reached
    """

    address: str
    place: str
    unread: list[Message] = field(default_factory=list)
    newest: dict[str, Message] = field(default_factory=dict)
    removed: dict[str, int] = field(default_factory=dict)

    def remove(self, uid: str) -> None:
        """Taken out of the calendar: only what is sent from now on brings it back."""
        held = (*self.unread, *self.newest.values())
        self.removed[uid] = max((one.sequence for one in held if one.uid == uid), default=0)

    def read(self, calendar: Calendar | None, *, backwards: bool) -> None:
        unread = self.unread[::-1] if backwards else list(self.unread)
        self.unread.clear()
        for message in unread:
            known = self.newest.get(message.uid)
            if known is None or _newer(message, known):
                self.newest[message.uid] = message
                if message.sequence > self.removed.get(message.uid, message.sequence):
                    del self.removed[message.uid]
                self._update(calendar, message)

    def _update(self, calendar: Calendar | None, message: Message) -> None:
        event = calendar.events.get(message.uid) if calendar is not None else None
        if event is None or calendar is None:
            return
        if message.cancel:
            del calendar.events[message.uid]
        else:
            event.material = message.material

    def put(self, calendar: Calendar) -> None:
        """The mail client copies what it holds into a calendar."""
        for uid, message in self.newest.items():
            if not message.cancel and uid not in calendar.events:
                self.removed.pop(uid, None)
                calendar.events[uid] = Event(uid, message.material, None, ours=False)

    def to_be_seen(self) -> set[Shown]:
        """What is visible once everything is read."""
        read = Mailbox(
            self.address, self.place, list(self.unread), dict(self.newest), dict(self.removed)
        )
        read.read(None, backwards=False)
        return read.visible()

    def visible(self) -> set[Shown]:
        return {
            Shown(self.place, uid, m.material)
            for uid, m in self.newest.items()
            if not m.cancel and uid not in self.removed
        }


def _newer(message: Message, known: Message) -> bool:
    if message.cancel != known.cancel:
        cancel, request = (message, known) if message.cancel else (known, message)
        return message.cancel is (cancel.sequence >= request.sequence)
    return message.sequence > known.sequence
