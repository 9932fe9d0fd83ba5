"""A change in one request, where a tenant's Graph refuses it for another revision."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from calsync.core.ledger import Copy, Do
from calsync.errors import Changed, ChannelError
from calsync.sandbox import Sandbox
from providers.http.transport import Transport
from providers.http.watchdog import Watchdog
from providers.outlook.channel import OutlookChannel
from providers.outlook.client import GraphClient
from tests.make import NOW, an_event
from tests.providers.graph_calls import soon
from tests.providers.test_outlook_contract import OutlookPlace


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def place(sandbox: Sandbox) -> Iterator[OutlookPlace]:
    client = GraphClient(Transport(Watchdog()), sandbox.url)
    place = OutlookPlace(sandbox, client)
    place.channel = OutlookChannel(client, conditional_patch=True)
    yield place
    assert sandbox.violations() == []
    assert sandbox.outbox() == []


def created(place: OutlookPlace) -> Copy:
    copy = place.a_copy()
    prepared = place.channel.prepare(Do.CREATE, copy, an_event(), NOW)
    receipt = place.channel.send(prepared, copy, place.access(), soon())
    place.sandbox.forget_requests()
    return replace(copy, remote_id=receipt.remote_id, revision=receipt.revision)


def retitled(place: OutlookPlace, copy: Copy) -> Any:
    prepared = place.channel.prepare(Do.CHANGE, copy, an_event(title="Another"), NOW)
    return place.channel.send(prepared, copy, place.access(), soon())


def titles(place: OutlookPlace) -> list[str]:
    return [one.title for one in place.shown()]


def test_a_change_of_an_event_as_it_is_known_is_one_request(place: OutlookPlace) -> None:
    copy = created(place)
    receipt = retitled(place, copy)

    assert len(place.sandbox.requests()) == 1
    assert (receipt.applied, titles(place)) == (True, ["Another"])
    assert receipt.revision not in {None, copy.revision}


def test_an_event_that_somebody_was_invited_to_is_not_written(place: OutlookPlace) -> None:
    copy = created(place)
    place.sandbox.user_adds_guest(place.person, str(copy.remote_id), "x@y.z")
    with pytest.raises(Changed, match="412"):
        retitled(place, copy)

    (found,) = place.channel.find(copy, place.access(), soon())
    assert found.has_guests
    assert titles(place) == [an_event().title]


def test_an_event_that_its_person_deleted_is_not_written(place: OutlookPlace) -> None:
    copy = created(place)
    place.sandbox.user_deletes(place.person, str(copy.remote_id))
    with pytest.raises(ChannelError) as caught:
        retitled(place, copy)
    assert caught.value.happened == "no"
    assert titles(place) == []


@pytest.mark.parametrize("unknown", ["revision", "remote_id"])
def test_an_event_of_which_less_is_known_is_looked_at_first(
    place: OutlookPlace, unknown: str
) -> None:
    copy = replace(created(place), **{unknown: None})
    assert retitled(place, copy).applied
    assert len(place.sandbox.requests()) > 1
