"""An object that its server cannot show any more: written while nobody can have touched it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calsync.core.ledger import Do
from calsync.errors import TryLater
from tests.providers.test_caldav_channel import MOVED, create, find, send
from tests.providers.test_caldav_contract import CaldavPlace, place
from tests.radicale_server import caldav_server, proxy

__all__ = ["caldav_server", "place", "proxy"]  # fixtures


@pytest.mark.parametrize("do", [Do.CHANGE, Do.WITHDRAW])
def test_what_nobody_touched_is_written_though_its_server_cannot_show_it(
    place: CaldavPlace, do: Do
) -> None:
    """SOGo 5.8 answers `(null)` for an object of which it would fold a line within an emoji."""
    copy = create(place)
    for _ in range(2):
        place.proxy.next("GET", 200, b"(null)", ETag=copy.revision)
    assert find(place, copy).material_fp == copy.material_fp
    send(place, do, copy)
    assert [one.title for one in place.shown()] == ([MOVED.title] if do is Do.CHANGE else [])


def test_what_cannot_be_read_and_may_be_somebody_elses_is_left_alone(place: CaldavPlace) -> None:
    copy = create(place)
    for known in (replace(copy, revision=None), replace(copy, revision='"older"')):
        for call in (find, lambda *one: send(one[0], Do.WITHDRAW, one[1])):
            place.proxy.next("GET", 200, b"(null)", ETag=copy.revision)
            with pytest.raises(TryLater, match="not a readable calendar object"):
                call(place, known)
    assert len(place.shown()) == 1
