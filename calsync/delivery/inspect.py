"""Looking: what calendars show now. Drift is reported, a proven removal is respected."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import timedelta
from functools import partial

from calsync.accounts import reroute
from calsync.core.account import AccountState
from calsync.core.calls import Seen, Sighting
from calsync.core.ledger import Copy, Delivery, DeliveryKey
from calsync.core.reconcile.claimed import provider_stop, setup_stop
from calsync.core.reconcile.finish import next_inspection
from calsync.core.reconcile.looks.inspection import after_inspection
from calsync.core.schedule import at_least
from calsync.delivery import finish
from calsync.errors import AccessLost, ChannelError, Setup, TryLater, Unusable
from calsync.runtime import unexpected
from calsync.runtime.context import Context
from calsync.store.database import Db
from calsync.store.ledger import copies, journal
from calsync.store.queue import inspections, limiter, slots
from calsync.store.queue.inspections import InspectionClaim

MANY_DISMISSED, WITHIN = 5, timedelta(minutes=1)
AGAIN = timedelta(minutes=10)
COOL = timedelta(seconds=5)
Found = Mapping[int, Sighting | ChannelError]  # by position among the claim's copies


class Inspector:
    """Looks at one account's due copies per call."""

    def __init__(self, context: Context, share: float) -> None:
        self.context, self.share = context, share
        # Claims whose worker lost the database, until they are given back.
        self.unfinished: list[InspectionClaim] = []

    def run_once(self) -> int:
        """One look; returns how many deliveries it settled, 0 when nothing is due."""
        claim = self.context.transact("look_claim", self._claim)
        if claim is None:
            return 0
        found = self._found(claim) if claim.copies else {}
        try:
            self._finish(claim, found)
        except Exception as error:
            self._finish(claim, unexpected.refused(error))
        self.unfinished.remove(claim)
        return len(claim.deliveries)

    def _claim(self, db: Db) -> InspectionClaim | None:
        """What a lost connection left behind is free again, with its account's lane."""
        for one in self.unfinished:
            inspections.give_back(db, one)
        batch = {
            kind: channel.able.inspect_batch
            for (_, kind), channel in self.context.channels.items()
            if channel.able.can_inspect
        }
        claim = inspections.take(db, self.context.sealer, self.context.lease, batch)
        if claim is None or self._over_budget(db, claim):
            db.after_commit(self.unfinished.clear)
            return None
        self.unfinished.append(claim)
        db.after_commit(partial(self._only, claim))
        return claim

    def _only(self, claim: InspectionClaim) -> None:
        self.unfinished = [claim]

    def _finish(self, claim: InspectionClaim, found: Found | ChannelError) -> None:
        def work(db: Db) -> None:
            if isinstance(found, ChannelError):
                self._failed(db, claim, found)
            else:
                self._store(db, claim, found)
            self._end_break(db, claim, found)
            inspections.release_slot(db, claim)

        # A look whose result may be stored is not stored again, but made again where it is not.
        again = partial(inspections.give_back, claim=claim)
        self.context.transact("look_finish", work, waits=True, unsure=again)

    def _end_break(self, db: Db, claim: InspectionClaim, found: Found | ChannelError) -> None:
        """A provider that asks for a break gets it from everybody. Where one was over, this call
        has found out whether it takes calls again; without a call the next claim does."""
        answers = [found] if isinstance(found, ChannelError) else found.values()
        stops = [
            provider_stop(claim.tenant, claim.channel, one, db.now)
            for one in answers
            if isinstance(one, ChannelError)
        ]
        asked = [one for one in stops if one is not None]
        if not asked:
            inspections.end_probe(db, claim, works=bool(answers))
        for stop in asked:
            finish.stop_channel(self.context, db, stop)

    def _over_budget(self, db: Db, claim: InspectionClaim) -> bool:
        """Looks use at most their share of the provider's limit; over it they wait."""
        rate = self.context.tenant(claim.tenant).rates.get(claim.channel)
        if rate is None or rate.provider is None:
            return False
        most = max(1, int(rate.provider * self.share))
        lane = f"look:{claim.channel}:{rate.counted_for(claim.tenant)}"
        free_at = limiter.spend(db, lane, most, calls=len(claim.copies))
        if free_at is None:
            return False
        for delivery in claim.deliveries:
            inspections.release(db, claim, delivery.key, free_at, due=False)
        inspections.end_probe(db, claim, works=False)
        inspections.release_slot(db, claim)
        return True

    def _found(self, claim: InspectionClaim) -> Found | ChannelError:
        ask = partial(self._call, claim)
        return unexpected.measured(self.context.meter, claim.channel, "inspection", ask)

    def _call(self, claim: InspectionClaim) -> Found:
        until = time.monotonic() + self.context.lease.total_seconds() / 3
        try:
            return self._inspect(claim, until, fresh=False)
        except AccessLost:  # the token may only be old: refresh it once
            return self._inspect(claim, until, fresh=True)

    def _inspect(self, claim: InspectionClaim, until: float, *, fresh: bool) -> Found:
        wanted = list(claim.copies.values())
        channel = self.context.channel(claim.tenant, claim.channel)
        access = self.context.authorizer.open(claim.account, until, fresh=fresh)
        with self.context.call("look_call"):
            return {
                _position(wanted, copy): sighting
                for copy, sighting in channel.inspect(wanted, access, until)
            }

    def _failed(self, db: Db, claim: InspectionClaim, error: ChannelError) -> None:
        """A look that fails withdraws nothing."""
        word = f"{error.kind}: {error.reason}"
        journal.note(db, "look_failed", tenant=claim.tenant, account=claim.account, answer=word)
        self.context.log_committed(
            db,
            "inspection_failed",
            tenant=claim.tenant,
            channel=claim.channel,
            account=claim.account,
            answer=word,
        )
        unexpected.tell(self.context, db, "inspection", error.origin, _of(claim))
        if isinstance(error, Setup) and claim.deliveries:
            finish.stop_channel(
                self.context, db, setup_stop(claim.tenant, claim.channel, error, db.now)
            )
        elif isinstance(error, AccessLost | Unusable):
            lost = isinstance(error, AccessLost)
            state = AccountState.RECONNECT if lost else AccountState.UNUSABLE
            reroute.lose(self.context, db, claim.account, state, error.reason)
        for delivery in claim.deliveries:
            inspections.release(db, claim, delivery.key, db.now + AGAIN, due=False)
        self._cool(db, claim, error)

    @staticmethod
    def _cool(db: Db, claim: InspectionClaim, error: ChannelError) -> None:
        """The account waits, unless all of its provider does (`_end_break`)."""
        if provider_stop(claim.tenant, claim.channel, error, db.now) is not None:
            return
        name = slots.slot_name(claim.tenant, claim.channel, claim.account)
        slots.cool(db, name, db.now + at_least(COOL, error.after))

    def _store(self, db: Db, claim: InspectionClaim, found: Found) -> None:
        gone = [s for s in found.values() if isinstance(s, Sighting) and s.state is Seen.GONE]
        count = len(gone) + (inspections.gone_lately(db, claim.account, WITHIN) if gone else 0)
        many = count > MANY_DISMISSED
        if many:
            journal.note(
                db, "many_dismissed", tenant=claim.tenant, account=claim.account, count=count
            )
            self.context.log_committed(
                db, "many_dismissed", tenant=claim.tenant, account=claim.account
            )
        positions = {key: place for place, key in enumerate(claim.copies)}
        for delivery in claim.deliveries:
            key = delivery.key
            place = positions.get(key)
            sighting = found.get(place) if place is not None else None
            again = next_inspection(delivery.starts_at, db.now) if place is not None else None
            due = False
            if isinstance(sighting, Sighting) and inspections.leased(db, claim.token, key):
                due = self._compare(db, delivery, claim.copies[key], sighting, many=many)
            elif isinstance(sighting, ChannelError):
                again = db.now + at_least(AGAIN, sighting.after)
                if isinstance(sighting, TryLater) and sighting.scope != "copy":
                    self._cool(db, claim, sighting)
            inspections.release(db, claim, key, again, due=due)

    def _compare(
        self,
        db: Db,
        delivery: Delivery,
        copy: Copy,
        sighting: Sighting,
        *,
        many: bool,
    ) -> bool:
        """Store what one sighting means for its copy; True when the delivery must decide again."""
        key = delivery.key
        restores = self.context.tenant(key.tenant).policy.drift == "restore"
        told = after_inspection(copy, sighting, delivery, many=many, restores=restores)
        for line in told.lines:
            journal.note_of(db, key, line.what, line.facts, line.n)
        if told.copy != copy:
            copies.save(db, self.context.sealer, key, told.copy, copy)
        return told.due


def _position(wanted: list[Copy], copy: Copy) -> int:
    return next(place for place, one in enumerate(wanted) if one is copy or one == copy)


def _of(claim: InspectionClaim) -> DeliveryKey:
    """Where it concerns one delivery alone, that; else their tenant."""
    only = claim.deliveries[0].key if len(claim.deliveries) == 1 else None
    return only or unexpected.of_tenant(claim.tenant)
