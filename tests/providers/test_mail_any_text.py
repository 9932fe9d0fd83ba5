"""Whatever platforms write in any field: it is read back, and becomes no header, tag or address."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from calsync.core.booked import Agenda, Online, Participant
from calsync.core.content.event import MailCause, Told
from calsync.core.content.render import desired_events
from calsync.core.ledger import Do
from calsync.text import agenda_html
from providers.mail.mapping import MailWriter
from tests.core.booking import MAYA, SAM, ZOOM, a_session
from tests.make import NOW
from tests.providers.written_mails import (
    HEADERS,
    parse,
    read_html,
    readings,
    some_settings,
    write,
)

anything = st.text(max_size=60)
TAGS = read_html(write(event=desired_events(a_session())["u-1"])).tags | {
    "s",
    "span",
    "br",
    "ol",
    "ul",
}


def letters(text: str) -> str:
    """What arrives whatever becomes of white space and signs that cannot be seen."""
    return "".join(char for char in text if char.isascii() and char.isalnum())


@given(label=anything, passcode=anything, title=anything, name=anything)
@settings(max_examples=25, deadline=None)
def test_any_text_is_read_back_and_becomes_nothing_else(
    label: str, passcode: str, title: str, name: str
) -> None:
    place = Online(ZOOM.url, label, passcode=passcode)
    sam = Participant("u-2", name, "sam@example.org")
    event = desired_events(a_session(title=title, place=place, participants=(MAYA, sam)))["u-1"]
    before = replace(event, title="x", starts_at=event.starts_at.replace(day=2))
    data = write(Do.CHANGE, replace(event, told=Told(MailCause.MOVED, before)))

    mail = parse(data)
    added = {"In-Reply-To", "References"}
    assert [header for header in mail if header not in added] == HEADERS
    assert read_html(data).tags <= TAGS
    assert event.details is not None
    for said in readings(data):
        for shown in (event.details.label, event.details.passcode, *event.details.people):
            assert letters(shown) in letters(said)
    everything = data.decode("ascii") + "".join(readings(data))
    assert SAM.email not in everything


@given(label=anything, title=anything, name=anything, agenda=anything)
@settings(max_examples=15, deadline=None)
def test_any_text_is_read_back_from_the_mail_before_a_session(
    label: str, title: str, name: str, agenda: str
) -> None:
    sam = Participant("u-2", name, "sam@example.org")
    place, html = Online(ZOOM.url, label), agenda_html(agenda, "text")
    session = a_session(title=title, place=place, agenda=Agenda(html), participants=(MAYA, sam))
    event = desired_events(session)["u-1"]
    link = "https://calsync.platform.example/unsubscribe/upcoming/bWF5YSBhbmQgMSB0b2tlbg"
    data = MailWriter(some_settings()).upcoming(MAYA.email, "k", event, NOW, link)

    mail = parse(data)
    added = ["List-Unsubscribe", "List-Unsubscribe-Post"]
    assert [header for header in mail if header not in added] == HEADERS
    assert [str(mail[name]) for name in added] == [f"<{link}>", "List-Unsubscribe=One-Click"]
    assert [part.get_content_type() for part in mail.walk()] == PLAIN
    assert read_html(data).tags <= TAGS
    assert event.details is not None
    for said in readings(data):
        assert link in said
        for shown in (event.details.label, *event.details.people):
            assert letters(shown) in letters(said)
    assert SAM.email not in data.decode("ascii") + "".join(readings(data))


PLAIN = ["multipart/alternative", "text/plain", "text/html"]
