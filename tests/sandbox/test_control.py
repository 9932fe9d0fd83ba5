from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

import calsync.sandbox
from calsync.sandbox import RemoteSandbox, Sandbox, ShownEvent
from calsync.sandbox.control import ACTING, LOOKING
from calsync.sandbox.switches import GRAPH_CHANGES, RIVALS
from tests.sandbox.caller import MAYA, Caller, a_mail, deliver
from tests.sandbox.graph_caller import OLGA, GraphCaller

SAM = "sam@home.example"


@pytest.fixture
def remote(sandbox: Sandbox) -> RemoteSandbox:
    return RemoteSandbox(sandbox.url)


def test_everything_seen_travels_unchanged(
    sandbox: Sandbox, remote: RemoteSandbox, maya: Caller
) -> None:
    maya.insert()
    deliver(sandbox, a_mail())
    assert remote.shown(MAYA) == sandbox.shown(MAYA)
    assert remote.mails(MAYA) == sandbox.mails(MAYA)
    assert remote.events(MAYA) == sandbox.events(MAYA)
    assert remote.requests() == sandbox.requests()
    assert remote.counts("/calendar/") == {MAYA: {"POST": 1}}
    assert remote.people() == [MAYA, OLGA]
    assert remote.info() == sandbox.info()
    assert (remote.outbox(), remote.violations()) == ([], [])
    assert remote.switches()["tombstone_details"] == "keep"
    assert remote.token_uri == sandbox.token_uri


def test_everything_can_be_done_from_elsewhere(
    sandbox: Sandbox, remote: RemoteSandbox, maya: Caller
) -> None:
    remote.add_person(SAM, client="exchange", contacts=["a@b.example"])
    assert remote.grant(MAYA, scopes=["openid"]).startswith("1//")
    assert remote.access_token(MAYA).startswith("ya29.")
    assert remote.make_service_account()["type"] == "service_account"
    maya.insert()
    remote.user_moves(MAYA, "abc123", datetime(2026, 12, 4, 9, tzinfo=UTC))
    remote.user_edits(MAYA, "abc123", summary="Mine")
    remote.user_adds_guest(MAYA, "abc123", SAM)
    (event,) = sandbox.shown(MAYA)
    assert (event.title, event.starts_at.day, event.guests) == ("Mine", 4, (SAM,))
    remote.switch("guest_patch", "local")
    assert sandbox.switches()["guest_patch"] == "local"
    remote.fail({"method": "GET"}, status=503, reason="backendError")
    assert maya.get("abc123").status == 503
    remote.user_deletes(MAYA, "abc123")
    assert sandbox.shown(MAYA) == []
    remote.expire_tokens(MAYA)
    assert maya.get("abc123").status == 401
    remote.latency(0.001)
    assert maya.get("abc123").status == 401
    remote.forget_requests()
    assert sandbox.requests() == []


def test_outlook_people_are_reached_from_elsewhere(sandbox: Sandbox, remote: RemoteSandbox) -> None:
    remote.add_person(SAM, outlook=True)
    assert remote.grant_outlook(SAM).startswith("1.A")
    assert set(remote.make_certificate()) == {"private_key", "public_certificate"}
    assert remote.outlook_tenant == sandbox.outlook_tenant
    with GraphCaller(sandbox, remote.outlook_token(SAM)) as caller:
        remote.commit_then_fail({"method": "POST"}, status=403, reason="ErrorAccountSuspend")
        assert caller.create().status_code == 403
        item = sandbox.shown(SAM)[0].id
        assert remote.shown(SAM) == sandbox.shown(SAM)
        assert remote.outlook_events(SAM) == sandbox.outlook_events(SAM)
        remote.user_edits(SAM, item, subject="Mine")
        remote.user_moves_to_other_calendar(SAM, item)
        remote.user_copies(SAM, item)
        assert [one.title for one in remote.shown(SAM)] == ["Mine", "Mine"]
        caller.create(
            {"Prefer": ""}, transactionId="2", attendees=[{"emailAddress": {"address": MAYA}}]
        )
    assert len(remote.violations()) == 1
    assert [one["to"] for one in remote.outbox()] == [[MAYA]]
    remote.revoke(SAM, provider="outlook")
    remote.forget_requests()
    assert (sandbox.violations(), sandbox.outbox()) == ([], [])


def test_refusals_travel_too(remote: RemoteSandbox) -> None:
    with pytest.raises(KeyError, match="nobody"):
        remote.shown("nobody@example.org")
    with pytest.raises(ValueError, match="switch"):
        remote.switch("nonsense", True)
    with pytest.raises(TypeError):
        remote.fail()
    with pytest.raises(AttributeError):
        remote.close()


def test_control_is_plain_json(sandbox: Sandbox) -> None:
    with Caller(sandbox) as caller:
        assert caller.call("GET", "/control/shown?person=" + MAYA).body == {"result": []}
        assert caller.call("POST", "/control/latency", {"seconds": 0}).body == {"result": None}
        assert caller.call("GET", "/control/clear_faults").status == 404
        assert caller.call("POST", "/control/close").status == 404
        assert caller.call("POST", "/control/latency", {"minutes": 1}).status == 400
        assert caller.call("GET", "/elsewhere").status == 404


@pytest.mark.parametrize("name", sorted(LOOKING | ACTING | set(RIVALS)))
def test_every_method_and_switch_is_described(name: str) -> None:
    assert re.search(rf"\b{name}\b", calsync.sandbox.__doc__ or "")


@pytest.mark.parametrize("name", GRAPH_CHANGES)
def test_every_open_question_about_changes_is_run_with_every_answer(name: str) -> None:
    folder = Path(__file__).parent
    files = [*folder.glob("test_graph_*.py"), *folder.glob("test_planted_*.py")]
    text = "".join(one.read_text("utf-8") for one in files if f'"{name}"' in one.read_text("utf-8"))
    assert text
    assert all(str(value) in text for value in GRAPH_CHANGES[name])


def test_it_runs_as_a_process_until_it_is_told_to_stop() -> None:
    command = [sys.executable, "-m", "calsync.sandbox", "--latency-ms", "1"]
    for stop in (lambda one: one.send_signal(signal.SIGTERM), lambda one: one.stdin.close()):
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            info = json.loads(process.stdout.readline())
            remote = RemoteSandbox(info["url"])
            remote.add_person(MAYA, google=True)
            assert remote.people() == [MAYA]
            stop(process)
            assert process.wait(60) == 0


def test_a_sandbox_that_was_never_started_can_be_closed() -> None:
    Sandbox().close()


# Calendars from elsewhere


class Collection(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def do_GET(self) -> None:
        right = "Basic " + b64encode(b"sam:secret").decode()
        self.send_response(200 if self.headers["Authorization"] == right else 401)
        self.end_headers()
        self.wfile.write(a_mail(to=SAM).get_payload()[-1].get_payload(decode=True))


@pytest.fixture
def collection() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Collection) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/sam/"
        server.shutdown()
        thread.join()


def test_a_caldav_collection_is_shown_beside_the_mails(
    sandbox: Sandbox, remote: RemoteSandbox, collection: str
) -> None:
    sandbox.add_person(SAM)
    remote.register_view(SAM, collection, username="sam", password="secret")
    (event,) = sandbox.shown(SAM)
    assert (event.where, event.title, event.uid) == ("caldav", "Session 1", "uid-1")
    sandbox.register_view(SAM, "file:///etc/hostname")
    with pytest.raises(ValueError, match="not an http"):
        sandbox.shown(SAM)
    sandbox.register_view(SAM, collection, username="sam", password="wrong")
    with pytest.raises(OSError, match="401"):
        sandbox.shown(SAM)
    with Caller(sandbox) as caller:
        assert "cannot be read" in caller.call("GET", "/").body


# The page


def page(sandbox: Sandbox, query: str = "") -> str:
    with Caller(sandbox) as caller:
        answer = caller.call("GET", "/" + query)
    assert answer.status == 200
    assert "script" not in answer.headers["Content-Security-Policy"]
    return str(answer.body)


def a_shown_event(**changes: Any) -> ShownEvent:
    start = datetime.now(UTC) + timedelta(days=1)
    values = {
        "title": "Goals & <next> steps",
        "starts_at": start,
        "ends_at": start + timedelta(minutes=45),
        "location": "https://zoom.example/j/1",
        "description": "1. First\n2. Second <script>alert(1)</script>",
        "where": "caldav",
        "uid": "u1",
        "id": "u1",
        "status": "confirmed",
        "ours": True,
        "url": "https://app.example/sessions/1",
    } | changes
    return ShownEvent(**values)


def test_the_page_shows_what_comes_in_its_persons_zone() -> None:
    now = datetime(2026, 12, 1, tzinfo=UTC)
    with Sandbox(now=lambda: now) as sandbox:
        sandbox.add_person(MAYA, name="Maya Chen", time_zone="America/Toronto")
        start = datetime(2026, 12, 3, 20, tzinfo=UTC)
        past = datetime(2026, 11, 3, 20, tzinfo=UTC)
        sandbox.register_view(
            MAYA,
            lambda: [
                a_shown_event(starts_at=start, ends_at=start + timedelta(minutes=45)),
                a_shown_event(title="Long ago", starts_at=past, ends_at=past),
            ],
        )
        html = page(sandbox)
    assert "Maya Chen" in html
    assert "Thursday, 3 December" in html
    assert "15:00 to 15:45 EST" in html
    assert 'href="https://zoom.example/j/1"' in html
    assert 'href="https://app.example/sessions/1"' in html
    assert "Long ago" not in html


def test_the_page_shows_outlook_people_as_they_see_it() -> None:
    now = datetime(2026, 12, 1, tzinfo=UTC)
    with Sandbox(now=lambda: now) as sandbox:
        sandbox.add_person(OLGA, name="Olga Berg", time_zone="Europe/Berlin", outlook=True)
        with GraphCaller(sandbox, sandbox.outlook_token(OLGA)) as caller:
            caller.create()
        html = page(sandbox)
    assert "<b>Outlook calendar</b>" in html
    assert 'class="event outlook confirmed"' in html
    assert "21:00 to 21:45 CET" in html
    assert 'href="https://zoom.example/j/1"' in html
    assert "<p>1. Introductions</p>" in html


def test_the_page_escapes_what_others_wrote(sandbox: Sandbox) -> None:
    sandbox.register_view(
        MAYA,
        lambda: [
            a_shown_event(),
            a_shown_event(id="u2", location="javascript:alert(2)", url="javascript:alert(3)"),
        ],
    )
    html = page(sandbox)
    assert "Goals &amp; &lt;next&gt; steps" in html
    assert "<script" not in html
    assert 'href="javascript' not in html


def test_a_mail_opens_in_a_sandboxed_frame(sandbox: Sandbox) -> None:
    deliver(sandbox, a_mail())
    assert "<iframe" not in page(sandbox)
    html = page(sandbox, "?open=0-0")
    assert "&lt;p&gt;Rich &lt;b&gt;words" in html
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in html
    assert "allow-scripts" not in html


def test_the_page_without_people_says_so() -> None:
    with Sandbox() as sandbox:
        assert "Nobody is here yet." in page(sandbox)
