"""Graph's $batch: each part has its own answer, and the envelope says nothing about it."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from calsync.sandbox import Sandbox
from tests.sandbox.graph_caller import IMMUTABLE, OLGA, GraphCaller, an_event, code_of

HEADERS = {"Prefer": IMMUTABLE, "Content-Type": "application/json"}


def a_part(number: int, method: str = "GET", path: str = "/me/events", **more: Any) -> Any:
    return {"id": str(number), "method": method, "url": path, "headers": HEADERS, **more}


def parts_of(answer: requests.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return {one["id"]: one for one in answer.json()["responses"]}


def test_parts_are_answered_one_by_one_and_in_any_order(
    olga: GraphCaller, sandbox: Sandbox
) -> None:
    item = olga.create().json()["id"]
    answer = olga.batch(
        a_part(1, path=f"/me/events/{item}?$select=subject"),
        a_part(2, path="/me/events/gone"),
        a_part(3, "POST", body=an_event(transactionId="t2")),
        a_part(4, "DELETE", f"/me/events/{item}", dependsOn=["1"]),
    )
    parts = parts_of(answer)
    assert [one["id"] for one in answer.json()["responses"]] != ["1", "2", "3", "4"]
    assert {name: one["status"] for name, one in parts.items()} == {
        "1": 200,
        "2": 404,
        "3": 201,
        "4": 204,
    }
    assert parts["1"]["body"]["subject"] == "Session 1"
    assert parts["2"]["body"]["error"]["code"] == "ErrorItemNotFound"
    assert "body" not in parts["4"]
    assert len(sandbox.shown(OLGA)) == 1
    assert sandbox.violations() == []


def test_a_part_that_depends_on_a_failed_one_fails(olga: GraphCaller, sandbox: Sandbox) -> None:
    parts = parts_of(
        olga.batch(
            a_part(1, "POST", body=an_event(), dependsOn=["2"]),
            a_part(2, path="/me/events/gone"),
        )
    )
    assert (parts["1"]["status"], parts["2"]["status"]) == (424, 404)
    assert sandbox.shown(OLGA) == []


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [a_part(number) for number in range(21)],
        [{**a_part(1), "id": "a"}, {**a_part(1), "id": "A"}],
        [{"id": "1", "url": "/me/events"}],
        [a_part(1, dependsOn=["7"])],
        [a_part(1, dependsOn=["2"]), a_part(2, dependsOn=["1"])],
    ],
    ids=["none", "21", "same id", "no method", "unknown", "ring"],
)
def test_a_malformed_envelope_is_refused_whole(
    olga: GraphCaller, sandbox: Sandbox, parts: list[Any]
) -> None:
    answer = olga.batch(*parts)
    assert (answer.status_code, code_of(answer)) == (400, "BadRequest")
    assert len(sandbox.violations()) == 1


def test_twenty_parts_for_one_mailbox_are_served_or_throttled_by_switch(
    olga: GraphCaller, sandbox: Sandbox
) -> None:
    parts = [a_part(number) for number in range(20)]
    statuses = [one["status"] for one in parts_of(olga.batch(*parts)).values()]
    assert statuses == [200] * 20
    sandbox.switch("batch_same_mailbox", "throttled")
    answers = parts_of(olga.batch(*parts)).values()
    assert sorted(one["status"] for one in answers) == [200] * 4 + [429] * 16
    assert {one["headers"]["Retry-After"] for one in answers if one["status"] == 429} == {"1"}


def test_an_application_may_ask_many_mailboxes_in_one_batch(sandbox: Sandbox) -> None:
    sandbox.switch("batch_same_mailbox", "throttled")
    people = [f"p{number}@corp.example" for number in range(10)]
    for one in people:
        sandbox.add_person(one, outlook=True)
    with GraphCaller(sandbox, sandbox.outlook_token()) as app:
        parts = [a_part(n, path=f"/users/{one}/events") for n, one in enumerate(people)]
        assert {one["status"] for one in parts_of(app.batch(*parts)).values()} == {200}


def test_a_fault_hits_the_part_that_it_is_meant_for(olga: GraphCaller, sandbox: Sandbox) -> None:
    match = {"method": "POST", "path_contains": "/me/events"}
    sandbox.fail(match, status=429, reason="ApplicationThrottled", retry_after=9)
    sandbox.commit_then_drop(match)
    parts = parts_of(
        olga.batch(
            a_part(1, "POST", body=an_event(transactionId="t1")),
            a_part(2, "POST", body=an_event(transactionId="t2")),
            a_part(3),
        )
    )
    assert [parts[name]["status"] for name in ("1", "2", "3")] == [429, 504, 200]
    assert parts["1"]["headers"]["Retry-After"] == "9"
    assert len(sandbox.shown(OLGA)) == 1


def test_a_fault_may_hit_the_envelope(olga: GraphCaller, sandbox: Sandbox) -> None:
    sandbox.fail({"path_contains": "$batch"}, status=503)
    assert olga.batch(a_part(1)).status_code == 503
    sandbox.expire_tokens(OLGA)
    assert olga.batch(a_part(1)).status_code == 401
