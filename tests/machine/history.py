"""One random history: what people, platform, network and processes do, and what must hold after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from calsync.core.account import Account, AccountState
from calsync.core.ledger import MAIL, Copy, CopyState, mail_destination
from tests.machine.grouped import Grouped
from tests.machine.judge import Judge
from tests.machine.ledger import LEASE, BrokenError, Person, Rules
from tests.machine.restoring import Backup, list_waiting
from tests.machine.workers import Service, Worker
from tests.machine.world import Calendar, Event, Mailbox, Message

Act = tuple[int, int, int]

FATES = ("ok", "ok", "ok", "ok", "ok", "lost", "lost", "maybe", "no", "cool", "stripped", "refused",
         "refused_late", "slow")  # fmt: skip
PAUSES = (timedelta(seconds=5), timedelta(seconds=20), timedelta(seconds=70),
          timedelta(minutes=3), timedelta(minutes=30), timedelta(hours=3))  # fmt: skip
MATERIALS, QUIETS = ("A", "B", "C"), ("q", "r")

CASTS: tuple[tuple[str, ...], ...] = (
    ("u1", "u2"),  # two people, one mailbox
    ("u3", "u4"),  # one human with two addresses, known as one
    ("u5", "u6"),  # the calendar of one belongs to the mailbox of the other
    ("u7", "u8"),  # strangers, who may swap addresses
    ("u1", "u2", "u5", "u6"),
)
EMAILS = {
    "u1": "m1@x",
    "u2": "m1@x",
    "u3": "m3@x",
    "u4": "m4@x",
    "u5": "m5@x",
    "u6": "m6@x",
    "u7": "m7@x",
    "u8": "m8@x",
}
# account: (whose address connects it, its own address, whether it remembers deleted ids)
ACCOUNTS = {
    "g1": ("m1@x", "m1@x", True),
    "o1": ("m1@x", "o1@x", False),
    "g3": ("m3@x", "m3@x", True),
    "o4": ("m4@x", "o4@x", False),
    "g5": ("m5@x", "m6@x", True),
    "g7": ("m7@x", "m7@x", True),
    "o7": ("m7@x", "o7@x", False),
    "g8": ("m8@x", "m8@x", True),
}
UNSEARCHED = ("g3", "g8")  # Google without the scope that lists calendars


class History:
    """Plays acts on a ledger; each act is (kind, choice, choice)."""

    def __init__(self, rules: Rules, cast: int, *, baseline: bool = False) -> None:
        names = CASTS[cast % len(CASTS)]
        people = {
            p: Person(EMAILS[p], "human" if p in ("u3", "u4") else "", in_session=True)
            for p in names
        }
        self.ledger = Service(rules, people)
        self.workers: list[Worker | None] = [None, None]
        self.grouped = Grouped(self.ledger)
        self.backup: Backup | None = None
        emails = sorted({EMAILS[p] for p in names})  # the same order in every process
        for address in emails:
            self.ledger.mailboxes[address] = Mailbox(address, mail_destination(address))
        for ident, (email, address, remembers) in ACCOUNTS.items():
            if email in emails:
                account = Account(
                    ident, "t", email, "cal", address, state=AccountState.DISCONNECTED
                )
                self.ledger.accounts[ident] = account
                self.ledger.calendars[ident] = Calendar(
                    account.destination, remembers, searched=ident not in UNSEARCHED
                )
        self.ledger.booked = True
        self.ledger.sync()
        if baseline:
            self._baseline()

    def _baseline(self) -> None:
        """The former system invited everybody who has a mailbox alone."""
        emails = [one.email for one in self.ledger.people.values()]
        for p, one in self.ledger.people.items():
            if emails.count(one.email) > 1 or one.person:
                continue
            uid, place = f"old-{p}", mail_destination(one.email)
            self.ledger.copies[p][0] = Copy(
                0, uid, MAIL, None, one.email, place, CopyState.ELSEWHERE,
                sequence=3, material_fp="A", quiet_fp="q",
            )  # fmt: skip
            self.ledger.mailboxes[one.email].unread.append(Message(uid, 3, False, "A"))

    # --- acts ------------------------------------------------------------------------------------

    def play(self, acts: Sequence[Act]) -> None:
        for kind, a, b in acts:
            KINDS[kind % len(KINDS)](self, a, b)
        self._stop()

    def _stop(self) -> None:
        """Every process ends."""
        self.workers = [None, None]
        self.grouped = Grouped(self.ledger)

    def _pick(self, names: Sequence[str], choice: int) -> str:
        return names[choice % len(names)]

    def work(self, a: int, b: int) -> None:
        """One worker takes its next step."""
        worker = self.workers[a % 2]
        if worker is None:
            self.workers[a % 2] = worker = self.ledger.worker(b)
            if next(worker, None) is None:
                self.workers[a % 2] = None
            return
        try:
            worker.send(FATES[b % len(FATES)])
        except StopIteration:
            self.workers[a % 2] = None

    def run(self, a: int, b: int) -> None:
        """A whole claim in a good network."""
        self._claim(self.ledger.worker(b), "ok")

    def drain(self, a: int, b: int) -> None:
        """A good hour: whatever is due is done, mailed updates too."""
        for _ in range(4):
            self.ledger.advance(self.ledger.now + timedelta(seconds=70))
            for _ in range(4):
                self.run(a, b)

    def _claim(self, worker: Worker, fate: str) -> None:
        if next(worker, None) is not None:
            try:
                while True:
                    worker.send(fate)
            except StopIteration:
                pass

    def crash(self, a: int, b: int) -> None:
        self.workers[a % 2] = None

    def group(self, a: int, b: int) -> None:
        """A process stores what was answered, gives back what waits too long, and claims more."""
        self.grouped.group(more=1 + b % 3, choice=b, late=a == 0)

    def hand_out(self, a: int, b: int) -> None:
        """It makes a call that waits."""
        self.grouped.hand_out(a, FATES[b % len(FATES)])

    def group_dies(self, a: int, b: int) -> None:
        self.grouped = Grouped(self.ledger)

    def wait(self, a: int, b: int) -> None:
        self.ledger.advance(self.ledger.now + PAUSES[b % len(PAUSES)])

    def move(self, a: int, b: int) -> None:
        self.ledger.material = self._pick(MATERIALS, b)
        self.ledger.publish()

    def edit_agenda(self, a: int, b: int) -> None:
        self.ledger.quiet = self._pick(QUIETS, b)
        self.ledger.publish()

    def cancel_or_book(self, a: int, b: int) -> None:
        self.ledger.booked = not self.ledger.booked
        self.ledger.publish()

    def leave_or_join(self, a: int, b: int) -> None:
        one = self.ledger.people[self._pick(list(self.ledger.people), a)]
        one.in_session = not one.in_session
        self.ledger.publish()

    def swap_addresses(self, a: int, b: int) -> None:
        people = self.ledger.people
        if set(people) == {"u7", "u8"}:
            people["u7"].email, people["u8"].email = people["u8"].email, people["u7"].email
            self.ledger.publish()

    def connect(self, a: int, b: int) -> None:
        """Connect, come back, or switch to this calendar."""
        ident = self._pick(list(self.ledger.accounts), a)
        self.ledger.calendars[ident].alive = True
        self.ledger.set_account(
            ident, state=AccountState.ACTIVE, chosen_at=self.ledger.now, cooling_until=None
        )

    def token_dies(self, a: int, b: int) -> None:
        ident = self._pick(list(self.ledger.accounts), a)
        self.ledger.calendars[ident].alive = False
        if b % 2:
            self._lose(ident)

    def _lose(self, ident: str) -> None:
        if not self.ledger.accounts[ident].lost:
            self.ledger.set_account(ident, state=AccountState.RECONNECT)

    def disconnect(self, a: int, b: int) -> None:
        """The person leaves the calendar; its token still works."""
        self.ledger.set_account(self._pick(list(self.ledger.accounts), a), chosen_at=None)

    def user_deletes(self, a: int, b: int) -> None:
        ident, event = self._an_event(a, b)
        if event is not None and event.ours:
            self.ledger.calendars[ident].user_deletes(event.uid)
            self._touched(ident, event)

    def _touched(self, ident: str, event: Event) -> None:
        """Its person took it away, as far as calsync can see: of an event that a restored ledger
        does not know of, not even that."""
        lost = event.uid in self.ledger.lost_events
        owners = {
            p
            for p, copies in self.ledger.copies.items()
            if any(c.uid == event.uid for c in copies.values())
            or (lost and event.uid.startswith(f"{p}-"))  # as the rules name them
        }
        place = self.ledger.accounts[ident].destination
        self.ledger.touched |= owners | {f"{p} {place}" for p in owners}

    def user_moves(self, a: int, b: int) -> None:
        """The event goes to another calendar of the same account, or back."""
        ident, event = self._an_event(a, b)
        if event is None or not event.ours:
            return
        event.moved, event.revision = not event.moved, event.revision + 1
        if not self.ledger.calendars[ident].searched:
            self._touched(ident, event)

    def user_edits(self, a: int, b: int) -> None:
        _, event = self._an_event(a, b)
        if event is not None and event.ours:
            event.material, event.revision = "drift:moved", event.revision + 1
            self.ledger.edited.add(event.uid)

    def user_invites(self, a: int, b: int) -> None:
        _, event = self._an_event(a, b)
        if event is not None and event.ours and b % 3 == 0:
            event.guests, event.revision = True, event.revision + 1

    def _an_event(self, a: int, b: int) -> tuple[str, Event | None]:
        ident = self._pick(list(self.ledger.accounts), a)
        events = list(self.ledger.calendars[ident].events.values())
        return ident, events[b % len(events)] if events else None

    def mail_is_read(self, a: int, b: int) -> None:
        box = self.ledger.mailboxes[self._pick(list(self.ledger.mailboxes), a)]
        box.read(self._calendar_of(box), backwards=bool(b % 2))

    def mail_client_adds(self, a: int, b: int) -> None:
        """The mail client puts its invitations into the calendar of the same address."""
        box = self.ledger.mailboxes[self._pick(list(self.ledger.mailboxes), a)]
        calendar = self._calendar_of(box)
        if calendar is not None:
            box.put(calendar)

    def _calendar_of(self, box: Mailbox) -> Calendar | None:
        for ident, account in self.ledger.accounts.items():
            if account.address == box.address:
                return self.ledger.calendars[ident]
        return None

    def look(self, a: int, b: int) -> None:
        """A look at what one delivery has out there."""
        self._look(self._pick(list(self.ledger.deliveries), a), (CopyState.LIVE, CopyState.TAKEN))

    def _look(self, p: str, states: tuple[CopyState, ...]) -> None:
        """What the account does not show any more was dismissed; what was moved is followed."""
        ledger = self.ledger
        if p in ledger.leases and ledger.leases[p].until > ledger.now:
            return
        for copy in list(ledger.copies[p].values()):
            reachable = copy.account is not None and not ledger.accounts[copy.account].lost
            if copy.state not in states or copy.account is None or not reachable:
                continue
            calendar = ledger.calendars[copy.account]
            if not calendar.alive:
                continue
            event = calendar.events.get(copy.uid)
            if event is not None and (calendar.searched or not event.moved):
                if event.remote_id != (copy.remote_id or copy.uid):
                    ledger.save(p, replace(copy, remote_id=event.remote_id, revision=None))
                continue
            version, may_remain = ledger.deliveries[p].version, not calendar.searched
            ledger.leases.pop(p, None)
            gone = replace(copy, state=CopyState.DISMISSED, occupies=False, seen_version=version)
            ledger.save(p, replace(gone, may_remain=may_remain))
            ledger.wake(p)

    def back_up(self, a: int, b: int) -> None:
        """At rest, or while nobody knows what came of a call."""
        if b % 2:
            self._claim(self.ledger.worker(a), "lost")
        self.backup = Backup.of(self.ledger)

    def put_back(self, a: int, b: int) -> None:
        """Every process is stopped, and the ledger is the one of the backup again; the platform may
        have changed the session back meanwhile."""
        if self.backup is not None:
            self._stop()
            if b % 2:
                self.backup.record.say_again(self.ledger)
            self.backup.put_back(self.ledger)

    # --- quiet -----------------------------------------------------------------------------------

    def debounce(self) -> None:
        """Everything works; time passes until nothing is due for two days but looks for mails."""
        ledger = self.ledger
        ledger.advance(ledger.now + LEASE)
        for ident, account in ledger.accounts.items():
            if not account.lost and not ledger.calendars[ident].alive:
                ledger.set_account(ident, state=AccountState.RECONNECT)
        for p, delivery in ledger.deliveries.items():
            self._look(p, (CopyState.TAKEN,))
            if delivery.parked is not None:
                ledger.deliveries[p] = replace(delivery, parked=None, due_at=ledger.now)
        end = ledger.now + timedelta(days=2)
        for _ in range(2000):
            list_waiting(ledger)
            for box in ledger.mailboxes.values():
                box.read(self._calendar_of(box), backwards=True)
            if ledger.due():
                self.run(0, 0)
                continue
            times = [
                max(d.due_at, ledger.leases[p].until) if p in ledger.leases else d.due_at
                for p, d in ledger.deliveries.items()
                if d.due_at is not None and d.parked is None
            ]
            if not times or min(times) > end:
                return
            ledger.advance(min(times))
        raise BrokenError("it never comes to rest")

    def check(self, *, strict: bool = False) -> None:
        """Raises BrokenError for what a person would see as wrong."""
        Judge(self.ledger).check(strict=strict)

    def finish(self) -> None:
        """Rest, then a move and a cancellation; after each everybody must see what is right."""
        ledger = self.ledger
        self.debounce()
        self.check()
        ledger.material, ledger.quiet = "Z", "z"
        ledger.publish()
        self.debounce()
        self.check(strict=True)
        ledger.booked = False
        ledger.publish()
        self.debounce()
        self.check(strict=True)


KINDS = (
    *[History.work] * 12,
    *[History.run] * 3,
    *[History.wait] * 4,
    *[History.move] * 2,
    *[History.connect] * 3,
    History.crash,
    History.edit_agenda,
    *[History.cancel_or_book] * 2,
    History.leave_or_join,
    History.swap_addresses,
    History.token_dies,
    History.disconnect,
    History.user_deletes,
    History.user_edits,
    History.user_invites,
    History.user_moves,
    History.mail_is_read,
    History.mail_client_adds,
    History.look,
    *[History.drain] * 3,
    *[History.back_up] * 2,
    *[History.put_back] * 2,
    *[History.group] * 6,
    *[History.hand_out] * 10,
    *[History.group_dies] * 2,
)
