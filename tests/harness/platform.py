"""A small platform for tests of the workers: a real store, fake channels, one source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from calsync.accounts import reroute
from calsync.core.account import Account
from calsync.core.booked import (
    Agenda,
    BookedSession,
    Online,
    Participant,
    Program,
    ProgramKind,
    Status,
)
from calsync.core.calls import Receipt
from calsync.core.guard import Limits
from calsync.core.ledger import DeliveryKey
from calsync.daemon.drain import Drain
from calsync.delivery.concurrency import InFlight
from calsync.delivery.deliver import Deliverer
from calsync.delivery.groups import Answered, Begun, Groups, Work
from calsync.delivery.inspect import Inspector
from calsync.ingest.intake import Ground, Intake
from calsync.ingest.poll import Poller
from calsync.ports import NOTHING_KNOWN, KnownRecords, Page, SessionSource
from calsync.runtime.context import Context, Tenant
from calsync.store import instance
from calsync.store.connect import accounts
from calsync.store.database import Store, open_engine
from calsync.store.ledger.rows import Sealer, table
from calsync.store.queue import channels, claims
from calsync.store.vault import Vault, new_key
from tests.fakes import FakeAuthorizer, FakeCalendar, FakeMail

LOOSE = Limits(1000, 1.0, 1000, 1000, 1000)
MAYA = Participant("u-1", "Maya Chen", "maya@example.org", time_zone="America/Toronto")
SAM = Participant("u-2", "Sam Okafor", "sam@example.org", time_zone="Europe/London")


@dataclass
class ListSource:
    """A source that is a list."""

    name: str = "platform"
    tenant: str = "default"
    sessions: list[BookedSession] = field(default_factory=list)
    now: datetime | None = None

    def changes(self, cursor: str | None, known: KnownRecords = NOTHING_KNOWN) -> Iterator[Page]:
        yield Page(sorted(self.sessions, key=lambda s: s.updated_at), cursor="x", now=self.now)

    def sweep(self, known: KnownRecords = NOTHING_KNOWN) -> Iterator[Page]:
        yield Page(list(self.sessions), now=self.now)

    def present(self, ids: Sequence[str]) -> set[str] | None:
        return None


class StoppableStore(Store):
    """A store whose clock may stand still, but for its shift."""

    stopped_at: datetime | None = None

    def _now(self, conn: Connection) -> datetime:
        return self.stopped_at + self.shift() if self.stopped_at else super()._now(conn)


class Platform:
    """Everything wired over fakes and an upgraded ledger; `later` moves time."""

    def __init__(self, url: str, *, limits: Limits = LOOSE, **tenant: Any) -> None:
        self.ahead = timedelta()
        self.store = StoppableStore(open_engine(url), lambda: self.ahead)
        self.key = new_key()
        self.vault = Vault([self.key])
        self.calendar, self.mail = FakeCalendar(), FakeMail()
        self.authorizer = FakeAuthorizer()
        self.source = ListSource()
        self.tenant = Tenant("default", organizer="sessions@platform.example", **tenant)
        self.at: list[str] = []
        with self.store.read() as db:
            namespace = instance.namespace(db)
            self.now = db.now
        self.context = Context(
            store=self.store,
            vault=self.vault,
            namespace=namespace,
            authorizer=self.authorizer,
            channels={("default", "google"): self.calendar, ("default", "mail"): self.mail},
            tenant=lambda _: self.tenant,
            at=self.at.append,
        )
        self.poller = self.poller_of(self.source, limits)
        self.deliverer = Deliverer(self.context)
        self.inspector = Inspector(self.context, 0.1)

    def poller_of(self, source: SessionSource, limits: Limits = LOOSE) -> Poller:
        """What reads this source into the ledger."""
        ground = Ground(limits)
        intake = Intake(self.store, self.vault, source.name, source.tenant, lambda _: ground)
        return Poller(intake, source, sweep_gap=timedelta(hours=6))

    def close(self) -> None:
        self.store.close()

    def later(self, **by: float) -> None:
        self.ahead += timedelta(**by)

    def stop_clock(self, at: datetime) -> None:
        """From here on the ledger's clock says `at`, and only `later` moves it."""
        self.now, self.ahead = at, timedelta()
        self.store.stopped_at = at

    def clock(self) -> datetime:
        with self.store.read() as db:
            return db.now

    def a_session(self, ident: str = "ses-1", **changes: Any) -> BookedSession:
        """An online session in ten days with Maya and Sam."""
        start = (self.now + timedelta(days=10)).replace(microsecond=0)
        session = BookedSession(
            id=ident,
            tenant="default",
            updated_at=datetime(2026, 11, 1, tzinfo=UTC),
            status=Status.BOOKED,
            title="Session 1",
            program=Program("prog-7", "Women in Engineering", ProgramKind.INDIVIDUAL),
            starts_at=start,
            ends_at=start + timedelta(minutes=45),
            time_zone="America/Toronto",
            place=Online("https://zoom.us/j/1", "Zoom"),
            agenda=Agenda("<p>Goals</p>", "https://app.example.org/a/1"),
            url="https://app.example.org/s/1",
            participants=(MAYA, SAM),
        )
        return replace(session, **changes)

    def book(self, *sessions: BookedSession) -> None:
        """Put sessions into the source, replacing those of the same id, and poll."""
        ids = {one.id for one in sessions}
        kept = [one for one in self.source.sessions if one.id not in ids]
        self.source.sessions = kept + list(sessions)
        self.poller.run_once()

    def change(self, session: BookedSession, **changes: Any) -> BookedSession:
        """A newer version of a session, booked."""
        newer = replace(session, updated_at=session.updated_at + timedelta(minutes=1), **changes)
        self.book(newer)
        return newer

    def deliver(self, workers: int = 1) -> int:
        return Drain(self.deliverer, ["default"], workers).run()

    def work_one(self, *tenants: str) -> bool:
        """Claim one delivery of these tenants, else of the one there is, and work it off; False
        when none is due that may be called now."""
        groups = Groups(self.deliverer)

        def run(answers: Sequence[Answered], places: int) -> Begun:
            names = tenants or ("default",)
            begun = groups.run(Work(answers, [], places, names, InFlight(lambda _: {}).rooms))
            groups.work_off_failed(begun)
            return begun

        begun = run([], 1)
        for call in begun.calls:
            answer = self.deliverer.calls.answer(call)
            if isinstance(answer, Receipt):
                run([(call, answer)], 0)
            else:
                self.deliverer.work_off(call, answer)
        return begun.claims > 0

    def due(self) -> bool:
        """Something may be claimable now."""
        with self.store.read() as db:
            return channels.anything_due(db)

    def connect(self, email: str, ident: str = "") -> str:
        """Connect a Google account and hand its person's sessions over."""
        account = Account(ident or accounts.new_id("google"), "default", email, "google", email)
        with self.store.write() as db:
            found = accounts.connect(db, self.vault, account, email, {"refresh_token": "r"})
            reroute.reroute(self.context, db, "default", [email])
        return found

    def leased(self) -> int:
        """How many lanes and deliveries somebody has."""
        held = [table(name).c.lease_token.is_not(None) for name in ("lane", "delivery")]
        with self.store.read() as db:
            counts = [db.scalar(sa.select(sa.func.count()).where(one)) for one in held]
        return sum(int(one) for one in counts)

    def copies(self, session: str = "ses-1", participant: str = "u-1") -> Sequence[Any]:
        from calsync.core.ledger import DeliveryKey

        with self.store.read() as db:
            key = DeliveryKey("default", session, participant)
            return claims.copies(db, Sealer(self.vault), key)

    def copies_key(self, participant: str, session: str = "ses-1") -> DeliveryKey:
        return DeliveryKey("default", session, participant)

    def states(self, session: str = "ses-1", participant: str = "u-1") -> list[str]:
        return [f"{c.channel} {c.state.value}" for c in self.copies(session, participant)]

    def delivery(self, session: str = "ses-1", participant: str = "u-1") -> dict[str, Any]:
        from calsync.core.ledger import DeliveryKey
        from calsync.store.ledger import deliveries

        with self.store.read() as db:
            row = deliveries.get(db, DeliveryKey("default", session, participant))
        assert row is not None
        return row
