"""`calsync person`, `sessions` and `sources`: whom and what there is, and how it is with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from calsync import output
from calsync.cli.options import (
    AsJson,
    ConfigFile,
    Tenant,
    instant,
    load_config,
    not_empty,
    opened_context,
)
from calsync.text.counted import counted
from calsync.text.instants import iso

if TYPE_CHECKING:
    from calsync.ops.results.people import PersonOverview, PersonSession

ACCOUNTS = {
    "id": "account",
    "provider": "provider",
    "address": "address",
    "state": "state",
    "since": "since",
    "reason": "why",
}
SESSIONS = {
    "session": "session",
    "title": "title",
    "starts_at": "starts (UTC)",
    "program": "program",
    "people": "people",
    "shown": "shown",
    "tenant": "tenant",
    "stale": "older version",
}
SOURCES = {
    "source": "source",
    "tenant": "tenant",
    "kind": "kind",
    "last_ok": "last read",
    "swept_at": "swept",
    "ahead": "sessions ahead",
    "refused": "refused",
    "went_back": "went back",
    "error": "error",
}


def person(
    who: Annotated[
        str,
        typer.Argument(metavar="ADDRESS", help="Address, or participant id.", callback=not_empty),
    ],
    tenant: Tenant = None,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Tell of one person: their calendars, and where each session ahead is for them."""
    from calsync.ops.questions import person as asked  # noqa: PLC0415

    with opened_context(config, tenant) as context:
        found = asked.person(context, who, tenant)
    if json:
        output.as_json(found)
        return
    for one in found:
        _show_person(one)


def _show_person(one: PersonOverview) -> None:
    ids = f" ({', '.join(one.participants)})" if one.participants else ""
    output.folded(f"{one.email}{ids}, tenant {one.tenant}: sessions go {_way(one.calendar)}")
    output.table(one.accounts, ACCOUNTS)
    if one.upcoming_mails is False:
        output.line("has turned off mails before sessions")
    output.line(f"{counted(one.session_count, 'session')} ahead")
    for session in one.sessions:
        _show_session(session)
    if one.session_count > len(one.sessions):
        output.line(f"and {one.session_count - len(one.sessions)} later ones")


def _way(calendar: str) -> str:
    return calendar if calendar.startswith("by mail") else f"into {calendar}"


def _show_session(one: PersonSession) -> None:
    output.line()
    output.folded(f"{one.local}: {one.title or 'session'} ({one.session})")
    since = f" since {iso(one.since)}" if one.since else ""
    output.folded(f"  {one.where}{since}")
    if one.waits_for:
        until = f" until {iso(one.waits_until)}" if one.waits_until else ""
        output.folded(f"  waits: {one.waits_for}{until}")
    if one.last_answer:
        means = f": {one.meaning}" if one.meaning else ""
        output.folded(f"  last answer: {one.last_answer}{means}")


def sessions(
    program: Annotated[
        str | None, typer.Option("--program", help="Only this program id.", callback=not_empty)
    ] = None,
    tenant: Tenant = None,
    start: Annotated[str | None, typer.Option("--from", help="Starts at or after.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Starts before.")] = None,
    limit: Annotated[int, typer.Option("--limit", help="At most so many.", min=1, max=1000)] = 50,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """List the nearest sessions ahead, and how many of their people see them."""
    from calsync.ops.questions import sessions as asked  # noqa: PLC0415
    from calsync.store.records.by_start import Starting  # noqa: PLC0415

    chosen = Starting(program, instant(start, "--from"), instant(end, "--to"))
    with opened_context(config, tenant) as context:
        found = asked.listed(context, chosen, limit, tenant)
    if json:
        output.as_json(found)
        return
    output.table(found, SESSIONS)
    more = f"; --limit shows more than {limit}" if len(found) == limit else ""
    output.line(counted(len(found), "session") + more)


def sources(config: ConfigFile = None, json: AsJson = False) -> None:
    """List the sources: when each was read, what it gave, what of it is refused."""
    from calsync.ops.questions import sessions as asked  # noqa: PLC0415

    known = {one.name: (one.tenant, one.kind) for one in load_config(config).source}
    with opened_context(config) as context:
        found = asked.sources(context, known)
    if json:
        output.as_json(found)
        return
    output.table(found, SOURCES)
    output.line(counted(len(found), "source"))
