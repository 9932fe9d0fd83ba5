"""Mails before sessions are turned off by one click, in the mail program or on a page.
What is chosen outlasts keys and restores, and is forgotten with its person."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_string
from pathlib import Path

import pytest
import requests

from calsync.core.upcoming.rules import UPCOMING
from calsync.core.upcoming.unsubscribing import read_token
from calsync.ops import retention
from calsync.sandbox import Sandbox
from calsync.store.sealing import reseal
from calsync.store.upcoming import unsubscribed
from calsync.store.vault import Vault, new_key
from tests.web.browser import FROM_ELSEWHERE, Browser
from tests.web.test_page import MAYA, SAM, Place, opened

OFF, ON = "You no longer get mails before sessions", "You get a mail before each session"


@pytest.fixture
def place(tmp_path: Path, ledger_url: str) -> Iterator[Place]:
    """Maya and Sam were mailed before one session; another is a week ahead."""
    with Sandbox() as sandbox:
        site = opened(tmp_path, ledger_url, sandbox)
        site.mail += '\nupcoming_to = "all"'
        with site.served():
            place = Place(site, sandbox)
            place.deliver()
            place.book("ses-1", days=2)
            place.book("ses-2", days=9)
            place.deliver()
            pass_days(place, 1.5)
            yield place


def pass_days(place: Place, days: float) -> None:
    place.site.shift += timedelta(days=days)
    place.deliver()


def announcements(place: Place, person: str = MAYA) -> list[str]:
    mails = place.sandbox.mails(person)
    return [mail.raw for mail in mails if mail.subject.startswith("Coming up")]


def link(place: Place, person: str = MAYA) -> str:
    """Where the newest mail's header leads."""
    header = str(message_from_string(announcements(place, person)[-1])["List-Unsubscribe"])
    found = re.fullmatch(r"<(http.+)>", header)
    assert found is not None
    return found[1]


def one_click(url: str) -> requests.Response:
    """What a mail program sends (RFC 8058, section 3.2): no cookies, no origin of ours."""
    body = {"List-Unsubscribe": (None, "One-Click")}  # multipart/form-data
    return requests.post(url, files=body, timeout=30, allow_redirects=False, headers=FROM_ELSEWHERE)


def test_one_click_turns_the_mails_off_for_its_person_alone(place: Place) -> None:
    url = link(place)
    assert len(url.rpartition("/")[2]) == 24
    answer = one_click(url)
    assert (answer.status_code, answer.history) == (200, [])
    assert one_click(url).status_code == 200
    pass_days(place, 6.8)
    assert (len(announcements(place)), len(announcements(place, SAM))) == (1, 2)
    assert [mail.method for mail in place.sandbox.mails(MAYA)].count("REQUEST") == 2


def test_opening_the_link_changes_nothing_and_its_page_turns_off_and_on_again(
    place: Place,
) -> None:
    browser = Browser(place.site.url)
    page = browser.open(link(place))
    assert ON in page.text
    assert MAYA not in page.answer.text
    page = browser.send(page.forms[0])
    assert OFF in page.text
    page = browser.send(browser.open(link(place)).forms[0])
    assert ON in page.text
    pass_days(place, 6.8)
    assert len(announcements(place)) == 2


def test_a_link_that_was_changed_turns_nothing_off(place: Place) -> None:
    url = link(place)
    for other in (f"{url[:-1]}~", url.replace("/upcoming/", "/digest/"), f"{url}/else", url[:-3]):
        answer = one_click(other)
        assert answer.status_code in (404, 405)
        assert "html" in answer.headers["Content-Type"]
    assert place.site.rows("SELECT reader FROM unsubscribed") == []


def test_the_participants_page_shows_the_choice_and_changes_it(place: Place) -> None:
    one_click(link(place))
    browser, page = place.browser()
    assert OFF in page.text
    page = browser.send(page.form("/connect/mails"))
    assert ON in page.text
    page = browser.send(page.form("/connect/mails"))
    assert OFF in page.text
    _, other = place.browser(SAM)
    assert ON in other.text


def test_a_link_works_after_the_key_was_changed(place: Place) -> None:
    context, token = place.site.open.context, link(place).rpartition("/")[2]
    key = new_key()
    reseal.run(context.store, Vault([key, place.site.key]))
    alone = Vault([key])
    with context.store.write() as db:
        unsubscribed.make_secret(db, alone)
        secret = unsubscribed.secret(db, alone)
    assert secret is not None
    assert read_token(secret, UPCOMING, token) is not None


def test_who_is_forgotten_leaves_no_choice_behind(place: Place) -> None:
    one_click(link(place))
    assert len(place.site.rows("SELECT reader FROM unsubscribed")) == 1
    retention.forget(place.site.open.context, MAYA.upper())
    assert place.site.rows("SELECT reader FROM unsubscribed") == []


def test_no_log_line_and_no_row_says_who_does_not_want_mails(place: Place) -> None:
    url = link(place)
    one_click(url)
    token = url.rpartition("/")[2]
    assert token not in str(place.site.told)
    said = str(place.site.rows("SELECT * FROM unsubscribed"))
    assert MAYA not in said
    journal = place.site.rows("SELECT * FROM journal WHERE what = 'mails_unwanted'")
    assert len(journal) == 1
    assert MAYA not in str(journal)
