"""From the page to a provider's sign-in and back, in a real browser, every way it can end."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.account_mails import of_sessions
from tests.browser.place import LENA, MAYA, Place

GOOGLE, OUTLOOK = "Google Calendar", "Outlook"


def sign_in(
    page: Page, name: str, person: str = MAYA, *, untick: str = "", decide: str = ""
) -> None:
    """From the page through the provider's pages, and back unless a provider's page is the end."""
    page.get_by_role("button", name=f"Connect {name}").click()
    expect(page.locator("h1")).to_have_text("Choose an account")
    page.get_by_role("button", name=f"({person})").click()
    if untick:
        page.get_by_label(re.compile(untick)).uncheck()
    allow = "Allow" if name == GOOGLE else "Accept"
    if decide != "nothing":
        page.get_by_role("button", name=decide or allow).click()


def short(name: str) -> str:
    return name.partition(" ")[0].lower()


@pytest.mark.parametrize("name", [GOOGLE, OUTLOOK])
def test_a_person_connects_and_the_sessions_follow(place: Place, name: str) -> None:
    place.book()
    place.deliver()
    assert [mail.method for mail in of_sessions(place.sandbox.mails(MAYA))] == ["REQUEST"] * 3
    with place.browser() as page:
        place.arrive(page)
        sign_in(page, name)
        expect(page.get_by_text("Your calendar is connected.")).to_be_visible()
        expect(page.get_by_text("Sessions in place: 0 of 3.")).to_be_visible()
        place.judge(page, f"consented-{short(name)}")
        place.deliver()
        expect(page.get_by_text(f"In {name} ({MAYA})")).to_have_count(3)
    shown = [one.where for one in place.sandbox.shown(MAYA) if one.ours]
    assert shown == [short(name)] * 3
    assert place.sandbox.outbox() == []


@pytest.mark.parametrize("name", [GOOGLE, OUTLOOK])
def test_who_cancels_stays_as_they_were(place: Place, name: str) -> None:
    with place.browser() as page:
        place.arrive(page)
        sign_in(page, name, decide="Cancel")
        page.wait_for_url("**/callback?**")
        place.judge(page, f"denied-{short(name)}")
        page.get_by_role("link", name="Back to your calendar").click()
        expect(page.get_by_text("No calendar is connected")).to_be_visible()


def test_an_unticked_box_has_its_own_page_and_is_mended_there(place: Place) -> None:
    with place.browser() as page:
        place.arrive(page)
        sign_in(page, GOOGLE, untick="See, create, change, and delete events")
        page.wait_for_url("**/callback?**")
        place.judge(page, "unticked")
        assert place.site.rows("SELECT * FROM account") == []
        page.get_by_role("button", name="Try again").click()
        page.get_by_role("button", name=f"({MAYA})").click()
        page.get_by_role("button", name="Allow").click()
        expect(page.get_by_text("Your calendar is connected.")).to_be_visible()


def test_another_address_is_shown_and_confirmed(place: Place) -> None:
    with place.browser() as page:
        place.arrive(page)
        sign_in(page, GOOGLE, LENA)
        page.wait_for_url("**/connect/confirm")
        expect(page.get_by_text(LENA)).to_be_visible()
        place.judge(page, "confirm")
        assert place.site.rows("SELECT * FROM account") == []
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_text("No calendar is connected")).to_be_visible()
        sign_in(page, GOOGLE, LENA)
        page.get_by_role("button", name="Yes").click()
        expect(page.get_by_text("Your calendar is connected.")).to_be_visible()
        assert place.site.rows("SELECT email, address FROM account") == [(MAYA, LENA)]


def test_an_administrator_must_approve_first_and_does(place: Place) -> None:
    place.sandbox.need_approval(MAYA, "outlook")
    with place.browser() as page, place.browser() as admin:
        place.arrive(page)
        sign_in(page, OUTLOOK, decide="nothing")
        page.get_by_role("link", name="Return to the application without granting").click()
        place.judge(page, "approval-needed")
        link = page.locator('a[href*="adminconsent"]').get_attribute("href")
        admin.goto(str(link))
        admin.get_by_role("link", name="Accept").click()
        admin.wait_for_url("**/connect/outlook/admin?**")
        place.judge(admin, "approved")
        place.sandbox.need_approval(MAYA, "outlook", needed=False)
        page.goto(place.url + "/connect")
        sign_in(page, OUTLOOK)
        expect(page.get_by_text("Your calendar is connected.")).to_be_visible()


@pytest.mark.parametrize(
    ("name", "provider"), [(GOOGLE, "google"), (OUTLOOK, "outlook")], ids=["google", "outlook"]
)
def test_an_account_without_a_calendar_is_told_why_and_mail_goes_on(
    place: Place, name: str, provider: str
) -> None:
    place.sandbox.take_calendar(MAYA, provider)
    place.book()
    place.deliver()
    with place.browser() as page:
        place.arrive(page)
        sign_in(page, name)
        page.wait_for_url("**/callback?**")
        place.judge(page, f"unusable-{provider}")
        page.get_by_role("link", name="Back to your calendar").click()
        expect(page.get_by_text(f"Invitation sent by mail to {MAYA}")).to_have_count(3)


@pytest.mark.parametrize("name", [GOOGLE, OUTLOOK])
def test_a_code_that_is_too_old_is_asked_for_again(place: Place, name: str) -> None:
    place.sandbox.switch("codes", "expired")
    with place.browser() as page:
        place.arrive(page)
        sign_in(page, name)
        page.wait_for_url("**/callback?**")
        place.judge(page, f"too-late-{short(name)}")
        place.sandbox.switch("codes", "live")
        page.get_by_role("button", name="Try again").click()
        page.get_by_role("button", name=f"({MAYA})").click()
        page.get_by_role("button", name="Allow" if name == GOOGLE else "Accept").click()
        expect(page.get_by_text("Your calendar is connected.")).to_be_visible()


@pytest.mark.parametrize(("name", "path"), [(GOOGLE, "/token"), (OUTLOOK, "/oauth2/v2.0/token")])
def test_a_sign_in_service_in_trouble_is_no_fault_of_the_person(
    place: Place, name: str, path: str
) -> None:
    with place.browser() as page:
        place.arrive(page)
        place.sandbox.fail({"path_contains": path}, status=503)
        with page.expect_response("**/callback?**") as answer:
            sign_in(page, name)
        assert answer.value.status == 503
        place.judge(page, f"busy-{short(name)}")
        page.get_by_role("button", name="Try again").click()
        page.get_by_role("button", name=f"({MAYA})").click()
        page.get_by_role("button", name="Allow" if name == GOOGLE else "Accept").click()
        expect(page.get_by_text("Your calendar is connected.")).to_be_visible()


def test_a_strangers_answer_connects_nothing_in_ones_browser(place: Place) -> None:
    """Login CSRF: Lena's own way back, opened in Maya's browser; and Maya's own, twice."""
    with place.browser() as lena:
        place.arrive(lena, LENA)
        backs: list[str] = []

        def keep(route: Route) -> None:
            """Lena's browser is not sent back: she keeps the address for Maya."""
            answer = route.fetch(max_redirects=0)
            backs.extend(answer.headers[name] for name in answer.headers if name == "location")
            route.fulfill(response=answer, status=200, headers={"content-type": "text/html"})

        lena.route("**/consent/google", keep)
        sign_in(lena, GOOGLE, LENA)
    with place.browser() as maya:
        place.arrive(maya)
        maya.goto(backs[0])
        place.judge(maya, "foreign")
        assert place.site.rows("SELECT * FROM account") == []

        maya.goto(place.url + "/connect")
        with maya.expect_request("**/connect/google/callback?**") as asked:
            sign_in(maya, GOOGLE)
        expect(maya.get_by_text("Your calendar is connected.")).to_be_visible()
        maya.goto(asked.value.url)
        place.judge(maya, "replayed")
        assert len(place.site.rows("SELECT * FROM account")) == 1


def test_a_lost_calendar_is_connected_again(place: Place) -> None:
    place.connect()
    place.sandbox.revoke(MAYA)
    place.sandbox.expire_tokens(MAYA)
    place.book()
    place.deliver()
    with place.browser() as page:
        place.arrive(page)
        page.get_by_role("button", name="Connect again").click()
        page.get_by_role("button", name=f"({MAYA})").click()
        page.get_by_role("button", name="Allow").click()
        expect(page.get_by_text("Works: your sessions appear here.")).to_be_visible()
        place.deliver()
        expect(page.get_by_text(f"In {GOOGLE} ({MAYA})")).to_have_count(3)
    assert len(place.site.rows("SELECT * FROM account")) == 1


def test_going_to_the_vendor_needs_no_script(place: Place) -> None:
    with place.browser(java_script_enabled=False) as page:
        place.arrive(page)
        sign_in(page, GOOGLE)
        expect(page.get_by_text("Your calendar is connected.")).to_be_visible()


@pytest.mark.parametrize("name", [GOOGLE, OUTLOOK])
def test_the_page_on_the_way_out_shows_where_it_leads(place: Place, name: str) -> None:
    def stays(route: Route) -> None:
        """The page that would lead on by itself, made to stay."""
        answer = route.fetch()
        body = answer.text().replace('http-equiv="refresh"', 'name="unused"')
        route.fulfill(response=answer, body=body)

    with place.browser() as page:
        page.route(f"**/connect/{short(name)}", stays)
        place.arrive(page)
        page.get_by_role("button", name=f"Connect {name}").click()
        expect(page.locator("h1")).to_contain_text("You're being taken to")
        link = page.get_by_role("link", name="Go on to").get_attribute("href")
        assert str(link).startswith(f"{place.sandbox.url}/")
        place.judge(page, f"leaving-{short(name)}")


def test_the_operators_fault_is_told_as_nobody_elses(place: Place) -> None:
    with place.browser() as page:
        place.arrive(page)
        place.sandbox.fail({"path_contains": "/token"}, status=401, reason="invalid_client")
        sign_in(page, GOOGLE)
        expect(page.locator("h1")).to_have_text("This can't be connected at the moment")
        place.judge(page, "ours")


def test_another_address_that_was_a_mistake_is_chosen_again(place: Place) -> None:
    with place.browser() as page:
        place.arrive(page)
        sign_in(page, GOOGLE, LENA)
        page.get_by_role("button", name="Use another account").click()
        page.get_by_role("button", name=f"({MAYA})").click()
        page.get_by_role("button", name="Allow").click()
        expect(page.get_by_text("Your calendar is connected.")).to_be_visible()
    assert place.site.rows("SELECT address FROM account") == [(MAYA,)]
