from __future__ import annotations

import smtplib
import socket
import threading
from http.client import HTTPException

import pytest

from calsync.sandbox import Sandbox
from tests.sandbox.caller import MAYA, Caller, a_mail, deliver

CUT = (HTTPException, ConnectionError)


def test_a_failure_is_answered_as_often_as_asked_and_does_nothing(
    maya: Caller, sandbox: Sandbox
) -> None:
    sandbox.fail(status=403, reason="rateLimitExceeded", retry_after=7, times=2)
    for _ in range(2):
        answer = maya.insert()
        assert (answer.status, answer.reason) == (403, "rateLimitExceeded")
        assert answer.body["error"]["errors"][0]["domain"] == "usageLimits"
        assert answer.headers["Retry-After"] == "7"
        assert sandbox.shown(MAYA) == []
    assert maya.insert().status == 200


def test_a_failure_without_a_reason_is_a_gateways_page(maya: Caller, sandbox: Sandbox) -> None:
    sandbox.fail(status=502)
    answer = maya.insert()
    assert answer.status == 502
    assert answer.body.startswith("<html>")


def test_a_fault_hits_only_what_it_is_meant_for(maya: Caller, sandbox: Sandbox) -> None:
    sandbox.add_person("sam@example.org", google=True)
    sandbox.fail({"method": "PATCH"}, status=500, reason="backendError", times=None)
    sandbox.fail({"path_contains": "/events/later"}, status=500, times=None)
    sandbox.fail({"person": "sam@example.org"}, status=500, times=None)
    assert maya.insert().status == 200
    assert maya.get("abc123").status == 200
    assert maya.patch("abc123", {"summary": "x"}).status == 500
    assert maya.get("later").status == 500
    with Caller(sandbox, sandbox.access_token("sam@example.org")) as sam:
        assert sam.list().status == 500
        sandbox.clear_faults()
        assert sam.list().status == 200
    with pytest.raises(ValueError, match="path_contains"):
        sandbox.fail({"path": "/events"}, status=500)


def test_a_token_request_can_fail_for_one_person(sandbox: Sandbox) -> None:
    sandbox.add_person("sam@example.org", google=True)
    match = {"path_contains": "/token", "person": MAYA}
    sandbox.fail(match, status=503, reason="temporarily_unavailable")
    form = {
        "grant_type": "refresh_token",
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
    }
    with Caller(sandbox) as caller:
        assert (
            caller.ask_token(refresh_token=sandbox.grant("sam@example.org"), **form).status == 200
        )
        answer = caller.ask_token(refresh_token=sandbox.grant(MAYA), **form)
    assert (answer.status, answer.body["error"]) == (503, "temporarily_unavailable")


def test_a_lost_answer_leaves_the_work_done(maya: Caller, sandbox: Sandbox) -> None:
    sandbox.commit_then_drop({"method": "POST"})
    with pytest.raises(CUT):
        maya.insert()
    assert len(sandbox.shown(MAYA)) == 1
    maya.connection.close()
    assert maya.insert().status == 409
    assert [one.status for one in sandbox.requests()] == [0, 409]


def test_a_cut_request_does_nothing(maya: Caller, sandbox: Sandbox) -> None:
    sandbox.drop()
    with pytest.raises(CUT):
        maya.insert()
    assert sandbox.shown(MAYA) == []


def test_a_gateway_that_gave_up_leaves_the_work_done(maya: Caller, sandbox: Sandbox) -> None:
    sandbox.commit_then_504()
    answer = maya.insert()
    assert (answer.status, answer.reason) == (504, "backendError")
    assert len(sandbox.shown(MAYA)) == 1


@pytest.mark.parametrize("kind", ["slow", "drip"])
def test_a_slow_answer_comes_after_the_work(maya: Caller, sandbox: Sandbox, kind: str) -> None:
    getattr(sandbox, kind)(60.0)
    answered: list[int] = []
    ended = threading.Event()

    def wait() -> None:
        try:
            answered.append(maya.insert().status)
        except CUT:
            pass
        finally:
            ended.set()

    threading.Thread(target=wait, daemon=True).start()
    sandbox.wait_for(lambda: sandbox.shown(MAYA))
    assert answered == []
    assert isinstance(maya.connection.sock, socket.socket)
    maya.connection.sock.shutdown(socket.SHUT_RDWR)
    assert ended.wait(60)


def test_a_drip_carries_the_whole_answer_in_the_end(maya: Caller, sandbox: Sandbox) -> None:
    sandbox.drip(0.0)
    assert maya.insert().body["id"] == "abc123"


def test_requests_are_counted_by_person_and_method(maya: Caller, sandbox: Sandbox) -> None:
    maya.insert()
    maya.get("abc123", "?timeZone=UTC")
    maya.get("abc123")
    assert sandbox.counts("/calendar/") == {MAYA: {"POST": 1, "GET": 2}}
    assert {one.path for one in sandbox.requests() if one.method == "GET"} == {
        "/calendar/v3/calendars/primary/events/abc123"
    }
    sandbox.forget_requests()
    assert sandbox.requests() == []


# SMTP


def test_mail_to_nobody_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as caught:
        deliver(sandbox, a_mail(to="nobody@example.org"))
    assert caught.value.recipients["nobody@example.org"][0] == 550


def test_a_recipient_can_be_refused(sandbox: Sandbox) -> None:
    sandbox.fail_smtp("rcpt", code=452, person=MAYA)
    with pytest.raises(smtplib.SMTPRecipientsRefused) as caught:
        deliver(sandbox, a_mail())
    assert caught.value.recipients[MAYA][0] == 452
    deliver(sandbox, a_mail())
    assert len(sandbox.mails(MAYA)) == 1


def test_a_message_can_be_refused(sandbox: Sandbox) -> None:
    sandbox.fail_smtp("data", code=554, message="5.7.1 no")
    with pytest.raises(smtplib.SMTPDataError) as caught:
        deliver(sandbox, a_mail())
    assert caught.value.smtp_code == 554
    assert sandbox.mails(MAYA) == []


@pytest.mark.parametrize(("stage", "delivered"), [("drop_before_data", 0), ("drop_after_data", 1)])
def test_the_connection_can_end_on_either_side_of_the_message(
    sandbox: Sandbox, stage: str, delivered: int
) -> None:
    sandbox.fail_smtp(stage)
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        deliver(sandbox, a_mail())
    assert len(sandbox.mails(MAYA)) == delivered
    deliver(sandbox, a_mail())
    assert len(sandbox.mails(MAYA)) == delivered + 1


def test_an_unknown_stage_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="drop_after_data"):
        sandbox.fail_smtp("later")
