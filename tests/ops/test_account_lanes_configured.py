"""How many calls of one account are made at once, by the configuration."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import pytest

from calsync.bootstrap.tenants import Tenants
from calsync.config import load


@pytest.mark.parametrize(
    ("workers", "asked", "lanes"), [(1, 4, 1), (8, 4, 2), (16, 4, 4), (64, 4, 4), (64, 1, 1)]
)
def test_an_account_never_takes_more_than_a_quarter_of_the_workers(
    write_config: Callable[[str], Path], workers: int, asked: int, lanes: int
) -> None:
    text = f"""
[security]
keys = ["k1:{base64.b64encode(bytes(32)).decode()}"]

[deliver]
workers = {workers}
limits.caldav = {{ account_in_flight = {asked} }}
"""
    tenant = Tenants(load(write_config(text), {}), {"default": ()}).get("default")
    assert tenant.account_lanes == {"caldav": lanes}
