"""The desired event: what one participant should see of one session, and its stored form."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from datetime import datetime
from html import escape


@dataclass(frozen=True, slots=True)
class DesiredEvent:
    """What one participant should see, complete: a channel needs nothing else to show it.

    starts_at, ends_at   aware UTC instants
    time_zone            IANA name in which this person reads times
    location             join link, or place and address, or "" while nothing is agreed
    join_url             "" when the session is not online
    url                  View & Edit link, "" when the platform gave none
    text, html           the description, same content; html uses only a b i u br ul ol li p
    private              ask the calendar to hide details from others (discreet programs)
    material_fp, quiet_fp  fingerprints, see core/content/fingerprints.py
    note                 one extra sentence for mails ("an older entry may remain ..."), or ""
    """

    title: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    location: str
    join_url: str
    url: str
    text: str
    html: str
    private: bool
    locale: str
    material_fp: str
    quiet_fp: str
    note: str = ""


def with_line(event: DesiredEvent, line: str) -> DesiredEvent:
    """The event with one more sentence, above its description."""
    html = f"<p>{escape(line)}</p>{event.html}"
    return replace(event, text=f"{line}\n\n{event.text}", html=html)


def event_to_json(event: DesiredEvent) -> str:
    """The stored form; `event_from_json` reads it back to an equal event."""
    values = {field.name: getattr(event, field.name) for field in fields(event)}
    for name in ("starts_at", "ends_at"):
        values[name] = values[name].isoformat()
    return json.dumps(values, ensure_ascii=False, sort_keys=True)


def event_from_json(text: str) -> DesiredEvent:
    """Read what `event_to_json` wrote."""
    values = json.loads(text)
    for name in ("starts_at", "ends_at"):
        values[name] = datetime.fromisoformat(values[name])
    return DesiredEvent(**values)
