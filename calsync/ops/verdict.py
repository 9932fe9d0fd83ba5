"""The verdict: what is not as it should be, how bad that is, whom it concerns and what to do next.

Every sign that an operator should hear of is a rule here and nowhere else: `calsync status` shows
all findings, `calsync health` fails for errors.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from calsync.errors import DatabaseError
from calsync.log import scrub
from calsync.ops import channel_findings, queries
from calsync.ops.channel_findings import EVERYBODY
from calsync.ops.doctor import surroundings
from calsync.ops.results.finding import Finding, Severity
from calsync.ops.results.status import (
    NONE_EXPOSED,
    ExposedFiles,
    Health,
    InstallationStatus,
    OlderRecord,
    ParkedDelivery,
    ToldPerson,
)
from calsync.ops.results.surroundings import Surroundings
from calsync.runtime.context import Context
from calsync.store import instance, status
from calsync.store.database import Db
from calsync.store.engine import private_files
from calsync.text.counted import counted
from calsync.text.instants import iso

OVERDUE = timedelta(minutes=15)
SOURCE_SILENT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Liveness:
    """Whether the work is done. `overdue_since`: since when a delivery waits that nothing stops;
    `around`: what it depends on."""

    daemon_alive: bool
    overdue_since: datetime | None
    around: Surroundings = field(default_factory=Surroundings)


def verdict(context: Context) -> list[Finding]:
    """Everything that is not as it should be now, the worst first."""
    found, alive = known(context, None)
    return findings(found, alive, exposed(context))


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
    return findings(status_now, replace(alive, daemon_alive=True, overdue_since=None))


def health(context: Context) -> Health:
    """Why the daemon does not work; no problem while one runs and the database answers. What its
    sources and channels do is the verdict's matter: a new start would mend none of that."""
    with context.store.read() as db:
        alive, since = instance.daemon_alive(db), instance.heartbeat(db)
    return Health([] if alive else [_no_daemon(since).advice])


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
    around = surroundings.surroundings(context, db, asked, tenant)
    return Liveness(instance.daemon_alive(db), status.overdue_since(db, tenant), around)


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
    if not alive.daemon_alive:
        yield _no_daemon(known.heartbeat)


def _no_daemon(since: datetime | None) -> Finding:
    text = f"no daemon has been running since {iso(since)}" if since else "no daemon has run yet"
    return Finding(Severity.ERROR, text, since, EVERYBODY, "calsync run")


def _overdue(known: InstallationStatus, alive: Liveness) -> Iterator[Finding]:
    since = alive.overdue_since
    if since is not None and known.now - since > OVERDUE:
        text = f"deliveries have been overdue since {iso(since)}"
        yield Finding(Severity.ERROR, text, since, EVERYBODY, "calsync status")


def _sources(known: InstallationStatus, _: Liveness) -> Iterator[Finding]:
    for one in known.sources:
        since = one.failing_since
        if since is None:
            continue
        lasts = known.now - since > SOURCE_SILENT
        severity = Severity.ERROR if lasts else Severity.WARNING
        whom = f"source {one.source}"
        text = f"{whom} has been unreadable since {iso(since)}: {one.error}"
        yield Finding(severity, text, since, whom, "calsync plan")


def _sweeps(known: InstallationStatus, _: Liveness) -> Iterator[Finding]:
    """A source may be readable by its changes, and not as a whole."""
    for one in known.sources:
        if one.sweep_error is None or one.failing_since is not None:
            continue
        since, whom = one.swept_at, f"source {one.source}"
        last = f"since {iso(since)}" if since else "yet"
        text = (
            f"{whom} has not been compared as a whole {last}, so sessions deleted there and "
            f"updates that polls missed go unnoticed: {one.sweep_error}"
        )
        command = f"calsync validate --source {one.source}"
        yield Finding(Severity.WARNING, text, since, whom, command)


def _held(known: InstallationStatus, _: Liveness) -> Iterator[Finding]:
    for one in known.held:
        changes = ", ".join(f"{kind} {count}" for kind, count in one.changes.items())
        text = f"batch {one.batch} of {one.source} is held: {changes}"
        command = f"calsync approve {one.batch} --digest {one.digest}"
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
        command = f"calsync explain {first.session} --person {first.person}"
        text = f"{least}{are} parked: {it if n == 1 else them}"
        yield Finding(severity, text, None, whom, command)


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
        command = f"calsync explain {first.session} --person {first.person}"
        yield Finding(Severity.WARNING, text, None, whom, command)


def _stale(known: InstallationStatus, _: Liveness) -> Iterator[Finding]:
    for one in known.stale:
        if one.alert:
            text = f"{one.session} starts within 24 hours, and its last update was refused: "
            whom, command = f"session {one.session}", f"calsync explain {one.session}"
            yield Finding(Severity.WARNING, text + one.reason, None, whom, command)
    later = [one for one in known.stale if not one.alert]
    if later:
        n, command = len(later), f"calsync explain {later[0].session}"
        are = counted(n, "session is", "sessions are")
        its = "its last update was" if n == 1 else "their last update was"
        text = f"{are} shown in an older version: {its} refused"
        yield Finding(Severity.NOTICE, text, None, counted(n, "session"), command)


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


def _set_aside(known: InstallationStatus, _: Liveness) -> Iterator[Finding]:
    least = "at least " if len(known.set_aside) >= queries.MOST else ""
    for source in dict.fromkeys(one.source for one in known.set_aside):
        mine = [one for one in known.set_aside if one.source == source]
        were = counted(len(mine), "record was", "records were")
        first = f"{mine[0].record}: {mine[0].field}: {mine[0].reason}"
        what = f"{were} refused: {first}" if len(mine) == 1 else f"{were} refused, first {first}"
        yield Finding(Severity.WARNING, least + what, None, f"source {source}", "calsync status")


def _unexpected(known: InstallationStatus, _: Liveness) -> Iterator[Finding]:
    for one in known.unexpected:
        was = "was" if one.count == 1 else "were"
        text = (
            f"{counted(one.count, 'unexpected failure')} {was} caught ({one.area}): {one.error} in "
            f"{one.function}, line {one.line}, last at {iso(one.last)}; the rest of the work went "
            "on; please report this line"
        )
        whom = f"session {one.session}" if one.session else EVERYBODY
        command = f"calsync explain {one.session}" if one.session else "calsync status"
        yield Finding(Severity.WARNING, text, one.since, whom, command)


def _went_back(known: InstallationStatus, _: Liveness) -> Iterator[Finding]:
    for one in known.went_back:
        if one.alert:
            text = (
                f"{one.session} starts within 24 hours, and its source shows a version of "
                f"{iso(one.updated_at)}, older than the accepted one of {iso(one.accepted)}"
            )
            yield Finding(Severity.WARNING, text, one.since, f"session {one.session}", _take(one))
    for source in known.sources:
        later = [one for one in known.went_back if one.source == source.source and not one.alert]
        if later:
            are = counted(source.went_back, "session has", "sessions have")
            text = (
                f"{are} gone back to an older updated_at in {source.source}, first "
                f"{later[0].session}; what is shown stays until two complete sweeps agree"
            )
            whom = f"source {source.source}"
            yield Finding(Severity.NOTICE, text, later[0].since, whom, _take(later[0]))


def _take(one: OlderRecord) -> str:
    return (
        f"calsync resync {one.session} --accept"
        if one.again
        else (f"calsync explain {one.session}")
    )


def _warnings(known: InstallationStatus, _: Liveness) -> Iterator[Finding]:
    least = "at least " if len(known.warnings) >= queries.MOST else ""
    aside = [one for one in known.warnings if one.set_aside]
    if aside:
        n, first = len(aside), aside[0]
        are = counted(n, "participant is", "participants are")
        where = "" if n == 1 else "first "
        text = f"{least}{are} set aside: {where}{first.session}: {first.field}: {first.reason}"
        person = f" --person {first.participant}" if first.participant else ""
        command = f"calsync explain {first.session}{person}"
        yield Finding(Severity.WARNING, text, first.since, f"source {first.source}", command)
    others = [one for one in known.warnings if not one.set_aside]
    if others:
        n, first = len(others), others[0]
        text = (
            f"{least}{counted(n, 'field')} of accepted records left out or cut: "
            f"{'' if n == 1 else 'first '}{first.session}: {first.field}: {first.reason}"
        )
        command = f"calsync explain {first.session}"
        yield Finding(Severity.NOTICE, text, first.since, f"source {first.source}", command)


# In the order in which findings of one severity are told, under the kinds that machines know.
RULES: Mapping[str, Callable[[InstallationStatus, Liveness], Iterator[Finding]]] = MappingProxyType(
    {
        "no_daemon": _daemon,
        "overdue": _overdue,
        "source": _sources,
        "sweep": _sweeps,
        "held": _held,
        "failing_channel": _failing,
        "late": _late,
        "stale": _stale,
        "pause": _pauses,
        "parked": _parked,
        "told": _told,
        "refused_record": _set_aside,
        "unexpected": _unexpected,
        "went_back": _went_back,
        "warning": _warnings,
        "account": _accounts,
        "unknown_zone": channel_findings.unknown_zones,
    }
)
