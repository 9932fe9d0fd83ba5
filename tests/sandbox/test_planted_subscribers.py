"""Wrong users of Graph's notifications, planted: the sandbox must show each of them its mistake."""

from __future__ import annotations

from calsync.sandbox import Sandbox
from tests.sandbox.graph_caller import OLGA, GraphCaller
from tests.sandbox.receiver import Receiver, subscribe


def test_a_subscriber_without_a_secret_is_caught(
    olga: GraphCaller, sandbox: Sandbox, receiver: Receiver
) -> None:
    assert subscribe(olga, receiver, clientState=None).status_code == 201
    assert "POST subscriptions: no clientState" in sandbox.violations()[0]


def test_a_subscriber_that_shows_the_token_as_a_page_is_caught(
    olga: GraphCaller, receiver: Receiver
) -> None:
    receiver.validate = lambda token: (200, "text/html", f"<p>{token}</p>")
    assert subscribe(olga, receiver).status_code == 400


def test_a_subscriber_that_gives_the_token_back_undecoded_is_caught(
    olga: GraphCaller, receiver: Receiver
) -> None:
    receiver.validate = lambda token: (200, "text/plain", token.replace(" ", "%20"))
    assert subscribe(olga, receiver).status_code == 400


def test_a_subscriber_that_trusts_notifications_alone_misses_what_it_did_not_take(
    olga: GraphCaller, sandbox: Sandbox, receiver: Receiver
) -> None:
    with Receiver() as life:
        subscribe(olga, receiver, lifecycleNotificationUrl=life.life_url)
        receiver.status = lambda: 500
        item = olga.create().json()["id"]
        sandbox.wait_for(life.events)
    assert [one.id for one in sandbox.shown(OLGA)] == [item]
    assert receiver.changes() == []


def test_a_subscriber_that_acts_on_every_notification_hears_its_own_writes(
    olga: GraphCaller, sandbox: Sandbox, receiver: Receiver
) -> None:
    subscribe(olga, receiver, changeType="updated")
    item = olga.create().json()["id"]
    for number in range(2):  # each answer to a notification makes the next one
        olga.patch(item, {"subject": f"Session {number}"})
        sandbox.wait_for(lambda number=number: len(receiver.taken) == number + 1)
    assert receiver.changes() == [("updated", item)] * 2


def test_a_subscriber_with_default_ids_is_caught_and_meets_strangers(
    olga: GraphCaller, sandbox: Sandbox, receiver: Receiver
) -> None:
    subscribe(olga, receiver, headers={"Prefer": ""})
    item = olga.create().json()["id"]
    sandbox.wait_for(receiver.changes)
    assert receiver.changes()[0][1] != item
    assert "no Prefer" in sandbox.violations()[0]


def test_a_subscriber_that_takes_a_notified_event_for_a_shown_one_is_caught(
    olga: GraphCaller, sandbox: Sandbox, receiver: Receiver
) -> None:
    subscribe(olga, receiver)
    item = olga.create().json()["id"]
    sandbox.user_deletes(OLGA, item)
    sandbox.wait_for(lambda: len(receiver.changes()) == 2)
    assert receiver.changes()[0] == ("created", item)
    assert sandbox.shown(OLGA) == []
