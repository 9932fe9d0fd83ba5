"""What no browser of a person sends: it is refused or taken, and is never a failure of ours."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from calsync.core.visit import Visitor
from tests.web.browser import HERE, Browser, arrived
from tests.web.site import MakeSite, Site
from tests.web.test_arriving import CONNECT, COOKIE, link, offered

MAYA = "maya@example.org"


@pytest.fixture
def site(make_site: MakeSite) -> Site:
    return make_site(connect=CONNECT)


def inside(site: Site) -> tuple[Browser, str]:
    """A browser that is in, and the proof its forms carry."""
    browser = Browser(site.url)
    home = arrived(browser, site.open.web.arrivals.offer(Visitor("default", MAYA)).url)
    return browser, home.form("/connect/leave").fields["csrf"]


def test_a_form_with_too_many_fields_is_refused(site: Site) -> None:
    browser, csrf = inside(site)
    fields = [("csrf", csrf), *[("more", "x")] * 60]
    answer = browser.session.post(
        site.url + "/connect/language", data=fields, headers=HERE, timeout=30
    )
    assert answer.status_code == 403
    assert browser.open("/connect").status == 200


def test_an_account_that_cannot_be_stored_is_nobodys(site: Site) -> None:
    browser, csrf = inside(site)
    for account in ("\0", "x" * 100_000, "%00"):
        answer = browser.session.post(
            site.url + "/connect/disconnect",
            data={"csrf": csrf, "account": account},
            headers=HERE,
            timeout=30,
        )
        assert (answer.status_code, answer.url) == (200, f"{site.url}/connect")


@pytest.mark.parametrize("field", ["name", "locale", "jti"])
@pytest.mark.parametrize("value", ["a\0b", "\ud800"])
def test_a_link_with_what_no_database_keeps_never_fails(site: Site, field: str, value: str) -> None:
    browser = Browser(site.url)
    page = browser.open(link(site, **{field: value}))
    assert page.status in (200, 403)
    if page.status == 200:
        assert browser.send(page.form("/connect/arrive")).status == 200
    assert "request_failed" not in [event for event, _ in site.told]


@pytest.mark.parametrize("field", ["name", "locale"])
def test_a_connect_session_with_a_zero_character_never_fails(site: Site, field: str) -> None:
    answer = site.caller().call(
        "POST", "/api/connect-sessions", json={"email": MAYA, field: "a\0b"}
    )
    assert answer.status_code in (201, 422)


@pytest.mark.parametrize("make", [offered, link])
def test_of_many_browsers_at_once_one_comes_in(site: Site, make: Callable[[Site], str]) -> None:
    url = make(site)
    browsers = [Browser(site.url) for _ in range(6)]
    forms = [one.open(url).form("/connect/arrive") for one in browsers]
    with ThreadPoolExecutor(len(browsers)) as threads:
        pages = list(threads.map(Browser.send, browsers, forms))
    assert sorted(page.status for page in pages) == [200] + [410] * 5
    assert sum(COOKIE in one.session.cookies for one in browsers) == 1


def test_a_slash_too_much_sends_nobody_elsewhere(site: Site) -> None:
    for path in ("/connect/", "/connect/arrive/", "/api/changes/"):
        answer = Browser(site.url).session.get(
            site.url + path, headers={"Host": "127.0.0.1:1"}, allow_redirects=False, timeout=30
        )
        assert (answer.status_code, "Location" in answer.headers) == (404, False)


def test_a_person_who_opens_the_link_twice_may_press_either_button(site: Site) -> None:
    browser, url = Browser(site.url), offered(site)
    first = browser.open(url)
    browser.open(url)
    assert browser.send(first.form("/connect/arrive")).status == 200


def test_an_inner_server_is_told_of_as_one_that_does_not_exist(site: Site) -> None:
    """Else a participant could ask which names resolve in the operator's network."""
    browser, _ = inside(site)
    told = []
    for url in ("https://10.9.8.7/", "https://localhost/", "https://nowhere.invalid/"):
        form = browser.open("/connect/caldav").form("/connect/caldav")
        typed = {"server": "other", "url": url, "username": "maya", "password": "secret"}
        page = browser.send(form, typed)
        told.append((page.status, page.text.replace(url, "")))
    assert told[0] == told[1] == told[2]
    assert "isn't responding" in told[0][1]
