"""One random history: what people, platform, network and processes do, and what must hold after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from calsync.core.account import Account, AccountState
from calsync.core.ledger import MAIL, Copy, CopyState, Want, mail_destination
from tests.machine.ledger import LEASE, BrokenError, Person, Rules
from tests.machine.workers import Service, Worker
from tests.machine.world import STRIPPED, Calendar, Event, Mailbox, Message, Shown

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
        emails = {EMAILS[p] for p in names}
        for address in emails:
            self.ledger.mailboxes[address] = Mailbox(address, mail_destination(address))
        for ident, (email, address, remembers) in ACCOUNTS.items():
            if email in emails:
                account = Account(
                    ident, "t", email, "cal", address, state=AccountState.DISCONNECTED
                )
                self.ledger.accounts[ident] = account
                self.ledger.calendars[ident] = Calendar(account.destination, remembers)
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
        self.workers = [None, None]

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
        self._claim(self.ledger.worker(b))

    def _claim(self, worker: Worker) -> None:
        if next(worker, None) is not None:
            try:
                while True:
                    worker.send("ok")
            except StopIteration:
                pass

    def crash(self, a: int, b: int) -> None:
        self.workers[a % 2] = None

    def wait(self, a: int, b: int) -> None:
        self.ledger.advance(self.ledger.now + PAUSES[b % len(PAUSES)])

    def move(self, a: int, b: int) -> None:
        self.ledger.material = self._pick(MATERIALS, b)
        self.ledger.sync()

    def edit_agenda(self, a: int, b: int) -> None:
        self.ledger.quiet = self._pick(QUIETS, b)
        self.ledger.sync()

    def cancel_or_book(self, a: int, b: int) -> None:
        self.ledger.booked = not self.ledger.booked
        self.ledger.sync()

    def leave_or_join(self, a: int, b: int) -> None:
        one = self.ledger.people[self._pick(list(self.ledger.people), a)]
        one.in_session = not one.in_session
        self.ledger.sync()

    def swap_addresses(self, a: int, b: int) -> None:
        people = self.ledger.people
        if set(people) == {"u7", "u8"}:
            people["u7"].email, people["u8"].email = people["u8"].email, people["u7"].email
            self.ledger.sync()

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
            owners = {
                p
                for p, copies in self.ledger.copies.items()
                if any(c.uid == event.uid for c in copies.values())
            }
            place = self.ledger.accounts[ident].destination
            self.ledger.touched |= owners | {f"{p} {place}" for p in owners}

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
        """What the calendar does not have any more was dismissed."""
        ledger = self.ledger
        if p in ledger.leases and ledger.leases[p].until > ledger.now:
            return
        for copy in list(ledger.copies[p].values()):
            reachable = copy.account is not None and not ledger.accounts[copy.account].lost
            if copy.state not in states or copy.account is None or not reachable:
                continue
            calendar = ledger.calendars[copy.account]
            if calendar.alive and copy.uid not in calendar.events:
                version = ledger.deliveries[p].version
                ledger.leases.pop(p, None)
                ledger.save(
                    p,
                    replace(copy, state=CopyState.DISMISSED, occupies=False, seen_version=version),
                )
                ledger.wake(p)

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

    def finish(self) -> None:
        """Rest, then a move and a cancellation; after each everybody must see what is right."""
        ledger = self.ledger
        self.debounce()
        self.check()
        ledger.material, ledger.quiet = "Z", "z"
        ledger.sync()
        self.debounce()
        self.check(strict=True)
        ledger.booked = False
        ledger.sync()
        self.debounce()
        self.check(strict=True)

    # --- what must hold --------------------------------------------------------------------------

    def check(self, *, strict: bool = False) -> None:
        ledger = self.ledger
        for p, copies in ledger.copies.items():
            for copy in copies.values():
                if copy.state is CopyState.UNSURE:
                    raise BrokenError(f"{p}: copy {copy.n} is {copy.state} for ever")
        left = self._visible()
        for p, delivery in ledger.deliveries.items():
            if delivery.want is Want.PRESENT and delivery.covered_by is None:
                left = self._seen_once(p, left, strict=strict)
        left = {s for s in left if not self._belongs_to_user(s)} - self._former_of_covered()
        left = {s for s in left if s.uid not in ledger.unanswered}
        if left:
            raise BrokenError(f"nobody should see {sorted(left)}")

    def _former_of_covered(self) -> set[Shown]:
        """The former system's invitation of somebody who is covered stays while it is right."""
        ledger = self.ledger
        former = {
            (c.uid, c.material_fp)
            for p, copies in ledger.copies.items()
            for c in copies.values()
            if c.state is CopyState.ELSEWHERE
            and ledger.deliveries[p].covered_by is not None
            and c.material_fp == ledger.deliveries[p].material_fp
        }
        return {s for s in self.ledger.everything() if (s.uid, s.material) in former}

    def _visible(self) -> set[Shown]:
        """What people see where we can write."""
        ledger = self.ledger
        lost = {a.destination for a in ledger.accounts.values() if a.lost}
        return {s for s in ledger.everything() if s.place not in lost}

    def _seen_once(self, p: str, left: set[Shown], *, strict: bool) -> set[Shown]:
        ledger, delivery = self.ledger, self.ledger.deliveries[p]
        assert delivery.route is not None
        former = {c.uid for c in ledger.copies[p].values() if c.state is CopyState.ELSEWHERE}
        own = {c.uid for c in ledger.copies[p].values()}
        here = {s for s in left if s.place == delivery.route.destination and s.uid in own}
        here |= {s for s in left if s.uid in former and s.material == delivery.material_fp}
        if len({s.uid for s in here}) > 1:
            raise BrokenError(f"{p} sees it {len(here)} times: {sorted(here)}")
        if not here:
            self._may_see_nothing(p, strict=strict)
            return left
        one = next(s for s in here if s.place.startswith("mail:") or len(here) == 1)
        if one.material != delivery.material_fp and not self._excused(p, one):
            raise BrokenError(f"{p} sees {one}, not {delivery.material_fp}")
        if delivery.route.account is not None and not self._excused(p, one) and one in here:
            event = ledger.calendars[delivery.route.account].events.get(one.uid)
            if event is not None and event.ours and event.quiet != delivery.quiet_fp:
                raise BrokenError(f"{p} sees an old agenda")
        return {s for s in left if s.uid != one.uid}

    def _excused(self, p: str, one: Shown) -> bool:
        """The user changed it, or its calendar does not take our fields (twice)."""
        if one.uid in self.ledger.edited and one.material in (STRIPPED, "drift:moved"):
            return True
        return self._belongs_to_user(one)

    def _belongs_to_user(self, one: Shown) -> bool:
        return any(
            (event := calendar.events.get(one.uid)) is not None and event.guests
            for calendar in self.ledger.calendars.values()
        )

    def _may_see_nothing(self, p: str, *, strict: bool) -> None:
        ledger, delivery = self.ledger, self.ledger.deliveries[p]
        assert delivery.route is not None
        places = {c.destination for c in ledger.copies[p].values()}  # one may be lost, unseen by us
        deleted = {p, *(f"{p} {place}" for place in places)} & ledger.touched
        if deleted and not strict:
            return
        if any(self._belongs_to_user(s) for s in ledger.everything()):
            return
        old = {s.uid for s in ledger.everything() if s.material == delivery.material_fp}
        old |= ledger.edited
        lost = [c for c in ledger.copies[p].values() if c.state is CopyState.STRANDED]
        if delivery.route.channel == MAIL and any(c.uid in old for c in lost):
            return
        raise BrokenError(f"{p} does not see it")


KINDS = (
    *[History.work] * 12,
    *[History.run] * 3,
    *[History.wait] * 4,
    *[History.move] * 2,
    *[History.connect] * 3,
    History.crash,
    History.edit_agenda,
    History.cancel_or_book,
    History.leave_or_join,
    History.swap_addresses,
    History.token_dies,
    History.disconnect,
    History.user_deletes,
    History.user_edits,
    History.user_invites,
    History.mail_is_read,
    History.mail_client_adds,
    History.look,
)
