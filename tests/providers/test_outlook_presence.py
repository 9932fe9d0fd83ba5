"""What stands in an Outlook calendar, and what only can be read: found, looked at, proven."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import pytest
import responses

from calsync.core.calls import Seen, Sighting
from calsync.core.ledger import Do, Marker
from calsync.errors import AccessLost, Missing, TryLater, Unusable
from providers.outlook.channel import OutlookChannel
from providers.outlook.client import event
from providers.outlook.mapping import EXPAND, INSTANCE, global_object_id, may_bear
from tests.make import NOW, a_copy, an_event
from tests.providers.graph_calls import (
    ACCESS,
    ROOT,
    Graph,
    a_channel,
    graph_error,
    graph_served,
    live,
    made,
    send,
    soon,
    stored,
    writes,
)


@pytest.fixture(scope="module")
def channel() -> OutlookChannel:
    return a_channel()


@pytest.fixture
def graph() -> Iterator[Graph]:
    with graph_served() as graph:
        yield graph


@pytest.mark.parametrize(
    "ident",
    ["AAMk-1_", "AAMkAGI2TG93AAA=", "AQ==", "a=b", "a/b", "a b", "a+b", "é", "a\n", "%41", ""],
)
def test_an_id_is_escaped_in_a_path_whatever_it_is_made_of(ident: str) -> None:
    assert event(ident, ACCESS) == f"/me/events/{quote(ident, safe='')}"


@pytest.mark.parametrize("do", [Do.CHANGE, Do.WITHDRAW])
def test_an_event_in_deleted_items_is_missing_although_it_can_be_read(
    channel: OutlookChannel, graph: Graph, do: Do
) -> None:
    copy = live(graph, made(channel))
    graph.listed.clear()
    with pytest.raises(Missing):
        send(channel, do, copy)
    assert writes() == []
    (found,) = channel.find(copy, ACCESS, soon())
    assert (found.state, found.remote_id) == (Seen.GONE, "AAMk-1_")


def test_an_event_moved_to_another_time_or_calendar_is_still_there(
    channel: OutlookChannel, graph: Graph
) -> None:
    copy = live(graph, made(channel, starts_at=an_event().starts_at - timedelta(days=2)))
    graph.listed.clear()
    graph.moved.add("AAMk-1_")
    (found,) = channel.find(copy, ACCESS, soon())
    assert found.state is Seen.LIVE
    asked = [one.query["startDateTime"] for one in graph.asked if "startDateTime" in one.query]
    assert asked == [[f"2026-12-0{day}T20:00:00Z"] for day in (3, 1, 1)]


def test_a_view_of_a_calendar_reads_nothing_of_others_but_ids(
    channel: OutlookChannel, graph: Graph
) -> None:
    channel.find(live(graph, made(channel)), ACCESS, soon())
    views = [one for one in graph.asked if one.path.endswith("calendarView")]
    assert [one.query["$select"] for one in views] == [["id"]]


def test_without_an_id_the_copy_is_found_by_its_key_and_the_first_made_counts(
    channel: OutlookChannel, graph: Graph
) -> None:
    """Who copies our event in Outlook copies its properties too."""
    prepared = made(channel)
    for day, ident in ((2, "copied"), (1, "ours"), (3, "copied again")):
        graph.put(stored(prepared, ident, createdDateTime=f"2026-11-0{day}T00:00:00Z"))
    (found,) = channel.find(a_copy(), ACCESS, soon())
    assert (found.remote_id, found.state) == ("ours", Seen.LIVE)
    assert [one.query["$expand"] for one in graph.asked if "$expand" in one.query] == [[EXPAND]]
    assert channel.find(a_copy(2), ACCESS, soon()) == []


def test_a_calendar_that_is_gone_is_unusable_and_its_events_are_not_missing(
    channel: OutlookChannel, graph: Graph
) -> None:
    copy = live(graph, made(channel))
    graph.events.clear()
    graph.failing["calendarView"] = (404, {}, graph_error("ErrorItemNotFound"))
    for ask in (
        lambda: channel.find(copy, ACCESS, soon()),
        lambda: list(channel.inspect([copy], ACCESS, soon())),
        lambda: send(channel, Do.CHANGE, copy),
    ):
        with pytest.raises(Unusable) as caught:
            ask()
        assert (caught.value.happened, caught.value.scope) == ("no", "account")


# --- look ---


def test_twenty_copies_are_looked_at_in_batches_and_each_has_its_answer(
    channel: OutlookChannel, graph: Graph
) -> None:
    copies = [live(graph, made(channel, a_copy(n)), f"id{n}", n) for n in range(1, 21)]
    del graph.events["id3"]
    graph.listed.discard("id5")  # in Deleted Items
    graph.failing["id7"] = (429, {"Retry-After": "9"}, graph_error("ApplicationThrottled"))
    graph.events["id9"]["subject"] = "mine"
    seen = {copy.n: found for copy, found in channel.inspect(copies, ACCESS, soon())}
    assert max(graph.batches) <= 20
    states = {n: one.state for n, one in seen.items() if isinstance(one, Sighting)}
    assert {n for n, state in states.items() if state is Seen.GONE} == {3, 5}
    assert set(states) == set(range(1, 21)) - {7}
    error, drifted = seen[7], seen[9]
    assert isinstance(error, TryLater)
    assert (error.happened, error.scope, error.after) == ("no", "account", 9.0)
    assert isinstance(drifted, Sighting)
    assert str(drifted.quiet_fp).startswith("drift:")


def test_a_part_without_an_answer_concludes_nothing(
    channel: OutlookChannel, monkeypatch: pytest.MonkeyPatch, graph: Graph
) -> None:
    copy = live(graph, made(channel))
    monkeypatch.setattr(graph, "_batch", None)
    responses.replace("POST", f"{ROOT}/$batch", json={"responses": [{"id": "0", "status": 404}]})
    ((_, found),) = channel.inspect([copy], ACCESS, soon())
    assert isinstance(found, TryLater)


def test_no_time_left_means_that_nobody_is_asked(channel: OutlookChannel, graph: Graph) -> None:
    copy = live(graph, made(channel))
    ((_, found),) = channel.inspect([copy], ACCESS, time.monotonic() - 1)
    assert isinstance(found, TryLater)
    assert graph.batches == []


def test_a_listing_is_read_to_its_end(channel: OutlookChannel, graph: Graph) -> None:
    event = stored(made(channel))
    graph.put(event)
    first = {"value": [], "@odata.nextLink": f"{ROOT}/me/events?$skip=1"}
    graph.failing["events"] = (200, {}, first)
    responses.get(f"{ROOT}/me/events", json={"value": [event]})
    (found,) = channel.find_uid("abc@x", ACCESS, soon())
    assert found.remote_id == "AAMk-1_"


def test_a_page_on_another_server_is_not_asked_with_our_token(
    channel: OutlookChannel, graph: Graph
) -> None:
    first = {"value": [], "@odata.nextLink": "https://evil.example/v1.0/me/events"}
    graph.failing["events"] = (200, {}, first)
    with pytest.raises(TryLater):
        channel.find_uid("abc@x", ACCESS, soon())
    assert len(responses.calls) == 1


# --- what a mail client made ---


@pytest.mark.parametrize("shown_as", [global_object_id("abc@x"), "abc@x"])
def test_an_invitation_is_found_however_graph_shows_its_uid(
    channel: OutlookChannel, graph: Graph, shown_as: str
) -> None:
    guest = [{"emailAddress": {"address": "maya@contoso.example"}}]
    event = stored(made(channel), iCalUId=shown_as, attendees=guest, isOrganizer=False)
    graph.put({**event, "singleValueExtendedProperties": []})
    (found,) = channel.find_uid("abc@x", ACCESS, soon())
    assert (found.remote_id, found.state, found.has_guests) == ("AAMk-1_", Seen.NOT_OURS, False)
    graph.listed.clear()
    assert channel.find_uid("abc@x", ACCESS, soon()) == []


def test_an_event_that_cannot_be_read_keeps_no_other_one_from_being_listed(
    channel: OutlookChannel, graph: Graph
) -> None:
    marker = Marker("a" * 32, "1" * 32)
    several = {f"AAMk-{n}_": replace(a_copy(n), marker=marker) for n in (1, 2, 3)}
    for ident, copy in several.items():
        live(graph, made(channel, copy), ident)
    graph.events["AAMk-2_"]["subject"] = 7
    graph.listed.discard("AAMk-3_")  # nor does it tell in which calendar it is
    graph.failing["calendar"] = (500, {}, graph_error("ErrorInternalServerError"))
    seen = list(channel.listed(marker.instance, (), NOW, ACCESS, soon()))
    assert {one.remote_id: one.state for one in seen} == {
        "AAMk-1_": Seen.LIVE,
        "AAMk-2_": Seen.UNREADABLE,
        "AAMk-3_": Seen.UNREADABLE,
    }
    assert {one.uid for one in seen} == {one.uid for one in several.values()}
    graph.failing["calendar"] = (401, {}, graph_error("InvalidAuthenticationToken"))
    with pytest.raises(AccessLost):
        list(channel.listed(marker.instance, (), NOW, ACCESS, soon()))


def test_what_cannot_be_read_of_another_installation_is_not_listed(
    channel: OutlookChannel, graph: Graph
) -> None:
    ours, theirs = Marker("a" * 32, "1" * 32), Marker("b" * 32, "2" * 32)
    for n, marker in ((1, ours), (2, theirs)):
        live(graph, made(channel, replace(a_copy(n), marker=marker)), f"AAMk-{n}_")
    graph.events["AAMk-2_"]["subject"] = 7
    seen = list(channel.listed(ours.instance, ("other@x",), NOW, ACCESS, soon()))
    assert [one.remote_id for one in seen] == ["AAMk-1_"]


def test_an_event_whose_properties_cannot_be_read_may_be_ours() -> None:
    assert may_bear({"singleValueExtendedProperties": [7]}, INSTANCE, "a" * 32)
