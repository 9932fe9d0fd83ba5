"""What stands in one calendar beside what the ledger knows of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from calsync.core.account import Account
from calsync.core.calls import Seen, Sighting
from calsync.core.ledger import Copy, CopyState, DeliveryKey, Want
from calsync.store.database import Row

S = CopyState
STANDING = (S.LIVE, S.UNSURE, S.TAKEN, S.STRANDED)


@dataclass(frozen=True, slots=True)
class Place:
    """What the ledger knows of one calendar.

    rows     the deliveries that may stand in it
    copies   of these deliveries
    uids     of which delivery and generation a uid is, of all that may have been made in it
    others   uids of what stands there for another tenant: told of with that one's account
    """

    account: Account
    rows: Mapping[DeliveryKey, Row]
    copies: Mapping[DeliveryKey, Sequence[Copy]]
    uids: Mapping[str, tuple[DeliveryKey, int]]
    others: Collection[str] = ()

    @property
    def made(self) -> set[str]:
        """Every uid under which something of ours may stand there, marked or not."""
        here = self.account.destination
        known = {
            c.uid for several in self.copies.values() for c in several if c.destination == here
        }
        return {*self.uids, *known} - {""}


@dataclass
class Compared:
    """What one listing showed.

    marked    events with our marker, without the duplicates that people made
    unknown   events of deliveries that this ledger does not have: left alone
    strays    events of a known delivery that the ledger does not count as standing
    doubles   deliveries of which several events stand there
    stale     deliveries whose event shows something else than the ledger says
    missing   deliveries whose event should stand there and does not
    unreadable  events that stand there and cannot be read: of which delivery each is, if that is
              known. One that the ledger does not count as standing is a stray as well
    """

    marked: int = 0
    unknown: int = 0
    strays: list[tuple[DeliveryKey, int, Sighting]] = field(default_factory=list)
    doubles: set[DeliveryKey] = field(default_factory=set)
    stale: set[DeliveryKey] = field(default_factory=set)
    missing: set[DeliveryKey] = field(default_factory=set)
    unreadable: list[DeliveryKey | None] = field(default_factory=list)


def compare(place: Place, sightings: Sequence[Sighting]) -> Compared:
    """The listing beside the ledger. Only an event whose own id is that of a copy that the ledger
    has or can name counts: any other is a duplicate that its person made, or of a session that the
    ledger does not know."""
    found, seen = Compared(), Counter[DeliveryKey]()
    by_uid = {c.uid: (key, c) for key, several in place.copies.items() for c in several}
    shown: set[str] = set()
    for one in _with_uids(place, sightings):
        uid = one.uid or ""
        if uid in place.others:
            continue
        key, copy = by_uid.get(uid, (None, None))
        key, generation = (key, 0) if copy else place.uids.get(uid, (None, 0))
        if one.state is Seen.UNREADABLE:
            found.unreadable.append(key)
        if not uid:
            continue
        found.marked += 1
        shown.add(uid)
        if key is None:
            found.unknown += 1
            continue
        seen[key] += 1
        if copy is not None:
            _beside(found, key, copy, one)
        else:
            found.strays.append((key, generation, one))
    found.doubles = {key for key, count in seen.items() if count > 1}
    found.missing = set(_missing(place, shown))
    return found


def _with_uids(place: Place, sightings: Sequence[Sighting]) -> Iterator[Sighting]:
    """What stands there, duplicates that people made included. One that cannot be read may be known
    by the id that its provider gave it."""
    by_id = {c.remote_id: c.uid for several in place.copies.values() for c in several}
    for one in sightings:
        if one.state is Seen.UNREADABLE and one.uid is None:
            yield replace(one, uid=by_id.get(one.remote_id))
        elif one.state in (Seen.LIVE, Seen.UNREADABLE):
            yield one


def _beside(found: Compared, key: DeliveryKey, copy: Copy, seen: Sighting) -> None:
    if copy.state not in STANDING:
        found.strays.append((key, copy.generation, seen))
    elif copy.state is S.LIVE and seen.state is Seen.LIVE and not seen.has_guests:
        shows = seen.material_fp, seen.quiet_fp
        if shows != (copy.material_fp, copy.quiet_fp):
            found.stale.add(key)


def _missing(place: Place, shown: set[str]) -> list[DeliveryKey]:
    return [
        key
        for key, several in place.copies.items()
        for copy in several
        if copy.state is S.LIVE
        and copy.destination == place.account.destination
        and copy.generation
        and copy.uid not in shown
    ]


def unwanted(place: Place) -> list[DeliveryKey]:
    """The deliveries of which something may stand there that is not wanted any more."""
    found = (
        key
        for key, several in place.copies.items()
        if any(one.state is S.STRANDED and one.recovered for one in several)
    )
    return sorted(key for key in found if place.rows[key]["want"] != Want.PRESENT.value)
