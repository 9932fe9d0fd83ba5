"""Every page in a real browser: what a person sees and does, by mouse and by keyboard."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from calsync.core.upcoming.rules import UPCOMING
from calsync.core.upcoming.unsubscribing import reader_of, token_of
from calsync.store.upcoming import unsubscribed
from tests.browser.place import MAYA, Place
from tests.caldav_servers.proxy import running_proxy
from tests.caldav_servers.server import USERS, CalendarServer
from tests.providers.test_caldav_discovery import PRINCIPAL, answer, play
from tests.radicale_server import caldav_server

__all__ = ["caldav_server"]  # a fixture


def heading(page: Page) -> str:
    return page.locator("h1").inner_text()


def test_a_person_comes_in_and_sees_that_mail_is_the_way(place: Place) -> None:
    place.book()
    place.deliver()
    with place.browser() as page:
        page.goto(place.way_in())
        assert heading(page) == "Connect your calendar"
        place.judge(page, "arrive")
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url(f"{place.url}/connect")
        expect(page.get_by_text("No calendar is connected")).to_be_visible()
        expect(page.get_by_role("link", name="Back to the platform")).to_be_visible()
        place.judge(page, "nothing-connected")
        cookie = next(one for one in page.context.cookies() if one["name"] == "__Host-calsync")
        assert (cookie["httpOnly"], cookie["secure"], cookie["path"]) == (True, True, "/")


def test_a_connected_calendar_and_its_sessions(place: Place) -> None:
    place.connect()
    place.book()
    place.deliver()
    with place.browser() as page:
        place.arrive(page)
        expect(page.get_by_text("Works: your sessions appear here.")).to_be_visible()
        expect(page.get_by_text(f"In Google Calendar ({MAYA})")).to_have_count(3)
        place.judge(page, "connected")
        page.get_by_role("button", name="Deutsch").click()
        expect(page.get_by_text("Funktioniert: Ihre Termine erscheinen hier.")).to_be_visible()
        assert page.locator("html").get_attribute("lang") == "de"
        place.judge(page, "connected-german")


def test_progress_moves_by_itself_until_every_session_is_there(place: Place) -> None:
    place.connect()
    place.book()
    with place.browser() as page:
        place.arrive(page)
        expect(page.get_by_text("Sessions in place: 0 of 3.")).to_be_visible()
        place.judge(page, "progress")
        place.cancel("ses-1")
        expect(page.get_by_text("Sessions in place: 0 of 2.")).to_be_visible()
        place.deliver()
        expect(page.get_by_text(f"In Google Calendar ({MAYA})")).to_have_count(2)
        expect(page.locator("progress")).to_have_count(0)


def test_progress_needs_no_script(place: Place) -> None:
    place.connect()
    place.book()
    with place.browser(java_script_enabled=False) as page:
        place.arrive(page)
        place.deliver()
        page.get_by_role("link", name="Refresh").click()
        expect(page.get_by_text(f"In Google Calendar ({MAYA})")).to_have_count(3)


def test_a_lost_calendar_is_told_and_left_with_a_dead_token(place: Place) -> None:
    place.connect()
    place.sandbox.revoke(MAYA)
    place.sandbox.expire_tokens(MAYA)
    place.book()
    place.deliver()
    with place.browser() as page:
        place.arrive(page)
        expect(page.get_by_text("We've lost access to this calendar.")).to_be_visible()
        place.judge(page, "lost")
        page.get_by_role("link", name="Disconnect").click()
        expect(page.get_by_text("what is there stays")).to_be_visible()
        place.judge(page, "disconnect-dead")
        page.get_by_role("button", name="Disconnect").click()
        expect(page.get_by_text("The calendar is disconnected.")).to_be_visible()
        place.judge(page, "disconnected")


def test_a_working_calendar_is_left_by_keyboard_alone(place: Place) -> None:
    place.connect()
    place.book()
    place.deliver()
    with place.browser() as page:
        place.arrive(page)
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        _tab_to(page, "Disconnect")
        page.keyboard.press("Enter")
        page.wait_for_url("**/connect/disconnect?**")
        place.judge(page, "disconnect")
        _tab_to(page, "Disconnect")
        page.keyboard.press("Enter")
        page.wait_for_url("**/connect?done=disconnecting")
        expect(page.get_by_text("Being disconnected.")).to_be_visible()


def test_a_calendar_server_is_connected_by_its_form(
    place: Place, caldav_server: CalendarServer
) -> None:
    place.book()
    with place.browser() as page:
        place.arrive(page)
        page.get_by_role("link", name="Connect a CalDAV calendar").click()
        place.judge(page, "caldav")
        page.get_by_role("button", name="Connect").click()
        expect(page.get_by_text("Some fields are empty.")).to_be_visible()
        place.judge(page, "caldav-missing")
        page.get_by_label("Address of the server").fill(caldav_server.new_calendar())
        page.get_by_label("User name").fill("alice")
        page.get_by_label("App password").fill("wrong")
        page.get_by_role("button", name="Connect").click()
        expect(page.get_by_text("doesn't accept this user name and password")).to_be_visible()
        place.judge(page, "caldav-refused")
        page.get_by_label("App password").fill(USERS["alice"])
        page.get_by_role("button", name="Connect").click()
        expect(page.get_by_text("Your calendar is connected.")).to_be_visible()
        place.judge(page, "caldav-connected")


def test_a_calendar_server_on_another_host_is_connected_by_one_click(
    place: Place, caldav_server: CalendarServer
) -> None:
    place.book()
    caldav_server.new_calendar("carol")
    with place.browser() as page, running_proxy(caldav_server.root) as named:
        home = f"<C:calendar-home-set><href>{caldav_server.root}/carol/</href>"
        where = f"{home}</C:calendar-home-set>"
        play(named, answer(("/", PRINCIPAL)), answer(("/me/", where)))
        place.arrive(page)
        page.goto(f"{page.url.partition('?')[0].rstrip('/')}/caldav")
        page.get_by_label("Address of the server").fill(named.root)
        page.get_by_label("User name").fill("carol")
        page.get_by_label("App password").fill(USERS["carol"])
        page.get_by_role("button", name="Connect").click()
        expect(page.get_by_text("keeps your calendars here")).to_be_visible()
        place.judge(page, "caldav-other")
        page.get_by_role("button", name="Connect this server").click()
        expect(page.get_by_text("Your calendar is connected.")).to_be_visible()


def test_a_way_in_that_was_used_or_expired_says_what_to_do(place: Place) -> None:
    url, other = place.way_in(), place.way_in()
    with place.browser() as page:
        page.goto(url)
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url("**/connect")
        page.goto(url)
        assert heading(page) == "This link has already been used"
        place.judge(page, "spent")
        place.site.shift = timedelta(minutes=16)
        page.goto(other)
        assert heading(page) == "This link has expired"
        place.judge(page, "expired")
        page.goto(place.url + "/connect/arrive?ticket=nonsense")
        assert heading(page) == "This link doesn't work"
        place.judge(page, "unknown")


def test_another_site_cannot_send_our_forms_from_a_visitors_browser(place: Place) -> None:
    account = place.connect()
    place.book()
    place.deliver()
    with place.browser() as page:
        place.arrive(page)
        trap = (
            f'<form method="post" action="{place.url}/connect/disconnect">'
            f'<input name="account" value="{account}"><input name="csrf" value="guessed">'
            "<button>Win a prize</button></form>"
        )
        page.route(
            "https://evil.example/",
            lambda route: route.fulfill(body=trap, content_type="text/html"),
        )
        page.goto("https://evil.example/")
        page.get_by_role("button").click()
        page.wait_for_url("**/connect/disconnect")
        # Lax cookies do not travel with a form of another site: the visit is not even seen.
        assert heading(page) == "You're no longer signed in here"
        place.judge(page, "ended")
        page.goto(place.url + "/connect")
        expect(page.get_by_text("Works: your sessions appear here.")).to_be_visible()


def test_leaving_the_page_ends_the_visit(place: Place) -> None:
    with place.browser() as page:
        place.arrive(page)
        page.get_by_role("button", name="Leave this page").click()
        assert heading(page) == "You've left this page"
        place.judge(page, "left")
        page.goto(place.url + "/connect")
        assert heading(page) == "You're no longer signed in here"


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_the_page_fits_every_screen(place: Place, width: int) -> None:
    place.connect()
    place.book()
    place.deliver()
    with place.browser(viewport={"width": width, "height": 800}) as page:
        place.arrive(page)
        place.judge(page, f"width-{width}")


def _tab_to(page: Page, name: str) -> None:
    """Press Tab until the element of this name has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        text = page.evaluate("document.activeElement.innerText || ''")
        if text.strip() == name:
            return
    raise AssertionError(f"{name} is not reached by Tab")


def test_mails_before_sessions_are_turned_off_and_on_by_their_link(place: Place) -> None:
    context = place.site.open.context
    with context.store.write() as db:
        unsubscribed.make_secret(db, context.vault)
        secret = unsubscribed.secret(db, context.vault)
    assert secret is not None
    reader = reader_of(secret, UPCOMING, "default", MAYA)
    with place.browser() as page:
        page.goto(f"{place.url}/unsubscribe/upcoming/{token_of(secret, UPCOMING, reader)}")
        assert heading(page) == "You get a mail before each session"
        place.judge(page, "mails-on")
        page.get_by_role("button", name="Turn these mails off").click()
        expect(page.locator("h1")).to_have_text("You no longer get mails before sessions")
        place.judge(page, "mails-off")
        page.get_by_role("button", name="Turn these mails on again").click()
        expect(page.locator("h1")).to_have_text("You get a mail before each session")
