"""What operators order, each one short transaction over the ledger. None but `resend` calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from calsync.accounts import mass_loss
from calsync.core.desired import Former, wanted_of
from calsync.core.ledger import MAIL, CopyState
from calsync.core.reconcile.reasons import NO_REASON
from calsync.delivery.deliver import Deliverer
from calsync.errors import InputError
from calsync.ingest.guard import ranges
from calsync.ops import lookup, queries, startup
from calsync.ops.results.command import to_type
from calsync.ops.results.orders import Approval
from calsync.runtime.context import Context
from calsync.store import schema
from calsync.store.connect import accounts, route_lock
from calsync.store.database import Db, Row
from calsync.store.engine import private_files
from calsync.store.guard import large
from calsync.store.ledger import (
    batches,
    deliveries,
    journal,
    recovery,
    selection,
    sessions,
    wants,
)
from calsync.store.ledger.batches import Held
from calsync.store.ledger.deliveries import BACKFILL, Write
from calsync.store.ledger.selection import Selection
from calsync.store.queue import claims, pauses, slots
from calsync.store.sealing import canaries
from calsync.store.sealing import reseal as sealing
from calsync.store.sealing.reseal import Resealed
from calsync.store.upcoming import unsubscribed

LONGEST_REASON = 200
NOT_REPAIRED = (
    "nothing was resumed: this ledger was put back from a backup, and calendars and mailboxes may "
    "show what it knows nothing of; run `calsync sync`, then `calsync verify --repair`"
)


def pause(context: Context, tenant: str, channel: str, reason: str = "") -> None:
    """Stop claims, not polls; calls in flight finish. Everybody who asks why nothing happens is
    told the reason. Raises InputError for an unknown name, or a reason that is too long."""
    reason = " ".join(reason.split())
    if len(reason) > LONGEST_REASON:
        raise InputError(f"--reason is {len(reason)} characters long; {LONGEST_REASON} at most")
    lookup.check_tenant(context, tenant)
    if channel != pauses.ALL:
        lookup.check_channel(context, channel)

    def work(db: Db) -> None:
        pauses.stop(db, tenant, channel, "ops", reason or NO_REASON)
        journal.note(db, "paused", tenant=tenant, channel=channel, reason=reason or None)

    context.transact("pause", work)


def resume(context: Context, tenant: str, channel: str) -> int:
    """Lift every stop of this tenant and channel, whoever made it; returns how many.

    After a mass loss of accounts their people are now served by mail. Raises InputError for a
    ledger that was put back from a backup and is not repaired yet, and for a name that nothing
    bears and nothing was stopped by.
    """
    _check_stopped(context, tenant, channel)

    def check(db: Db) -> None:
        if recovery.is_unrecovered_copy(db) or recovery.is_open(db):
            raise InputError(NOT_REPAIRED)

    with context.store.read() as db:
        check(db)
        began, incidents = db.now, _incidents(db, tenant, channel)
    for one in incidents:
        mass_loss.serve_by_mail(context, one["tenant"], one["channel"])

    def work(db: Db) -> tuple[int, list[tuple[str, int]]]:
        check(db)
        for one in _incidents(db, tenant, channel):
            since = began if one in incidents else None
            mass_loss.serve_late_ones(context, db, one["tenant"], one["channel"], since)
        lifted = pauses.lift(db, tenant, channel)
        closing = _close_batches(context, db)
        journal.note(db, "resumed", tenant=tenant, channel=channel, lifted=lifted)
        return lifted, closing

    lifted, closing = context.transact("resume", work)
    for of_tenant, batch in closing:
        ranges.close(context.store, context.at, batch, context.tenant(of_tenant).guard)
    return lifted


def _incidents(db: Db, tenant: str, channel: str) -> list[Row]:
    """Stops after a mass loss of accounts."""
    return [one for one in pauses.active(db) if _is_incident(one, tenant, channel)]


def _check_stopped(context: Context, tenant: str, channel: str) -> None:
    with context.store.read() as db:
        stopped = pauses.active(db)
    if all(one["tenant"] != tenant for one in stopped):
        lookup.check_tenant(context, tenant)
    if channel != pauses.ALL and all(one["channel"] != channel for one in stopped):
        lookup.check_channel(context, channel)


def _is_incident(stop: Row, tenant: str, channel: str) -> bool:
    mine = tenant in (pauses.ALL, stop["tenant"]) and channel in (pauses.ALL, stop["channel"])
    return mine and bool(stop["by"] == "incident")


def _close_batches(context: Context, db: Db) -> list[tuple[str, int]]:
    """Let the guard decide about what mass losses changed; returns tenant and batch where that
    takes more than one transaction."""
    closing = []
    for tenant, batch in batches.left_open(db, mass_loss.SOURCE).items():
        if large.is_large(db, batch):
            large.begin(db, batch)
            closing.append((tenant, batch))
        else:
            batches.close(db, batch, context.tenant(tenant).guard)
    return closing


def approve(context: Context, batch: int, digest: str, *, reject: bool) -> Approval:
    """Let a held batch go as it was shown, or park its changes until their records change.

    Raises InputError when it is not held, or changed since it was shown.
    """
    with context.store.read() as db:
        one = batches.still_held(db, batch)
        is_large = large.is_large(db, batch)
    if one.checksum != digest:
        queries.remember_shown(context, [one])  # which is what `status` tells from now on
    batches.seen_as(one, digest)

    def work(db: Db) -> Held:
        if not is_large:
            return batches.decide(db, batch, digest, reject=reject)
        if not large.approve(db, batch, one.revision, reject=reject):
            raise InputError(
                f"batch {batch} has just changed; look at it once more with `calsync status`"
            )
        what = "batch_rejected" if reject else "batch_released"
        journal.note(db, what, tenant=one.tenant, batch=batch, digest=one.checksum)
        return one

    one = context.transact("approve", work)
    ranges.close(context.store, context.at, batch, context.tenant(one.tenant).guard)
    return Approval(one.id, dict(one.counts), one.checksum, rejected=reject)


def resync(
    context: Context,
    chosen: Selection,
    *,
    rewrite: bool = False,
    accept: Callable[[Db], None] = lambda _: None,
) -> int:
    """Decide again about these deliveries, look at what is live, unpark what was refused; returns
    how many they are. Raises InputError for an unknown session or person.

    rewrite   also take the current wording where the facts are the same (calendars only: a
              reworded invitation is never mailed)
    accept    done first, in the same transaction
    """

    def work(db: Db) -> int:
        accept(db)
        return decide_again(db, lookup.deliveries(db, chosen), rewrite=rewrite)

    return context.transact("resync", work)


def decide_again(db: Db, rows: Sequence[Row], *, rewrite: bool) -> int:
    """What `resync` does about these deliveries, in this transaction."""
    if rewrite:
        _rewrite(db, rows)
    deliveries.decide_again(db, rows)
    journal.note(db, "resync_asked", count=len(rows), rewrite=rewrite or None)
    return len(rows)


def _rewrite(db: Db, rows: Sequence[Row]) -> None:
    for tenant, ids in selection.by_tenant(rows).items():
        stored = sessions.stored(db, tenant, ids)
        route_lock.choosing(db, tenant)
        known = deliveries.of_sessions(db, tenant, ids)
        for ident, row in stored.items():
            if row["record"] is None or row["status"] != "booked":
                continue
            session = sessions.from_json(row["record"])
            people = accounts.of_emails(db, tenant, {one.email for one in session.participants})
            write = Write(None, rewrite=True, priority=BACKFILL)
            mine = known.get(ident, [])
            wanted = wanted_of(session, people, former=Former(session, deliveries.standing(mine)))
            wants.write_wanted(db, tenant, ident, wanted, mine, write=write)
    slots.wake(db, {row["slot"] for row in rows if row["slot"]})


def resend(context: Context, session: str, person: str, tenant: str | None) -> str:
    """Mail the current invitation once more: same UID and SEQUENCE, a newer DTSTAMP. Returns "sent"
    or why not. Raises InputError where there is none, or where it must not leave."""
    with context.store.read() as db:
        key = lookup.delivery(db, session, person, tenant)
        row = deliveries.get(db, key)
        _check_mail_may_leave(context, db, key.tenant, row["email"] if row else person)
        live = [
            copy
            for copy in claims.copies(db, context.sealer, key)
            if copy.state is CopyState.LIVE and copy.channel == MAIL
        ]
    if not live:
        raise InputError(
            f"{person} has no current invitation by mail to {session}; "
            f"`{to_type('explain', session, person=person)}` tells where it is shown"
        )
    return Deliverer(context).resend(key, live[-1].n)


def _check_mail_may_leave(context: Context, db: Db, tenant: str, email: str) -> None:
    why = None
    if context.settings.dry_run:
        why = "deliver.dry_run is set"
    elif context.tenant(tenant).excludes(email):
        why = f"deliver.only_to excludes {email}"
    elif any(
        one["tenant"] in (pauses.ALL, tenant) and one["channel"] in (pauses.ALL, MAIL)
        for one in pauses.active(db)
    ):
        why = "mail is paused; `calsync status` tells why, `calsync resume` continues"
    if why is not None:
        raise InputError(f"nothing was sent: {why}")


def upgrade(context: Context, *, beside_others: bool = False) -> str:
    """Make the ledger, or bring it to this version, and take a SQLite file from everybody but its
    owner; returns a sentence about it. Raises InputError for a database of somebody else, unless
    the ledger is to be made `beside_others`, and ConfigError for keys that do not belong to it."""
    before = schema.current(context.store)
    schema.upgrade(context.store, beside_others=beside_others)
    startup.check_keys(context)
    now, private = schema.newest(), private_files.make_private(context.store)
    told = [f"schema is at {now}" + ("" if before == now else f" (was {before or 'empty'})")]
    told += [f"only its owner may read {one} from now on" for one in private.changed]
    told += [
        f"others may read {one}, which belongs to another user: run `chmod go= {one}` as that user"
        for one in private.refused
    ]
    return "; ".join(told)


def reseal(
    context: Context, progress: Callable[[int], None] = lambda _: None, *, lost: str | None = None
) -> list[Resealed]:
    """Seal with the newest key what an older one sealed. When nothing else is left, no other key is
    asked for any more.

    lost   the id of a key that nobody has: what it sealed stays unreadable
    Raises ConfigError for a key whose bytes differ from before, InputError for a lost one that is
    configured.
    """
    if lost is not None:
        _give_up(context, lost)
    startup.check_keys(context, newest=False)
    transact = partial(context.transact, "reseal")
    done = sealing.run(context.store, context.vault, progress, transact)
    if not any(one.left for one in done):
        context.transact("canary_renewed", lambda db: canaries.renew(db, context.vault))
    return done


def _give_up(context: Context, kid: str) -> None:
    if kid in context.vault.key_ids:
        raise InputError(
            f"the key {kid!r} is listed in security.keys; remove it there if it is lost"
        )

    def work(db: Db) -> None:
        canaries.give_up(db, kid)
        unsubscribed.drop_secret(db, context.vault, kid)
        journal.note(db, "key_lost", kid=kid)

    context.transact("key_lost", work)
