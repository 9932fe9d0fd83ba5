"""The demo's links open once; a line that is typed makes new ones."""

from __future__ import annotations

import re

import pytest

from calsync.core.visit import Visitor
from calsync.demo.cast import LENA, MAYA, Someone
from calsync.demo.story import offer_links
from tests.web.browser import Browser
from tests.web.site import Site


def test_each_line_that_is_typed_makes_links_that_work(
    light_site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    arrivals = light_site.open.web.arrivals

    def way_in(who: Someone) -> str:
        return arrivals.offer(Visitor("default", who.email, who.name)).url

    offer_links(way_in, ["\n", "\n"])
    told = capsys.readouterr().out
    assert told.count("press Enter for new ones") == 1
    for who in (LENA, MAYA):
        urls = re.findall(rf"Connect a calendar as {who.name}: (\S+)", told)
        assert len(set(urls)) == 3
        for url in urls:
            browser = Browser(light_site.url)
            page = browser.open(url)
            assert who.email in page.text
            assert browser.send(page.form("/connect/arrive")).status == 200
