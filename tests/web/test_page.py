"""The participant's page: what is connected, what happens next, and where every session is."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from calsync.accounts import connect
from calsync.core.visit import Visitor
from calsync.daemon import single_pass
from calsync.sandbox import Sandbox
from calsync.selfservice.actions import Connected, SelfService
from tests.caldav_servers.server import USERS, CalendarServer
from tests.radicale_server import caldav_server
from tests.settings import google_settings
from tests.web.browser import HERE, Browser, Page, arrived
from tests.web.site import Site, a_record

__all__ = ["caldav_server"]  # a fixture

MAYA, SAM = "maya@example.org", "sam@example.org"


@dataclass
class Place:
    """A served installation, the sandbox behind it, and browsers of its people."""

    site: Site
    sandbox: Sandbox

    def browser(self, email: str = MAYA, *, locale: str = "") -> tuple[Browser, Page]:
        browser = Browser(self.site.url)
        visitor = Visitor("default", email, "Maya Chen", locale=locale)
        return browser, arrived(browser, self.site.open.web.arrivals.offer(visitor).url)

    def book(self, ident: str, **changes: object) -> None:
        assert self.site.caller().put(ident, a_record(**changes)).status_code == 200

    def deliver(self) -> None:
        made = self.site.open
        single_pass.deliver_all(made.context, made.senders, now=True)

    def connect(self, email: str = MAYA) -> str:
        secret = {"refresh_token": self.sandbox.grant(email)}
        found = connect.add(self.site.open.context, "default", "google", email, secret)
        return found.id


def opened(folder: Path, database: str, sandbox: Sandbox) -> Site:
    sandbox.add_person(MAYA, google=True)
    sandbox.add_person(SAM)
    return Site(
        folder,
        database,
        mail=f'host = "{sandbox.smtp_host}"\nport = {sandbox.smtp_port}',
        more=f"[google]\n{google_settings(sandbox)}\n[caldav]\nallow_private = true\n",
    )


@pytest.fixture
def place(tmp_path: Path, ledger_url: str) -> Iterator[Place]:
    with Sandbox() as sandbox, opened(tmp_path, ledger_url, sandbox).served() as site:
        yield Place(site, sandbox)


@pytest.fixture
def light(tmp_path: Path) -> Iterator[Place]:
    """On SQLite alone, for what no database decides."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with Sandbox() as sandbox, opened(tmp_path, url, sandbox).served() as site:
        yield Place(site, sandbox)


def test_who_connected_nothing_sees_that_mail_is_the_way(place: Place) -> None:
    place.book("ses-1")
    place.deliver()
    _, page = place.browser()

    assert "No calendar is connected" in page.text
    assert f"Invitation sent by mail to {MAYA}" in page.text
    assert "PLANTED-TITLE" in page.text
    assert "Your upcoming session will appear" in page.text
    assert SAM not in page.answer.text


def test_whose_mail_domain_is_beyond_ascii_finds_their_sessions_and_reads_their_address(
    light: Place,
) -> None:
    person = {"id": "u-1", "name": "Maya Chen", "email": "Maya@Exämple.org"}
    light.sandbox.add_person("maya@xn--exmple-cua.org")
    light.book("ses-1", participants=[person])
    light.deliver()
    for spelt in ("maya@EXÄMPLE.org", "maya@xn--exmple-cua.org"):
        _, page = light.browser(spelt)
        assert "Your upcoming session will appear" in page.text
        assert "Invitation sent by mail to Maya@exämple.org" in page.text
        assert "xn--" not in page.text


def test_a_connected_calendar_is_shown_with_its_health_and_what_was_written_last(
    place: Place,
) -> None:
    place.connect()
    place.book("ses-1")
    _, before = place.browser()
    assert "Sessions in place: 0 of 1" in before.text
    place.deliver()
    _, page = place.browser()

    assert "Google Calendar" in page.text
    assert "Works: your sessions appear here." in page.text
    assert f"In Google Calendar ({MAYA})" in page.text
    assert "Last written PLANTED-TITLE with Sam Okafor (" in page.text
    assert "where they should be" not in page.text


def test_the_links_of_a_session_are_shown_but_for_a_discreet_program(light: Place) -> None:
    links = [{"label": "Mentorship <Agreement>", "url": "https://app.example.org/a?x=1&y=2"},
             {"label": "Bad", "url": "javascript:alert(1)"}]  # fmt: skip
    light.book("ses-1", links=links)
    _, page = light.browser()
    shown = '<a href="https://app.example.org/a?x=1&amp;y=2">Mentorship &lt;Agreement&gt;</a>'
    assert shown in page.answer.text
    assert "javascript:" not in page.answer.text
    program = {"id": "p", "name": "P", "kind": "individual", "discreet": True}
    light.book("ses-1", links=links, program=program)
    assert "Mentorship" not in light.browser()[1].text


def test_progress_counts_what_is_still_on_its_way(light: Place) -> None:
    light.connect()
    browser, _ = light.browser()
    for number in range(3):
        light.book(f"ses-{number}", days=3 + number)
    assert browser.open("/connect/progress").answer.json() == {
        "total": 3,
        "shown": 0,
        "waiting": 3,
        "text": "Sessions in place: 0 of 3.",
    }
    light.deliver()
    assert browser.open("/connect/progress").answer.json()["waiting"] == 0
    assert Browser(light.site.url).open("/connect/progress").status == 403


def test_a_lost_calendar_says_so_and_can_be_connected_again(place: Place) -> None:
    place.connect()
    place.book("ses-1")
    place.sandbox.revoke(MAYA)
    place.sandbox.expire_tokens(MAYA)
    place.deliver()
    _, page = place.browser()

    assert "We've lost access to this calendar." in page.text
    assert f"Invitation sent by mail to {MAYA}" in page.text
    assert "Connect again" in page.text


def test_a_session_that_a_person_removed_is_told_as_removed(place: Place) -> None:
    place.connect()
    place.book("ses-1", days=0.5)
    place.deliver()
    (event,) = place.sandbox.shown(MAYA)
    place.sandbox.user_deletes(MAYA, event.id)
    for row in place.site.rows("SELECT look_at FROM copy WHERE account IS NOT NULL"):
        assert row
    from datetime import timedelta

    place.site.shift = timedelta(hours=11)
    place.deliver()
    _, page = place.browser()
    assert "You removed it from your calendar" in page.text


def test_what_a_platform_writes_is_shown_as_text(light: Place) -> None:
    light.book("ses-1", title="<script>alert(1)</script>", url="https://app.example.org/?a=1&b='x")
    visitor = Visitor("default", MAYA, "<b>Maya</b>")
    browser = Browser(light.site.url)
    arrival = browser.open(light.site.open.web.arrivals.offer(visitor).url)
    assert "&lt;b&gt;Maya&lt;/b&gt;" in arrival.answer.text
    _, page = light.browser()
    assert "<script>alert" not in page.answer.text
    assert "&lt;script&gt;alert(1)" in page.answer.text


def test_only_ones_own_sessions_are_shown_and_only_those_of_the_tenant(light: Place) -> None:
    light.book("ses-1")
    acme = light.site.caller("acme")
    assert acme.put("ses-2", a_record(title="OF ANOTHER TENANT")).status_code == 200
    _, mine = light.browser()
    assert "OF ANOTHER TENANT" not in mine.text
    _, other = light.browser("nobody@example.org")
    assert ("PLANTED-TITLE" in other.text, "There are none" in other.text) == (False, True)


def test_the_page_speaks_german(light: Place) -> None:
    light.book("ses-1")
    light.deliver()
    _, page = light.browser(locale="de")
    assert "Kein Kalender ist verbunden" in page.text
    assert f"Einladung per E-Mail an {MAYA} gesendet" in page.text


# --- calendar servers ----------------------------------------------------------------------------


def filled(calendar: str, **changes: str) -> dict[str, str]:
    given = {"server": "other", "url": calendar, "username": "alice", "password": USERS["alice"]}
    return {**given, **changes}


def test_a_calendar_server_is_connected_by_an_app_password(
    place: Place, caldav_server: CalendarServer
) -> None:
    place.book("ses-1")
    place.deliver()
    browser, _ = place.browser()
    form = browser.open("/connect/caldav").form("/connect/caldav")
    assert (form.fields["username"], form.fields["password"]) == (MAYA, "")

    done = browser.send(form, filled(caldav_server.new_calendar()))
    assert "Your calendar is connected." in done.text
    assert f"CalDAV {MAYA}" in " ".join(done.text.split())
    place.deliver()
    assert f"In CalDAV ({MAYA})" in browser.open("/connect").text
    told = [mail.method for mail in place.sandbox.mails(MAYA) if mail.method]
    assert told == ["REQUEST", "CANCEL"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"password": "wrong"}, "doesn't accept this user name and password"),
        ({"url": "http://127.0.0.1:1/"}, "isn't responding"),
        ({"url": "https://alice:x@dav.example/"}, "No calendar that we can write to"),
        ({"url": "ftp://dav.example/"}, "No calendar that we can write to"),
        ({"url": "no address"}, "No calendar that we can write to"),
        ({"url": "", "password": ""}, "Some fields are empty"),
        ({"server": "nonsense", "url": ""}, "Some fields are empty"),
    ],
)
def test_what_does_not_work_is_told_and_changes_nothing(
    light: Place, caldav_server: CalendarServer, changes: dict[str, str], told: str
) -> None:
    browser, _ = light.browser()
    form = browser.open("/connect/caldav").form("/connect/caldav")
    page = browser.send(form, filled(caldav_server.new_calendar(), **changes))

    assert (page.status, told in page.text) == (422, True)
    again = page.form("/connect/caldav")
    assert (again.fields["username"], again.fields["password"]) == ("alice", "")
    assert "No calendar is connected" in browser.open("/connect").text
    assert USERS["alice"] not in repr(light.site.told) + page.answer.text


def note_of(page: Page) -> str:
    """What a page says is wrong."""
    found = re.search(r'role="alert".*?</div>', page.answer.text, re.DOTALL)
    assert found is not None
    return found[0]


def test_a_server_in_a_private_network_is_refused_unless_allowed(
    tmp_path: Path, caldav_server: CalendarServer
) -> None:
    with Site(tmp_path, f"sqlite:///{tmp_path / 'store.db'}").served() as site:
        browser = Browser(site.url)
        arrived(browser, site.open.web.arrivals.offer(Visitor("default", MAYA)).url)
        form = browser.open("/connect/caldav").form("/connect/caldav")
        page = browser.send(form, filled(caldav_server.new_calendar()))
        assert (page.status, "Nothing has been connected" in page.text) == (422, True)
        assert site.rows("SELECT * FROM account") == []
        unknown = browser.send(form, filled("https://no-such-host.invalid/maya/"))
        assert note_of(page) == note_of(unknown), "which inner names exist is told to nobody"
        assert "private" not in page.text


def test_a_forged_form_connects_nothing(light: Place, caldav_server: CalendarServer) -> None:
    browser, _ = light.browser()
    form = browser.open("/connect/caldav").form("/connect/caldav")
    given = filled(caldav_server.new_calendar())
    assert browser.send(form, {**given, "csrf": ""}).status == 403
    assert browser.send(form, given, headers={"Sec-Fetch-Site": "cross-site"}).status == 403
    sent = browser.session.post(
        light.site.url + "/connect/caldav",
        data=json.dumps({**form.fields, **given}),
        headers={**HERE, "Content-Type": "application/json"},
        timeout=30,
    )
    assert sent.status_code == 403
    assert light.site.rows("SELECT * FROM account") == []


@contextmanager
def slow_servers(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Semaphore]:
    """Calendar servers that do not answer; released once for each that is being waited for."""
    over, waiting = threading.Event(), threading.Semaphore(0)

    def slow(*_: object) -> Connected:
        waiting.release()
        over.wait(20)
        return Connected("silent")

    monkeypatch.setattr(SelfService, "connect_caldav", slow)
    try:
        yield waiting
    finally:
        over.set()


def test_a_slow_server_of_one_visitor_keeps_nobody_else_from_theirs(
    light: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = filled("https://dav.example/")
    with ThreadPoolExecutor(2) as people, slow_servers(monkeypatch) as waiting:
        maya, sam, lena = (light.browser(one)[0] for one in (MAYA, SAM, "lena@example.org"))
        forms = {
            one: one.open("/connect/caldav").form("/connect/caldav") for one in (maya, sam, lena)
        }
        people.submit(maya.send, forms[maya], given)
        assert waiting.acquire(timeout=60)
        again = maya.send(forms[maya], given)
        assert (again.status, again.answer.headers["Retry-After"]) == (429, "60")
        assert "still waiting for another calendar server" in again.text

        people.submit(sam.send, forms[sam], given)
        assert waiting.acquire(timeout=60), "another visit has a place of its own"
        assert lena.send(forms[lena], given).status == 429, "two of a tenant at once"
        assert lena.open("/connect").status == 200
        form = lena.open("/connect").form("/connect/google")
        assert lena.send(form, {}).status == 200, "Google's sign-in begins without a call"
