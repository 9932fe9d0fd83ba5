"""A person connects Google or Outlook in a browser: what they see at every turn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from calsync.sandbox import Sandbox
from tests.consent_browser import consent, returned
from tests.settings import google_settings, outlook_settings
from tests.web.browser import FROM_ELSEWHERE, Browser, Page, read_page
from tests.web.site import Site
from tests.web.test_page import MAYA, Place

OTHER = "maya.private@example.org"
EVENTS = "https://www.googleapis.com/auth/calendar.events.owned"
VENDORS = {"google": ("Google", "Google Calendar"), "outlook": ("Microsoft", "Outlook")}
PROVIDERS = pytest.mark.parametrize("provider", list(VENDORS))
UNCHANGED = "Nothing was connected."


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox())
        for person in (MAYA, OTHER):
            sandbox.add_person(person, google=True, outlook=True)
        site = Site(
            tmp_path,
            f"sqlite:///{tmp_path / 'store.db'}",
            mail=f'host = "{sandbox.smtp_host}"\nport = {sandbox.smtp_port}',
            more=f"[google]\n{google_settings(sandbox)}\n[outlook]\n{outlook_settings(sandbox)}",
        )
        yield Place(stack.enter_context(site.served()), sandbox)
        assert sandbox.violations() == []


def sent_out(browser: Browser, provider: str) -> str:
    """Press the button; where the page leads on to."""
    forms = browser.open("/connect").forms
    page = browser.send(next(one for one in forms if one.action == f"/connect/{provider}"))
    assert page.status == 200, page.text
    return page.refresh


def comes_back(browser: Browser, provider: str, person: str = MAYA, **how: Any) -> Page:
    """Through the provider's pages, and back."""
    return browser.open(consent(sent_out(browser, provider), person, **how))


def accounts(place: Place) -> list[tuple[str, str, str]]:
    rows = place.site.rows("SELECT provider, address, state FROM account ORDER BY provider")
    return [(row[0], row[1], row[2]) for row in rows]


def nothing_secret_was_told(place: Place, *secrets: str) -> None:
    for told in place.site.told:
        assert not [one for one in secrets if one and one in repr(told)], told


# --- connected ---


@PROVIDERS
def test_a_person_connects_a_calendar_and_sees_it_connected(place: Place, provider: str) -> None:
    place.book("ses-1")
    browser, _ = place.browser()
    woken = place.site.woken
    page = comes_back(browser, provider)
    assert page.answer.url == f"{place.site.url}/connect?done=connected"
    assert "Your calendar is connected." in page.text
    assert VENDORS[provider][1] in page.text
    assert place.site.woken == woken + 1
    place.deliver()
    assert [one.where for one in place.sandbox.shown(MAYA)] == [provider]


@PROVIDERS
def test_the_way_out_is_a_page_that_leads_on_and_shows_where_to(
    place: Place, provider: str
) -> None:
    browser, page = place.browser()
    out = browser.send(page.form(f"/connect/{provider}"))
    assert out.links[f"Go on to {VENDORS[provider][0]}"] == out.refresh
    asked = parse_qs(urlsplit(out.refresh).query)
    assert asked["redirect_uri"] == [f"{place.site.url}/connect/{provider}/callback"]
    assert asked["login_hint"] == [MAYA]
    assert asked["code_challenge_method"] == ["S256"]
    assert out.links["Cancel"] == "/connect"


def test_another_site_begins_no_consent(place: Place) -> None:
    browser, page = place.browser()
    form = page.form("/connect/google")
    assert browser.send(form, headers=FROM_ELSEWHERE).status == 403
    assert browser.send(form, {"csrf": "wrong"}).status == 403
    assert place.site.rows("SELECT id FROM consent") == []


@PROVIDERS
def test_neither_code_nor_state_reaches_a_log_or_another_address(
    place: Place, provider: str
) -> None:
    browser, _ = place.browser()
    back = consent(sent_out(browser, provider), MAYA)
    page = browser.open(back)
    params = returned(back)
    nothing_secret_was_told(place, params["code"], params["state"])
    assert params["code"] not in page.answer.url
    assert page.answer.history[0].headers["Referrer-Policy"] == "no-referrer"
    assert ("request", f"/connect/{provider}/callback") in {
        (event, fields.get("path")) for event, fields in place.site.told
    }


# --- every other end ---


def ended(page: Page, title: str, status: int) -> None:
    assert title in page.text, page.text
    assert page.status == status
    assert UNCHANGED in page.text
    assert page.links["Back to your calendar"] == "/connect"


@PROVIDERS
def test_who_cancels_can_try_again(place: Place, provider: str) -> None:
    browser, _ = place.browser()
    page = comes_back(browser, provider, cancel=True)
    ended(page, "You didn't allow it", 200)
    again = browser.send(page.form(f"/connect/{provider}"))
    browser.open(consent(again.refresh, MAYA))
    assert accounts(place) == [(provider, MAYA, "active")]


def test_an_unticked_box_is_asked_for_again(place: Place) -> None:
    browser, _ = place.browser()
    page = comes_back(browser, "google", unticked={EVENTS})
    ended(page, "One box was left empty", 200)
    assert accounts(place) == []
    again = browser.send(page.form("/connect/google"))
    browser.open(consent(again.refresh, MAYA))
    assert accounts(place) == [("google", MAYA, "active")]


def test_an_administrators_approval_has_a_link_to_hand_on(place: Place) -> None:
    place.sandbox.need_approval(MAYA, "outlook")
    browser, _ = place.browser()
    page = comes_back(browser, "outlook")
    ended(page, "Your organisation must approve this first", 403)
    link = page.links["Approve the app for the organisation"]

    administrator = read_page(requests.get(link, timeout=30))
    done = Browser(place.site.url).open(administrator.links["Accept"])
    assert (done.status, "Thank you, it's approved" in done.text) == (200, True)
    assert accounts(place) == []
    refused = Browser(place.site.url).open(administrator.links["Cancel"])
    assert "It wasn't approved" in refused.text

    place.sandbox.need_approval(MAYA, "outlook", needed=False)
    assert "Your calendar is connected." in comes_back(browser, "outlook").text


def test_a_made_up_approval_is_told_apart(place: Place) -> None:
    page = Browser(place.site.url).open("/connect/outlook/admin?admin_consent=True&state=x.1.y")
    assert (page.status, "This address is incomplete" in page.text) == (403, True)


def test_a_refusal_at_microsoft_may_mean_that_approval_is_needed(place: Place) -> None:
    browser, _ = place.browser()
    page = comes_back(browser, "outlook", cancel=True)
    assert "Did Microsoft say that an administrator must approve?" in page.text
    assert "/v2.0/adminconsent?" in page.links["Approve the app for the organisation"]
    assert "administrator" not in comes_back(browser, "google", cancel=True).text


@PROVIDERS
def test_a_replayed_answer_is_told_that_it_was_used(place: Place, provider: str) -> None:
    browser, _ = place.browser()
    back = consent(sent_out(browser, provider), MAYA)
    browser.open(back)
    ended(browser.open(back), "That took too long, or was done already", 410)
    assert accounts(place) == [(provider, MAYA, "active")]


@PROVIDERS
def test_an_answer_that_belongs_to_another_browser_is_refused(place: Place, provider: str) -> None:
    """Login CSRF: the attacker's own account must not get the victim's sessions."""
    attacker, _ = place.browser("mallory@example.org")
    victim, _ = place.browser()
    back = consent(sent_out(attacker, provider), OTHER)
    ended(victim.open(back), "That wasn't started in this browser", 403)
    assert accounts(place) == []
    assert Browser(place.site.url).open(back).status == 403
    assert "Is this the right calendar?" in attacker.open(back).text


@PROVIDERS
@pytest.mark.parametrize(
    "query",
    [
        "",
        "?code=x",
        "?error=access_denied",
        "?state=%00&code=x",
        "?state=a&state=b&code=x",
        "?state=" + "x" * 5000,
        "?error=<script>alert(1)</script>&error_description=<b>hush</b>&state=x",
    ],
)
def test_whatever_a_browser_brings_is_a_page_and_is_not_shown(
    place: Place, provider: str, query: str
) -> None:
    browser, _ = place.browser()
    page = browser.open(f"/connect/{provider}/callback{query}")
    ended(page, "That wasn't started in this browser", 403)
    assert "<script>alert" not in page.answer.text
    assert "hush" not in page.answer.text


@PROVIDERS
def test_another_issuer_in_the_answer_is_refused(place: Place, provider: str) -> None:
    browser, _ = place.browser()
    back = consent(sent_out(browser, provider), MAYA).replace("iss=", "was=")
    page = browser.open(f"{back}&iss=https%3A%2F%2Fevil.example")
    ended(page, "That wasn't started in this browser", 403)
    assert accounts(place) == []


@PROVIDERS
def test_a_sign_in_service_that_fails_is_tried_again(place: Place, provider: str) -> None:
    browser, _ = place.browser()
    back = consent(sent_out(browser, provider), MAYA)
    place.sandbox.fail({"path_contains": "token"}, status=503)
    page = browser.open(back)
    ended(page, f"{VENDORS[provider][0]} isn't responding right now", 503)
    again = browser.send(page.form(f"/connect/{provider}"))
    browser.open(consent(again.refresh, MAYA))
    assert accounts(place) == [(provider, MAYA, "active")]


def test_a_sign_in_service_that_cannot_be_found_is_told_before_leaving(place: Place) -> None:
    place.sandbox.fail({"path_contains": "openid-configuration"}, status=503)
    browser, page = place.browser()
    out = browser.send(page.form("/connect/outlook"))
    ended(out, "Microsoft isn't responding right now", 503)


@PROVIDERS
def test_the_operators_fault_is_nobody_elses_and_told_to_ops(place: Place, provider: str) -> None:
    browser, _ = place.browser()
    back = consent(sent_out(browser, provider), MAYA)
    place.sandbox.fail({"path_contains": "token"}, status=401, reason="invalid_client")
    page = browser.open(back)
    ended(page, "This can't be connected at the moment", 502)
    assert "isn't your fault" in page.text
    assert not [form for form in page.forms if form.action == f"/connect/{provider}"]
    assert [fields["reason"] for event, fields in place.site.told if event == "consent_setup_fault"]


@PROVIDERS
def test_an_account_without_a_calendar_leads_to_another_one(place: Place, provider: str) -> None:
    place.sandbox.take_calendar(MAYA, provider)
    browser, _ = place.browser()
    page = comes_back(browser, provider)
    ended(page, "This account has no calendar we can write to", 200)
    out = browser.send(page.form(f"/connect/{provider}"))
    assert "select_account" in out.refresh
    assert "login_hint" not in out.refresh


@PROVIDERS
def test_a_lost_calendar_is_connected_again(place: Place, provider: str) -> None:
    browser, _ = place.browser()
    comes_back(browser, provider)
    place.book("ses-1")
    place.sandbox.revoke(MAYA)
    place.sandbox.expire_tokens(MAYA)
    place.deliver()
    assert accounts(place) == [(provider, MAYA, "reconnect")]
    comes_back(browser, provider)
    assert accounts(place) == [(provider, MAYA, "active")]


# --- another address ---


@PROVIDERS
def test_another_address_is_shown_and_connected_when_it_is_confirmed(
    place: Place, provider: str
) -> None:
    browser, _ = place.browser()
    page = comes_back(browser, provider, OTHER)
    assert page.answer.url == f"{place.site.url}/connect/confirm"
    assert OTHER in page.text
    assert MAYA in page.text
    assert accounts(place) == []
    done = browser.send(page.form("/connect/confirm"), {"answer": "yes"})
    assert "Your calendar is connected." in done.text
    assert accounts(place) == [(provider, OTHER, "active")]
    assert browser.open("/connect/confirm").answer.url == f"{place.site.url}/connect"


def test_another_address_that_is_wrong_leads_to_choosing_again(place: Place) -> None:
    browser, _ = place.browser()
    page = comes_back(browser, "google", OTHER)
    out = browser.send(page.form("/connect/confirm"), {"answer": "other"})
    assert "select_account" in out.refresh
    browser.open(consent(out.refresh, MAYA))
    assert accounts(place) == [("google", MAYA, "active")]


def test_another_address_that_is_cancelled_connects_nothing(place: Place) -> None:
    browser, _ = place.browser()
    form = comes_back(browser, "google", OTHER).form("/connect/confirm")
    assert browser.send(form, {"answer": "no"}).answer.url == f"{place.site.url}/connect"
    assert browser.send(form, {"answer": "yes"}).answer.url == f"{place.site.url}/connect"
    assert accounts(place) == []


def test_nobody_confirms_for_another_browser(place: Place) -> None:
    browser, _ = place.browser()
    form = comes_back(browser, "google", OTHER).form("/connect/confirm")
    other, page = place.browser()
    csrf = page.form("/connect/leave").fields["csrf"]
    other.send(form, {"answer": "yes", "csrf": csrf})
    assert accounts(place) == []
    assert browser.send(form, {"answer": "yes"}, headers=FROM_ELSEWHERE).status == 403
    assert accounts(place) == []


def test_every_page_speaks_german(place: Place) -> None:
    browser, page = place.browser(locale="de")
    assert "Sie werden zu Google weitergeleitet" in browser.send(page.form("/connect/google")).text
    ended_page = comes_back(browser, "google", cancel=True)
    assert "Sie haben es nicht erlaubt" in ended_page.text
    assert "Ist das der richtige Kalender?" in comes_back(browser, "google", OTHER).text
