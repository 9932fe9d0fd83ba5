"""`calsync explain` and `preview`: the story of a session, and what one person sees of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from calsync import output
from calsync.cli.options import (
    AsJson,
    ConfigFile,
    Person,
    Session,
    Tenant,
    not_empty,
    opened,
    opened_context,
)
from calsync.cli.questions.status import WARNINGS
from calsync.text.as_json import to_json
from calsync.text.counted import counted
from calsync.text.instants import iso

if TYPE_CHECKING:
    from calsync.ops.results.explanation import Explanation, PersonStory

COPIES = {
    "copy": "copy",
    "channel": "channel",
    "address": "where",
    "state": "state",
    "sequence": "seq",
    "last_call": "last call",
    "answer": "answer",
    "at": "at",
}
MAY_REMAIN = (
    "copy {n} may still be in another calendar of {address}: it was deleted or moved, and calsync "
    "is not allowed to list the other calendars. The person is asked to delete it when the session "
    "changes."
)
JOURNAL = {"at": "at (UTC)", "who": "who", "copy": "copy", "what": "what", "detail": "detail"}


def explain(
    session: Session,
    person: Person = None,
    tenant: Tenant = None,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Tell the whole story of a session, or of one person's copy of it."""
    from calsync.ops.questions.explain import explain as story_of  # noqa: PLC0415

    with opened_context(config, tenant) as context:
        story = story_of(context, session, person, tenant)
    if json:
        output.as_json(story)
        return
    _show_session(story)
    output.table(story.warnings, WARNINGS)
    for one in story.people:
        output.line()
        _show_person(one)
        output.table(one.copies, COPIES)
        for copy in one.copies:
            if copy.may_remain:
                output.folded(MAY_REMAIN.format(n=copy.copy, address=copy.address))
    output.line()
    lines = [
        {
            "at": line.at,
            "who": line.participant,
            "copy": line.copy,
            "what": line.what,
            "detail": line.detail,
        }
        for line in story.journal
    ]
    output.table(lines, JOURNAL)


def _show_session(story: Explanation) -> None:
    output.folded(f"{story.title or 'Session'} ({story.session})")
    when = f", {story.local} ({iso(story.starts_at)})" if story.local else ""
    output.folded(f"  {story.status}{when}")
    version = f"version of {iso(story.updated_at)}"
    output.folded(f"  from source {story.source} of tenant {story.tenant}, {version}")
    if story.stale:
        output.folded(f"  shown in an older version, as its last update was refused: {story.stale}")
    if story.missing_since:
        output.folded(f"  missing in its source since {iso(story.missing_since)}")


def _show_person(one: PersonStory) -> None:
    """Where it is for them, what it waits for, and what comes next."""
    who = f"{one.email} ({one.participant})"
    since = f" since {iso(one.visible.since)}" if one.visible and one.visible.since else ""
    if one.where:
        output.folded(f"{who}: {one.where}{since}")
    else:
        output.folded(f"{who}: nothing is to be shown to them")
    for text in _waits(one):
        output.folded(f"  {text}")
    if one.upcoming:
        at = f" ({iso(one.upcoming.at)})" if one.upcoming.at else ""
        output.folded(f"  Upcoming Session mail: {one.upcoming.text}{at}")
    if one.last_error:
        output.folded(f"  last answer: {one.last_error}")
    if one.meaning:
        output.folded(f"  that means: {one.meaning}")
    output.folded(f"  next: {one.next}")


def _waits(one: PersonStory) -> list[str]:
    told = []
    if one.visible and one.visible.waits_for:
        until = f" until {iso(one.visible.waits_until)}" if one.visible.waits_until else ""
        told.append(f"waits: {one.visible.waits_for}{until}")
    if one.held_in_batch is not None:
        told.append(f"held in batch {one.held_in_batch}: see `calsync status`")
    if one.parked:
        told.append(f"parked: {one.parked}, after {counted(one.failures, 'failed call')}")
    if one.settles_until:
        told.append(f"waits for further changes until {iso(one.settles_until)}")
    if one.invited_from:
        told.append(f"invited from {iso(one.invited_from)} on")
    if one.covered_by:
        told.append(f"seen through the copy of {one.covered_by}")
    return told


def _without(value: object, *names: str) -> dict[str, object]:
    return {name: one for name, one in to_json(value).items() if name not in names}


def preview(
    session: Session,
    person: Annotated[
        str, typer.Option("--person", help="Address or participant id.", callback=not_empty)
    ],
    channel: Annotated[
        str | None,
        typer.Option("--channel", help="mail, google, outlook or caldav (default: the person's)."),
    ] = None,
    upcoming: Annotated[
        bool, typer.Option("--upcoming", help="The Upcoming Session mail in its place.")
    ] = False,
    raw: Annotated[
        bool, typer.Option("--raw", help="Print what the channel is given, byte for byte.")
    ] = False,
    tenant: Tenant = None,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Show what one person sees of a session; --raw shows it as a channel would be given it."""
    from calsync.ops import preview as shown  # noqa: PLC0415

    with opened(config, tenant) as made:
        asked = shown.PreviewRequest(session, person, channel, tenant)
        if upcoming:
            found = shown.preview_upcoming(made.context, made.senders, asked)
        else:
            found = shown.preview(made.context, asked)
    if json:
        output.as_json(found)
        return
    if raw:
        output.exactly(found.body)
        return
    output.facts(_without(found, "text", "body"))
    output.line()
    output.line(found.text)
