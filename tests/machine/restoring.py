"""A backup as a model: what the ledger forgets when it is put back, and the repair that follows.

The platform, calendars and mailboxes go on: of what happened since, the ledger knows nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from calsync.core.account import Account
from calsync.core.ledger import MAIL, Copy, CopyState, Delivery, next_generation
from calsync.ops.restore.comparison import STANDING
from calsync.ops.restore.listing import AHEAD
from calsync.store.ledger.recovery import UNKNOWN_SINCE
from tests.machine.workers import Service

TAKES = timedelta(minutes=30)  # until a backup is in its place; calls in flight are over by then


@dataclass(frozen=True)
class Record:
    """What the platform says of the session, and when it said so last."""

    stamp: int
    material: str
    quiet: str
    booked: bool
    people: dict[str, tuple[str, bool]]

    @classmethod
    def of(cls, ledger: Service) -> Record:
        people = {p: (one.email, one.in_session) for p, one in ledger.people.items()}
        return cls(ledger.stamp, ledger.material, ledger.quiet, ledger.booked, people)

    def say_again(self, ledger: Service) -> None:
        """The platform changes the session back to this."""
        ledger.stamp += 1
        ledger.material, ledger.quiet, ledger.booked = self.material, self.quiet, self.booked
        for p, (email, in_session) in self.people.items():
            ledger.people[p].email, ledger.people[p].in_session = email, in_session


@dataclass(frozen=True)
class Backup:
    """The ledger of one instant, and the record that the platform had then."""

    deliveries: dict[str, Delivery]
    copies: dict[str, dict[int, Copy]]
    accounts: dict[str, Account]
    record: Record

    @classmethod
    def of(cls, ledger: Service) -> Backup:
        copies = {p: dict(several) for p, several in ledger.copies.items()}
        return cls(dict(ledger.deliveries), copies, dict(ledger.accounts), Record.of(ledger))

    def put_back(self, ledger: Service) -> None:
        """The steps of docs/operating.md."""
        ledger.advance(ledger.now + TAKES)
        ledger.note("put back")
        ledger.leases.clear()
        ledger.deliveries = dict(self.deliveries)
        ledger.accounts = {i: replace(one, unlisted=True) for i, one in self.accounts.items()}
        ledger.copies = {
            p: {
                n: ledger.rules.recovered(one, ledger.now, self.deliveries[p])
                for n, one in several.items()
            }
            for p, several in self.copies.items()
        }
        ledger.sync()  # the first read
        if ledger.stamp != self.record.stamp and ledger.rules.forgets:
            _forget_what_is_shown(ledger)
        list_waiting(ledger)
        for p in ledger.deliveries:
            ledger.wake(p)
        _note_what_is_lost(ledger)


def _forget_what_is_shown(ledger: Service) -> None:
    """Of a session whose record was changed nobody knows what mails and former copies show."""
    for several in ledger.copies.values():
        for n, one in several.items():
            unknown = one.channel == MAIL or one.state is not CopyState.LIVE
            if one.state in UNKNOWN_SINCE and unknown:
                several[n] = replace(one, material_fp=None)


def list_waiting(ledger: Service) -> None:
    """List every calendar that can be reached and was not listed since the ledger was put back."""
    for ident, account in ledger.accounts.items():
        if account.unlisted and not account.lost and ledger.calendars[ident].alive:
            _take_in(ledger, ident)
            ledger.accounts[ident] = replace(account, unlisted=False)
            for p in ledger.deliveries:
                ledger.wake(p)


def _take_in(ledger: Service, ident: str) -> None:
    """What the ledger does not count as standing becomes a stranded copy of its generation, where
    its uid is the one that the ledger can name. What a mail client made bears no marker."""
    account = ledger.accounts[ident]
    named = {
        ledger.rules.uid(p, account.destination, generation): (p, generation)
        for p in _of_account(ledger, account)
        for generation in range(
            next_generation(list(ledger.copies[p].values()), account.destination) + AHEAD
        )
    }
    for uid, event in ledger.calendars[ident].events.items():
        p, generation = named.get(uid, ("", 0))
        if not p or not event.ours or event.moved:  # one calendar is listed, not those beside it
            continue
        several = ledger.copies[p]
        was = next((one for one in several.values() if one.uid == uid), None)
        if was is not None and was.state in STANDING:
            continue
        n = was.n if was is not None else max(several, default=0) + 1
        found = Copy(
            n, uid, account.provider, ident, account.address, account.destination,
            CopyState.STRANDED, remote_id=uid, generation=generation, recovered=True,
            attempt=was.attempt if was is not None else None,
        )  # fmt: skip
        ledger.save(p, found)


def _of_account(ledger: Service, account: Account) -> list[str]:
    """Whose events may stand in this calendar, as far as the ledger knows: everybody's in the one
    session, if it is one of this calendar's person."""
    theirs = any(
        ledger.people[p].email == account.email
        or any(one.destination == account.destination for one in several.values())
        for p, several in ledger.copies.items()
    )
    return list(ledger.copies) if theirs else []


def _note_what_is_lost(ledger: Service) -> None:
    """Of what was mailed in the lost time, and of what stands in calendars that were connected in
    it, nobody can know any more (docs/operating.md)."""
    ledger.restored = True
    ledger.lost_mails |= {s.uid for box in ledger.mailboxes.values() for s in box.to_be_seen()}
    for ident, calendar in ledger.calendars.items():
        if ledger.accounts[ident].lost:
            ledger.lost_events |= set(calendar.events)
    known = {one.uid for several in ledger.copies.values() for one in several.values()}
    for calendar in ledger.calendars.values():  # made and moved in the lost time
        ledger.out_of_sight |= {u for u, one in calendar.events.items() if one.moved} - known
