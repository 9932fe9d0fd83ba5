"""Every mail as a browser shows it: on a phone and on a desk, in light and dark; judged by axe."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from calsync.messages.catalogue import languages
from tests.providers.golden_mails import every
from tests.providers.messages_pictures import picture
from tests.providers.written_mails import part

MAILS = every()
WIDTHS, SCHEMES = (360, 800), ("light", "dark")
# Other languages differ in their words alone, and are kept smaller: the repository holds them all.
SHARPNESS = {"en": (1.0, 40)}
READY = "[...document.querySelectorAll('iframe')].every(one => one.ready)"
SMALLER = (0.6, 30)  # pixels for each of a screen, and the quality of the JPEG


def html_of(name: str) -> str:
    return part(MAILS[name], "text/html").decode()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_in_any_mail(chromium: Browser, scheme: str) -> None:
    page = chromium.new_page(color_scheme=scheme, viewport={"width": 360, "height": 800})
    found = {}
    for name in MAILS:
        page.set_content(html_of(name))
        wrong = Axe().run(page).response["violations"]
        if wrong:
            found[name] = [(one["id"], one["nodes"][0]["html"][:120]) for one in wrong]
    page.close()
    assert found == {}


def test_no_mail_is_wider_than_a_phone(chromium: Browser) -> None:
    page = chromium.new_page(viewport={"width": 360, "height": 800})
    wide = []
    for name in MAILS:
        page.set_content(html_of(name))
        if page.evaluate("document.documentElement.scrollWidth") > 360:
            wide.append(name)
    page.close()
    assert wide == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_mail_is_shown_as_high_as_it_is(
    chromium: Browser, scheme: str, pytestconfig: pytest.Config
) -> None:
    """`make pictures` keeps them: each mail on a phone and on a desk, in every language."""
    folder = pytestconfig.getoption("--pictures")
    for code in languages() if folder else ["en"]:
        sharp, quality = SHARPNESS.get(code, SMALLER)
        page = chromium.new_page(
            color_scheme=scheme, viewport={"width": 1190, "height": 300}, device_scale_factor=sharp
        )
        names = [name for name in MAILS if name.endswith(f".{code}")]
        for name in names if folder else names[:1]:
            page.set_content(_sheet(name))
            page.wait_for_function(READY)
            if folder:
                shown = picture(name.partition(".")[0], code, scheme)
                file = Path(folder).parent / "messages" / shown
                file.parent.mkdir(parents=True, exist_ok=True)
                page.screenshot(path=file, full_page=True, type="jpeg", quality=quality)
        assert page.locator("iframe").count() == len(WIDTHS)
        page.close()


def _sheet(name: str) -> str:
    """The mail in every width, side by side, each as high as it is."""
    grow = "this.style.height=this.contentDocument.documentElement.scrollHeight+'px';this.ready=1"
    shown = html_of(name).replace("&", "&amp;").replace('"', "&quot;")
    frames = "".join(
        f'<iframe width="{width}" style="border:1px solid #888;margin:4px" onload="{grow}"'
        f' srcdoc="{shown}"></iframe>'
        for width in WIDTHS
    )
    return f'<body style="margin:0;display:flex;align-items:flex-start">{frames}</body>'
