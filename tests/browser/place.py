"""An installation, its people's browsers, and what every page must hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from calsync.accounts import connect
from calsync.core.visit import Visitor
from calsync.daemon import single_pass
from calsync.sandbox import Sandbox
from tests.browser.tls import ending_tls
from tests.harness.records import now
from tests.ports import free_port
from tests.settings import google_settings, outlook_settings
from tests.web.site import PEOPLE, Site, a_record

MAYA, LENA = "maya@example.org", "lena@example.org"
PHONE = {"width": 390, "height": 844}
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
IN_DARK = ("connected-german", "progress")
SESSIONS = (
    ("ses-1", 3, "Session 1: Getting to know each other", "https://zoom.us/j/123456789", ""),
    ("ses-2", 10, "Session 2: Goals", "", "Library, 2nd floor, Bahnhofstrasse 1, Zürich"),
    ("ses-3", 24, "Session 3: Looking back", "https://meet.example/abc-defg", ""),
)


@dataclass
class Place:
    """pictures   where screenshots go; None: none are made"""

    site: Site
    sandbox: Sandbox
    chromium: Browser
    pictures: Path | None
    url: str
    troubles: list[str] = field(default_factory=list)

    @contextmanager
    def browser(self, **options: Any) -> Iterator[Page]:
        """A window of a phone, whose console must stay silent."""
        given = {"viewport": PHONE, "locale": "en-GB", "ignore_https_errors": True, **options}
        context: BrowserContext = self.chromium.new_context(**given)
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        try:
            yield page
        finally:
            context.close()
        assert self.troubles == []

    def _listen(self, message: Any) -> None:
        """The console tells of pages that are answered 4xx or 5xx on purpose: no trouble."""
        ours = "status of" in message.text and "/static/" not in message.location["url"]
        if message.type in ("error", "warning") and not ours:
            self.troubles.append(message.text)

    def way_in(self, email: str = MAYA, **changes: str) -> str:
        given = {
            "name": "Maya Chen",
            "return_url": "https://platform.example/settings/calendar",
            **changes,
        }
        return self.site.open.web.arrivals.offer(Visitor("default", email, **given)).url

    def arrive(self, page: Page, email: str = MAYA, **changes: str) -> None:
        page.goto(self.way_in(email, **changes))
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url("**/connect")

    def book(self, email: str = MAYA) -> None:
        """Three sessions of this person and Sam's."""
        for ident, days, title, link, room in SESSIONS:
            start = (now() + timedelta(days=days)).replace(hour=15, minute=0, second=0)
            where = {"kind": "online", "url": link, "label": "Zoom"}
            if room:
                where = {"kind": "in_person", "address": room}
            record = a_record(
                title=title,
                start=start,
                ends_at=(start + timedelta(minutes=45)).strftime("%Y-%m-%dT%H:%M:%S"),
                program={"id": "prog-1", "name": "Women in Engineering", "kind": "individual"},
                time_zone="Europe/Zurich",
                place=where,
                agenda={"text": "1. Introductions", "format": "text"},
                url=f"https://platform.example/sessions/{ident}",
                participants=[PEOPLE[0] | {"email": email}, PEOPLE[1]],
            )
            answer = self.site.caller().call(
                "PUT", f"/api/sessions/{ident}", json=record, headers={"Host": "localhost"}
            )
            assert answer.status_code == 200, answer.text

    def cancel(self, ident: str) -> None:
        path = f"/api/sessions/{ident}"
        answer = self.site.caller().call("DELETE", path, headers={"Host": "localhost"})
        assert answer.status_code == 200, answer.text

    def deliver(self) -> None:
        made = self.site.open
        single_pass.deliver_all(made.context, made.senders, now=True)

    def connect(self, email: str = MAYA) -> str:
        secret = {"refresh_token": self.sandbox.grant(email)}
        found = connect.add(self.site.open.context, "default", "google", email, secret)
        return found.id

    # --- what every page must hold ---------------------------------------------------------------

    def judge(self, page: Page, name: str) -> None:
        """In light and dark: no finding of axe by WCAG 2.1 A and AA, nothing wider than the phone,
        one main heading, and everything that can be pressed is tall enough for a thumb."""
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found = Axe().run(page, options=RULES).response["violations"]
            assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], (name, scheme)
            if self.pictures is not None and _is_kept(name, scheme):
                self.pictures.mkdir(parents=True, exist_ok=True)
                file = self.pictures / f"{name}-{scheme}.png"
                page.screenshot(path=file, full_page=True, animations="disabled")
        page.emulate_media(color_scheme="light")
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{name} is wider than the phone"
        assert page.locator("h1").count() == 1
        small = page.evaluate(
            "[...document.querySelectorAll('button, a.button, input:not([type=hidden]), select')]"
            ".filter(e => e.getBoundingClientRect().height < 44).map(e => e.outerHTML)"
        )
        assert small == [], name


def _is_kept(name: str, scheme: str) -> bool:
    """One picture of every page for the documentation; both providers' pages are alike."""
    if name.startswith("width-") or name.endswith("-outlook"):
        return False
    return scheme == ("dark" if name in IN_DARK else "light")


@contextmanager
def a_place(
    folder: Path, sandbox: Sandbox, chromium: Browser, pictures: Path | None
) -> Iterator[Place]:
    sandbox.add_person(MAYA, google=True, outlook=True)
    sandbox.add_person(LENA, google=True)
    sandbox.add_person("sam@example.org")
    port = free_port()
    site = Site(
        folder,
        f"sqlite:///{folder / 'store.db'}",
        public=f"https://localhost:{port}",
        connect='return_urls = ["https://platform.example/"]',
        mail=f'host = "{sandbox.smtp_host}"\nport = {sandbox.smtp_port}',
        more=f"[google]\n{google_settings(sandbox)}\n[outlook]\n{outlook_settings(sandbox)}\n"
        "[caldav]\nallow_private = true\n",
    )
    with site.served(), ending_tls(folder, port, site.port):
        yield Place(site, sandbox, chromium, pictures, f"https://localhost:{port}")
