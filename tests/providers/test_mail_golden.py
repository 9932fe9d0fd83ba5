"""Every mail of every cause and language: as it is kept, and judged by others."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from calsync.messages.catalogue import languages
from tests.itip import problems
from tests.mail_judges import broken_restrictions, spam_scores
from tests.providers.golden_mails import GOLDEN, NOT_READ, NOTICES, OF_SESSION, WITHDRAWN, every
from tests.providers.messages_page import PAGE, page
from tests.providers.messages_pictures import pages
from tests.providers.written_mails import parse, part, read_html, readings
from tests.second_reader import read

MAILS = every()
INVITATIONS = [f"{cause}.{code}" for code in languages() for cause in (*OF_SESSION, NOT_READ)]


@pytest.fixture(autouse=True, scope="module")
def _renewed(pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("--golden"):
        GOLDEN.mkdir(exist_ok=True)
        for name, data in MAILS.items():
            (GOLDEN / f"{name}.eml").write_bytes(data.replace(b"\r\n", b"\n"))
        for file, text in {PAGE: page(), **pages()}.items():
            file.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_is_what_its_golden_file_holds(name: str) -> None:
    assert MAILS[name].replace(b"\r\n", b"\n") == (GOLDEN / f"{name}.eml").read_bytes()


def test_every_golden_file_has_its_mail() -> None:
    assert {path.stem for path in GOLDEN.glob("*.eml")} == set(MAILS)


def test_the_page_of_messages_says_what_the_mails_say() -> None:
    for file, text in {PAGE: page(), **pages()}.items():
        assert file.read_text("utf-8") == text


@pytest.mark.parametrize("code", languages())
def test_no_two_mails_share_a_subject(code: str) -> None:
    names = [name for name in MAILS if name.endswith(f".{code}") and name != f"{NOT_READ}.{code}"]
    subjects = [parse(MAILS[name])["Subject"] for name in names]
    assert [one for one, count in Counter(subjects).items() if count > 1] == []


@pytest.mark.parametrize("name", INVITATIONS)
def test_an_invitation_passes_two_readers_of_icalendar(name: str) -> None:
    data = part(MAILS[name], "text/calendar")
    cause = name.partition(".")[0]
    method = "CANCEL" if cause in WITHDRAWN else "REQUEST"
    assert problems(data, method, answers_read=cause != NOT_READ) == []
    assert read(data).method == method


def test_no_invitation_breaks_a_restriction_of_itip_by_libical() -> None:
    objects = {name: part(MAILS[name], "text/calendar") for name in INVITATIONS}
    assert broken_restrictions(objects) == {}
    broken = objects["booked.en"].replace(b"ORGANIZER", b"X-ORGANIZER")
    assert broken_restrictions({"broken": broken}) != {}


def test_no_mail_looks_like_spam(tmp_path: Path) -> None:
    scores = spam_scores(MAILS, tmp_path)
    assert {name: score for name, score in scores.items() if score > MOST_SPAM} == {}


MOST_SPAM = 0.5


@pytest.mark.parametrize("name", MAILS)
def test_text_and_html_say_the_same(name: str) -> None:
    said = readings(MAILS[name])
    text, html = (set(re.findall(r"[^\W\d_]+", one)) for one in said)
    cut = set(re.findall(r"[^\W\d_]+(?=\d*…)", " ".join(said)))
    assert text ^ html - BRAND - cut <= BEFORE | cut


BRAND, BEFORE = {"Mentoring", "Platform"}, {"before", "bisher", "avant", "antes"}


@pytest.mark.parametrize("name", MAILS)
def test_the_first_thing_an_inbox_shows_is_when_and_where(name: str) -> None:
    if name.partition(".")[0] not in (*OF_SESSION, *NOTICES):
        return
    first = part(MAILS[name], "text/plain").decode().split("\r\n")[0]
    assert "2026" in first
    assert "UTC" in first
    title = re.escape(" ".join(read_html(MAILS[name]).title.split()))
    assert re.match(rf"{title} {re.escape(first)}", read_html(MAILS[name]).text)
