"""What Graph's subscriptions notify, over real HTTP."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest

from calsync.sandbox import RemoteSandbox, Sandbox
from tests.sandbox.graph_caller import OLGA, GraphCaller
from tests.sandbox.receiver import Receiver, in_days, subscribe

SAM = "sam@corp.example"


def test_every_change_is_notified_with_the_clients_state(
    olga: GraphCaller, sandbox: Sandbox, receiver: Receiver
) -> None:
    made = subscribe(olga, receiver).json()
    event = olga.create().json()
    item = event["id"]
    sandbox.wait_for(lambda: receiver.taken)
    user = olga.call("GET", "/me").json()["id"]
    assert receiver.taken == [
        {
            "subscriptionId": made["id"],
            "subscriptionExpirationDateTime": made["expirationDateTime"],
            "tenantId": sandbox.outlook_tenant,
            "clientState": "secret",
            "changeType": "created",
            "resource": f"Users/{user}/Events/{item}",
            "resourceData": {
                "@odata.type": "#Microsoft.Graph.Event",
                "@odata.id": f"Users/{user}/Events/{item}",
                "@odata.etag": event["@odata.etag"],
                "id": item,
            },
        }
    ]
    assert receiver.paths[-1] == "/hook?of=calsync"
    olga.patch(item, {"subject": "Changed"})
    sandbox.user_moves(OLGA, item, datetime(2026, 12, 5, 9, tzinfo=UTC))
    sandbox.user_deletes(OLGA, item)
    sandbox.purge_tombstones(OLGA)
    copied = olga.create(transactionId="2").json()["id"]
    sandbox.wait_for(lambda: len(receiver.taken) == 5)
    kinds = ["created", "updated", "updated", "deleted"]
    assert receiver.changes() == [*((one, item) for one in kinds), ("created", copied)]


@pytest.mark.parametrize("rule", ["moved", "purged"])
def test_a_deletion_by_the_api_is_notified_once(
    olga: GraphCaller, sandbox: Sandbox, receiver: Receiver, rule: str
) -> None:
    sandbox.switch("api_delete", rule)
    subscribe(olga, receiver, changeType="updated,deleted")
    item = olga.create().json()["id"]
    olga.delete(item)
    if rule == "moved":
        olga.patch(item, {"subject": "Changed in Deleted Items"})
        olga.delete(item)
    last = olga.create(transactionId="2").json()["id"]
    olga.delete(last)
    sandbox.wait_for(lambda: ("deleted", last) in receiver.changes())
    assert receiver.changes() == [("deleted", item), ("deleted", last)]


def test_only_what_was_asked_for_is_notified(
    olga: GraphCaller, sandbox: Sandbox, receiver: Receiver
) -> None:
    sandbox.add_person(SAM, outlook=True)
    subscribe(olga, receiver, changeType="updated")
    item = olga.create().json()["id"]
    with GraphCaller(sandbox, sandbox.outlook_token(SAM)) as sam:
        other = sam.create().json()["id"]
        sam.patch(other, {"subject": "Sam's"})
    olga.patch(item, {"subject": "Olga's"})
    sandbox.wait_for(lambda: receiver.taken)
    assert receiver.changes() == [("updated", item)]


def test_ids_are_of_the_kind_that_the_subscription_asked_for(
    olga: GraphCaller, sandbox: Sandbox, receiver: Receiver
) -> None:
    subscribe(olga, receiver, headers={"Prefer": ""})
    assert sandbox.violations() == ['POST subscriptions: no Prefer: IdType="ImmutableId"']
    item = olga.create().json()["id"]
    default = olga.get(item, headers={"Prefer": ""}).json()["id"]
    sandbox.user_deletes(OLGA, item)
    sandbox.wait_for(lambda: len(receiver.taken) == 2)
    assert receiver.changes() == [("created", default), ("deleted", default)]


def test_a_writer_does_not_wait_for_a_slow_receiver(
    olga: GraphCaller, sandbox: Sandbox, receiver: Receiver
) -> None:
    over = threading.Event()
    receiver.status = lambda: 202 if over.wait(30) else 500
    subscribe(olga, receiver)
    ids = [olga.create(transactionId=f"t{n}").json()["id"] for n in range(3)]
    assert receiver.taken == []
    over.set()
    sandbox.wait_for(lambda: len(receiver.taken) == 3)
    assert receiver.changes() == [("created", one) for one in ids]


def test_a_notification_that_is_not_taken_is_sent_again(
    olga: GraphCaller, sandbox: Sandbox, receiver: Receiver
) -> None:
    statuses = iter((500, 503, 404))
    receiver.status = lambda: next(statuses, 202)
    subscribe(olga, receiver)
    item = olga.create().json()["id"]
    sandbox.wait_for(lambda: receiver.taken)
    assert receiver.changes() == [("created", item)]
    assert len(receiver.paths) == 5


def test_one_that_is_never_taken_is_missed(
    olga: GraphCaller, sandbox: Sandbox, receiver: Receiver
) -> None:
    with Receiver() as life:
        subscribe(olga, receiver, lifecycleNotificationUrl=life.life_url)
        receiver.status = lambda: 500
        olga.create()
        sandbox.wait_for(lambda: life.taken)
        assert life.events() == ["missed"]
        assert life.taken[0]["clientState"] == "secret"
        assert "resource" not in life.taken[0]
    assert receiver.taken == []


def test_a_lost_word_about_a_life_is_not_missed_in_turn(
    olga: GraphCaller, sandbox: Sandbox, receiver: Receiver
) -> None:
    subscribe(olga, receiver, lifecycleNotificationUrl=receiver.life_url)
    receiver.status = lambda: 500 if len(receiver.paths) <= 7 else 202
    sandbox.subscription_lifecycle(OLGA, "missed")
    sandbox.wait_for(lambda: len(receiver.paths) == 7)  # two validations, five tries
    sandbox.subscription_lifecycle(OLGA, "reauthorizationRequired")
    sandbox.wait_for(receiver.events)
    assert receiver.events() == ["reauthorizationRequired"]


def test_a_sandbox_ends_while_it_notifies(receiver: Receiver) -> None:
    asked, over = threading.Event(), threading.Event()
    waited: list[bool] = []

    def status() -> int:
        asked.set()
        waited.append(over.wait(30))
        return 202

    receiver.status = status
    with Sandbox() as sandbox:
        sandbox.notification_patience(600)
        sandbox.add_person(OLGA, outlook=True)
        with GraphCaller(sandbox, sandbox.outlook_token(OLGA)) as caller:
            subscribe(caller, receiver)
            caller.create()
        assert asked.wait(60)
    assert waited == []
    over.set()
    assert not [one for one in threading.enumerate() if one.name == "sandbox-graph"]


def test_a_life_is_told_to_the_address_that_was_given_for_it(
    olga: GraphCaller, sandbox: Sandbox, receiver: Receiver
) -> None:
    remote = RemoteSandbox(sandbox.url)
    subscribe(olga, receiver)
    with Receiver() as life:
        made = subscribe(olga, receiver, lifecycleNotificationUrl=life.life_url).json()
        for event in ("missed", "reauthorizationRequired", "subscriptionRemoved"):
            remote.subscription_lifecycle(OLGA, event)
        sandbox.wait_for(lambda: len(life.taken) == 3)
        assert life.events() == ["missed", "reauthorizationRequired", "subscriptionRemoved"]
        assert {one["subscriptionId"] for one in life.taken} == {made["id"]}
    assert receiver.taken == []
    assert sandbox.subscriptions(OLGA) == []
    with pytest.raises(ValueError, match="missed"):
        remote.subscription_lifecycle(OLGA, "ended")


@pytest.mark.parametrize("rule", ["delivered", "lost"])
@pytest.mark.parametrize("renewed", [True, False])
def test_changes_before_a_reauthorization_by_switch(
    olga: GraphCaller, sandbox: Sandbox, receiver: Receiver, rule: str, renewed: bool
) -> None:
    sandbox.switch("unsure_subscription", rule)
    path = f"/subscriptions/{subscribe(olga, receiver).json()['id']}"
    sandbox.subscription_lifecycle(OLGA, "reauthorizationRequired")
    first = olga.create(transactionId="1").json()["id"]
    if renewed:
        until = {"expirationDateTime": in_days(2)}
        assert olga.call("PATCH", path, json=until).status_code == 200
    else:
        assert olga.call("POST", f"{path}/reauthorize").status_code == 204
    second = olga.create(transactionId="2").json()["id"]
    sandbox.wait_for(lambda: ("created", second) in receiver.changes())
    ids = [second] if rule == "lost" else [first, second]
    assert receiver.changes() == [("created", one) for one in ids]
