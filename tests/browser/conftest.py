"""A real browser, and a served installation behind https for it to look at."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from calsync.sandbox import Sandbox
from tests.browser.place import Place, a_place

REQUIRED = "BROWSER_TESTS"  # "required": a machine without Chromium fails


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        told = "NO CHROMIUM HERE: no page is tested in a browser; apt-get install chromium"
        if os.environ.get(REQUIRED) == "required":
            pytest.fail(told, pytrace=False)
        pytest.skip(told)
    with sync_playwright() as playwright:
        sandboxed = [] if os.geteuid() else ["--no-sandbox"]
        browser = playwright.chromium.launch(
            executable_path=found, args=[*sandboxed, "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture
def place(tmp_path: Path, chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Place]:
    pictures = request.config.getoption("--pictures")
    with ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox())
        made = a_place(tmp_path, sandbox, chromium, Path(pictures) if pictures else None)
        yield stack.enter_context(made)
