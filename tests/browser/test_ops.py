"""The ops page in a real browser: every button, on a phone and a desk, light and dark."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from calsync.ops.page.access import Operators
from calsync.sandbox import Sandbox
from calsync.store.connect.operators import EVERY
from tests.browser.place import MAYA, Place
from tests.web.site import Site, a_record

DESK = {"width": 1280, "height": 900}
# The words of the chart that do not fit into it.
CUT_OFF = """() => {
  const chart = document.querySelector("svg.chart"), width = chart.viewBox.baseVal.width;
  const outside = (box) => box.x < 0 || box.x + box.width > width;
  return [...chart.querySelectorAll("text")]
    .filter((one) => outside(one.getBBox())).map((one) => one.textContent);
}"""


@pytest.fixture
def ops(
    tmp_path: Path, chromium: Browser, request: pytest.FixtureRequest
) -> Iterator[tuple[Place, str]]:
    """An installation with a held batch, parked and waiting deliveries; and its ops page."""
    pictures = request.config.getoption("--pictures")
    with Sandbox() as sandbox, _private_files():
        for person in (MAYA, "sam@example.org"):
            sandbox.add_person(person)
        mail = f'host = "{sandbox.smtp_host}"\nport = {sandbox.smtp_port}'
        site = Site(tmp_path, f"sqlite:///{tmp_path / 'store.db'}", mail=mail)
        with site.served():
            kept = Path(pictures) if pictures else None
            base = f"http://127.0.0.1:{site.ops_port}"
            yield Place(site, sandbox, chromium, kept, base), base


@contextmanager
def _private_files() -> Iterator[None]:
    """As `calsync init` makes a configuration: nobody else may read it."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def enter(place: Place, page: Page, *, acts: bool = True) -> None:
    page.goto(Operators(place.site.open.context).offer(place.url, EVERY, acts=acts).url)
    page.get_by_role("button", name="Open the ops page").click()
    page.wait_for_url("**/ops")


def a_bad_morning(place: Place) -> None:
    """Maya's mailbox is gone, Sam's works; the channel is paused after that."""
    place.sandbox.fail_smtp("rcpt", code=550, message="5.1.1 nobody here", person=MAYA, times=None)
    place.site.caller().put("ses-1", a_record(title="Session 1: Getting to know each other"))
    place.deliver()
    place.site.caller().put("ses-2", a_record(title="Session 2: Goals", days=12))


def test_an_operator_learns_on_one_page_what_is_wrong_and_for_whom(
    ops: tuple[Place, str],
) -> None:
    place, _ = ops
    a_bad_morning(place)
    with place.browser(viewport=DESK) as page:
        enter(place, page)
        expect(page.get_by_text("no daemon has run yet")).to_be_visible()
        assert page.evaluate(CUT_OFF) == []
        expect(page.get_by_text("1 delivery is parked: a provider has refused it")).to_be_visible()
        expect(page.get_by_role("img", name="Deliveries that are due, by age")).to_be_visible()
        place.judge(page, "ops-desk")
        page.set_viewport_size({"width": 390, "height": 844})
        place.judge(page, "ops-phone")


def test_a_person_is_found_and_the_invitation_mailed_again(ops: tuple[Place, str]) -> None:
    place, _ = ops
    a_bad_morning(place)
    place.sandbox.clear_faults()
    with place.browser() as page:
        enter(place, page)
        page.get_by_label("Person or session").fill(MAYA)
        page.get_by_role("button", name="Find").click()
        expect(page.get_by_text("their mail server has no such mailbox")).to_be_visible()
        place.judge(page, "ops-person")
        page.get_by_role("link", name="ses-1").click()
        expect(page.get_by_role("heading", name="Journal")).to_be_visible()
        place.judge(page, "ops-session")
        page.get_by_role("button", name="Resync this session").click()
        expect(page.get_by_text("It is decided again")).to_be_visible()
        place.deliver()
        page.get_by_role("button", name="Mail the invitation once more to sam@example.org").click()
        expect(page.get_by_text("The invitation was mailed once more")).to_be_visible()
    assert len(place.sandbox.mails(MAYA)) == 2
    uids = [mail.uid for mail in place.sandbox.mails("sam@example.org")]
    assert (len(uids), len(set(uids))) == (3, 2), "the same event again"


def test_sending_is_paused_and_resumed_by_keyboard(ops: tuple[Place, str]) -> None:
    place, _ = ops
    with place.browser() as page:
        enter(place, page)
        page.get_by_label("Pause", exact=True).focus()
        page.get_by_label("Pause", exact=True).select_option("mail")
        page.keyboard.press("Tab")
        page.keyboard.type("the relay moves")
        page.keyboard.press("Enter")
        expect(page.get_by_text("by ops: the relay moves")).to_be_visible()
        page.get_by_role("button", name="Resume mail").press("Enter")
        expect(page.get_by_text("Resumed.")).to_be_visible()


def test_a_held_batch_is_decided_on_the_page_without_any_script(
    tmp_path: Path, chromium: Browser
) -> None:
    database = f"sqlite:///{tmp_path / 'store.db'}"
    with (
        Sandbox() as sandbox,
        Site(tmp_path, database, guard="max_first_mails = 1").served() as site,
    ):
        base = f"http://127.0.0.1:{site.ops_port}"
        place = Place(site, sandbox, chromium, None, base)
        for n in range(6):
            site.caller().put(f"ses-{n}", a_record())
        with place.browser(java_script_enabled=False) as page:
            enter(place, page)
            buttons = page.get_by_role("button", name="Approve")
            before = buttons.count()
            buttons.first.click()
            expect(page.get_by_text("The batch is released")).to_be_visible()
            expect(page.get_by_role("button", name="Approve")).to_have_count(before - 1)
            page.get_by_role("button", name="Reject").first.click()
            expect(page.get_by_text("The batch is rejected")).to_be_visible()


def test_who_may_only_look_finds_no_button_that_changes_anything(ops: tuple[Place, str]) -> None:
    place, _ = ops
    place.site.caller().put("ses-1", a_record())
    with place.browser() as page:
        enter(place, page, acts=False)
        assert [one.inner_text() for one in page.get_by_role("button").all()] == [
            "Sign out",
            "Find",
        ]
        page.goto(f"{place.url}/ops/find?q=ses-1")
        assert [one.inner_text() for one in page.get_by_role("button").all()] == [
            "Sign out",
            "Find",
        ]


def test_an_operator_signs_in_at_the_organizations_service_and_out_again(
    tmp_path: Path, chromium: Browser
) -> None:
    with Sandbox() as sandbox:
        sandbox.add_staff("lena@corp.example", "Lena Kurz", groups=["calendar-ops"])
        more = f"""
[ops]
issuer = "{sandbox.staff.issuer}"
client_id = "{sandbox.staff.client_id}"
client_secret = "{sandbox.staff.client_secret}"
allowed = ["group:calendar-ops"]
"""
        database = f"sqlite:///{tmp_path / 'store.db'}"
        with Site(tmp_path, database, more=more).served() as site:
            place = Place(site, sandbox, chromium, None, site.url)
            with place.browser(java_script_enabled=False) as page:
                page.goto(f"{site.url}/ops")
                page.get_by_role("link", name="Sign in").click()
                page.get_by_role("button", name="Lena Kurz").click()
                page.get_by_role("button", name="Accept").click()
                expect(page.get_by_text("all tenants; lena@corp.example")).to_be_visible()
                page.get_by_label("Reason").fill("the relay moves")
                page.get_by_role("button", name="Pause sending").click()
                expect(page.get_by_text("by ops: the relay moves")).to_be_visible()
                page.get_by_role("button", name="Sign out").click()
                expect(page.get_by_role("link", name="Sign in")).to_be_visible()
            with place.browser(viewport=DESK) as page:
                page.goto(f"{site.url}/ops")
                place.judge(page, "ops-sign-in")
