"""What people read in a mail, in both of its bodies."""

from __future__ import annotations

import sys
import unicodedata
from datetime import UTC, datetime, timedelta
from html import escape

import pytest

from calsync.core.content.event import MailCause, Told
from calsync.core.ledger import Do
from providers.mail.brand import Brand
from providers.mail.texts.body import isolated
from tests.make import an_event
from tests.providers.written_mails import IN_TORONTO, parse, part, read_html, readings, write

JOIN = "https://zoom.us/j/123456789?pwd=abc"


def test_times_are_told_in_the_readers_zone_with_its_name() -> None:
    for text in readings(write()):
        assert IN_TORONTO in text
    for text in readings(write(event=an_event(time_zone="Asia/Kathmandu", locale="de"))):
        assert (
            "Freitag, 4. Dezember 2026, 01:45\u201302:30 Uhr, Nepal (Ortszeit), UTC+05:45" in text
        )


def test_a_session_over_midnight_names_both_days() -> None:
    start = datetime(2026, 12, 3, 23, 30, tzinfo=UTC)
    event = an_event(starts_at=start, ends_at=start + timedelta(hours=1), time_zone="UTC")
    for text in readings(write(event=event)):
        assert (
            "Thursday, December 3, 2026, 11:30 PM \u2013 Friday, December 4, 2026, 12:30 AM, UTC"
            in text
        )


@pytest.mark.parametrize(
    ("do", "locale", "subject", "lead"),
    [
        (Do.CREATE, "en", "Invitation:", "You're invited"),
        (Do.CHANGE, "tlh", "Updated:", "The details below are the current ones."),
        (Do.WITHDRAW, "en-GB", "Cancelled:", "It will not take place."),
        (Do.CREATE, "de", "Einladung:", "eingeladen"),
        (Do.CHANGE, "de_CH", "Aktualisiert:", "Es gelten die Angaben unten."),
        (Do.WITHDRAW, "DE", "Abgesagt:", "Er findet nicht statt."),
    ],
)
def test_the_mail_says_what_happened(do: Do, locale: str, subject: str, lead: str) -> None:
    data = write(do, an_event(locale=locale))
    assert parse(data)["Subject"].startswith(subject)
    for text in readings(data):
        assert lead in text
        assert an_event().title in text


def test_both_bodies_hold_link_agenda_page_and_note() -> None:
    data = write(event=an_event(told=Told(MailCause.BY_MAIL, older_entry=True)))
    page = read_html(data)
    assert "https://zoom.us/j/123456789?pwd=abc" in page.links
    assert "https://app.example.org/sessions/1001" in page.links
    for text in readings(data):
        for one in (JOIN, "Introductions", "show an older entry"):
            assert one in text
    assert "https://app.example.org/sessions/1001" in readings(data)[0]


def test_what_the_description_says_already_is_not_said_twice() -> None:
    url, join = "https://app.example.org/s?a=1&b=2", an_event().join_url
    html = (
        f'<p><a href="{escape(join)}">Join (Zoom)</a></p><p><b>Passcode:</b> 123</p>'
        f'<p><a href="{escape(url)}">View &amp; Edit</a></p>'
    )
    text = f"Join (Zoom): {join}\n\nPasscode: 123\n\nView & Edit: {url}"
    data = write(event=an_event(html=html, text=text, url=url))
    assert read_html(data).links == [join, url]
    assert "Passcode: 123" in read_html(data).text
    assert readings(data)[0].count(url) == readings(data)[0].count(join) == 1


def test_an_in_person_session_names_its_place_and_offers_nothing_to_join() -> None:
    data = write(event=an_event(location="Room 4, 1 Main St", join_url="", text="Agenda", html=""))
    for text in readings(data):
        assert text.count("Room 4, 1 Main St") == 1
        assert "Join" not in text


def test_a_cancellation_offers_nothing_to_join() -> None:
    data = write(Do.WITHDRAW, an_event(told=Told(MailCause.IN_CALENDAR)))
    assert read_html(data).links == []
    for text in readings(data):
        assert "zoom" not in text
        assert "now in the calendar you connected" in text


def test_text_lines_arrive_as_they_are() -> None:
    text = "a \n.\n..\nFrom here\n=3D é \u00a0end\n" + "long " * 60
    body = part(write(event=an_event(text=text, url="")), "text/plain").decode()
    assert text.strip() in body.replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("locale", "url", "said"),
    [
        (
            "en",
            "https://app.example.org/s/1",
            'To change or cancel the session, use "View & Edit".',
        ),
        ("en", "", "Please tell the people you meet if you cannot come."),
        ("de", "https://app.example.org/s/1", "über „Ansehen und bearbeiten“."),
        ("fr", "https://app.example.org/s/1", "utilisez « Voir et modifier »."),
        ("es", "https://app.example.org/s/1", "use «Ver y editar»."),
    ],
)
def test_where_nobody_reads_answers_none_is_asked_for_and_it_is_said_where_to_go(
    locale: str, url: str, said: str
) -> None:
    unread, event = Brand(answers_read=False), an_event(locale=locale, url=url)
    for do in (Do.CREATE, Do.CHANGE):
        data = write(do, event, brand=unread)
        assert all(said in text for text in readings(data))
        assert b"RSVP=FALSE" in unfolded(data)
    assert all(said not in text for text in readings(write(Do.WITHDRAW, event, brand=unread)))


def test_where_somebody_reads_answers_they_are_asked_for() -> None:
    data = write()
    assert b"RSVP=TRUE" in unfolded(data)
    assert all("not read" not in text for text in readings(data))


def test_every_sign_that_turns_a_text_is_isolated_and_no_other() -> None:
    turning = {"R", "AL", "RLE", "RLO", "RLI"}
    for sign in map(chr, range(sys.maxunicode + 1)):
        isolates = isolated(sign) == f"\u2068{sign}\u2069"
        assert isolates == (unicodedata.bidirectional(sign) in turning), f"U+{ord(sign):04X}"


def unfolded(data: bytes) -> bytes:
    return part(data, "text/calendar").replace(b"\r\n ", b"")
