"""An object that its server cannot show any more: written while nobody can have touched it, never
taken for removed, and no hindrance to the others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calsync.core.calls import Seen, Sighting
from calsync.core.ledger import Copy, Do, Marker
from calsync.errors import TryLater
from tests.channel_contract import soon
from tests.make import NOW
from tests.providers.test_caldav_channel import MOVED, create, find, look, send
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


def test_what_cannot_be_read_keeps_no_other_event_from_being_listed(place: CaldavPlace) -> None:
    one, unread, unmarked = (create(place, n=n) for n in (1, 2, 3))
    marker = Marker("a" * 32, "1" * 32)
    send(place, Do.CHANGE, replace(one, marker=marker))
    place.proxy.unshown = {unread.uid}
    uids = {copy.uid for copy in (one, unread, unmarked)}
    seen = list(place.channel.listed(marker.instance, uids, NOW, place.access(), soon()))
    assert {shown.uid: shown.state for shown in seen} == {
        one.uid: Seen.LIVE,
        unread.uid: Seen.UNREADABLE,
        unmarked.uid: Seen.LIVE,
    }
    assert [shown.revision for shown in seen if shown.uid == unread.uid] == [None]


@pytest.mark.parametrize("status", [404, 500])
def test_what_a_report_refuses_is_listed_unless_it_was_removed(
    place: CaldavPlace, status: int
) -> None:
    copy = create(place)
    answers = (
        f"<D:response><D:href>{copy.remote_id}</D:href>"
        f"<D:status>HTTP/1.1 {status} No</D:status></D:response>"
    )
    for one in ("", answers):
        body = f'<D:multistatus xmlns:D="DAV:">{one}</D:multistatus>'.encode()
        place.proxy.next("REPORT", 207, body)
    seen = list(place.channel.listed("a" * 32, {copy.uid}, NOW, place.access(), soon()))
    assert [one.state for one in seen] == ([] if status == 404 else [Seen.UNREADABLE])


def test_what_a_report_leaves_out_is_read_by_itself(place: CaldavPlace) -> None:
    copy, removed = create(place, n=1), create(place, n=2)
    for _ in range(2):
        place.proxy.next("REPORT", 207, b'<D:multistatus xmlns:D="DAV:"/>')
    place.proxy.next("GET", 404)
    uids = sorted((copy.uid, removed.uid))
    seen = list(place.channel.listed("a" * 32, uids, NOW, place.access(), soon()))
    assert len(seen) == 1
    assert seen[0].state is Seen.LIVE


# --- a person moved it ----------------------------------------------------------------------------


def moved(place: CaldavPlace, copy: Copy, name: str) -> None:
    """To another calendar of the same person, where its server cannot show it."""
    there = f"{place.server.new_calendar()}{name}.ics"
    here = f"{place.direct}{copy.uid}.ics"
    place.ask("MOVE", here, headers={"Destination": there})
    place.proxy.unshown = {copy.uid}


def test_what_was_moved_and_cannot_be_shown_there_counts_as_there(place: CaldavPlace) -> None:
    copy = create(place)
    moved(place, copy, copy.uid)
    with pytest.raises(TryLater, match="its server cannot show it"):
        find(place, copy)
    (seen,) = look(place, copy)
    assert isinstance(seen, TryLater)


def test_what_is_shown_nowhere_and_may_be_under_another_name_may_remain(
    place: CaldavPlace,
) -> None:
    copy = create(place)
    moved(place, copy, "another-name")
    if not place.server.moves_to_name:
        with pytest.raises(TryLater):
            find(place, copy)
        return
    for seen in (find(place, copy), *look(place, copy)):
        assert isinstance(seen, Sighting)
        assert (seen.state in (Seen.GONE, Seen.ABSENT), seen.unsearched) == (True, True)
