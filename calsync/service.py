"""The service: everything the daemon and the command line can ask for, over one context."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from calsync.accounts import connect, disconnect
from calsync.core.ledger import MAIL, CopyState
from calsync.daemon import maintenance
from calsync.daemon.daemon import Daemon, Parts
from calsync.daemon.drain import Drain
from calsync.delivery.deliver import Deliverer
from calsync.delivery.inspect import Inspector
from calsync.errors import InputError, SourceError
from calsync.ingest.poll import Poller
from calsync.notices.sender import Notifier
from calsync.ops import baseline_file, commands, dry_run, preview, queries, retention
from calsync.platform_api.platform import Platform
from calsync.ports import NoticeSender
from calsync.runtime import failpoints
from calsync.runtime.context import Context
from calsync.store import reseal, schema
from calsync.store.database import Db, Store
from calsync.store.ledger import batches, deliveries, sessions
from calsync.store.ledger.rows import key_of, table
from calsync.store.ledger.selection import Selection
from calsync.store.queue import claims, pauses
from calsync.text.instants import iso

Data = dict[str, Any]
OVERDUE = timedelta(minutes=15)
SOURCE_SILENT = timedelta(minutes=15)


@dataclass
class Service:
    """Built by bootstrap; `close` it at the end."""

    context: Context
    pollers: Sequence[tuple[Poller, float]]
    senders: Mapping[str, NoticeSender]
    platform: Platform
    tenants: Sequence[str]
    workers: int
    look_share: float
    content_days: int
    journal_days: int
    dry_run: bool
    configuration: str

    @property
    def store(self) -> Store:
        return self.context.store

    def close(self) -> None:
        """End every connection that is kept: mail servers are told, the database is let go."""
        for sender in self.senders.values():
            sender.close()
        self.store.close()

    # --- the daemon and one pass ---------------------------------------------------------------

    def daemon(self) -> Daemon:
        """The daemon, ready to run; what another configuration allows is unparked first."""
        self._begin()
        self.platform.webhook.begin()
        return Daemon(
            Parts(
                store=self.store,
                pollers=self.pollers,
                deliverer=Deliverer(self.context),
                inspector=Inspector(self.context, self.look_share),
                notifier=Notifier(self.context, self.senders),
                tenants=self.all_tenants,
                workers=self.workers,
                deliver=not self.dry_run,
                chores=(
                    ("unreachable", 60, lambda: maintenance.tell_unreachable(self.context)),
                    ("purge", 86_400, self.purge),
                    ("disconnects", 60, lambda: maintenance.disconnects(self.context)),
                    ("webhooks", 1, self.platform.webhook.run),
                    ("unusable accounts", 3_600, lambda: connect.check_unusable(self.context)),
                ),
                log=self.context.log,
                at=self.context.at,
            )
        )

    def _begin(self) -> None:
        def work(db: Db) -> None:
            commands.configuration_changed(self.context, db, self.configuration)
            commands.addresses_corrected(self.context, db)
            commands.time_zones_changed(db, schema.tzdata_version())

        self.context.transact("begin", work)

    def all_tenants(self) -> Sequence[str]:
        """Tenants of the configuration, and any other that has a slot in the ledger."""
        with self.store.read() as db:
            found = {row["tenant"] for row in db.all(sa.select(table("slot").c.tenant).distinct())}
        return sorted(found | set(self.tenants))

    def poll_all(self, progress: Callable[[int], None] = lambda _: None) -> list[Data]:
        """Poll every source, and sweep those whose sweep is due."""
        self._begin()
        done = []
        for poller, _ in self.pollers:
            polled = poller.run_due(progress)
            done.append(
                {
                    "source": polled.source,
                    "seen": polled.seen,
                    "changed": polled.changed,
                    "refused": polled.refused,
                    "older": polled.older,
                    "warnings": list(polled.warnings[:100]),
                    "error": polled.error,
                }
            )
        return done

    def deliver_all(
        self, *, now: bool = False, progress: Callable[[int], None] = lambda _: None
    ) -> Data:
        """Deliver until nothing is due, look at what is due to be looked at, send notices."""
        calls = 0
        with self.store.read() as db:
            last = db.scalar(sa.select(sa.func.max(table("attempt").c.id))) or 0
            began = db.now
        if not self.dry_run:
            if now:
                with self.context.write("hurry") as db:
                    deliveries.end_debounce(db)
            maintenance.once(self.context)
            drain = Drain(Deliverer(self.context), self.all_tenants(), self.workers)
            calls = drain.run(progress)
            inspector, notifier = (
                Inspector(self.context, self.look_share),
                Notifier(self.context, self.senders),
            )
            while inspector.run_once():
                pass
            while notifier.run_once():
                pass
            calls += Drain(Deliverer(self.context), self.all_tenants(), self.workers).run(progress)
            maintenance.disconnects(self.context)
        with self.store.read() as db:
            return {
                "calls": calls,
                **queries.answers(db, last, began),
                "left": queries.waiting(db),
                "held": queries.status(db)["held"],
                "dry_run": self.dry_run,
            }

    # --- verbs -----------------------------------------------------------------------------------

    def resync(
        self,
        selection: Selection,
        *,
        rewrite: bool = False,
        progress: Callable[[int], None] = lambda _: None,
    ) -> Data:
        with self.context.write("resync") as db:
            count = commands.resync(db, selection, rewrite=rewrite)
        return {"selected": count, **self.deliver_all(progress=progress)}

    def plan_resync(self, selection: Selection, *, rewrite: bool) -> list[Data]:
        def work(draft: dry_run.DryStore) -> list[Data]:
            with draft.write() as db:
                commands.resync(db, selection, rewrite=rewrite)
                rows = {key_of(row): row for row in commands.selected(db, selection)}
                return queries.plan(db, replace(self.context, store=draft), rows)

        return dry_run.rolled_back(self.store, work)

    def plan(self) -> list[Data]:
        """What the next pass would do; the sources are read, nothing is stored."""
        read = []
        for poller, _ in self.pollers:
            with self.store.read() as db:
                row = sessions.cursor(db, poller.source.name)
            try:
                read.append((poller, dry_run.read(poller.source, row["cursor"] if row else None)))
            except SourceError as error:
                raise SourceError(f"source {poller.source.name}: {error}") from error

        def work(store: dry_run.DryStore) -> list[Data]:
            context = replace(self.context, store=store)
            for poller, source in read:
                intake = replace(poller.intake, store=store, at=failpoints.nowhere)
                Poller(intake, source, sweep_gap=poller.sweep_gap).run_once()
            with store.read() as db:
                return queries.plan(db, context)

        return dry_run.rolled_back(self.store, work)

    def resend(self, session: str, person: str, tenant: str | None) -> str:
        """Mail the current invitation once more: same UID and SEQUENCE, a newer DTSTAMP."""
        with self.store.read() as db:
            key = commands.find_delivery(db, session, person, tenant)
            row = deliveries.get(db, key)
            self._may_mail(db, key.tenant, row["email"] if row else person)
            live = [
                copy
                for copy in claims.copies(db, self.context.sealer, key)
                if copy.state is CopyState.LIVE and copy.channel == MAIL
            ]
        if not live:
            raise InputError(
                f"{person} has no mailed invitation of {session} that stands; "
                f"`calsync explain {session} --person {person}` tells where it is shown"
            )
        return Deliverer(self.context).resend(key, live[-1].n)

    def _may_mail(self, db: Db, tenant: str, email: str) -> None:
        """Raises InputError where the configuration or a pause keeps this mail from leaving."""
        why = None
        if self.dry_run:
            why = "deliver.dry_run is set"
        elif self.context.tenant(tenant).excludes(email):
            why = f"deliver.only_to leaves {email} out"
        elif any(
            one["tenant"] in (pauses.ALL, tenant) and one["channel"] in (pauses.ALL, MAIL)
            for one in pauses.active(db)
        ):
            why = "mail is stopped; `calsync status` tells why, `calsync resume` lets it go on"
        if why is not None:
            raise InputError(f"nothing was sent: {why}")

    def baseline(self, file: Path | None) -> int:
        """Nothing is sent, by a running daemon either, between the poll and the record of it.

        Raises SourceError when a source could not be read; the others are recorded all the same.
        """
        known = baseline_file.read(file) if file else {}
        with self.context.write("baseline_begin") as db:
            pauses.stop(db, pauses.ALL, pauses.ALL, "baseline", "a baseline is being recorded")
        try:
            failed = [one for one in self.poll_all() if one["error"]]
            with self.context.write("baseline_record") as db:
                count = commands.baseline(self.context, db, known)
        finally:
            with self.context.write("baseline_end") as db:
                pauses.lift(db, pauses.ALL, pauses.ALL, "baseline")
        if failed:
            told = "; ".join(f"{one['source']}: {one['error']}" for one in failed)
            raise SourceError(f"{count} deliveries recorded, but not those of {told}")
        return count

    def pause(self, tenant: str, channel: str) -> None:
        """Stop claims. Raises InputError for a name that nothing here bears."""
        known = self.all_tenants()
        if tenant not in (pauses.ALL, *known):
            raise InputError(f"no tenant {tenant}; there are {', '.join(known)}")
        if channel != pauses.ALL:
            self._is_channel(channel)
        with self.context.write("pause") as db:
            commands.pause(db, tenant, channel)

    def _is_channel(self, name: str) -> None:
        known = sorted({kind for _, kind in self.context.channels})
        if name not in known:
            raise InputError(f"no channel {name} is configured; there are {', '.join(known)}")

    def resume(self, tenant: str, channel: str) -> int:
        with self.context.write("resume") as db:
            return commands.resume(self.context, db, tenant, channel)

    def approve(self, batch: int, digest: str | None, *, reject: bool) -> Data:
        with self.context.write("approve") as db:
            one = batches.decide(db, batch, digest, reject=reject)
        return {
            "batch": one.id,
            "changes": dict(one.counts),
            "digest": one.checksum,
            "rejected": reject,
        }

    def purge(self) -> None:
        retention.run_once(self.context, self.content_days, self.journal_days)

    def forget(self, person: str) -> dict[str, int]:
        with self.context.write("forget") as db:
            return retention.forget(db, self.context.vault, person)

    def reseal(self, progress: Callable[[int], None] = lambda _: None) -> list[Data]:
        """Seal with the newest key what an older one sealed."""
        context = self.context
        done = reseal.run(
            context.store, context.vault, progress, partial(context.transact, "reseal")
        )
        return [asdict(one) for one in done]

    def upgrade(self, *, beside_others: bool = False) -> str:
        before = schema.current(self.store)
        schema.upgrade(self.store, beside_others=beside_others)
        now = schema.newest()
        return f"schema is at {now}" + ("" if before == now else f" (was {before or 'empty'})")

    # --- questions -------------------------------------------------------------------------------

    def status(self) -> Data:
        """What is going on. Held batches count as shown from now on: approve is bound to it."""
        with self.context.write("status") as db:
            for one in batches.held(db):
                batches.remember_shown(db, one)
            return queries.status(db)

    def explain(self, session: str, person: str | None, tenant: str | None) -> Data:
        with self.store.read() as db:
            return queries.explain(db, self.context, session, person, tenant)

    def preview(self, session: str, person: str, channel: str | None, tenant: str | None) -> Data:
        if channel is not None:
            self._is_channel(channel)
        return preview.preview(self.context, session, person, channel, tenant)

    def health(self) -> Data:
        """Problems that should wake somebody; none when all is well."""
        problems = []
        with self.store.read() as db:
            if not queries.daemon_alive(db):
                problems.append("the daemon is not running; start `calsync run`")
            found = queries.waiting_since(db)
            if found is not None and db.now - found > OVERDUE:
                problems.append(
                    f"deliveries are overdue since {iso(found)}; "
                    "`calsync status` tells what is stopped"
                )
            for row in db.all(sa.select(table("source_cursor"))):
                since = row["failing_since"]
                if since is not None and db.now - since > SOURCE_SILENT:
                    problems.append(
                        f"source {row['name']} cannot be read since "
                        f"{iso(since)}: {row['last_error']}"
                    )
        return {"problems": problems}

    # --- accounts --------------------------------------------------------------------------------

    def accounts(self, tenant: str | None) -> list[Data]:
        return connect.listed(self.context, tenant)

    def import_account(
        self, tenant: str, provider: str, email: str, credentials: Mapping[str, str]
    ) -> Data:
        """Store an account and hand its person's upcoming sessions over to it."""
        if tenant not in self.tenants:
            raise InputError(f"no tenant {tenant}; there are {', '.join(self.tenants)}")
        return connect.add(self.context, tenant, provider, email, credentials)

    def test_account(self, ident: str) -> Data:
        return connect.try_out(self.context, ident)

    def disconnect(self, ident: str) -> str:
        with self.context.write("disconnect") as db:
            return disconnect.disconnect(self.context, db, ident)
