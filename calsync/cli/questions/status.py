"""`calsync status`: what is going on, and what waits for a person."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from calsync import output
from calsync.cli.options import AsJson, ConfigFile, opened_context
from calsync.errors import beside_source
from calsync.text.as_json import to_json
from calsync.text.counted import counted

if TYPE_CHECKING:
    from calsync.ops.results.status import (
        HeldBatch,
        InstallationStatus,
        SourceStatus,
        ZoneDataInUse,
    )


WARNINGS = {
    "session": "session",
    "participant": "participant",
    "set_aside": "set aside",
    "field": "field",
    "reason": "left out or cut",
    "since": "since",
}


# The tables of `status`, in their order: which answer of it, and key -> heading.
TABLES = {
    "copies": {"channel": "channel", "state": "copies", "count": "count"},
    "sources": {
        "source": "source",
        "last_ok": "last read",
        "swept_at": "swept",
        "error": "error",
    },
    "accounts": {"provider": "provider", "state": "accounts", "count": "count"},
    "held": {
        "batch": "held batch",
        "tenant": "tenant",
        "source": "source",
        "changes": "changes",
        "digest": "digest",
        "since": "since",
    },
    "stopped": {
        "tenant": "stopped tenant",
        "channel": "channel",
        "by": "by",
        "reason": "why",
        "until": "until",
    },
    "parked": {
        "session": "parked session",
        "person": "person",
        "parked": "why",
        "error": "answer",
    },
    "stale": {
        "session": "stale session",
        "reason": "refused update",
        "starts_at": "starts",
        "alert": "alert",
    },
    "set_aside": {
        "source": "source",
        "record": "set aside",
        "field": "field",
        "reason": "reason",
    },
    "told": {
        "session": "wrong session",
        "person": "person",
        "told": "told",
        "starts_at": "starts",
    },
    "went_back": {
        "source": "source",
        "session": "went back",
        "accepted": "accepted version",
        "updated_at": "shown now",
        "since": "since",
        "again": "again",
    },
    "warnings": WARNINGS,
    "alerts": {"at": "alert at", "session": "session", "reason": "reason"},
}


def status(config: ConfigFile = None, json: AsJson = False) -> None:
    """Show what calsync is doing, and what needs attention."""
    from calsync.ops import queries, verdict  # noqa: PLC0415

    with opened_context(config) as context:
        found = queries.status(context)
        alive, exposed = verdict.liveness(context), verdict.exposed(context)
        findings = verdict.findings(found, alive, exposed)
    if json:
        output.as_json({**to_json(found), "findings": findings})
        return
    columns = {"severity": "", "text": "what to look at", "whom": "concerns", "command": "next"}
    output.table(findings, columns, whole=("command",))
    counts = found.deliveries
    output.facts(
        {
            "daemon seen": found.heartbeat or "never",
            "time zone data": _zone_data(found.time_zones),
            "wanted": counts.wanted,
            "due now": counts.due,
            "oldest due": counts.oldest_due,
            "waiting": counts.waiting,
            "next due": counts.next_due,
            "announced in a digest": counts.announced or None,
            "the first invitation": counts.next_announced,
            "held": counts.held,
            "parked": counts.parked,
        },
        "deliveries of sessions ahead",
    )
    _tables(found)


def _sources(found: InstallationStatus) -> list[SourceStatus]:
    """The source stands in the first column; why it cannot be read need not name it again."""
    return [
        replace(one, error=one.error and beside_source(one.error, one.source))
        for one in found.sources
    ]


def _tables(found: InstallationStatus) -> None:
    for name, columns in TABLES.items():
        rows = _sources(found) if name == "sources" else getattr(found, name)
        output.table(rows, columns)
        if name == "held":
            for one in found.held:
                show_held(one)
                output.line(f"approve with: calsync approve {one.batch} --digest {one.digest}")


def _zone_data(found: ZoneDataInUse | None) -> str | None:
    if found is None:
        return None
    version = f", version {found.version}" if found.version else ""
    return f"{found.read_from}{version}"


def show_held(one: HeldBatch) -> None:
    """What a held batch would do to whom, the nearest sessions first, and how much it is."""
    columns = {"starts_at": "starts", "session": "session", "person": "person", "kind": "change"}
    output.table(one.listed, columns, f"what batch {one.batch} would do")
    count = sum(one.changes.values())
    rest = count - len(one.listed)
    sessions = counted(one.session_count, "session")
    output.line(
        f"{f'and {rest} more; ' if rest > 0 else ''}in all {counted(count, 'change')} of "
        f"{sessions}: {output.cell(one.changes)}"
    )
