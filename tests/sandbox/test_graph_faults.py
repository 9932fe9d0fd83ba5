"""Faults of Graph on cue, and its limit of requests at a time."""

from __future__ import annotations

import contextlib
import threading

import pytest
import requests

from calsync.sandbox import Sandbox
from tests.sandbox.graph_caller import OLGA, GraphCaller, code_of

CREATE = {"method": "POST", "path_contains": "/v1.0/me/events"}
CUT = requests.ConnectionError


@pytest.mark.parametrize(
    ("status", "reason", "message"),
    [
        (429, "ApplicationThrottled", "Application is over its MailboxConcurrency limit."),
        (412, "ErrorIrresolvableConflict", "change key"),
        (404, "MailboxNotEnabledForRESTAPI", "inactive, soft-deleted, or is hosted on-premise"),
        (503, "ConcurrentItemSave", "ConcurrentItemSave"),
    ],
)
def test_an_error_comes_once_in_graphs_words(
    olga: GraphCaller, sandbox: Sandbox, status: int, reason: str, message: str
) -> None:
    sandbox.fail(CREATE, status=status, reason=reason, retry_after=7)
    answer = olga.create()
    assert (answer.status_code, code_of(answer)) == (status, reason)
    error = answer.json()["error"]
    assert message in error["message"]
    assert error["innerError"]["request-id"]
    assert answer.headers["Retry-After"] == "7"
    assert sandbox.shown(OLGA) == []
    assert olga.create().status_code == 201


def test_a_gateway_answers_html(olga: GraphCaller, sandbox: Sandbox) -> None:
    sandbox.fail(CREATE, status=502)
    answer = olga.create()
    assert (answer.status_code, answer.text[:6]) == (502, "<html>")


def test_an_error_may_come_after_the_work(olga: GraphCaller, sandbox: Sandbox) -> None:
    sandbox.commit_then_fail(CREATE, status=403, reason="ErrorAccountSuspend")
    answer = olga.create()
    assert (answer.status_code, code_of(answer)) == (403, "ErrorAccountSuspend")
    assert len(sandbox.shown(OLGA)) == 1
    assert olga.create().status_code == 201
    assert len(sandbox.shown(OLGA)) == 1


def test_a_gateway_may_give_up_after_the_work(olga: GraphCaller, sandbox: Sandbox) -> None:
    sandbox.commit_then_504(CREATE)
    answer = olga.create()
    assert (answer.status_code, code_of(answer)) == (504, "UnknownError")
    assert len(sandbox.shown(OLGA)) == 1


def test_an_answer_may_be_lost(olga: GraphCaller, sandbox: Sandbox) -> None:
    sandbox.commit_then_drop(CREATE)
    with pytest.raises(CUT):
        olga.create()
    assert len(sandbox.shown(OLGA)) == 1
    assert [(one.person, one.status) for one in sandbox.requests()] == [(OLGA, 0)]


@pytest.mark.parametrize("scope", ["mailbox", "app"])
def test_a_fifth_request_at_a_time_is_throttled(scope: str) -> None:
    with Sandbox() as sandbox:
        sandbox.switch("concurrency", scope)
        for person in (OLGA, "sam@corp.example"):
            sandbox.add_person(person, outlook=True)
        sandbox.slow(60.0, {"method": "GET"}, times=4)
        waiting = [threading.Thread(target=list_once, args=(sandbox,)) for _ in range(4)]
        for one in waiting:
            one.start()
        sandbox.wait_for(lambda: len(sandbox.requests()) == 4)
        with GraphCaller(sandbox, sandbox.outlook_token(OLGA)) as olga:
            answer = olga.create()
            assert (answer.status_code, code_of(answer)) == (429, "ApplicationThrottled")
            assert answer.headers["Retry-After"] == "1"
        with GraphCaller(sandbox, sandbox.outlook_token("sam@corp.example")) as sam:
            assert sam.create().status_code == (201 if scope == "mailbox" else 429)
        assert sandbox.shown(OLGA) == []
    for one in waiting:
        one.join()


def list_once(sandbox: Sandbox) -> None:
    caller = GraphCaller(sandbox, sandbox.outlook_token(OLGA))
    with caller, contextlib.suppress(requests.RequestException):
        caller.list()
