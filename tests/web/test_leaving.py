"""A person disconnects a calendar: told before, carried out whole, with a dead token as well."""

from __future__ import annotations

import json
from pathlib import Path

from calsync.accounts import connect
from calsync.core.visit import Visitor
from calsync.sandbox import Sandbox
from tests.web.browser import Browser, Form, Page, arrived
from tests.web.test_page import MAYA, Place, opened, place

__all__ = ["place"]  # a fixture


def delivered(place: Place) -> str:
    """Maya's Google calendar shows her session; returns the account."""
    account = place.connect()
    place.book("ses-1")
    place.deliver()
    assert len(place.sandbox.shown(MAYA)) == 1
    return account


def asked(browser: Browser, account: str) -> Page:
    return browser.open(f"/connect/disconnect?account={account}")


def test_leaving_takes_sessions_out_of_the_calendar_and_goes_on_by_mail(place: Place) -> None:
    account = delivered(place)
    browser, _ = place.browser()
    page = asked(browser, account)
    assert "Your upcoming session is removed from this calendar" in page.text
    assert len(place.sandbox.shown(MAYA)) == 1  # looking does nothing

    woken = place.site.woken
    done = browser.send(page.form("/connect/disconnect"))
    assert "Your sessions are being removed from the calendar" in done.text
    assert "Being disconnected." in done.text
    assert place.site.woken == woken + 1
    place.deliver()
    assert [shown.ours for shown in place.sandbox.shown(MAYA)] == [False]
    assert [mail.method for mail in place.sandbox.mails(MAYA) if mail.method] == ["REQUEST"]


def test_leaving_works_with_a_dead_token(place: Place) -> None:
    account = delivered(place)
    place.sandbox.revoke(MAYA)
    place.sandbox.expire_tokens(MAYA)
    place.book("ses-2")
    place.deliver()
    browser, _ = place.browser()
    page = asked(browser, account)
    assert "what is there stays" in page.text
    assert "We delete here what is left of our access." in page.text

    done = browser.send(page.form("/connect/disconnect"))
    assert "The calendar is disconnected." in done.text
    assert place.site.rows("SELECT state, secret, token FROM account") == [
        ("disconnected", None, None)
    ]


def test_nobody_leaves_for_somebody_else(place: Place) -> None:
    account = delivered(place)
    mine, _ = place.browser()
    form = asked(mine, account).form("/connect/disconnect")
    for email in ("sam@example.org", "nobody@example.org"):
        other, _ = place.browser(email)
        assert asked(other, account).answer.url.endswith("/connect")
        csrf = other.open("/connect").form("/connect/leave").fields["csrf"]
        page = other.send(form, {"csrf": csrf})
        assert (page.status, "done" in page.answer.url) == (200, False)
    assert place.site.rows("SELECT state, chosen_at IS NULL FROM account")[0][0] == "active"
    assert "Works: your sessions appear here." in mine.open("/connect").text


def test_leaving_twice_is_harmless(place: Place) -> None:
    account = delivered(place)
    browser, _ = place.browser()
    form = asked(browser, account).form("/connect/disconnect")
    assert browser.send(form).status == 200
    assert browser.send(form).status == 200
    place.deliver()
    assert browser.send(form).status == 200
    assert asked(browser, account).answer.url.endswith("/connect")


def test_a_calendar_of_another_tenant_is_neither_seen_nor_left(place: Place) -> None:
    account = delivered(place)
    mine, _ = place.browser()
    form = asked(mine, account).form("/connect/disconnect")
    other = Browser(place.site.url)
    page = arrived(other, place.site.open.web.arrivals.offer(Visitor("acme", MAYA)).url)
    assert "No calendar is connected" in page.text
    csrf = page.form("/connect/leave").fields["csrf"]
    assert "done" not in other.send(form, {"csrf": csrf}).answer.url
    assert "Works: your sessions appear here." in mine.open("/connect").text


def test_leaving_a_calendar_that_is_not_used_promises_nothing(place: Place) -> None:
    spare = delivered(place)
    place.sandbox.add_person("maya@work.example", google=True)
    secret = {"refresh_token": place.sandbox.grant("maya@work.example")}
    connect.add(place.site.open.context, "default", "google", MAYA, secret)
    place.deliver()
    browser, _ = place.browser()
    page = asked(browser, spare)
    assert "None of your upcoming sessions is in this calendar." in page.text


def test_a_calendar_of_the_organisation_says_who_manages_it_and_is_not_the_persons_to_leave(
    tmp_path: Path,
) -> None:
    key = tmp_path / "service-account.json"
    with Sandbox() as sandbox:
        key.write_text(json.dumps(sandbox.make_service_account()), encoding="utf-8")
        site = opened(tmp_path, f"sqlite:///{tmp_path / 'store.db'}", sandbox)
        site.more = site.more.replace(
            "[google]\n",
            f'[google]\nservice_account_file = "{key}"\ndomains = ["example.org"]\n',
        )
        with site.served():
            place = Place(site, sandbox)
            place.book("ses-1")
            place.deliver()
            browser, page = place.browser()
            assert "Managed by your organisation, for everybody at example.org." in page.text
            assert f"In Google Calendar ({MAYA})" in page.text
            assert "Disconnect" not in page.links

            ((account,),) = site.rows(f"SELECT id FROM account WHERE email = '{MAYA}'")
            assert asked(browser, account).answer.url.endswith("/connect")
            csrf = page.form("/connect/leave").fields["csrf"]
            forged = Form("/connect/disconnect", "post", {"csrf": csrf, "account": account})
            assert "done" not in browser.send(forged).answer.url
            assert site.rows(f"SELECT state FROM account WHERE id = '{account}'") == [("active",)]
