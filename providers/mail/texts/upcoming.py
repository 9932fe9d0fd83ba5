"""What the Upcoming Session mail says: what its reader needs for a session that starts soon."""

from __future__ import annotations

from dataclasses import replace

from calsync.core.content.event import DesiredEvent
from calsync.core.content.icalendar import one_line
from providers.mail.brand import Brand
from providers.mail.texts.body import Body, link_line
from providers.mail.texts.invitation import first_line, in_subject, session_parts


def upcoming_body(event: DesiredEvent, brand: Brand, unsubscribe: str) -> Body:
    """When, where, how to join, who takes part, and the agenda as it is now. `unsubscribe`: where
    these mails are turned off, "" for nowhere."""
    say = brand.language(event.locale)
    return replace(
        session_parts(event, say),
        subject=say.text("mail.subject_upcoming", **in_subject(event, say)),
        title=one_line(event.title),
        lead=say.text("mail.lead_upcoming"),
        first=first_line(event, say),
        unsubscribe=next(iter(link_line(say.text("mail.unsubscribe_upcoming"), unsubscribe)), None),
        footer=(say.text("mail.why"), *((brand.support,) if brand.support else ())),
    )
