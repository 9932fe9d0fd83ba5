"""What each participant should see of a session: the desired event, from that person's view.

Pure. The description says first how to get in, then where, then where to edit, then the agenda,
who takes part, and where the entry comes from; text and HTML have the same content.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from calsync.core import fingerprints
from calsync.core.booked import BookedSession, InPerson, Online, Participant, ProgramKind
from calsync.core.event import DesiredEvent
from calsync.core.wording import Words, words
from calsync.text import clean, plain, snippet

AGENDA_LIMIT = 1500
TITLE_LIMIT = 250
NAMES = 12


def desired_events(session: BookedSession) -> dict[str, DesiredEvent]:
    """The desired event of every participant, by participant id."""
    return {one.id: desired_event(session, one) for one in session.participants}


def desired_event(session: BookedSession, participant: Participant) -> DesiredEvent:
    """What `participant` should see. ValueError for a session without times: it has no event."""
    if session.starts_at is None or session.ends_at is None:
        raise ValueError(f"session {session.id} has no times")
    lines = list(_lines(session, participant))
    place = session.place
    return DesiredEvent(
        title=_title(session, participant),
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        time_zone=participant.time_zone,
        location=_location(session),
        join_url=place.url if isinstance(place, Online) else "",
        url=_edit_url(session),
        text="\n\n".join(line.text for line in lines),
        html="".join(line.html for line in lines),
        private=_discreet(session),
        locale=participant.locale,
        material_fp=fingerprints.material(session, participant),
        quiet_fp=fingerprints.quiet(session, participant),
    )


@dataclass(frozen=True, slots=True)
class _Line:
    """One part of the description in both forms."""

    text: str
    html: str


def _discreet(session: BookedSession) -> bool:
    return session.program is not None and session.program.discreet


def _edit_url(session: BookedSession) -> str:
    return (session.agenda.url if session.agenda else "") or session.url


def _title(session: BookedSession, participant: Participant) -> str:
    say = words(participant.locale)
    if _discreet(session):
        return say.neutral_title
    program = session.program
    others = _names(session, participant, say)
    title = session.title
    if program is not None and program.kind is ProgramKind.INDIVIDUAL and len(others) == 1:
        known = others[0].lower() in title.lower() or others[0] == say.someone
        title = title if known else say.titled_with.format(title=title, name=others[0])
    elif program is not None and program.name and program.kind is ProgramKind.GROUP:
        known = program.name.lower() in title.lower()
        title = title if known else f"{title} · {program.name}"
    return clean(title, TITLE_LIMIT)


def _location(session: BookedSession) -> str:
    place = session.place
    if isinstance(place, Online):
        return place.url
    if isinstance(place, InPerson):
        return ", ".join(part for part in (place.name, place.address) if part)
    return ""


def _lines(session: BookedSession, participant: Participant) -> Iterator[_Line]:
    say = words(participant.locale)
    yield from _place_lines(session, say)
    url = _edit_url(session)
    if url:
        yield _link(say.view, url)
    if not _discreet(session):
        yield from _agenda_lines(session, say, url)
        names = _names(session, participant, say)
        if names:
            yield _fact(say.with_people, _listed(names, say))
    yield _Line(say.origin, f"<p><i>{escape(say.origin)}</i></p>")


def _place_lines(session: BookedSession, say: Words) -> Iterator[_Line]:
    place = session.place
    if isinstance(place, Online):
        label = f"{say.join} ({place.label})" if place.label else say.join
        yield _link(label, place.url)
        if place.phone:
            yield _fact(say.phone, place.phone)
        if place.passcode:
            yield _fact(say.passcode, place.passcode)
    elif isinstance(place, InPerson):
        yield _fact(say.place, _location(session))
        if place.instructions:
            yield _Line(place.instructions, f"<p>{escape(place.instructions)}</p>")


def _agenda_lines(session: BookedSession, say: Words, url: str) -> Iterator[_Line]:
    if session.agenda is None or not session.agenda.html:
        return
    html, cut = snippet(session.agenda.html, AGENDA_LIMIT)
    yield _Line(f"{say.agenda}:\n{plain(html)}", f"<p><b>{escape(say.agenda)}</b></p>{html}")
    if cut and url:
        yield _link(say.continues, url)


def _names(session: BookedSession, participant: Participant, say: Words) -> list[str]:
    """The others, as people may read them: never an address."""
    return [
        say.someone if "@" in one.name or not one.name else one.name
        for one in session.participants
        if one.id != participant.id
    ]


def _listed(names: list[str], say: Words) -> str:
    more = len(names) - NAMES
    shown = ", ".join(names[:NAMES])
    return f"{shown} {say.and_more.format(count=more)}" if more > 0 else shown


def _fact(label: str, value: str) -> _Line:
    return _Line(f"{label}: {value}", f"<p><b>{escape(label)}:</b> {escape(value)}</p>")


def _link(label: str, url: str) -> _Line:
    return _Line(f"{label}: {url}", f'<p><a href="{escape(url)}">{escape(label)}</a></p>')
