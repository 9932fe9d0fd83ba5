"""Making a subscription at Graph: what it takes, and the validation of addresses."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from calsync.sandbox import RemoteSandbox, Sandbox
from tests.sandbox.graph_caller import OLGA, GraphCaller, code_of
from tests.sandbox.receiver import Clock, Receiver, in_days, subscribe

SAM = "sam@corp.example"


@pytest.fixture
def now() -> Clock:
    return Clock()


def message_of(answer: Any) -> str:
    return str(answer.json()["error"]["message"])


def test_a_subscription_is_made_when_its_address_gives_the_token_back(
    olga: GraphCaller, sandbox: Sandbox, receiver: Receiver
) -> None:
    answer = subscribe(olga, receiver)
    made = answer.json()
    assert answer.status_code == 201
    assert made["applicationId"] == sandbox.outlook_client_id
    assert made["creatorId"] == olga.call("GET", "/me").json()["id"]
    assert datetime.fromisoformat(made["expirationDateTime"]) > datetime.now(UTC)
    assert (made["clientState"], made["changeType"]) == ("secret", "created,updated,deleted")
    (path,) = receiver.paths
    assert path.startswith("/hook?of=calsync&validationToken=Validation%3A%20")
    assert receiver.kinds == ["text/plain; charset=utf-8"]
    assert sandbox.violations() == []


def test_both_addresses_are_asked(olga: GraphCaller, receiver: Receiver) -> None:
    made = subscribe(olga, receiver, lifecycleNotificationUrl=receiver.life_url).json()
    assert made["lifecycleNotificationUrl"] == receiver.life_url
    assert [one.partition("?")[0] for one in receiver.paths] == ["/hook", "/life"]
    receiver.validate = lambda token: (200 if len(receiver.paths) < 4 else 404, "text/plain", token)
    answer = subscribe(olga, receiver, lifecycleNotificationUrl=receiver.life_url)
    assert answer.status_code == 400


@pytest.mark.parametrize("code", ["ValidationError", "InvalidRequest"])
@pytest.mark.parametrize(
    ("status", "kind", "text"),
    [
        (202, "text/plain", "{token}"),
        (404, "text/plain", "{token}"),
        (302, "text/plain", "{token}"),
        (200, "text/html", "{token}"),
        (200, "text/plain", "<p>{token}</p>"),
        (200, "text/plain", ""),
    ],
)
def test_an_address_that_does_not_answer_rightly_is_refused(
    olga: GraphCaller,
    sandbox: Sandbox,
    receiver: Receiver,
    code: str,
    status: int,
    kind: str,
    text: str,
) -> None:
    sandbox.switch("validation_failed", code)
    receiver.validate = lambda token: (status, kind, text.format(token=token))
    answer = subscribe(olga, receiver)
    assert (answer.status_code, code_of(answer)) == (400, code)
    assert "Subscription validation request failed" in message_of(answer)
    assert sandbox.subscriptions(OLGA) == []


def test_an_address_that_is_slow_or_not_there_is_refused(
    olga: GraphCaller, sandbox: Sandbox, receiver: Receiver
) -> None:
    RemoteSandbox(sandbox.url).notification_patience(0.05)
    over = threading.Event()
    receiver.validate = lambda token: (200, "text/plain", token if over.wait(30) else "")
    answer = subscribe(olga, receiver)
    over.set()
    assert (answer.status_code, code_of(answer)) == (400, "ValidationError")
    assert message_of(answer) == "Subscription validation request timed out."
    with Receiver() as gone:
        url = gone.url
    answer = subscribe(olga, receiver, notificationUrl=url)
    assert (answer.status_code, code_of(answer)) == (400, "ValidationError")
    assert sandbox.subscriptions(OLGA) == []


def test_others_are_served_while_an_address_is_asked(
    olga: GraphCaller, sandbox: Sandbox, receiver: Receiver
) -> None:
    sandbox.add_person(SAM, outlook=True)
    seen: list[int] = []

    def validate(token: str) -> tuple[int, str, str]:
        with GraphCaller(sandbox, sandbox.outlook_token(SAM)) as sam:
            seen.append(sam.create().status_code)
        return 200, "text/plain", token

    receiver.validate = validate
    assert subscribe(olga, receiver).status_code == 201
    assert seen == [201]


def test_a_sandbox_ends_while_an_address_is_asked(receiver: Receiver) -> None:
    asked, over = threading.Event(), threading.Event()
    waited: list[bool] = []

    def validate(token: str) -> tuple[int, str, str]:
        asked.set()
        waited.append(over.wait(30))
        return 200, "text/plain", token

    receiver.validate = validate
    sandbox = Sandbox()
    sandbox.start()
    sandbox.notification_patience(600)
    sandbox.add_person(OLGA, outlook=True)
    caller = GraphCaller(sandbox, sandbox.outlook_token(OLGA))
    statuses: list[int] = []
    thread = threading.Thread(
        target=lambda: statuses.append(subscribe(caller, receiver).status_code)
    )
    thread.start()
    assert asked.wait(60)
    sandbox.close()
    thread.join()
    assert waited == []
    over.set()
    caller.http.close()
    assert statuses == [400]


@pytest.mark.parametrize(
    ("changes", "status", "code", "told"),
    [
        ({"changeType": None}, 400, "InvalidRequest", "changeType is a required property"),
        ({"notificationUrl": None}, 400, "InvalidRequest", "notificationUrl is a required"),
        ({"resource": None}, 400, "InvalidRequest", "resource is a required property"),
        ({"expirationDateTime": None}, 400, "InvalidRequest", "expirationDateTime is a required"),
        ({"changeType": "created,moved"}, 400, "InvalidRequest", "changeType"),
        ({"clientState": "x" * 129}, 400, "InvalidRequest", "128"),
        ({"latestSupportedTlsVersion": "v0"}, 400, "InvalidRequest", "latestSupportedTlsVersion"),
        ({"clientstate": "x"}, 400, "InvalidRequest", "camelCased"),
        ({"id": "mine"}, 400, "InvalidRequest", "camelCased"),
        ({"expirationDateTime": "soon"}, 400, "InvalidRequest", "valid format"),
        ({"expirationDateTime": in_days(-1)}, 400, "InvalidRequest", "future"),
        ({"expirationDateTime": in_days(8)}, 400, "ExtensionError", "10080 minutes"),
        (
            {"notificationUrl": "http://hooks.example/x"},
            400,
            "InvalidRequest",
            "NotificationUrl scheme='http' is not supported.",
        ),
        ({"notificationUrl": "ftp://127.0.0.1/x"}, 400, "InvalidRequest", "scheme='ftp'"),
        ({"notificationUrl": "http://[x/"}, 400, "InvalidRequest", "not an address"),
        (
            {"lifecycleNotificationUrl": "http://hooks.example/x"},
            400,
            "InvalidRequest",
            "LifecycleNotificationUrl scheme",
        ),
        ({"resource": "me/drive/root"}, 400, "InvalidRequest", "me/drive/root"),
        ({"notificationUrl": "https://hooks.example/x"}, 501, "notImplemented", "machine"),
        ({"resource": "me/messages"}, 501, "notImplemented", "me/messages"),
        ({"resource": "me/events?$filter=x"}, 501, "notImplemented", "$filter"),
        ({"includeResourceData": True}, 501, "notImplemented", "includeResourceData"),
    ],
)
def test_a_wrong_wish_is_refused(
    olga: GraphCaller,
    sandbox: Sandbox,
    receiver: Receiver,
    changes: dict[str, Any],
    status: int,
    code: str,
    told: str,
) -> None:
    answer = subscribe(olga, receiver, **changes)
    assert (answer.status_code, code_of(answer)) == (status, code)
    assert told in message_of(answer)
    assert receiver.paths == []
    assert len(sandbox.violations()) == (1 if status == 400 else 0)


@pytest.mark.parametrize("minutes", [10080, 10070, 4230])
def test_the_longest_life_by_switch(
    olga: GraphCaller, sandbox: Sandbox, receiver: Receiver, now: Clock, minutes: int
) -> None:
    sandbox.switch("subscription_minutes", str(minutes))
    longest = now() + timedelta(minutes=minutes)
    later = longest + timedelta(seconds=1)
    assert subscribe(olga, receiver, expirationDateTime=longest.isoformat()).status_code == 201
    answer = subscribe(olga, receiver, expirationDateTime=later.isoformat())
    assert (answer.status_code, code_of(answer)) == (400, "ExtensionError")
    assert f"{minutes} minutes" in message_of(answer)


def test_a_short_life_is_made_45_minutes(olga: GraphCaller, receiver: Receiver, now: Clock) -> None:
    soon = now() + timedelta(minutes=1)
    made = subscribe(olga, receiver, expirationDateTime=soon.isoformat()).json()
    assert datetime.fromisoformat(made["expirationDateTime"]) == now() + timedelta(minutes=45)
