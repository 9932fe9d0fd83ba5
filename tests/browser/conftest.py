"""A real browser, and a served installation behind https for it to look at."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from calsync.sandbox import Sandbox
from tests.browser.place import Place, a_place
from tests.harness.servers import program


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    found = program("chromium", "chromium", "chromium-browser")
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
