"""Records whose `updated_at` went back: a restored platform, a corrected clock. Two complete sweeps
that agree decide, and the guard; a second time a person does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from calsync.errors import InputError
from calsync.ingest import changes
from calsync.ingest.guard.closing import close
from calsync.ingest.intake import Intake
from calsync.ingest.polled import PolledPage
from calsync.ingest.prepared import Prepared
from calsync.store.database import Db, Row
from calsync.store.ledger import sessions
from calsync.store.records import older_versions
from calsync.store.records.shown import ShownIds

MOST = 500  # sessions a sweep; the next one goes on


def note(db: Db, prepared: Prepared, source: str, shown: ShownIds) -> None:
    """Remember which sessions of a sweep's page are older than what was accepted, and differ.
    `shown`: by the pages before it. Where one of them has shown a session, its platform has it
    twice, and did not go back."""
    for tenant, found in prepared.sessions.items():
        known = sessions.stored(db, tenant, found)
        back = changes.gone_back(found.values(), known)
        if back:
            once = shown.lacking(tenant, [one.id for one in back])
            older_versions.note(db, source, [one for one in back if one.id in once])


def ready(intake: Intake, began: datetime, gap: timedelta) -> Prepared:
    """What the sweep that began then shows as a complete one did, at least `gap` ago."""
    with intake.store.read() as db:
        rows = older_versions.agreed(db, intake.source, began, gap, MOST)
    return prepared(intake, rows)


def prepared(intake: Intake, rows: Iterable[Row]) -> Prepared:
    """These older versions, to be taken in."""
    return intake.prepare([sessions.from_json(row["record"]) for row in rows])


def take_back(db: Db, intake: Intake, versions: Prepared) -> PolledPage:
    """Accept older versions in the place of newer ones; the guard counts them as a kind of their
    own."""
    taken: list[PolledPage] = []
    for tenant, found in sorted(versions.sessions.items()):
        taken.append(intake.accept(db, tenant, list(found.values()), versions))
        older_versions.took_back(db, tenant, found)
    return PolledPage(
        news=sum(one.news for one in taken), changed=sum(one.changed for one in taken)
    )


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Accepts older versions in a transaction that it is handed; `parts`: by source."""

    parts: Sequence[tuple[Intake, Prepared]] = ()

    def __call__(self, db: Db) -> None:
        for intake, versions in self.parts:
            take_back(db, intake, versions)
            close(db, intake, at_once=True)

    def __len__(self) -> int:
        return sum(len(found) for _, one in self.parts for found in one.sessions.values())


def accepting(intakes: Iterable[Intake], ids: Sequence[str], tenant: str | None) -> Acceptance:
    """What accepts the older versions that sources show of these sessions. Raises InputError when
    there is none."""
    parts: list[tuple[Intake, Prepared]] = []
    for intake in intakes:
        with intake.store.read() as db:
            rows = older_versions.of_sessions(db, intake.source, ids, tenant)
        if rows:
            parts.append((intake, prepared(intake, rows)))
    if not parts:
        raise InputError(
            "the sources show no older version of these sessions; name the ids that `calsync "
            "status` lists as gone back"
        )
    return Acceptance(parts)
