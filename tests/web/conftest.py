"""Served installations, on both databases, closed at the end of the test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.harness.transactions import no_call_inside_a_transaction  # noqa: F401 - watches all
from tests.web.site import Caller, MakeSite, Site


@pytest.fixture
def make_site(tmp_path: Path, ledger_url: str) -> Iterator[MakeSite]:
    with ExitStack() as stack:
        yield lambda **given: stack.enter_context(Site(tmp_path, ledger_url, **given).served())


@pytest.fixture
def site(make_site: MakeSite) -> Site:
    return make_site()


@pytest.fixture
def platform(site: Site) -> Caller:
    """The platform of the tenant default, allowed everything."""
    return site.caller()


@pytest.fixture
def light_site(tmp_path: Path) -> Iterator[Site]:
    """On SQLite alone, for what no database decides."""
    with Site(tmp_path, f"sqlite:///{tmp_path / 'store.db'}").served() as site:
        yield site
