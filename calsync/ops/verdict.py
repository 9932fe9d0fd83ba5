"""The verdict: what is not as it should be, how bad that is, whom it concerns and what to do next.

Every sign that an operator should hear of is a rule here and nowhere else: `calsync status` shows
all findings, `calsync health` fails for errors.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from calsync.errors import CalsyncError, DatabaseError
from calsync.log import scrub
from calsync.ops import channel_findings, queries
from calsync.ops.doctor import surroundings
from calsync.ops.findings import daemons, machine, platform, sources
from calsync.ops.results.command import to_type
from calsync.ops.results.finding import EVERYBODY, Finding, Severity
from calsync.ops.results.health import Health
from calsync.ops.results.status import (
    NONE_EXPOSED,
    ExposedFiles,
    InstallationStatus,
    Liveness,
    ParkedDelivery,
    ToldPerson,
)
from calsync.runtime.context import Context
from calsync.store import instance, status
from calsync.store.database import Db
from calsync.store.engine import private_files
from calsync.text.counted import counted
from calsync.text.instants import iso

FEW = 5  # sessions that a command names
OVERDUE = timedelta(minutes=15)


def verdict(context: Context) -> list[Finding]:
    """Everything that is not as it should be now, the worst first."""
    found, alive = known(context, None)
    return findings(found, alive, exposed(context))


def unusable(error: CalsyncError) -> Finding:
    """Why nothing can be judged: the configuration or the database cannot be used."""
    return machine.unusable(error)


def known(context: Context, tenant: str | None) -> tuple[InstallationStatus, Liveness]:
    """What findings are made of: of one tenant, or of the whole installation."""
    mine = [name for name, owner in context.settings.sources.items() if owner == tenant]
    asked = datetime.now(UTC)
    with context.store.read() as db:
        alive = _liveness(context, db, asked, tenant)
        return queries.current(db, tenant, mine), alive


def of_pass(context: Context) -> list[Finding]:
    """What is not as it should be after a pass by hand, which needs no daemon beside it."""
    status_now, alive = known(context, None)
    return findings(status_now, replace(alive, daemon_alive=True, overdue_since=None, silent=None))


def readiness(context: Context) -> Health:
    """Why this process cannot do its work now: its database does not answer."""
    try:
        with context.store.read() as db:
            instance.heartbeat(db)
    except DatabaseError as error:
        return Health([f"the database cannot be used: {scrub(str(error))}"])
    return Health([])


def liveness(context: Context) -> Liveness:
    """Whether a daemon runs, and keeps up."""
    asked = datetime.now(UTC)
    with context.store.read() as db:
        return _liveness(context, db, asked)


def _liveness(context: Context, db: Db, asked: datetime, tenant: str | None = None) -> Liveness:
    alive = instance.daemon_alive(db)
    silent = None if alive else daemons.silent_daemon(context.store)
    around = surroundings.surroundings(context, db, asked, tenant)
    return Liveness(alive, status.overdue_since(db, tenant), around, silent)


def exposed(context: Context) -> ExposedFiles:
    """What every user of this machine may read, and should not."""
    ledger = private_files.exposed_file(context.store)
    return ExposedFiles(context.settings.exposed_file, str(ledger) if ledger else None)


def findings(
    known: InstallationStatus, alive: Liveness, files: ExposedFiles = NONE_EXPOSED
) -> list[Finding]:
    """What these tell, the worst first."""
    found = [replace(one, kind=kind) for kind, rule in RULES.items() for one in rule(known, alive)]
    found += [*_exposed(files), *surroundings.findings(alive.around)]
    return sorted(found, key=lambda one: list(Severity).index(one.severity))


def _exposed(files: ExposedFiles) -> Iterator[Finding]:
    everybody = "every user of this machine can read"
    if files.config is not None:
        text = f"{everybody} the secrets in {files.config}"
        command = f"chmod o= {shlex.quote(files.config)}"
        yield Finding(Severity.WARNING, text, None, EVERYBODY, command, "exposed_file")
    if files.ledger is not None:
        text = f"{everybody} the ledger in {files.ledger}, which holds addresses and sessions"
        command = "calsync db upgrade"
        yield Finding(Severity.WARNING, text, None, EVERYBODY, command, "exposed_ledger")


def _daemon(known: InstallationStatus, alive: Liveness) -> Iterator[Finding]:
    if not alive.daemon_alive and alive.silent is None:
        yield daemons.no_daemon(known.heartbeat)


def _overdue(known: InstallationStatus, alive: Liveness) -> Iterator[Finding]:
    since = alive.overdue_since
    if since is not None and known.now - since > OVERDUE:
        text = f"deliveries have been overdue since {iso(since)}"
        yield Finding(Severity.ERROR, text, since, EVERYBODY, "calsync sync")


def _held(known: InstallationStatus, _: Liveness) -> Iterator[Finding]:
    for one in known.held:
        changes = ", ".join(f"{kind} {count}" for kind, count in one.changes.items())
        text = f"batch {one.batch} of {one.source} is held: {changes}"
        command = to_type("approve", str(one.batch), digest=one.digest)
        yield Finding(Severity.WARNING, text, one.since, f"tenant {one.tenant}", command)


def _failing(known: InstallationStatus, _: Liveness) -> Iterator[Finding]:
    return channel_findings.failing(known)


def _late(known: InstallationStatus, _: Liveness) -> Iterator[Finding]:
    return channel_findings.late(known)


def _pauses(known: InstallationStatus, _: Liveness) -> Iterator[Finding]:
    return channel_findings.pauses(known)


# Why a delivery is parked: how bad that is, and what follows "1 delivery is parked: " and "2
# deliveries are parked: ". Of people who are forgotten nothing is told.
PARKED = {
    "refused": (
        Severity.WARNING,
        "a provider has refused it",
        "a provider has refused them",
    ),
    "content_purged": (
        Severity.WARNING,
        "its content has left by retention",
        "their content has left by retention",
    ),
    "only_to": (
        Severity.NOTICE,
        "deliver.only_to leaves it out",
        "deliver.only_to leaves them out",
    ),
    "rejected": (Severity.NOTICE, "its batch was rejected", "their batch was rejected"),
}
SILENT = "forgotten"


def _parked(known: InstallationStatus, _: Liveness) -> Iterator[Finding]:
    by_reason: dict[str, list[ParkedDelivery]] = {}
    for one in known.parked:
        by_reason.setdefault(one.parked, []).append(one)
    by_reason.pop(SILENT, None)
    least = "at least " if len(known.parked) >= queries.MOST else ""
    for reason, several in sorted(by_reason.items()):
        first, n = several[0], len(several)
        severity, it, them = PARKED.get(reason, (Severity.WARNING, reason, reason))
        are = counted(n, "delivery is", "deliveries are")
        people = {one.person for one in several}
        whom = first.person if len(people) == 1 else f"{len(people)} people"
        text = f"{least}{are} parked: {it if n == 1 else them}"
        if reason == "refused" and first.error:
            text += f"{'' if n == 1 else f', first {first.session}'}: {first.error}"
        command = _try_again(several) if reason == "refused" else _why(first)
        yield Finding(severity, text, None, whom, command)


def _why(one: ParkedDelivery) -> str:
    return to_type("explain", one.session, person=one.person)


def _try_again(several: Sequence[ParkedDelivery]) -> str:
    """Once what was refused is right; of very many everything is decided again."""
    sessions = list(dict.fromkeys(one.session for one in several))
    if len(several) == 1:
        return to_type("resync", sessions[0], person=several[0].person)
    return to_type("resync", *(sessions if len(sessions) <= FEW else ()))


# What still stands wrong although its person was told, as it follows "1" and "2".
TOLD = {
    "unreachable": ("session is shown nowhere", "sessions are shown nowhere"),
    "could_not_update": ("entry shows an old version", "entries show an old version"),
    "could_not_remove": ("entry could not be removed", "entries could not be removed"),
    "entry_may_remain": (
        "outdated entry stands where calsync cannot write",
        "outdated entries stand where calsync cannot write",
    ),
}


# What became of the plain mail, as it follows that.
TELLING = {
    "sent": "a plain mail told the people of it",
    "waiting": "a plain mail to the people is on its way",
    "refused": "the plain mail about it could not be sent either: tell the people in another way",
}
TELLING_OF = {"due": "waiting", "unsure": "waiting", "dropped": "refused"}  # the mail's own state


def _told(known: InstallationStatus, _: Liveness) -> Iterator[Finding]:
    least = "at least " if len(known.told) >= queries.MOST else ""
    by_kind: dict[tuple[str, str], list[ToldPerson]] = {}
    for one in known.told:
        by_kind.setdefault((one.told, TELLING_OF.get(one.mail, one.mail)), []).append(one)
    for kind, mail in sorted(by_kind, key=lambda one: list(TOLD).index(one[0])):
        several = by_kind[kind, mail]
        first, people = several[0], {one.person for one in several}
        whom = first.person if len(people) == 1 else f"{len(people)} people"
        text = f"{least}{counted(len(several), *TOLD[kind])}; {TELLING[mail]}"
        command = to_type("explain", first.session, person=first.person)
        yield Finding(Severity.WARNING, text, None, whom, command)


def _accounts(known: InstallationStatus, _: Liveness) -> Iterator[Finding]:
    for one in known.accounts:
        have = f"{one.provider} account has", f"{one.provider} accounts have"
        account = f"{one.provider} account"
        if one.state == "reconnect":
            text = f"{counted(one.count, *have)} to be connected again"
        elif one.state == "unusable":
            tried = "it is tried" if one.count == 1 else "they are tried"
            text = f"{counted(one.count, account)} cannot be written; {tried} again daily"
        else:
            continue
        whom = counted(one.count, "person", "people")
        yield Finding(Severity.NOTICE, text, None, whom, "calsync accounts list")


def _unexpected(known: InstallationStatus, _: Liveness) -> Iterator[Finding]:
    for one in known.unexpected:
        was = "was" if one.count == 1 else "were"
        text = (
            f"{counted(one.count, 'unexpected failure')} {was} caught ({one.area}): {one.error} in "
            f"{one.function}, line {one.line}, last at {iso(one.last)}; the rest of the work went "
            "on; please report this line"
        )
        whom = f"session {one.session}" if one.session else EVERYBODY
        command = to_type("explain", one.session) if one.session else "calsync status"
        yield Finding(Severity.WARNING, text, one.since, whom, command)


# In the order in which findings of one severity are told, under the kinds that machines know.
RULES: Mapping[str, Callable[[InstallationStatus, Liveness], Iterator[Finding]]] = MappingProxyType(
    {
        "no_daemon": _daemon,
        "cannot_write": machine.silent,
        "clock": machine.clock,
        "overdue": _overdue,
        "source": sources.unreadable,
        "long_read": sources.reads_on,
        "sweep": sources.not_swept,
        "held": _held,
        "failing_channel": _failing,
        "late": _late,
        "stale": sources.stale,
        "pause": _pauses,
        "parked": _parked,
        "told": _told,
        "refused_record": sources.refused_records,
        "unexpected": _unexpected,
        "went_back": sources.went_back,
        "warning": sources.warnings,
        "account": _accounts,
        "webhook": platform.failing,
        "dead_letters": platform.given_up,
        "unknown_zone": channel_findings.unknown_zones,
    }
)
