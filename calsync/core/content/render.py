"""What each participant should see of a session: the desired event, from that person's view.

Pure. The description says first how to get in, then where, then where to edit, then the agenda,
who takes part, and where the entry comes from; text and HTML have the same content.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from calsync.core.booked import (
    BookedSession,
    InPerson,
    Online,
    Participant,
    ProgramKind,
    Status,
)
from calsync.core.content import fingerprints
from calsync.core.content.event import DesiredEvent, Details, NamedLink
from calsync.core.content.fingerprints import NAMES, Roster, is_discreet
from calsync.messages.language import Language, language
from calsync.text import clean, clean_lines, safe_url, snippet
from calsync.values import replaced

TITLE, NAME, SHORT, PLACE, LONG = 200, 80, 100, 1024, 1000
DESCRIPTION = 8000  # calendars are reported to cut longer ones
AGENDA = (1500, 1000, 500, 200, 0)  # visible characters; fewer when its links need the room


def desired_events(session: BookedSession) -> Mapping[str, DesiredEvent]:
    """The desired event of every participant, by participant id; none of a cancelled session."""
    if session.status is Status.CANCELLED:
        return {}
    roster, shared = Roster.of(session), dict[str, Shared]()
    for one in session.participants:
        say = language(one.locale)
        if say.code not in shared:
            shared[say.code] = Shared(session, say)
    return {
        one.id: desired_event(session, one, roster, shared[language(one.locale).code])
        for one in session.participants
    }


def desired_event(
    session: BookedSession,
    participant: Participant,
    roster: Roster | None = None,
    shared: Shared | None = None,
) -> DesiredEvent:
    """What `participant` should see. ValueError for a session without times: it has no event.

    roster, shared  the session's, in the participant's language; None: it is made here
    """
    roster = roster or Roster.of(session)
    shared = shared or Shared(session, language(participant.locale))
    if session.starts_at is None or session.ends_at is None:
        raise ValueError(f"session {session.id} has no starts_at or ends_at, so it has no event")
    place, people = session.place, roster.without(participant)
    description = _description(shared, people)
    return DesiredEvent(
        title=_title(session, people, shared),
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        time_zone=participant.time_zone,
        location=shared.location,
        join_url=_url(place.url) if isinstance(place, Online) else "",
        url=shared.url,
        text=description.text,
        html=description.html,
        private=is_discreet(session),
        locale=participant.locale,
        material_fp=fingerprints.material(session, participant, roster),
        quiet_fp=fingerprints.quiet(session, participant, roster),
        details=_details(session, participant, people, shared.say, description),
    )


class Shared:
    """What all participants who read one language are told of a session, made once for them."""

    def __init__(self, session: BookedSession, say: Language) -> None:
        self.say, self.discreet = say, is_discreet(session)
        self.location, self.url = _location(session.place, say), _edit_url(session)
        self.title = clean(_without_addresses(session.title, say), TITLE)
        self.origin = _origin(say)
        self._session = session
        self._descriptions: dict[int, _Description] = {}

    def description(self, limit: int) -> _Description:
        """With at most `limit` visible characters of the agenda; without people and origin."""
        if limit not in self._descriptions:
            self._descriptions[limit] = _Description.of(
                list(_shared_parts(self._session, self, limit))
            )
        return self._descriptions[limit]


def without_details(event: DesiredEvent) -> DesiredEvent:
    """The event as a discreet program shows it, of which no more is known than the event itself:
    its people are told of a session and when, and find the rest behind its link."""
    say = language(event.locale)
    parts = [_link(say, say.text("event.view"), event.url)] if event.url else []
    parts.append(_origin(say))
    text, html = "\n\n".join(one.text for one in parts), "".join(one.html for one in parts)
    known = event.details
    kept = (
        Details(known.kind, known.name, known.label, known.phone, known.passcode) if known else None
    )
    return replaced(
        event,
        title=say.text("event.neutral_title"),
        text=text,
        html=html,
        details=kept,
        private=True,
    )


def _title(session: BookedSession, people: Sequence[Participant], shared: Shared) -> str:
    say = shared.say
    if shared.discreet:
        return say.text("event.neutral_title")
    title = shared.title or say.text("event.neutral_title")
    program = session.program
    if program is None:
        return title
    if program.kind is ProgramKind.INDIVIDUAL:
        names = [_name(one, say) for one in people[:3]]
        if not 0 < len(names) <= 2 or any(_says(title, name) for name in names):
            return title
        if say.text("event.someone") in names:
            return title
        name = say.text("event.and_last").join(names)
        return say.text("event.titled_with", title=title, name=name)
    name = clean(program.name, NAME)
    return title if not name or _says(title, name) else f"{title} · {name}"


def _says(title: str, name: str) -> bool:
    """The title has the name in it, or a person's first name as a word of its own."""
    spoken, wanted = _spoken(title), _spoken(name)
    whole = f" {' '.join(wanted)} ".casefold() in f" {' '.join(spoken)} ".casefold()
    unspaced = not name.isascii() and name in title  # scripts that write no blanks
    return whole or unspaced or (len(wanted) > 1 and wanted[0] in spoken)


def _spoken(text: str) -> list[str]:
    words = (word.strip(".,:;!?()&/+-\u2013\"'").removesuffix("'s") for word in text.split())
    return [word for word in words if word]


def _without_addresses(text: str, say: Language) -> str:
    someone = say.text("event.someone")
    return " ".join(someone if _is_address(word) else word for word in text.split())


def _is_address(word: str) -> bool:
    local, _, domain = unicodedata.normalize("NFKC", word).partition("@")
    return bool(local) and "." in domain


def _name(one: Participant, say: Language) -> str:
    """How the others may read this person: never as an address."""
    name = clean(one.name, NAME)
    hidden = not name or "@" in unicodedata.normalize("NFKC", name)
    return say.text("event.someone") if hidden else name


def _location(place: Online | InPerson | None, say: Language) -> str:
    if isinstance(place, Online):
        url = _url(place.url)
        shown = url or clean(place.phone, SHORT) or clean(place.label, SHORT)
        return (
            shown if len(shown) <= PLACE else clean(place.label, SHORT) or say.text("event.online")
        )
    if isinstance(place, InPerson):
        parts = [clean(place.name), *clean_lines(place.address).split("\n")]
        return clean(", ".join(part.rstrip(",") for part in parts if part), PLACE)
    return ""


def _url(url: str) -> str:
    return safe_url(url) or ""


def _edit_url(session: BookedSession) -> str:
    return _url(session.agenda.url if session.agenda else "") or _url(session.url)


@dataclass(frozen=True, slots=True)
class _Part:
    """One part of the description in both forms."""

    text: str
    html: str
    of_agenda: bool = False


@dataclass(frozen=True, slots=True)
class _Description:
    """All parts, and where those of the agenda begin and end in each form."""

    text: str
    html: str
    agenda: tuple[int, int]
    agenda_html: tuple[int, int]

    def followed_by(self, parts: Sequence[_Part]) -> _Description:
        """The same with more below it, which is not of the agenda."""
        texts = [one for one in (self.text, *(part.text for part in parts)) if one]
        html = "".join([self.html, *(part.html for part in parts)])
        return replaced(self, text=_PARTED.join(texts), html=html)

    @classmethod
    def of(cls, parts: Sequence[_Part]) -> _Description:
        texts, htmls = [part.text for part in parts], [part.html for part in parts]
        mine = [n for n, part in enumerate(parts) if part.of_agenda]
        first, last = (mine[0], mine[-1] + 1) if mine else (0, 0)
        return cls(
            _PARTED.join(texts),
            "".join(htmls),
            _span(texts, first, last, _PARTED),
            _span(htmls, first, last, ""),
        )


_PARTED = "\n\n"


def _span(parts: Sequence[str], first: int, last: int, parted: str) -> tuple[int, int]:
    if first == last:
        return 0, 0
    before = parted.join([*parts[:first], ""]) if first else ""
    return len(before), len(before) + len(parted.join(parts[first:last]))


def _description(shared: Shared, people: Sequence[Participant]) -> _Description:
    """Text and HTML, with as much of the agenda as fits."""
    say, below = shared.say, [shared.origin]
    if people and not shared.discreet:
        below.insert(0, _fact(say, say.text("event.with_people"), _listed(people, say)))
    found = _Description.of([])
    for limit in AGENDA:
        found = shared.description(limit).followed_by(below)
        if max(len(found.text), len(found.html)) <= DESCRIPTION:
            break
    return found


def _details(
    session: BookedSession,
    reader: Participant,
    people: Sequence[Participant],
    say: Language,
    shown: _Description,
) -> Details:
    """The same by itself, for mails."""
    place, named = session.place, () if is_discreet(session) else people
    own_name = _name(reader, say)
    known = Details(
        name="" if own_name == say.text("event.someone") else own_name,
        people=tuple(_name(one, say) for one in named[:NAMES]),
        others=max(len(named) - NAMES, 0),
        agenda=shown.agenda,
        agenda_html=shown.agenda_html,
        links=() if is_discreet(session) else _named(session),
    )
    if isinstance(place, Online):
        return replaced(
            known,
            kind="online",
            label=clean(place.label, SHORT),
            phone=clean(place.phone, SHORT),
            passcode=clean(place.passcode, SHORT),
        )
    if isinstance(place, InPerson):
        return replaced(known, kind="in_person", how=clean_lines(place.instructions[:LONG]))
    return known


def _shared_parts(session: BookedSession, shared: Shared, limit: int) -> Iterator[_Part]:
    say = shared.say
    yield from _place_parts(session.place, shared.location, say)
    if shared.url:
        yield _link(say, say.text("event.view"), shared.url)
    if not shared.discreet:
        yield from _agenda_parts(session, say, shared.url, limit)
        yield from (_link(say, one.label, one.url) for one in session.links)


def _place_parts(place: Online | InPerson | None, location: str, say: Language) -> Iterator[_Part]:
    if isinstance(place, Online):
        label, url = clean(place.label, SHORT), _url(place.url)
        if url:
            join = say.text("event.join")
            yield _link(say, f"{join} ({label})" if label else join, url)
        for name, value in (("event.phone", place.phone), ("event.passcode", place.passcode)):
            if shown := clean(value, SHORT):
                yield _fact(say, say.text(name), shown)
    elif isinstance(place, InPerson) and location:
        yield _fact(say, say.text("event.place"), location)
    if isinstance(place, InPerson) and (how := clean_lines(place.instructions[:LONG])):
        yield _Part(how, f"<p>{escape(how).replace(chr(10), '<br>')}</p>")
    if not location:
        yield _fact(say, say.text("event.place"), say.text("event.no_place"))


def _agenda_parts(session: BookedSession, say: Language, url: str, limit: int) -> Iterator[_Part]:
    shown = snippet(session.agenda.html if session.agenda else "", limit)
    if not shown.html:
        return
    heading = say.text("event.label", label=say.text("event.agenda"))
    text, html = f"{heading}\n{shown.text}", f"<p><b>{escape(heading)}</b></p>{shown.html}"
    yield _Part(text, html, of_agenda=True)
    if shown.cut:
        more = _link(say, say.text("event.continues"), url) if url else _Part("…", "<p>…</p>")
        yield replaced(more, of_agenda=True)


def _named(session: BookedSession) -> tuple[NamedLink, ...]:
    return tuple(NamedLink(one.label, one.url) for one in session.links)


def _listed(people: Sequence[Participant], say: Language) -> str:
    more = len(people) - NAMES
    shown = ", ".join(_name(one, say) for one in people[:NAMES])
    return f"{shown} {say.text('event.and_more', count=more)}" if more > 0 else shown


def _origin(say: Language) -> _Part:
    origin = say.text("event.origin")
    return _Part(origin, f"<p><i>{escape(origin)}</i></p>")


def _fact(say: Language, name: str, value: str) -> _Part:
    label = say.text("event.label", label=name)
    return _Part(f"{label} {value}", f"<p><b>{escape(label)}</b> {escape(value)}</p>")


def _link(say: Language, label: str, url: str) -> _Part:
    text = f"{say.text('event.label', label=label)} {url}"
    return _Part(text, f'<p><a href="{escape(url)}">{escape(label)}</a></p>')
