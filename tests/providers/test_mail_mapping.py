"""The mail itself: its tree, its headers, and byte for byte the golden files."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from calsync.core.content.event import MailCause, Told
from calsync.core.ledger import Do
from providers.mail.mapping import MailWriter, message_id, notice
from tests.itip import problems
from tests.make import NOW, a_copy, an_event
from tests.providers.written_mails import TREE, parse, part, some_settings, write

LATER = NOW + timedelta(seconds=1)
GOLDEN = Path(__file__).parent.parent / "golden" / "mail"

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


@pytest.mark.parametrize("locale", ["en", "de", "fr", "es"])
def test_two_updates_of_one_minute_have_subjects_of_their_own(locale: str) -> None:
    """As in the last two hours before a start, where no update waits for further ones."""
    writer = MailWriter(some_settings())
    event = an_event(told=Told(MailCause.LINK, repeated=True), locale=locale)
    instants = (NOW, LATER)
    one, other = (
        parse(writer.write(Do.CHANGE, a_copy(sequence=1), event, now))["Subject"]
        for now in instants
    )
    assert one != other


def test_it_goes_to_one_person_and_says_that_a_machine_wrote_it() -> None:
    mail = parse(write())
    assert mail["To"] == "maya@example.org"
    assert mail["From"] == "Mentoring Platform <sessions@mail.platform.example>"
    assert mail["Reply-To"] == "sessions@platform.example"
    assert mail["Subject"] == (
        "Invitation: Session 1: Getting to know each other (Thu, Dec 3, 3:00 p.m.)"
    )
    assert mail["Date"].datetime == NOW
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert mail["Precedence"] is None


def test_later_mails_refer_to_the_first_whatever_their_order() -> None:
    first = str(parse(write())["Message-ID"])
    update = parse(write(Do.CHANGE, copy=a_copy(sequence=1, message_id=first)))
    cancel = parse(write(Do.WITHDRAW, copy=a_copy(sequence=2, message_id=first)))
    assert len({first, update["Message-ID"], cancel["Message-ID"]}) == 3
    for mail in (update, cancel):
        assert mail["References"] == mail["In-Reply-To"] == first


def test_an_invitation_made_again_has_the_same_uid_and_another_message_id() -> None:
    """A restored ledger makes its invitation once more; a server drops a known Message-ID."""
    first, again = parse(write()), parse(write(copy=a_copy(sequence=9)))
    later = parse(MailWriter(some_settings()).write(Do.CREATE, a_copy(), an_event(), LATER))
    assert len({one["Message-ID"] for one in (first, again, later)}) == 3


def test_mails_of_a_copy_from_before_message_ids_were_stored_refer_to_its_uid() -> None:
    update = parse(write(Do.CHANGE, copy=a_copy(sequence=1)))
    assert update["References"] == f"<{a_copy().uid}@mail.platform.example>"


def test_long_message_ids_stay_whole() -> None:
    domain = ".".join(["mail-of-a-platform"] * 6) + ".example"
    data = write(Do.CHANGE, copy=a_copy(sequence=1), sender=f"sessions@{domain}")
    assert f"References: <{a_copy().uid}@{domain}>\r\n".encode() in data


@pytest.mark.parametrize("uid", ["old uid@platform <1>", "x" * 300, "ü\r\nX-A: 1"])
def test_another_systems_uid_makes_a_valid_message_id(uid: str) -> None:
    made = message_id(some_settings(), a_copy(uid=uid), NOW)
    assert re.fullmatch(r"<[A-Za-z0-9.-]+@mail\.platform\.example>", made)
