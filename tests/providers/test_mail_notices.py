"""Mails without an event: an account is lost, a person is not reached, an entry may remain."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from calsync.core.content.event import CalendarObstacle, MailCause, Told
from calsync.core.content.notices import AccountFact, AccountNews, Cause
from calsync.messages.language import Language, language
from providers.mail.mapping import MailWriter, notice
from tests.make import NOW, an_event
from tests.providers.written_mails import (
    CONNECT,
    HEADERS,
    IN_TORONTO,
    inform,
    parse,
    read_html,
    readings,
    some_settings,
)

ENGLISH, GERMAN = language("en"), language("de")


def test_a_notice_is_a_plain_mail_with_one_id_per_key() -> None:
    def made(key: str, now: datetime = NOW) -> bytes:
        return notice(
            "maya@example.org",
            "Your calendar",
            "text",
            "<p>h</p>",
            settings=some_settings(),
            key=key,
            now=now,
        )

    mail = parse(made("a"))
    assert [part.get_content_type() for part in mail.walk()] == [
        *("multipart/alternative", "text/plain", "text/html")
    ]
    assert mail.keys() == HEADERS
    assert mail["Message-ID"] == parse(made("a", NOW + timedelta(days=1)))["Message-ID"]
    assert mail["Message-ID"] != parse(made("b"))["Message-ID"]


def test_a_lost_account_is_told_with_a_way_back_if_there_is_one() -> None:
    lost = some_news("google", "maya@gmail.example")
    for said in readings(about("account_lost", lost)):
        assert (
            "no access to Google Calendar (maya@gmail.example) since Tuesday, November 24" in said
        )
        assert ENGLISH.text("notice.why_lost_google") in said
        assert ENGLISH.text("notice.lost_not_you") in said
        assert ENGLISH.text("notice.reconnect") in said
        assert CONNECT in said
    assert read_html(about("account_lost", lost)).links == [CONNECT]
    assert read_html(about("account_lost", lost, link="")).links == []


@pytest.mark.parametrize("say", [ENGLISH, GERMAN], ids=["en", "de"])
@pytest.mark.parametrize(
    ("kind", "cause"),
    [
        ("account_connected", Cause.PERSON),
        ("account_connected", Cause.OPS),
        ("account_disconnected", Cause.PERSON),
        ("account_disconnected", Cause.OPS),
        ("account_disconnected", Cause.TAKEN_OVER),
    ],
)
def test_every_account_notice_says_why_and_what_to_do_who_did_not_do_it(
    say: Language, kind: str, cause: Cause
) -> None:
    news = some_news("google", "maya@gmail.example", cause=cause, locale=say.code)
    why = say.text(f"notice.why_{kind.removeprefix('account_')}_{cause}")
    taken = cause is Cause.TAKEN_OVER
    for said in readings(about(kind, news)):
        assert "(maya@gmail.example)" in said
        assert why in said
        assert say.text("notice.taken_over_not_you" if taken else "notice.not_you") in said
        assert "  " not in said.split(why)[0][-40:]


def test_a_caldav_calendar_is_named_by_where_it_is() -> None:
    where = "https://dav.example.org/maya/work/"
    news = some_news("caldav", "maya@example.org", calendar=where)
    for said in readings(about("account_lost", news)):
        assert f"CalDAV (maya@example.org, {where})" in said
        assert ENGLISH.text("notice.why_lost_caldav") in said


def test_an_unreached_person_gets_everything_but_an_event() -> None:
    data = inform("unreachable", an_event())
    for said in readings(data):
        assert ENGLISH.text("notice.lead_unshown") in said
        assert IN_TORONTO in said
        assert "https://zoom.us/j/123456789?pwd=abc" in said
        assert "Introductions" in said
    assert b"BEGIN:VCALENDAR" not in data
    assert "text/calendar" not in [part.get_content_type() for part in parse(data).walk()]


def test_an_entry_we_leave_alone_is_named_with_its_page() -> None:
    event = an_event(
        told=Told(MailCause.STILL_THERE, obstacle=CalendarObstacle.LOST, channel="google")
    )
    data = inform("entry_may_remain", event)
    assert read_html(data).links == ["https://app.example.org/sessions/1001"]
    for said in readings(data):
        assert ENGLISH.text("notice.lead_still_there") in said
        assert "Getting to know each other" in said
        assert "zoom" not in said


def test_a_digest_names_each_session_with_its_time_and_page_and_brings_no_event() -> None:
    title = "Goals & <script>"
    first = an_event(starts_at=NOW, ends_at=NOW + timedelta(hours=1), title=title)
    writer = MailWriter(some_settings())
    data = writer.digest("maya@example.org", "k", [first, an_event(url="javascript:x")], NOW)
    assert "text/calendar" not in [part.get_content_type() for part in parse(data).walk()]
    assert read_html(data).links == ["https://app.example.org/sessions/1001"]
    assert "script" not in read_html(data).tags
    for said in readings(data):
        assert ENGLISH.text("notice.digest", days=14) in said
        assert said.index(title) < said.index("Getting to know each other")
        assert IN_TORONTO in said
        assert "javascript" not in said
        assert "zoom" not in said


def test_a_digest_speaks_its_readers_language() -> None:
    data = MailWriter(some_settings()).digest("m@example.org", "k", [an_event(locale="de")], NOW)
    assert parse(data)["Subject"].startswith("Ihre Termine in mehr als 14 Tagen")


def some_news(
    provider: str,
    address: str,
    *,
    calendar: str = "",
    cause: Cause = Cause.UNKNOWN,
    zone: str = "UTC",
    locale: str = "en",
) -> AccountNews:
    fact = AccountFact(provider, address, calendar, "maya@example.org", NOW, cause)
    return AccountNews(fact, zone, locale)


def about(kind: str, news: AccountNews, link: str = CONNECT) -> bytes:
    return MailWriter(some_settings()).account(kind, "maya@example.org", "k", news, link)


def test_an_account_is_told_with_its_address_and_when_in_the_readers_zone() -> None:
    news = some_news("outlook", "maya@contoso.example", zone="Asia/Kathmandu", locale="de")
    data = about("account_connected", news)
    assert [part.get_content_type() for part in parse(data).walk()] == [
        *("multipart/alternative", "text/plain", "text/html")
    ]
    assert parse(data)["Subject"].startswith("Outlook ist verbunden (Di., 24. Nov.")
    for said in readings(data):
        assert "Outlook (maya@contoso.example)" in said
        assert "Nepal (Ortszeit), UTC+05:45" in said
        assert GERMAN.text("notice.not_you") in said
    assert read_html(data).links == [CONNECT]
    assert read_html(about("account_connected", news, link="")).links == []


@pytest.mark.parametrize(
    ("provider", "where"),
    [
        ("google", "https://myaccount.google.com/connections"),
        ("outlook", "https://myapps.microsoft.com"),
        ("caldav", "app password"),
    ],
)
def test_who_leaves_reads_where_to_end_what_the_vendor_keeps(provider: str, where: str) -> None:
    for said in readings(about("account_disconnected", some_news(provider, "m@x.example"))):
        assert where in said


def test_an_address_of_a_vendor_is_text_and_nothing_else() -> None:
    evil = some_news("google", "<b>m\r\nBcc: x@y.example</b>")
    data = about("account_disconnected", evil)
    assert parse(data)["Bcc"] is None
    assert "b" not in read_html(data).tags
