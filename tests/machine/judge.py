"""What must hold once everything has come to rest: everybody sees each session once and right, and
nothing of a cancelled one."""

from __future__ import annotations

from dataclasses import dataclass

from calsync.core.ledger import MAIL, CopyState, Want
from tests.machine.ledger import BrokenError
from tests.machine.workers import Service
from tests.machine.world import STRIPPED, Shown


@dataclass
class Judge:
    """Raises BrokenError for what a person would see as wrong."""

    ledger: Service

    def check(self, *, strict: bool = False) -> None:
        ledger = self.ledger
        for p, copies in ledger.copies.items():
            for copy in copies.values():
                if copy.state is CopyState.UNSURE:
                    raise BrokenError(f"{p}: copy {copy.n} is {copy.state} for ever")
        left = self._visible() - self._may_remain()
        for p, delivery in ledger.deliveries.items():
            if delivery.want is Want.PRESENT and delivery.covered_by is None:
                left = self._seen_once(p, left, strict=strict)
        left = {s for s in left if not self._belongs_to_user(s)} - self._former_of_covered()
        left = {s for s in left if s.uid not in ledger.unanswered | ledger.beyond_repair()}
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

    def _may_remain(self) -> set[Shown]:
        """What its person moved to where nobody may look, and is told may remain; after a restore
        nobody knows of a move from a removal of our own. So it is with what was made and moved in
        the lost time and never looked for since."""
        ledger = self.ledger
        copies = [copy for several in ledger.copies.values() for copy in several.values()]
        told = {copy.uid for copy in copies if copy.may_remain}
        unknown = ledger.out_of_sight - {copy.uid for copy in copies}
        away = {
            uid
            for calendar in ledger.calendars.values()
            for uid, event in calendar.events.items()
            if event.moved
            and (uid in unknown or (not calendar.searched and (uid in told or ledger.restored)))
        }
        return {s for s in ledger.everything() if s.uid in away}

    def _visible(self) -> set[Shown]:
        """What people see where we can write."""
        ledger = self.ledger
        lost = {a.destination for a in ledger.accounts.values() if a.lost}
        return {s for s in ledger.everything() if s.place not in lost}

    def _seen_once(self, p: str, left: set[Shown], *, strict: bool) -> set[Shown]:
        ledger, delivery = self.ledger, self.ledger.deliveries[p]
        assert delivery.route is not None
        former = {c.uid for c in ledger.copies[p].values() if c.state is CopyState.ELSEWHERE}
        own = {c.uid for c in ledger.copies[p].values()} - ledger.beyond_repair()
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
        if (deleted or self._deleted_in_the_lost_time()) and not strict:
            return
        if any(self._belongs_to_user(s) for s in ledger.everything()):
            return
        old = {s.uid for s in ledger.everything() if s.material == delivery.material_fp}
        if not strict and self._shown_by_a_lost_connection(p):
            return
        dismissed = any(c.state is CopyState.DISMISSED for c in ledger.copies[p].values())
        if ledger.restored and dismissed and not strict:
            return  # our own removal in the lost time, met by a call whose answer was lost
        old |= ledger.edited
        lost = [c for c in ledger.copies[p].values() if c.state is CopyState.STRANDED]
        if delivery.route.channel == MAIL and any(c.uid in old for c in lost):
            return
        raise BrokenError(f"{p} does not see it")

    def _deleted_in_the_lost_time(self) -> bool:
        """By whoever looks into a calendar, theirs or one that they share, of which a ledger that
        was put back does not know that it is connected."""
        ledger = self.ledger
        return ledger.restored and any(
            f"{one} {account.destination}" in ledger.touched
            for account in ledger.accounts.values()
            if account.lost
            for one in ledger.people
        )

    def _shown_by_a_lost_connection(self, p: str) -> bool:
        """A calendar of theirs that was connected in the lost time shows it."""
        ledger, delivery = self.ledger, self.ledger.deliveries[p]
        email = ledger.people[p].email
        places = {
            one.destination for one in ledger.accounts.values() if email in (one.email, one.address)
        }
        return any(
            s.uid in ledger.lost_events
            and s.place in places
            and (s.material == delivery.material_fp or s.uid in ledger.edited)
            for s in ledger.everything()
        )
