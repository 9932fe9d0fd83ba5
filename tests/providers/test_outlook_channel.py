"""What the Outlook channel puts on the wire, and what it makes of the answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import responses

from calsync.core.ledger import Attempt, Copy, Do, Outcome
from calsync.errors import Changed, ChannelError, Missing, Refused, TryLater, Unusable
from providers.outlook.channel import OutlookChannel
from providers.outlook.client import PREFER
from providers.outlook.mapping import KEY
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


def again(copy: Copy) -> Copy:
    """The copy as it is when its create is sent a second time."""
    attempt = Attempt(1, Do.CREATE, 1, "outlook", "acc-1", "m", "q", Outcome.MAYBE, NOW, sends=2)
    return replace(copy, attempt=attempt)


# --- what is sent ---


def test_a_create_sends_the_stored_bytes_to_the_default_calendar(
    channel: OutlookChannel, graph: Graph
) -> None:
    copy = a_copy()
    prepared = made(channel, copy, title="Grüße, 你好")
    graph.write("POST", "/me/events", 201, stored(prepared), **{"request-id": "r-1"})
    receipt = channel.send(prepared, copy, ACCESS, soon())
    (request,) = writes()
    assert request.body == prepared.body
    body = json.loads(prepared.body)
    assert body["attendees"] == []
    assert body["transactionId"] == copy.uid
    assert {"id": KEY, "value": copy.uid} in body["singleValueExtendedProperties"]
    assert body["start"]["timeZone"] == body["end"]["timeZone"] == "UTC"
    assert request.headers["Authorization"] == "Bearer secret-token"
    assert request.headers["Prefer"] == PREFER
    assert (receipt.remote_id, receipt.revision, receipt.applied) == ("AAMk-1_", 'W/"1"', True)
    assert receipt.request_id == "r-1"


def test_every_part_of_a_batch_asks_for_ids_that_stay(
    channel: OutlookChannel, graph: Graph
) -> None:
    copy = live(graph, made(channel))
    channel.find(copy, ACCESS, soon())
    assert {one.headers["Prefer"] for one in graph.asked} == {PREFER}
    assert 'IdType="ImmutableId"' in PREFER


def test_a_chosen_calendar_and_anothers_mailbox_are_addressed(
    channel: OutlookChannel, graph: Graph
) -> None:
    prepared = made(channel)
    access = replace(ACCESS, calendar="cal/1=", username="maya@contoso.example")
    graph.write(
        "POST", "/users/maya@contoso.example/calendars/cal%2F1%3D/events", 201, stored(prepared)
    )
    assert channel.send(prepared, a_copy(), access, soon()).applied


def test_prepare_needs_no_clock_and_a_withdrawal_has_no_body(channel: OutlookChannel) -> None:
    copy = a_copy(remote_id="AAMk-1_")
    prepared = channel.prepare(Do.WITHDRAW, copy, an_event(), NOW)
    assert prepared == channel.prepare(Do.WITHDRAW, copy, an_event(), NOW + timedelta(days=1))
    assert (prepared.body, prepared.key) == (b"", "AAMk-1_")


def test_a_change_sends_owned_fields_only_with_the_revision_just_read(
    channel: OutlookChannel, graph: Graph
) -> None:
    copy = live(graph, made(channel), **{"@odata.etag": 'W/"7"'})
    prepared = channel.prepare(Do.CHANGE, copy, an_event(title="New"), NOW)
    graph.write("PATCH", "/me/events/AAMk-1_", 200, stored(prepared))
    assert channel.send(prepared, copy, ACCESS, soon()).applied
    (request,) = writes()
    assert request.headers["If-Match"] == 'W/"7"'
    assert set(json.loads(request.body)) == {
        "subject",
        "body",
        "start",
        "end",
        "location",
        "singleValueExtendedProperties",
    }
    assert graph.batches == [2], "one request tells whether it stands there without guests"


def test_a_withdrawal_deletes_by_id(channel: OutlookChannel, graph: Graph) -> None:
    copy = live(graph, made(channel))
    graph.write("DELETE", "/me/events/AAMk-1_", 204)
    assert send(channel, Do.WITHDRAW, copy).remote_id == "AAMk-1_"
    (request,) = writes()
    assert (request.method, request.headers["If-Match"]) == ("DELETE", 'W/"1"')


# --- never written while others would be mailed ---


@pytest.mark.parametrize("do", [Do.CHANGE, Do.WITHDRAW])
def test_an_event_with_guests_is_never_written(
    channel: OutlookChannel, graph: Graph, do: Do
) -> None:
    guest = [{"emailAddress": {"address": "x@y.example"}}]
    copy = live(graph, made(channel), attendees=guest)
    with pytest.raises(Changed) as caught:
        send(channel, do, copy)
    assert (caught.value.happened, writes()) == ("no", [])
    (found,) = channel.find(copy, ACCESS, soon())
    assert found.has_guests


def test_what_a_mail_client_made_is_deleted_although_its_person_attends(
    channel: OutlookChannel, graph: Graph
) -> None:
    guest = [{"emailAddress": {"address": "maya@contoso.example"}}]
    copy = live(graph, made(channel), attendees=guest, isOrganizer=False)
    graph.write("DELETE", "/me/events/AAMk-1_", 204)
    send(channel, Do.WITHDRAW, copy)
    assert [one.method for one in writes()] == ["DELETE"]


@pytest.mark.parametrize("do", [Do.CHANGE, Do.WITHDRAW])
def test_a_read_that_fails_before_a_write_says_that_nothing_happened(
    channel: OutlookChannel, graph: Graph, do: Do
) -> None:
    copy = live(graph, made(channel))
    graph.failing["calendarView"] = (503, {}, graph_error("serviceNotAvailable"))
    with pytest.raises(TryLater) as caught:
        send(channel, do, copy)
    assert (caught.value.happened, writes()) == ("no", [])


# --- create, and again ---


def test_an_answer_that_shows_other_fields_is_not_applied(
    channel: OutlookChannel, graph: Graph
) -> None:
    copy = live(graph, made(channel))
    graph.write("PATCH", "/me/events/AAMk-1_", 200, stored(made(channel)))
    receipt = send(channel, Do.CHANGE, copy, ends_at=an_event().ends_at + timedelta(hours=1))
    assert not receipt.applied


def duplicate(graph: Graph, status: int = 400, **more: Any) -> None:
    graph.write("POST", "/me/events", status, graph_error("ErrorDuplicateTransactionId", **more))


@pytest.mark.parametrize("status", [400, 409])
@pytest.mark.parametrize("annotated", [True, False])
def test_a_used_transaction_id_is_answered_with_the_event_it_made(
    channel: OutlookChannel, graph: Graph, status: int, annotated: bool
) -> None:
    prepared = made(channel)
    graph.put(stored(prepared, "first"))
    duplicate(graph, status, **({"@event.existingEventId": "first"} if annotated else {}))
    receipt = channel.send(prepared, a_copy(), ACCESS, soon())
    assert (receipt.remote_id, receipt.applied) == ("first", True)


def test_a_used_transaction_id_whose_event_shows_something_else_must_be_looked_up(
    channel: OutlookChannel, graph: Graph
) -> None:
    prepared = made(channel)
    duplicate(graph)
    for changes in ({"subject": "mine"}, {"attendees": [{"emailAddress": {"address": "x"}}]}):
        graph.put(stored(prepared, "first", **changes))
        with pytest.raises(Changed) as caught:
            channel.send(prepared, a_copy(), ACCESS, soon())
        assert (type(caught.value), caught.value.happened) == (Changed, "maybe")


def test_a_used_transaction_id_whose_event_is_deleted_is_missing(
    channel: OutlookChannel, graph: Graph
) -> None:
    duplicate(graph, **{"@event.existingEventId": "first"})
    with pytest.raises(Missing):
        channel.send(made(channel), a_copy(), ACCESS, soon())


def test_a_used_transaction_id_without_a_trace_must_be_looked_up(
    channel: OutlookChannel, graph: Graph
) -> None:
    duplicate(graph)
    with pytest.raises(Changed):
        channel.send(made(channel), a_copy(), ACCESS, soon())
    graph.failing["events"] = (503, {}, graph_error("busy"))
    with pytest.raises(Changed):
        channel.send(made(channel), a_copy(), ACCESS, soon())


def test_a_repeated_create_is_believed_only_when_its_event_stands_in_the_calendar(
    channel: OutlookChannel, graph: Graph
) -> None:
    prepared = made(channel)
    graph.put(stored(prepared))
    graph.write("POST", "/me/events", 201, stored(prepared))
    assert channel.send(prepared, again(a_copy()), ACCESS, soon()).applied
    graph.listed.clear()
    with pytest.raises(Missing):
        channel.send(prepared, again(a_copy()), ACCESS, soon())


def test_creating_in_a_calendar_that_is_gone_is_unusable(
    channel: OutlookChannel, graph: Graph
) -> None:
    graph.write("POST", "/me/events", 404, graph_error("ErrorItemNotFound"))
    with pytest.raises(Unusable):
        channel.send(made(channel), a_copy(), ACCESS, soon())


@pytest.mark.parametrize("body", ["", "[]", "null", "{}", "not json", '{"id": 5}'])
def test_a_success_that_is_no_event_must_be_looked_up(
    channel: OutlookChannel, graph: Graph, body: str
) -> None:
    responses.post(f"{ROOT}/me/events", body=body, status=201)
    with pytest.raises(ChannelError) as caught:
        channel.send(made(channel), a_copy(), ACCESS, soon())
    assert (caught.value.kind, caught.value.happened) == ("try_later", "maybe")


def test_a_filter_that_is_refused_finds_nothing_and_any_other_refusal_is_told(
    channel: OutlookChannel, graph: Graph
) -> None:
    graph.failing["events"] = (400, {}, graph_error("ErrorInvalidProperty"))
    assert channel.find_uid("abc@x", ACCESS, soon()) == []
    graph.failing["events"] = (403, {}, graph_error("somethingNew"))
    with pytest.raises(Refused):
        channel.find_uid("abc@x", ACCESS, soon())
