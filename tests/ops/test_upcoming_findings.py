"""Operators hear that nobody can turn Upcoming Session mails off by one click."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calsync.core.upcoming.rules import UpcomingRules, UpcomingTo
from calsync.ops import verdict
from calsync.ops.results.finding import Severity
from tests.harness.platform_fixtures import MakePlatform

URL = "https://calsync.platform.example"


@pytest.mark.parametrize(
    ("to", "url", "told"),
    [
        (UpcomingTo.ALL, "", ["tenant default"]),
        (UpcomingTo.MAILED, "", ["tenant default"]),
        (UpcomingTo.ALL, URL, []),
        (UpcomingTo.OFF, "", []),
    ],
)
def test_a_tenant_that_sends_them_without_a_link_is_told_what_is_missing(
    make_platform: MakePlatform, to: UpcomingTo, url: str, told: list[str]
) -> None:
    context = make_platform(upcoming=UpcomingRules(to)).context
    context = replace(context, settings=replace(context.settings, public_url=url))
    for found in (verdict.verdict(context), verdict.findings(*verdict.known(context, "default"))):
        mine = [one for one in found if one.kind == "upcoming_link"]
        assert [one.whom for one in mine] == told
        assert all(one.severity is Severity.NOTICE for one in mine)
        assert all("web.public_url" in one.text for one in mine)
