"""A calendar server that keeps its calendars on another one, as iCloud does: the person is shown
which, and one click connects it. Nothing is sent there before."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.caldav_servers.proxy import FaultyProxy
from tests.caldav_servers.server import USERS, CalendarServer
from tests.providers.test_caldav_discovery import PRINCIPAL, answer, play
from tests.radicale_server import caldav_server, proxy
from tests.web.browser import Browser, Form, Page
from tests.web.test_page import Place, light, place

__all__ = ["caldav_server", "light", "place", "proxy"]  # fixtures

OTHER = "/connect/caldav/other"
PASSWORD = USERS["carol"]


def leads_to(proxy: FaultyProxy, url: str) -> None:
    """The next discovery on this server ends there."""
    home = f"<C:calendar-home-set><href>{url}</href></C:calendar-home-set>"
    play(proxy, answer(("/", PRINCIPAL)), answer(("/me/", home)))


@pytest.fixture
def maya(light: Place) -> Browser:
    browser, _ = light.browser()
    return browser


@pytest.fixture
def asked(
    maya: Browser,
    proxy: FaultyProxy,
    caldav_server: CalendarServer,
    monkeypatch: pytest.MonkeyPatch,
) -> Page:
    """What is shown to Maya when she has chosen iCloud by its name."""
    caldav_server.new_calendar("carol")
    known = {"icloud": ("iCloud", f"{proxy.root}/")}
    monkeypatch.setattr("calsync.web.pages.caldav.PRESETS", known)
    leads_to(proxy, f"{caldav_server.root}/carol/")
    form = maya.open("/connect/caldav").form("/connect/caldav")
    given = {"server": "icloud", "url": "", "username": "carol", "password": PASSWORD}
    return maya.send(form, given)


def offer(page: Page) -> Form:
    return page.form(OTHER)


def test_one_click_connects_the_server_that_discovery_names(
    maya: Browser, asked: Page, light: Place, caldav_server: CalendarServer
) -> None:
    host = caldav_server.root.removeprefix("http://")
    assert "keeps your calendars here" in asked.text
    assert host in asked.text
    assert light.site.rows("SELECT * FROM account") == []
    done = maya.send(offer(asked), {})
    assert "Your calendar is connected." in done.text
    ((endpoint,),) = light.site.rows("SELECT endpoint FROM account")
    assert endpoint.startswith(caldav_server.root)


def test_the_password_is_in_no_page_and_the_other_server_was_not_called(
    light: Place, proxy: FaultyProxy, asked: Page
) -> None:
    assert PASSWORD not in asked.answer.text + repr(light.site.told)
    assert [one.path for one in proxy.requests] == ["/.well-known/caldav", "/me/"]


def test_an_offer_is_good_for_its_own_person_and_for_ten_minutes(
    maya: Browser, asked: Page, light: Place
) -> None:
    sam, _ = light.browser("sam@example.org")
    own = sam.open("/connect/caldav").form("/connect/caldav")
    stolen = Form(OTHER, "post", {**offer(asked).fields, "csrf": own.fields["csrf"]})
    assert "This offer has expired" in sam.send(stolen, {}).text
    for spoilt in ("", "x", "AAAA"):
        assert "This offer has expired" in maya.send(offer(asked), {"offer": spoilt}).text
    light.site.shift = timedelta(minutes=11)
    assert "This offer has expired" in maya.send(offer(asked), {}).text
    assert light.site.rows("SELECT * FROM account") == []


def test_a_redirect_to_another_server_is_offered_as_well(
    maya: Browser, light: Place, proxy: FaultyProxy, caldav_server: CalendarServer
) -> None:
    calendar = caldav_server.new_calendar("carol")
    for _ in range(2):
        proxy.next("PROPFIND", 301, Location=calendar)
    form = maya.open("/connect/caldav").form("/connect/caldav")
    given = {"server": "other", "url": proxy.root, "username": "carol", "password": PASSWORD}
    done = maya.send(maya.send(form, given).form(OTHER), {})
    assert "Your calendar is connected." in done.text
    assert light.site.rows("SELECT endpoint FROM account") == [(calendar,)]
