"""Checks of the database, what it is sealed with, and the accounts in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

from calsync.errors import AccessLost, ChannelError, ConfigError
from calsync.ops import startup
from calsync.ops.channel_findings import NAMES
from calsync.ops.doctor.registry import (
    Check,
    CheckAnswer,
    call_ends,
    error,
    not_checked,
    ok,
    warning,
)
from calsync.ops.doctor.surroundings import findings, surroundings
from calsync.ops.results.finding import Severity
from calsync.ops.results.surroundings import Surroundings
from calsync.runtime.context import Context
from calsync.store.connect import grants
from calsync.store.engine.connections import ConnectionUse
from calsync.text.counted import counted

UNUSED_FOR = timedelta(days=30)  # accounts whose tokens are used by the check
OPENED = 20  # accounts of a provider that one run of the doctor opens
CONNECT_AGAIN = "have their people connect again; until then their sessions go out by mail"


def ledger_checks(context: Context) -> list[Check]:
    """Everything that needs the ledger."""
    return [
        Check("database", "connections", partial(_connections, context)),
        Check("keys", "security.keys", partial(_keys, context)),
        Check("clock", "this machine and the database", partial(_clock, context)),
        *(
            Check("accounts", f"access to {NAMES.get(one, one)}", partial(_opened, context, one))
            for one in sorted(context.settings.lives)
        ),
        Check("accounts", "consents that end soon", partial(_ending, context)),
    ]


def _around(context: Context) -> Surroundings:
    asked = datetime.now(UTC)
    with context.store.read() as db:
        return surroundings(context, db, asked)


def _of_kind(found: Surroundings, *kinds: str) -> Iterator[CheckAnswer]:
    for one in findings(found):
        if one.kind in kinds:
            told = error if one.severity is Severity.ERROR else warning
            yield told(one.text, "")


def _connections(context: Context) -> Iterator[CheckAnswer]:
    found = _around(context)
    use, bad = found.connections, list(_of_kind(found, "connections"))
    yield from bad
    if use is None:
        yield ok("a SQLite file, for one machine")
    elif not bad:
        yield _of_all(use, found.wanted)
    if context.store.direct is None:
        yield warning(
            "the pooler does not pass on notifications: what is new waits for up to a second",
            "write the server's own address in database.listen_url",
            "database.listen_url",
        )


def _of_all(use: ConnectionUse, of_one: int) -> CheckAnswer:
    """What the processes that run may open, beside what there is."""
    free = f"{use.free} of {use.most} connections are free"
    if use.processes < 2:
        return ok(f"{free}; one process opens up to {of_one}")
    together = f"the {use.processes} processes that are running open up to {use.wanted} together"
    if use.wanted <= use.most:
        return ok(f"{free}; {together}")
    return warning(
        f"{free}, but {together}: when all are busy at once, work waits or fails",
        "raise max_connections of the server or the user's limit, lower deliver.workers, or use a "
        "pooler",
    )


def _keys(context: Context) -> Iterator[CheckAnswer]:
    try:
        startup.check_keys(context)
    except ConfigError as problem:
        for one in problem.problems:
            yield error(one, "")
        return
    opens = counted(len(context.vault.key_ids), "key opens", "keys open")
    yield ok(f"{opens} what the ledger holds")


def _clock(context: Context) -> Iterator[CheckAnswer]:
    bad = list(_of_kind(_around(context), "clock"))
    agree = "they are the same clock" if context.store.sqlite else "they agree"
    yield from bad or [ok(agree)]


def _ending(context: Context) -> Iterator[CheckAnswer]:
    bad = list(_of_kind(_around(context), "ending_account", "trial"))
    yield from bad or [ok("none")]


def _opened(context: Context, provider: str) -> Iterator[CheckAnswer]:
    """Use the refresh tokens that were unused for longest: that tells whether they live, and keeps
    them alive."""
    with context.store.read() as db:
        idents = grants.longest_unused(db, provider, db.now - UNUSED_FOR, OPENED)
        newest = idents or grants.longest_unused(db, provider, db.now + timedelta(days=1), 1)
    if not newest:
        yield not_checked("nobody has connected a calendar")
        return
    lost, until = 0, call_ends()
    for ident in newest:
        try:
            context.authorizer.open(ident, until, fresh=True)
        except AccessLost:
            lost += 1
        except ChannelError as problem:
            yield error(f"access cannot be renewed: {problem.reason}", "see the provider's client")
            return
    if lost:
        have = counted(lost, "account has", "accounts have")
        yield warning(f"{have} lost access", CONNECT_AGAIN)
    else:
        yield ok(f"{counted(len(newest), 'refresh token')} used: access was renewed")
