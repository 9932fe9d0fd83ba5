"""What is found around the ledger, and which of it an operator should hear of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from calsync.ops.channel_findings import NAMES
from calsync.ops.doctor import upcoming_findings
from calsync.ops.results.finding import EVERYBODY, Finding, Severity
from calsync.ops.results.surroundings import Surroundings
from calsync.runtime.context import Context
from calsync.store.connect import grants
from calsync.store.connect.grants import EndingGrants
from calsync.store.database import Db
from calsync.store.engine.connections import connection_use
from calsync.text.counted import counted
from calsync.text.instants import iso

CLOCK_WRONG = timedelta(seconds=30)  # more than a slow answer of the database
CLOCK_FAR = timedelta(minutes=2, seconds=30)  # tokens and signed links are refused by then
LEFT = 3  # so few free connections are none
DOCTOR = "calsync doctor"


def surroundings(
    context: Context, db: Db, asked: datetime, tenant: str | None = None
) -> Surroundings:
    """What there is around this ledger; of one tenant's own matters alone. `asked`: this machine's
    clock right before the transaction began."""
    ending = grants.ending(db, context.settings.lives, tenant)
    if tenant is not None:
        return Surroundings(ending=ending, unlinked=upcoming_findings.unlinked(context, [tenant]))
    shift = context.store.shift()
    return Surroundings(
        clock_ahead=ahead(db.now - shift, asked, datetime.now(UTC)),
        connections=connection_use(db),
        wanted=context.store.most_connections,
        ending=ending,
        unlinked=upcoming_findings.unlinked(context, context.settings.tenants),
    )


def ahead(told: datetime, asked: datetime, answered: datetime) -> timedelta:
    """How far the clock that read `asked` and `answered` is ahead of the one that told in
    between: as little as it can be."""
    if told < asked:
        return asked - told
    return answered - told if told > answered else timedelta()


def findings(found: Surroundings) -> Iterator[Finding]:
    """What of it is not as it should be."""
    yield from _clock(found)
    yield from _connections(found)
    for one in found.ending:
        yield _trial(one) if one.why == "trial" else _unused(one)
    yield from upcoming_findings.findings(found.unlinked)


def _clock(found: Surroundings) -> Iterator[Finding]:
    off = abs(found.clock_ahead)
    if off < CLOCK_WRONG:
        return
    which = "ahead of" if found.clock_ahead > timedelta() else "behind"
    text = (
        f"this machine's clock is {in_words(off)} {which} the database's: sign-ins at providers "
        "and links that the platform signs fail when a clock is wrong; set both by NTP"
    )
    severity = Severity.ERROR if off >= CLOCK_FAR else Severity.WARNING
    yield Finding(severity, text, None, EVERYBODY, DOCTOR, "clock")


def _connections(found: Surroundings) -> Iterator[Finding]:
    use = found.connections
    if use is None:
        return
    if use.free < LEFT:
        text = (
            f"PostgreSQL has {counted(use.free, 'free connection')} left of {use.most}: work waits "
            "or fails; raise max_connections, lower deliver.workers, or use a pooler"
        )
        yield Finding(Severity.ERROR, text, None, EVERYBODY, DOCTOR, "connections")
    elif use.most < found.wanted:
        text = (
            f"PostgreSQL allows calsync {counted(use.most, 'connection')}, and one process opens "
            f"up to {found.wanted}: under load, work waits or fails; raise max_connections or the "
            "user's limit, or lower deliver.workers"
        )
        yield Finding(Severity.WARNING, text, None, EVERYBODY, DOCTOR, "connections")


def _unused(one: EndingGrants) -> Finding:
    have = counted(one.accounts, "account has", "accounts have")
    text = (
        f"{have} not been used since {iso(one.since)} or longer, and {_name(one)} ends access that "
        f"is not used for {one.life.days} days{_risk(one)}; the doctor renews it"
    )
    return Finding(Severity.WARNING, text, one.since, _whom(one), DOCTOR, "ending_account")


def _trial(one: EndingGrants) -> Finding:
    days = one.life.days
    text = (
        f"{_name(one)} accounts were lost {days} days after they were connected, and none has "
        f"lasted longer: its app seems to be in testing, where all access ends after {days} days. "
        f"{counted(one.accounts, 'further account')} will be lost, the first at "
        f"{iso(one.since + one.life)}{_risk(one)}. Publish the app at the provider, then have "
        "everybody connect again"
    )
    return Finding(Severity.ERROR, text, one.since, _whom(one), "calsync accounts list", "trial")


def _name(one: EndingGrants) -> str:
    return NAMES.get(one.provider, one.provider)


def _risk(one: EndingGrants) -> str:
    sessions = counted(one.sessions, "session")
    return f"; {sessions} ahead would go out by mail instead" if one.sessions else ""


def _whom(one: EndingGrants) -> str:
    return f"{counted(one.accounts, 'account')} of tenant {one.tenant}"


def in_words(off: timedelta) -> str:
    """A length of time, to the minute where it is longer than two."""
    seconds = round(off.total_seconds())
    return counted(seconds // 60, "minute") if seconds >= 120 else counted(seconds, "second")
