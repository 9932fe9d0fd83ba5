"""Nothing typed becomes a header, an address or markup of a mail."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calsync.errors import ConfigError
from calsync.messages.language import language
from providers.mail.mapping import notice
from providers.mail.texts.invitation import in_subject
from tests.make import NOW, a_copy, an_event
from tests.providers.written_mails import (
    EVILS,
    HEADERS,
    TREE,
    parse,
    part,
    read_html,
    some_settings,
    write,
)

anything = st.text(max_size=150)


@pytest.mark.parametrize("field", ["title", "location", "join_url", "url", "text"])
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
    assert squeezed(mail["Subject"]) == squeezed(
        f"Invitation: {cut(title)} (Thu, Dec 3, 3:00 p.m.)"
    )
    assert squeezed(mail["From"].addresses[0].display_name) == squeezed(name.replace('"', ""))


def test_what_looks_like_an_encoded_word_arrives_as_typed() -> None:
    mail = parse(write(event=an_event(title="=?utf-8?q?x?="), sender_name="=?utf-8?q?y?="))
    assert mail["Subject"] == "Invitation: =?utf-8?q?x?= (Thu, Dec 3, 3:00 p.m.)"
    assert mail["From"].addresses[0].display_name == "=?utf-8?q?y?="


def cut(title: str) -> str:
    """A title as subjects hold it."""
    return in_subject(an_event(title=title), language("en"))["title"]


def squeezed(text: str) -> str:
    """Letters only: white space and what cannot be seen may change."""
    return "".join(char for char in str(text) if char.isprintable() and not char.isspace())


@pytest.mark.parametrize(
    "address",
    [
        *("", "maya", "@example.org", "maya@", "a@b@example.org", "maya@example.org\r\nBcc: e@e.e"),
        *("a b@example.org", "<maya@example.org>", "maya@example.org,eve@example.org"),
        *("mäya@example.org", '"a b"@example.org', "maya@exa mple.org", "m\x00@example.org"),
        *("a" * 65 + "@example.org", "a@" + "b." * 126 + "org", "a@" + "é" * 70 + ".org"),
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
    assert parse(data)["To"] == "maya@xn--bcher-kva.example"
    assert b":mailto:maya@xn--bcher-kva.example\r\n" in part(data, "text/calendar")


def test_markup_in_texts_is_shown_and_not_obeyed() -> None:
    evil = '</p><script>alert(1)</script><img src="https://eve.example/x">"\''
    page = read_html(write(event=an_event(title=evil, location=evil, join_url="")))
    assert page.tags.isdisjoint({"script", "img"})
    assert page.words.count("alert(1)") == 3  # the page's title, its headline, place


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", 'x" onclick="y', ""])
def test_only_web_links_are_offered(url: str) -> None:
    page = read_html(write(event=an_event(join_url=url, url=url, html="")))
    assert page.links == []


@pytest.mark.parametrize("evil", EVILS)
def test_no_subject_of_a_notice_becomes_a_header(evil: str) -> None:
    data = notice("a@b.example", evil, evil, evil, settings=some_settings(), key=evil, now=NOW)
    assert parse(data).keys() == HEADERS
