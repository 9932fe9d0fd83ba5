"""Who sees a subscription at Graph, how it is renewed and how it ends."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from calsync.sandbox import RemoteSandbox, Sandbox
from tests.sandbox.graph_caller import OLGA, GraphCaller, code_of
from tests.sandbox.receiver import Clock, Receiver, in_days, subscribe

SAM = "sam@corp.example"


@pytest.fixture
def now() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def sam(sandbox: Sandbox) -> None:
    sandbox.add_person(SAM, outlook=True)


def test_a_person_subscribes_to_the_own_events_only(
    sandbox: Sandbox, olga: GraphCaller, receiver: Receiver
) -> None:
    answer = subscribe(olga, receiver, resource=f"/users/{SAM}/events")
    assert (answer.status_code, code_of(answer)) == (403, "ErrorAccessDenied")
    assert subscribe(olga, receiver, resource=f"users/{OLGA}/events").status_code == 201
    with GraphCaller(sandbox, sandbox.outlook_token(OLGA, ["User.Read"])) as caller:
        assert subscribe(caller, receiver).status_code == 403
    with GraphCaller(sandbox, "unknown") as caller:
        assert subscribe(caller, receiver).status_code == 401
    with GraphCaller(sandbox, sandbox.outlook_token(OLGA, ["Calendars.Read"])) as caller:
        assert subscribe(caller, receiver).status_code == 201


def test_an_application_subscribes_to_everyones_but_not_to_its_own(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    with GraphCaller(sandbox, sandbox.outlook_token(), f"/users/{SAM}") as app:
        assert subscribe(app, receiver).status_code == 201
        assert subscribe(app, receiver, resource="users/nobody@corp.example/events").ok is False
        assert sandbox.violations() == []
        assert subscribe(app, receiver, resource="me/events").status_code == 400
    assert len(sandbox.violations()) == 1


def test_each_sees_the_own_subscriptions_and_the_application_all(
    sandbox: Sandbox, olga: GraphCaller, receiver: Receiver
) -> None:
    item = subscribe(olga, receiver).json()["id"]
    with (
        GraphCaller(sandbox, sandbox.outlook_token(), f"/users/{OLGA}") as app,
        GraphCaller(sandbox, sandbox.outlook_token(SAM)) as sam,
    ):
        other = subscribe(app, receiver).json()["id"]
        for caller, ids in ((olga, {item}), (app, {item, other}), (sam, set())):
            listed = caller.call("GET", "/subscriptions").json()["value"]
            assert {one["id"] for one in listed} == ids
            assert all(one["clientState"] is None for one in listed)
            for one in (item, other):
                answer = caller.call("GET", f"/subscriptions/{one}")
                assert answer.status_code == (200 if one in ids else 404)
        assert sam.call("DELETE", f"/subscriptions/{item}").status_code == 404
    assert {one["id"] for one in RemoteSandbox(sandbox.url).subscriptions(OLGA)} == {item, other}


def test_a_subscription_ends_at_its_expiration(
    olga: GraphCaller, sandbox: Sandbox, receiver: Receiver, now: Clock
) -> None:
    early = subscribe(olga, receiver).json()["id"]
    with Receiver() as later:
        subscribe(olga, later, expirationDateTime=in_days(3))
        now.now += timedelta(days=2)
        olga.create()
        sandbox.wait_for(lambda: later.taken)
    assert receiver.taken == []
    assert olga.call("GET", f"/subscriptions/{early}").status_code == 404
    later_on = {"expirationDateTime": in_days(4)}
    answer = olga.call("PATCH", f"/subscriptions/{early}", json=later_on)
    assert (answer.status_code, code_of(answer)) == (404, "ResourceNotFound")


@pytest.mark.parametrize("asked", [True, False])
def test_a_renewal_moves_the_expiration(
    olga: GraphCaller, sandbox: Sandbox, receiver: Receiver, now: Clock, asked: bool
) -> None:
    sandbox.switch("renewal_validated", asked)
    path = f"/subscriptions/{subscribe(olga, receiver).json()['id']}"
    answer = olga.call("PATCH", path, json={"expirationDateTime": in_days(5)})
    assert answer.status_code == 200
    assert datetime.fromisoformat(answer.json()["expirationDateTime"]) > now() + timedelta(days=4)
    assert len(receiver.paths) == (2 if asked else 1)
    now.now += timedelta(days=4)
    assert olga.call("GET", path).status_code == 200
    receiver.validate = lambda token: (404, "text/plain", token)
    answer = olga.call("PATCH", path, json={"expirationDateTime": in_days(6)})
    assert answer.status_code == (400 if asked else 200)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"expirationDateTime": in_days(99)}, 400),
        ({"lifecycleNotificationUrl": "http://127.0.0.1/x"}, 400),
        ({"expirationDateTime": in_days(2), "clientState": "other"}, 400),
        ({"notificationUrl": "http://127.0.0.1/x"}, 501),
    ],
)
def test_nothing_but_the_expiration_can_be_changed(
    olga: GraphCaller, sandbox: Sandbox, receiver: Receiver, body: dict[str, Any], status: int
) -> None:
    made = subscribe(olga, receiver).json()
    answer = olga.call("PATCH", f"/subscriptions/{made['id']}", json=body)
    assert answer.status_code == status
    assert sandbox.subscriptions(OLGA)[0]["expirationDateTime"] == made["expirationDateTime"]
    assert len(sandbox.violations()) == (1 if status == 400 else 0)


def test_a_deleted_subscription_notifies_nobody(
    olga: GraphCaller, sandbox: Sandbox, receiver: Receiver
) -> None:
    path = f"/subscriptions/{subscribe(olga, receiver).json()['id']}"
    assert olga.call("DELETE", path).status_code == 204
    assert olga.call("DELETE", path).status_code == 404
    with Receiver() as other:
        subscribe(olga, other)
        olga.create()
        sandbox.wait_for(lambda: other.taken)
    assert receiver.taken == []


def test_methods_that_are_not_there_are_told(
    olga: GraphCaller, sandbox: Sandbox, receiver: Receiver
) -> None:
    path = f"/subscriptions/{subscribe(olga, receiver).json()['id']}"
    for method, there in (("PUT", path), ("PATCH", "/subscriptions"), ("POST", f"{path}/renew")):
        assert olga.call(method, there, json={}).status_code == 405
    assert len(sandbox.violations()) == 3


def test_an_answer_may_be_lost_although_the_subscription_was_made(
    olga: GraphCaller, sandbox: Sandbox, receiver: Receiver
) -> None:
    sandbox.commit_then_504({"path_contains": "/v1.0/subscriptions"})
    assert subscribe(olga, receiver).status_code == 504
    assert len(sandbox.subscriptions(OLGA)) == 1
    sandbox.fail({"path_contains": "/subscriptions"}, status=429, reason="TooManyRequests")
    assert subscribe(olga, receiver).status_code == 429
    assert len(sandbox.subscriptions(OLGA)) == 1


def test_a_part_of_a_batch_may_subscribe(
    olga: GraphCaller, sandbox: Sandbox, receiver: Receiver
) -> None:
    body = {
        "changeType": "created",
        "notificationUrl": receiver.url,
        "resource": "/me/events",
        "expirationDateTime": in_days(1),
        "clientState": "secret",
    }
    headers = {"Prefer": 'IdType="ImmutableId"', "Content-Type": "application/json"}
    part = {"id": "1", "method": "POST", "url": "/subscriptions", "headers": headers, "body": body}
    (answer,) = olga.batch(part).json()["responses"]
    assert answer["status"] == 201
    assert len(sandbox.subscriptions(OLGA)) == 1
