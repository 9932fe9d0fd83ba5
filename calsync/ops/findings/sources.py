"""Findings about sources and their records: what cannot be read, and what of it cannot be used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from calsync.errors import beside_source
from calsync.ops import queries
from calsync.ops.results.command import to_type
from calsync.ops.results.finding import Finding, Severity
from calsync.ops.results.status import InstallationStatus, Liveness, OlderRecord
from calsync.text.counted import counted
from calsync.text.instants import iso

SOURCE_SILENT = timedelta(minutes=15)


def unreadable(known: InstallationStatus, _: Liveness) -> Iterator[Finding]:
    """Sources that cannot be read, by what their records come from."""
    for one in known.sources:
        since = one.failing_since
        if since is None:
            continue
        lasts = known.now - since > SOURCE_SILENT
        severity = Severity.ERROR if lasts else Severity.WARNING
        whom = f"source {one.source}"
        reason = beside_source(one.error or "", one.source)
        text = f"{whom} has been unreadable since {iso(since)}: {reason}"
        yield Finding(severity, text, since, whom, _read(one.source))


def reads_on(known: InstallationStatus, _: Liveness) -> Iterator[Finding]:
    """Sources of which a read does not end. The first read of a large one may take hours."""
    for one in known.sources:
        since = one.reading_since
        if since is None or known.now - since <= SOURCE_SILENT:
            continue
        severity = Severity.WARNING if one.last_ok else Severity.NOTICE
        text = (
            f"source {one.source} has been read since {iso(since)} without coming to an end: it "
            "answers slowly or not at all, and until it does its changes may go unnoticed; look at "
            "what runs there"
        )
        yield Finding(severity, text, since, f"source {one.source}", "calsync sources")


def not_swept(known: InstallationStatus, _: Liveness) -> Iterator[Finding]:
    """A source may be readable by its changes, and not as a whole."""
    for one in known.sources:
        if one.sweep_error is None or one.failing_since is not None:
            continue
        since, whom = one.swept_at, f"source {one.source}"
        last = f"since {iso(since)}" if since else "yet"
        reason = beside_source(one.sweep_error, one.source)
        text = (
            f"{whom} has not been compared as a whole {last}, so sessions deleted there and "
            f"updates that polls missed go unnoticed: {reason}"
        )
        yield Finding(Severity.WARNING, text, since, whom, _read(one.source))


def _read(source: str) -> str:
    """Reads it now, tells what is wrong with it, and ends what is not wrong any more."""
    return to_type("sync", source=source)


CORRECT = "; once that is corrected, read it again"


def _corrected(known: InstallationStatus, source: str, otherwise: str) -> tuple[str, str]:
    """What to do about a record of this source, as it follows the finding, and the command: where
    the source is read, that it is read again. A pushed one is never swept, and the platform sends
    what it has corrected by itself."""
    polled = any(
        one.source == source and (one.swept_at or one.sweep_error or one.failing_since)
        for one in known.sources
    )
    return (CORRECT, _read(source)) if polled else ("", otherwise)


def stale(known: InstallationStatus, _: Liveness) -> Iterator[Finding]:
    """Sessions whose last update was refused."""
    for one in known.stale:
        if one.alert:
            advice, command = _corrected(known, one.source, to_type("explain", one.session))
            text = f"{one.session} starts within 24 hours, and its last update was refused: "
            text += one.reason + advice
            yield Finding(Severity.WARNING, text, None, f"session {one.session}", command)
    later = [one for one in known.stale if not one.alert]
    if later:
        n, first = len(later), later[0]
        advice, command = _corrected(known, first.source, to_type("explain", first.session))
        are = counted(n, "session is", "sessions are")
        its = "its last update was" if n == 1 else "their last update was"
        text = f"{are} shown in an older version: {its} refused{advice}"
        yield Finding(Severity.NOTICE, text, None, counted(n, "session"), command)


def refused_records(known: InstallationStatus, _: Liveness) -> Iterator[Finding]:
    """Records that cannot be used."""
    least = "at least " if len(known.set_aside) >= queries.MOST else ""
    for source in dict.fromkeys(one.source for one in known.set_aside):
        mine = [one for one in known.set_aside if one.source == source]
        were = counted(len(mine), "record was", "records were")
        first = f"{mine[0].record}: {mine[0].field}: {mine[0].reason}"
        what = f"{were} refused: {first}" if len(mine) == 1 else f"{were} refused, first {first}"
        advice, command = _corrected(known, source, "calsync status")
        text = f"{least}{what}{advice}"
        yield Finding(Severity.WARNING, text, None, f"source {source}", command)


def went_back(known: InstallationStatus, _: Liveness) -> Iterator[Finding]:
    """Sessions whose source shows an older version."""
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
    if one.again:
        return to_type("resync", one.session, accept=True)
    return to_type("explain", one.session)


def warnings(known: InstallationStatus, _: Liveness) -> Iterator[Finding]:
    """What was left out of accepted records: people, or fields."""
    least = "at least " if len(known.warnings) >= queries.MOST else ""
    aside = [one for one in known.warnings if one.set_aside]
    if aside:
        n, first = len(aside), aside[0]
        are = counted(n, "participant is", "participants are")
        where = "" if n == 1 else "first "
        explain = to_type("explain", first.session, person=first.participant)
        advice, command = _corrected(known, first.source, explain)
        text = f"{least}{are} set aside: {where}{first.session}: {first.field}: {first.reason}"
        text += advice
        yield Finding(Severity.WARNING, text, first.since, f"source {first.source}", command)
    others = [one for one in known.warnings if not one.set_aside]
    if others:
        n, first = len(others), others[0]
        text = (
            f"{least}{counted(n, 'field')} of accepted records left out or cut: "
            f"{'' if n == 1 else 'first '}{first.session}: {first.field}: {first.reason}"
        )
        advice, command = _corrected(known, first.source, to_type("explain", first.session))
        text += advice
        yield Finding(Severity.NOTICE, text, first.since, f"source {first.source}", command)
