"""The mail itself: its tree, its headers, its words, and that nothing typed can change them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calsync.core.event import DesiredEvent
from calsync.core.ledger import Copy, Do
from calsync.core.wording import ENGLISH
from calsync.errors import ConfigError
from providers.mail.addresses import ascii_address
from providers.mail.mapping import MailWriter, message_id, notice
from providers.mail.settings import MailSettings
from tests.itip import problems
from tests.make import NOW, a_copy, an_event

GOLDEN = Path(__file__).parent.parent / "golden" / "mail"
TREE = [
    "multipart/mixed",
    "multipart/alternative",
    "text/plain",
    "text/html",
    "text/calendar",
    "application/ics",
]
HEADERS = [
    *("From", "To", "Reply-To", "Subject", "Date", "Auto-Submitted", "X-Auto-Response-Suppress"),
    *("Message-ID", "MIME-Version", "Content-Type"),
]
EVIL = "x\r\nBcc: eve@example.org\r\n\r\nbody\nX-A: 1\rX-B: 2\x0b\x00"
CONNECT = "https://app.example.org/connect"
EVILS = [EVIL, EVIL + "\u2028X-C: 3 é"]
IN_TORONTO = "Thursday, 3 December 2026, 15:00\u201315:45 (America/Toronto, UTC\u221205:00)"
anything = st.text(max_size=150)


def some_settings(**changes: Any) -> MailSettings:
    values: dict[str, Any] = {
        "host": "127.0.0.1",
        "security": "none",
        "sender": "sessions@mail.platform.example",
        "sender_name": "Mentoring Platform",
        "organizer": "sessions@platform.example",
        **changes,
    }
    return MailSettings(**values)


def write(
    do: Do = Do.CREATE,
    event: DesiredEvent | None = None,
    copy: Copy | None = None,
    **changes: Any,
) -> bytes:
    return MailWriter(some_settings(**changes)).write(
        do, copy or a_copy(), event or an_event(), NOW
    )


def inform(kind: str, event: DesiredEvent | None, link: str = CONNECT) -> bytes:
    return MailWriter(some_settings()).notice(kind, "maya@example.org", "k", event, link, NOW)


def parse(data: bytes) -> EmailMessage:
    mail = message_from_bytes(data, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    assert not [part.defects for part in mail.walk() if part.defects]
    return mail


def part(data: bytes, kind: str) -> bytes:
    (found,) = [part for part in parse(data).walk() if part.get_content_type() == kind]
    payload = found.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload


def read_html(data: bytes) -> Page:
    page = Page()
    page.feed(part(data, "text/html").decode())
    return page


class Page(HTMLParser):
    """What a browser would make of it."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.links, self.tags = "", [], set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        self.words += f" {data}"

    @property
    def text(self) -> str:
        return " ".join(self.words.split())


CASES: dict[str, Callable[[], bytes]] = {
    "invitation": write,
    "update-german": lambda: write(
        Do.CHANGE,
        an_event(locale="de-AT", title="Grüße", time_zone="Europe/Vienna"),
        a_copy(sequence=1),
        sender_name="Plattform für Mentoring",
    ),
    "cancellation": lambda: write(Do.WITHDRAW, copy=a_copy(sequence=2)),
    "notice": lambda: notice(
        "maya@example.org",
        "Your calendar is no longer connected",
        "Connect it again:\nhttps://app.example.org/connect\n",
        "<p>Connect it <a href='https://app.example.org/connect'>again</a>.</p>",
        settings=some_settings(),
        key="account_lost acc-1",
        now=NOW,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_golden(case: str) -> None:
    assert CASES[case]().replace(b"\r\n", b"\n") == (GOLDEN / f"{case}.eml").read_bytes()


def test_every_golden_file_has_its_case() -> None:
    assert {path.stem for path in GOLDEN.glob("*.eml")} == set(CASES)


@pytest.mark.parametrize("do", Do)
def test_the_tree_is_the_one_all_clients_know(do: Do) -> None:
    data = write(do)
    mail = parse(data)
    assert [part.get_content_type() for part in mail.walk()] == TREE
    kinds = {part.get_content_type(): part for part in mail.walk()}
    method = "CANCEL" if do is Do.WITHDRAW else "REQUEST"
    calendar, attached = kinds["text/calendar"], kinds["application/ics"]
    assert calendar.get_param("method") == method
    assert calendar.get_param("charset") == "utf-8"
    assert calendar.get_content_disposition() is None
    assert attached.get_content_disposition() == "attachment"
    assert attached.get_filename() == "invite.ics"
    assert {calendar["Content-Transfer-Encoding"], attached["Content-Transfer-Encoding"]} == {
        "base64"
    }
    assert part(data, "text/calendar") == part(data, "application/ics")
    assert problems(part(data, "text/calendar"), method) == []


@pytest.mark.parametrize("do", Do)
def test_every_line_is_short_and_seven_bit(do: Do) -> None:
    title = "Ünïcödé \U0001f600 " * 20
    data = write(do, an_event(title=title, text=title * 9), sender_name="名前" * 30)
    assert data.isascii()
    assert re.sub(rb"\r\n", b"", data).count(b"\n") == 0
    assert re.sub(rb"\r\n", b"", data).count(b"\r") == 0
    assert max(map(len, data.split(b"\r\n"))) <= 110


def test_equal_arguments_give_equal_bytes_and_another_instant_gives_others() -> None:
    writer = MailWriter(some_settings())
    one = writer.write(Do.CHANGE, a_copy(sequence=1), an_event(), NOW)
    assert one == MailWriter(some_settings()).write(Do.CHANGE, a_copy(sequence=1), an_event(), NOW)
    other = writer.write(Do.CHANGE, a_copy(sequence=1), an_event(), NOW + timedelta(seconds=1))
    assert parse(one)["Message-ID"] != parse(other)["Message-ID"]
    assert parse(one).get_boundary() != parse(other).get_boundary()


def test_it_goes_to_one_person_and_says_that_a_machine_wrote_it() -> None:
    mail = parse(write())
    assert mail["To"] == "maya@example.org"
    assert mail["From"] == "Mentoring Platform <sessions@mail.platform.example>"
    assert mail["Reply-To"] == "sessions@platform.example"
    assert mail["Subject"] == "Invitation: Session 1: Getting to know each other"
    assert mail["Date"].datetime == NOW
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert mail["Precedence"] is None


def test_later_mails_refer_to_the_first_whatever_their_order() -> None:
    first = parse(write())["Message-ID"]
    update = parse(write(Do.CHANGE, copy=a_copy(sequence=1)))
    cancel = parse(write(Do.WITHDRAW, copy=a_copy(sequence=2)))
    assert len({first, update["Message-ID"], cancel["Message-ID"]}) == 3
    for mail in (update, cancel):
        assert mail["References"] == mail["In-Reply-To"] == first


def test_long_message_ids_stay_whole() -> None:
    domain = ".".join(["mail-of-a-platform"] * 6) + ".example"
    data = write(Do.CHANGE, copy=a_copy(sequence=1), sender=f"sessions@{domain}")
    assert f"References: <{a_copy().uid}@{domain}>\r\n".encode() in data


@pytest.mark.parametrize("uid", ["old uid@platform <1>", "x" * 300, "ü\r\nX-A: 1"])
def test_another_systems_uid_makes_a_valid_message_id(uid: str) -> None:
    made = message_id(some_settings(), Do.CHANGE, a_copy(uid=uid), NOW)
    assert re.fullmatch(r"<[A-Za-z0-9.-]+@mail\.platform\.example>", made)


# --- nothing typed becomes a header or markup --------------------------------------------------


@pytest.mark.parametrize("field", ["title", "location", "join_url", "url", "text", "note"])
@pytest.mark.parametrize("evil", EVILS)
def test_no_text_of_an_event_becomes_a_header(field: str, evil: str) -> None:
    mail = parse(write(event=an_event(**{field: evil})))
    assert mail.keys() == HEADERS
    assert [part.get_content_type() for part in mail.walk()] == TREE


@pytest.mark.parametrize(
    "name", [*EVILS, 'A" <eve@example.org>, "B', "=?utf-8?q?x?=", "a\\", "é" * 99]
)
def test_no_display_name_becomes_a_header_or_an_address(name: str) -> None:
    mail = parse(write(sender_name=name))
    assert mail.keys() == HEADERS
    assert [a.addr_spec for a in mail["From"].addresses] == ["sessions@mail.platform.example"]
    assert mail["From"].addresses[0].display_name


@given(title=anything, name=anything)
@settings(max_examples=100, deadline=None)
def test_every_subject_and_name_arrives_as_one_line_of_what_was_typed(
    title: str, name: str
) -> None:
    mail = parse(write(event=an_event(title=title), sender_name=name))
    assert mail.keys() == HEADERS
    assert squeezed(mail["Subject"]) == squeezed(f"Invitation: {title}")
    assert squeezed(mail["From"].addresses[0].display_name) == squeezed(name.replace('"', ""))


def test_what_looks_like_an_encoded_word_arrives_as_typed() -> None:
    mail = parse(write(event=an_event(title="=?utf-8?q?x?="), sender_name="=?utf-8?q?y?="))
    assert mail["Subject"] == "Invitation: =?utf-8?q?x?="
    assert mail["From"].addresses[0].display_name == "=?utf-8?q?y?="


def squeezed(text: str) -> str:
    """Letters only: white space and what cannot be seen may change."""
    return "".join(char for char in str(text) if char.isprintable() and not char.isspace())


@pytest.mark.parametrize(
    "address",
    [
        *("", "maya", "@example.org", "maya@", "a@b@example.org", "maya@example.org\r\nBcc: e@e.e"),
        *("a b@example.org", "<maya@example.org>", "maya@example.org,eve@example.org"),
        *("mäya@example.org", '"a b"@example.org', "maya@exa mple.org", "m\x00@example.org"),
        *("a" * 65 + "@example.org", "a@" + "b." * 120 + "org", "a@" + "é" * 70 + ".org"),
    ],
)
def test_what_is_no_plain_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        write(copy=a_copy(address=address))
    with pytest.raises(ValueError, match="address"):
        notice(address, "s", "t", "h", settings=some_settings(), key="k", now=NOW)
    with pytest.raises(ConfigError, match=r"mail\.sender.*\n.*mail\.organizer"):
        some_settings(sender=address, organizer=address)


def test_a_domain_beyond_ascii_is_written_as_mail_servers_know_it() -> None:
    data = write(copy=a_copy(address="maya@bücher.example"))
    assert ascii_address("maya@bücher.example") == "maya@xn--bcher-kva.example"
    assert parse(data)["To"] == "maya@xn--bcher-kva.example"
    assert b":mailto:maya@xn--bcher-kva.example\r\n" in part(data, "text/calendar")


def test_markup_in_texts_is_shown_and_not_obeyed() -> None:
    evil = '</p><script>alert(1)</script><img src="https://eve.example/x">"\''
    page = read_html(write(event=an_event(title=evil, note=evil, location=evil, join_url="")))
    assert page.tags.isdisjoint({"script", "img"})
    assert page.words.count("alert(1)") == 4  # the page's title, its headline, place, note


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", 'x" onclick="y', ""])
def test_only_web_links_are_offered(url: str) -> None:
    page = read_html(write(event=an_event(join_url=url, url=url, html="")))
    assert page.links == []


# --- what people read --------------------------------------------------------------------------


def readings(data: bytes) -> list[str]:
    text = " ".join(part(data, "text/plain").decode().split())
    return [text, read_html(data).text]


def test_times_are_told_in_the_readers_zone_with_its_name() -> None:
    for text in readings(write()):
        assert IN_TORONTO in text
    for text in readings(write(event=an_event(time_zone="Asia/Kathmandu", locale="de"))):
        assert "Freitag, 4. Dezember 2026, 01:45\u201302:30 (Asia/Kathmandu, UTC+05:45)" in text


def test_a_session_over_midnight_names_both_days() -> None:
    start = datetime(2026, 12, 3, 23, 30, tzinfo=UTC)
    event = an_event(starts_at=start, ends_at=start + timedelta(hours=1), time_zone="UTC")
    for text in readings(write(event=event)):
        assert "Thursday, 3 December 2026, 23:30 \u2013 Friday, 4 December 2026, 00:30 (UTC" in text


@pytest.mark.parametrize(
    ("do", "locale", "subject", "lead"),
    [
        (Do.CREATE, "en", "Invitation:", "You are invited"),
        (Do.CHANGE, "fr", "Updated:", "replaces the earlier invitation"),
        (Do.WITHDRAW, "en-GB", "Cancelled:", "This invitation is cancelled."),
        (Do.CREATE, "de", "Einladung:", "eingeladen"),
        (Do.CHANGE, "de_CH", "Geändert:", "Bisherige Angaben gelten nicht mehr"),
        (Do.WITHDRAW, "DE", "Abgesagt:", "Diese Einladung ist abgesagt."),
    ],
)
def test_the_mail_says_what_happened(do: Do, locale: str, subject: str, lead: str) -> None:
    data = write(do, an_event(locale=locale))
    assert parse(data)["Subject"].startswith(subject)
    for text in readings(data):
        assert lead in text
        assert an_event().title in text


def test_both_bodies_hold_link_agenda_page_and_note() -> None:
    data = write(event=an_event(note="An older entry may remain."))
    page = read_html(data)
    assert "https://zoom.us/j/123456789?pwd=abc" in page.links
    assert "https://app.example.org/sessions/1001" in page.links
    for text in readings(data):
        for wanted in ("https://zoom.us/j/123456789?pwd=abc", "Introductions", "An older entry"):
            assert wanted in text
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


def test_a_place_that_the_description_names_already_is_not_named_twice() -> None:
    place = "Room 4 & 5, 1 Main St"
    html, text = f"<p><b>Place:</b> {escape(place)}</p>", f"Place: {place}"
    for said in readings(write(event=an_event(location=place, join_url="", html=html, text=text))):
        assert said.count(place) == 1


def test_an_in_person_session_names_its_place_and_offers_nothing_to_join() -> None:
    data = write(event=an_event(location="Room 4, 1 Main St", join_url="", text="Agenda", html=""))
    for text in readings(data):
        assert "Place: Room 4, 1 Main St" in text
        assert "Join" not in text


def test_a_cancellation_offers_nothing_to_join() -> None:
    data = write(Do.WITHDRAW, an_event(note="Your calendar shows it now."))
    assert read_html(data).links == []
    for text in readings(data):
        assert "zoom" not in text
        assert "Your calendar shows it now." in text


def test_text_lines_arrive_as_they_are() -> None:
    text = "a \n.\n..\nFrom here\n=3D é \u00a0end\n" + "long " * 60
    body = part(write(event=an_event(text=text, url="")), "text/plain").decode()
    assert text.strip() in body.replace("\r\n", "\n")


# --- settings ----------------------------------------------------------------------------------


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
    for said in readings(inform("account_lost", None)):
        assert ENGLISH.account_lost in said
        assert ENGLISH.reconnect in said
        assert CONNECT in said
    assert read_html(inform("account_lost", None)).links == [CONNECT]
    assert read_html(inform("account_lost", None, link="")).links == []


def test_an_unreached_person_gets_everything_but_an_event() -> None:
    data = inform("unreachable", an_event())
    for said in readings(data):
        assert ENGLISH.unreachable.split("{")[0] in said
        assert IN_TORONTO in said
        assert "https://zoom.us/j/123456789?pwd=abc" in said
        assert "Introductions" in said
    assert b"BEGIN:VCALENDAR" not in data
    assert "text/calendar" not in [part.get_content_type() for part in parse(data).walk()]


def test_an_entry_we_leave_alone_is_named_with_its_page() -> None:
    data = inform("entry_may_remain", an_event())
    assert read_html(data).links == ["https://app.example.org/sessions/1001"]
    for said in readings(data):
        assert ENGLISH.remains.split("{")[0] in said
        assert "Getting to know each other" in said
        assert "zoom" not in said


@pytest.mark.parametrize("evil", EVILS)
def test_no_subject_of_a_notice_becomes_a_header(evil: str) -> None:
    data = notice("a@b.example", evil, evil, evil, settings=some_settings(), key=evil, now=NOW)
    assert parse(data).keys() == HEADERS


@pytest.mark.parametrize("host", ["mx.example.org", "10.0.0.1", "localhost.example.org", "::2"])
def test_plain_text_leaves_this_machine_under_no_setting(host: str) -> None:
    with pytest.raises(ConfigError, match=r"mail\.security"):
        some_settings(host=host)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.9.9.9"])
def test_on_this_machine_plain_text_is_allowed(host: str) -> None:
    assert some_settings(host=host).security == "none"


def test_settings_hide_the_password() -> None:
    assert "hunter2" not in repr(some_settings(username="u", password="hunter2"))


def test_the_organizer_text_for_new_copies_keeps_the_name_of_today() -> None:
    made = some_settings(sender_name='Grüße "x" \\; A, B').organizer_text
    data = part(write(copy=a_copy(organizer=made), sender_name="New name"), "text/calendar")
    assert 'ORGANIZER;CN="Grüße x ; A, B":mailto:sessions@platform.example'.encode() in data
    assert some_settings(sender_name="").organizer_text == "sessions@platform.example"
