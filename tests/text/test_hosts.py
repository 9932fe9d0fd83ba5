"""Which hosts can only be this machine."""

from __future__ import annotations

import pytest

from calsync.text.hosts import is_loopback


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LocalHost",
        "127.0.0.1",
        "127.9.9.9",
        "::1",
        "[::1]",
        "0:0:0:0:0:0:0:1",
        "::1%lo",
    ],
)
def test_this_machine_is_known_by_every_name_it_is_given(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        *(
            "",
            "[]",
            "example.org",
            "localhost.example.org",
            "127.0.0.1.example",
            "127.1",
            "0.0.0.0",
        ),
        *("10.0.0.1", "::", "::2", "[::2]", "[[::1]]", "[::1", "::1]", "[localhost]", " 127.0.0.1"),
    ],
)
def test_every_other_host_may_be_elsewhere(host: str) -> None:
    assert not is_loopback(host)
