"""The contract every channel keeps, as one suite. A channel's test module inherits
`ChannelContract` and gives a `place` fixture: one empty calendar or mailbox on a real server."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import pytest

from calsync.core.calls import PreparedRequest, Receipt, Seen, Sighting
from calsync.core.content.event import DesiredEvent
from calsync.core.ledger import Copy, CopyState, Do, Marker
from calsync.errors import Changed, ChannelError, Missing
from calsync.ports import Access, Channel
from tests.make import NOW, an_event


@dataclass(frozen=True)
class Shown:
    """One event as an independent reader of the server finds it (times are aware UTC).

    For mail: what remains after the newest message of each UID; a CANCEL removes its event.
    """

    key: str
    title: str
    starts_at: datetime
    ends_at: datetime
    location: str
    text: str


@dataclass(frozen=True)
class Fault:
    """How the server is made to answer with one error, and what must arrive of it."""

    name: str
    arrange: Callable[[], None]  # makes the next call of the channel fail
    happened: str
    scope: str
    do: Do = Do.CREATE
    access: Access | None = None  # instead of the place's own


class Place(Protocol):
    """A real server with one empty calendar or mailbox in it."""

    channel: Channel

    def a_copy(self, n: int = 1) -> Copy:
        """A planned copy that belongs in this place."""
        ...

    def access(self) -> Access: ...

    def shown(self) -> Sequence[Shown]:
        """What is there, read without the channel under test."""
        ...

    def lose_next_answer(self) -> None:
        """The server does the next call's work, then the connection dies."""
        ...

    def faults(self) -> Mapping[type[ChannelError], Sequence[Fault]]:
        """Every error that can occur, at least one way each."""
        ...

    def impossible(self) -> Mapping[type[ChannelError], str]:
        """Every error that cannot occur, with the reason."""
        ...


def soon() -> float:
    return time.monotonic() + 30


def lived(copy: Copy, prepared: PreparedRequest, receipt: Receipt, event: DesiredEvent) -> Copy:
    """The copy as the ledger would hold it after this answer."""
    return replace(
        copy,
        state=CopyState.LIVE,
        remote_id=receipt.remote_id,
        revision=receipt.revision,
        content=event,
        material_fp=prepared.material_fp,
        quiet_fp=prepared.quiet_fp,
        own_revision=receipt.revision if receipt.all_ours else None,
    )


class ChannelContract:
    """Inherit it, give the fixture `place`."""

    def create(self, place: Any, event: DesiredEvent, n: int = 1) -> Copy:
        return self.make(place, place.a_copy(n), event)

    def make(self, place: Any, copy: Copy, event: DesiredEvent) -> Copy:
        prepared = place.channel.prepare(Do.CREATE, copy, event, NOW)
        return lived(
            copy, prepared, place.channel.send(prepared, copy, place.access(), soon()), event
        )

    def assert_shows(self, place: Any, event: DesiredEvent) -> None:
        (one,) = place.shown()
        assert one.title == event.title
        assert (one.starts_at, one.ends_at) == (event.starts_at, event.ends_at)
        assert event.location in one.location
        for line in filter(None, (line.strip() for line in event.text.split("\n"))):
            assert line in one.text

    def assert_seen(self, sighting: Sighting, event: DesiredEvent) -> None:
        assert sighting.state is Seen.LIVE
        assert sighting.material_fp == event.material_fp
        assert sighting.quiet_fp == event.quiet_fp
        assert not sighting.has_guests

    def test_a_created_event_is_shown_and_found_and_seen(self, place: Any) -> None:
        event = an_event()
        copy = self.create(place, event)
        self.assert_shows(place, event)
        if place.channel.able.can_inspect:
            (found,) = place.channel.find(copy, place.access(), soon())
            assert found.remote_id == copy.remote_id
            self.assert_seen(found, event)
        if place.channel.able.can_inspect:
            ((_, seen),) = list(place.channel.inspect([copy], place.access(), soon()))
            self.assert_seen(seen, event)

    def test_preparing_twice_gives_the_same_bytes(self, place: Any) -> None:
        copy = place.a_copy()
        one = place.channel.prepare(Do.CREATE, copy, an_event(), NOW)
        assert one == place.channel.prepare(Do.CREATE, copy, an_event(), NOW)

    def test_the_same_wire_twice_is_one_event(self, place: Any) -> None:
        copy, event = place.a_copy(), an_event()
        prepared = place.channel.prepare(Do.CREATE, copy, event, NOW)
        first = place.channel.send(prepared, copy, place.access(), soon())
        try:
            again = place.channel.send(prepared, copy, place.access(), soon())
        except Changed:
            (found,) = place.channel.find(copy, place.access(), soon())
            assert found.remote_id == first.remote_id
        else:
            assert again.remote_id == first.remote_id
        self.assert_shows(place, event)

    def test_a_lost_answer_to_create_says_maybe_and_a_replay_makes_no_second_event(
        self, place: Any
    ) -> None:
        copy, event = place.a_copy(), an_event()
        prepared = place.channel.prepare(Do.CREATE, copy, event, NOW)
        place.lose_next_answer()
        with pytest.raises(ChannelError) as caught:
            place.channel.send(prepared, copy, place.access(), soon())
        assert (caught.value.kind, caught.value.happened) == ("try_later", "maybe")
        if place.channel.able.can_inspect:
            (found,) = place.channel.find(copy, place.access(), soon())
            self.assert_seen(found, event)
        else:
            place.channel.send(prepared, copy, place.access(), soon())
        self.assert_shows(place, event)

    def test_a_change_keeps_the_id_and_is_confirmed_by_the_answer(self, place: Any) -> None:
        copy = self.create(place, an_event())
        moved = an_event(
            starts_at=an_event().starts_at + timedelta(days=1),
            ends_at=an_event().ends_at + timedelta(days=1),
            title="Moved: Grüße, 你好",
            material_fp="1.moved",
            quiet_fp="1.retitled",
        )
        copy = replace(copy, sequence=copy.sequence + 1)
        prepared = place.channel.prepare(Do.CHANGE, copy, moved, NOW + timedelta(hours=1))
        receipt = place.channel.send(prepared, copy, place.access(), soon())
        assert receipt.applied
        assert prepared.material_fp == "1.moved"
        if place.channel.able.can_inspect:
            assert receipt.remote_id == copy.remote_id
            (found,) = place.channel.find(copy, place.access(), soon())
            self.assert_seen(found, moved)
        self.assert_shows(place, moved)

    def test_withdrawing_twice_leaves_nothing_and_is_no_surprise(self, place: Any) -> None:
        event = an_event()
        copy = self.create(place, event)
        copy = replace(copy, sequence=copy.sequence + 1)
        prepared = place.channel.prepare(Do.WITHDRAW, copy, event, NOW + timedelta(hours=1))
        place.channel.send(prepared, copy, place.access(), soon())
        assert not place.shown()
        with suppress(Missing):
            place.channel.send(prepared, copy, place.access(), soon())
        assert not place.shown()
        if place.channel.able.can_inspect:
            states = {s.state for s in place.channel.find(copy, place.access(), soon())}
            assert states <= {Seen.GONE, Seen.ABSENT}
        if place.channel.able.can_inspect:
            ((_, seen),) = list(place.channel.inspect([copy], place.access(), soon()))
            assert isinstance(seen, Sighting)
            assert seen.state is Seen.GONE

    def test_looking_at_many_tells_the_present_from_the_absent(self, place: Any) -> None:
        if not place.channel.able.can_inspect:
            with pytest.raises(NotImplementedError):
                list(place.channel.inspect([place.a_copy()], place.access(), soon()))
            return
        live = self.create(place, an_event(), n=1)
        never = replace(place.a_copy(2), state=CopyState.LIVE)
        seen = dict(
            (c.n, s) for c, s in place.channel.inspect([live, never], place.access(), soon())
        )
        assert seen[1].state is Seen.LIVE
        assert seen[2].state is Seen.GONE

    def test_a_calendar_is_listed_by_the_marker_of_one_installation(self, place: Any) -> None:
        ours, others = Marker("a" * 32, "1" * 32), Marker("b" * 32, "2" * 32)
        if not place.channel.able.can_inspect:
            with pytest.raises(NotImplementedError):
                list(place.channel.listed(ours.instance, (), NOW, place.access(), soon()))
            return
        event = an_event()
        unmarked = self.create(place, event, n=1)
        self.make(place, replace(place.a_copy(2), marker=others), event)
        kept = self.make(place, replace(place.a_copy(3), marker=ours), event)
        gone = self.make(place, replace(place.a_copy(4), marker=ours), event)
        prepared = place.channel.prepare(Do.WITHDRAW, gone, event, NOW)
        place.channel.send(prepared, gone, place.access(), soon())
        (seen,) = list(place.channel.listed(ours.instance, (), NOW, place.access(), soon()))
        assert (seen.remote_id, seen.uid, seen.item) == (kept.remote_id, kept.uid, ours.item)
        self.assert_seen(seen, event)
        marked = replace(unmarked, marker=replace(ours, item="3" * 32))
        prepared = place.channel.prepare(Do.CHANGE, marked, event, NOW)
        place.channel.send(prepared, marked, place.access(), soon())
        listed = place.channel.listed(ours.instance, (), NOW, place.access(), soon())
        assert {one.uid: one.item for one in listed} == {kept.uid: "1" * 32, marked.uid: "3" * 32}

    def test_of_events_without_a_marker_those_of_asked_uids_are_listed_and_no_others(
        self, place: Any
    ) -> None:
        if not place.channel.able.can_inspect:
            return
        ours, event = Marker("a" * 32, "1" * 32), an_event()
        marked = self.make(place, replace(place.a_copy(1), marker=ours), event)
        unmarked = self.create(place, event, n=2)
        self.create(place, event, n=3)
        removed = self.create(place, event, n=4)
        prepared = place.channel.prepare(Do.WITHDRAW, removed, event, NOW)
        place.channel.send(prepared, removed, place.access(), soon())
        asked = {marked.uid, unmarked.uid, removed.uid, place.a_copy(5).uid}
        seen = list(place.channel.listed(ours.instance, asked, NOW, place.access(), soon()))
        assert sorted((one.uid, one.item) for one in seen) == sorted(
            [(marked.uid, ours.item), (unmarked.uid, None)]
        )
        for one in seen:
            self.assert_seen(one, event)
        over = NOW + timedelta(days=400)
        late = list(place.channel.listed(ours.instance, asked, over, place.access(), soon()))
        assert place.channel.kind == "outlook" or not late

    def test_long_text_and_every_script_arrive_whole(self, place: Any) -> None:
        text = "Join: https://meet.example/x\n\n" + "\n".join(
            f"- {n}: Ünïcödé \U0001f600 שלום 你好; comma, back\\slash" for n in range(60)
        )
        html = "<br>".join(text.replace("&", "&amp;").split("\n"))
        event = an_event(title="Ünïcödé \U0001f600; 你好, back\\slash", text=text, html=html)
        self.create(place, event)
        self.assert_shows(place, event)

    @pytest.mark.parametrize(
        ("zone", "local"),
        [
            ("America/Toronto", datetime(2027, 3, 14, 3, 30)),  # noqa: DTZ001
            ("Europe/London", datetime(2026, 10, 25, 1, 30)),  # noqa: DTZ001
            ("Australia/Lord_Howe", datetime(2027, 4, 4, 1, 45)),  # noqa: DTZ001
            ("Asia/Kathmandu", datetime(2026, 12, 31, 23, 45)),  # noqa: DTZ001
        ],
    )
    def test_instants_survive_daylight_saving_changes(
        self, place: Any, zone: str, local: datetime
    ) -> None:
        start = local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        event = an_event(starts_at=start, ends_at=start + timedelta(hours=2), time_zone=zone)
        self.create(place, event)
        self.assert_shows(place, event)

    def test_what_a_mail_client_made_is_found_by_its_uid(self, place: Any) -> None:
        if not place.channel.able.can_inspect:
            with pytest.raises(NotImplementedError):
                place.channel.find_uid("nowhere", place.access(), soon())
            return
        uid = "6b0c1f6e-0000-4000-8000-00000000abcd"
        assert list(place.channel.find_uid(uid, place.access(), soon())) == []
        place.apply_invitation(uid, an_event())
        (found,) = place.channel.find_uid(uid, place.access(), soon())
        copy = replace(place.a_copy(9), uid=uid, remote_id=found.remote_id)
        prepared = place.channel.prepare(Do.WITHDRAW, copy, an_event(), NOW)
        place.channel.send(prepared, copy, place.access(), soon())
        assert not place.shown()

    def test_every_error_either_arrives_as_ours_or_cannot_occur(self, place: Any) -> None:
        faults, impossible = place.faults(), place.impossible()
        assert set(faults).isdisjoint(impossible)
        assert set(faults) | set(impossible) == set(ChannelError.__subclasses__())
        assert all(impossible.values())
        number = 10
        for kind, ways in faults.items():
            for fault in ways:
                number += 1
                self.check_fault(place, kind, fault, number)

    def check_fault(self, place: Any, kind: type[ChannelError], fault: Fault, n: int) -> None:
        event, copy = an_event(), place.a_copy(n)
        if fault.do is not Do.CREATE:
            copy = self.create(place, event, n)
        fault.arrange()
        prepared = place.channel.prepare(fault.do, copy, event, NOW)
        with pytest.raises(ChannelError) as caught:
            place.channel.send(prepared, copy, fault.access or place.access(), soon())
        got = caught.value
        assert (type(got), got.happened, got.scope) == (kind, fault.happened, fault.scope), (
            f"{fault.name}: {got.kind} {got.happened} {got.scope} {got.reason}"
        )
