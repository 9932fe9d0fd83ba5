"""What every request passes: tokens and scopes, the host, limits, headers, and what is logged."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest
import requests

from calsync.errors import DatabaseError
from calsync.ops import verdict
from calsync.platform_api import tokens
from calsync.web import middleware
from calsync.web.api import auth
from calsync.web.api.auth import Pace
from tests.harness.small_calsync import until
from tests.harness.surprises import failures
from tests.web.site import Caller, Site, a_record

JSON = {"Content-Type": "application/json"}


def requests_told(site: Site) -> list[dict[str, Any]]:
    """The log's lines about requests; each is written after its answer."""
    return [fields for event, fields in site.told if event == "request"]


@pytest.fixture
def site(light_site: Site) -> Site:
    return light_site


@pytest.mark.parametrize("token", ["", "calsync_0", "calsync_" + "0" * 12 + "_" + "0" * 64, "ä"])
def test_without_a_valid_token_nothing_is_done(site: Site, token: str) -> None:
    answer = requests.put(
        site.url + "/api/sessions/ses-1",
        json=a_record(),
        headers={"Authorization": f"Bearer {token}".encode()},
        timeout=30,
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "no_valid_token")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert site.rows("SELECT * FROM booked_session") == []


def test_a_token_does_what_its_scopes_say_and_no_more(site: Site) -> None:
    answer = site.caller("default", "changes:read").put("ses-1", a_record())

    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    assert "sessions:write" in answer.json()["message"]


def test_a_revoked_token_is_refused_at_once(site: Site, platform: Caller) -> None:
    assert platform.put("ses-1", a_record()).status_code == 200
    tokens.revoke(site.open.context, platform.token.split("_")[1])
    assert platform.put("ses-1", a_record()).status_code == 401


def test_the_last_use_of_a_token_is_noted(site: Site, platform: Caller) -> None:
    assert tokens.listed(site.open.context, None)[0].last_used is None
    platform.put("ses-1", a_record())
    assert tokens.listed(site.open.context, None)[0].last_used is not None


def test_who_calls_too_often_is_told_when_to_come_back(tmp_path: Path) -> None:
    made = Site(tmp_path, f"sqlite:///{tmp_path / 'store.db'}", web="calls_per_minute = 1")
    with made.served() as site:
        platform, other = site.caller(), site.caller()
        assert platform.put("ses-1", a_record()).status_code == 200
        answer = platform.put("ses-1", a_record())
        assert (answer.status_code, answer.json()["code"]) == (429, "too_often")
        assert 1 <= int(answer.headers["Retry-After"]) <= 61
        assert other.put("ses-2", a_record()).status_code == 200


def test_a_pace_lets_a_burst_go_and_then_an_even_stream() -> None:
    now = [0.0]
    pace = Pace(60, clock=lambda: now[0])
    assert [pace.take("a") == 0 for _ in range(7)] == [True] * 5 + [False] * 2
    assert pace.take("b") == 0
    now[0] += 1
    assert [pace.take("a") == 0 for _ in range(2)] == [True, False]


@pytest.mark.parametrize("per_minute", [1, 7, 11])
def test_the_first_call_goes_whatever_the_clock_shows(per_minute: int) -> None:
    refused = [n for n in range(5000) if Pace(per_minute, clock=lambda: n / 7.3).take("a")]  # noqa: B023
    assert refused == []


def test_who_has_not_called_for_a_while_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "MOST_KNOWN", 3)
    now = [0.0]
    pace = Pace(60, clock=lambda: now[0])
    for who in "abc":
        pace.take(who)
    for _ in range(9):
        pace.take("a")
    now[0] = 1.5  # b and c may call as if they never had; a has calls on its account still
    pace.take("d")
    assert sorted(pace._arrival) == ["a", "d"]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[::1", "a@b"])
def test_another_host_name_is_refused(site: Site, platform: Caller, host: str) -> None:
    answer = platform.put("ses-1", a_record(), headers={"Host": host})

    assert answer.status_code in (400, 421)
    assert site.rows("SELECT * FROM booked_session") == []


def test_a_body_that_is_too_long_is_refused_with_and_without_its_length(
    site: Site, platform: Caller
) -> None:
    long = json.dumps(a_record(agenda={"text": "x" * 600_000})).encode()
    said = platform.call("PUT", "/api/sessions/ses-1", data=long, headers=JSON)
    pieces = (long[at : at + 1000] for at in range(0, len(long), 1000))
    unsaid = platform.call("PUT", "/api/sessions/ses-1", data=pieces, headers=JSON)

    assert [one.status_code for one in (said, unsaid)] == [413, 413]
    assert [one.json()["code"] for one in (said, unsaid)] == ["too_long", "too_long"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"1", b'"x"', b"null", b"\xff\xfe", b"[" * 100_000, b'{"a": NaN', b"{}x"],
)
def test_a_body_that_is_no_record_is_refused_and_never_a_500(platform: Caller, body: bytes) -> None:
    answer = platform.call("PUT", "/api/sessions/ses-1", data=body, headers=JSON)

    assert answer.status_code in (400, 422)
    assert answer.json()["message"]


def test_a_body_that_does_not_come_ends_the_request(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(middleware, "BODY_SECONDS", 0.2)
        with Site(tmp_path, f"sqlite:///{tmp_path / 'store.db'}").served() as site:
            token = site.caller().token
            with socket.create_connection(("127.0.0.1", site.port), timeout=30) as raw:
                raw.sendall(
                    f"PUT /api/sessions/ses-1 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                    f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
                    f"Content-Length: 100\r\n\r\n{{".encode()
                )
                assert raw.recv(65536).startswith(b"HTTP/1.1 408 ")


def test_every_answer_has_its_headers_and_id(site: Site, platform: Caller) -> None:
    good = platform.put("ses-1", a_record())
    bad = platform.call("GET", "/nothing")
    strange = platform.put("ses-1", a_record(), headers={"Host": "evil.example"})

    for answer in (good, bad, strange):
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Server" not in answer.headers
        assert "Strict-Transport-Security" not in answer.headers, "plain http on this machine"
    ids = {one.headers["X-Request-ID"] for one in (good, bad, strange)}
    assert len(ids) == 3
    until(lambda: len(requests_told(site)) == 3)
    assert {one["request"] for one in requests_told(site)} == ids


def test_behind_tls_browsers_are_told_to_stay_there(tmp_path: Path) -> None:
    made = Site(tmp_path, f"sqlite:///{tmp_path / 'store.db'}")
    made.public = "https://calsync.example"
    with made.served() as site:
        answer = site.caller().call("GET", "/x", headers={"Host": "calsync.example"})
        assert answer.status_code == 404
        assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_the_log_has_no_token_query_id_or_content(site: Site, platform: Caller) -> None:
    platform.put("ses-PLANTED", a_record(), params={"code": "PLANTED"})
    platform.put("ses-PLANTED", a_record(starts_at="PLANTED"))
    platform.call("GET", "/PLANTED?PLANTED", headers={"Referer": "https://x.example/PLANTED"})
    until(lambda: len(requests_told(site)) == 3)
    told = repr(site.told)

    assert "PLANTED" not in told
    assert platform.token.split("_")[2] not in told
    assert platform.token.split("_")[1] in told, "which token it was"


def test_a_failure_inside_is_a_500_that_tells_nothing(
    site: Site, platform: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("PLANTED-SECRET")

    monkeypatch.setattr(site.open.web.pushers["default"], "put", broken)
    answer = platform.put("ses-1", a_record())

    assert (answer.status_code, answer.json()["code"]) == (500, "failed")
    assert answer.headers["X-Request-ID"] in answer.json()["message"]
    assert "PLANTED" not in answer.text + repr(site.told)
    assert ("request_failed", "RuntimeError") in [
        (event, fields.get("error")) for event, fields in site.told
    ]
    until(lambda: failures(site.open.context))
    (found,) = failures(site.open.context)
    assert (found.area, found.error) == ("request", "RuntimeError")


def test_ops_ask_on_a_listener_of_their_own(site: Site, platform: Caller) -> None:
    ops = f"http://127.0.0.1:{site.ops_port}"
    for path in ("/live", "/health"):
        found = requests.get(ops + path, timeout=30)
        assert (found.status_code, found.json()) == (200, {"problems": []}), (
            "no daemon, but it works"
        )

    platform.put("ses-1", a_record())
    figures = requests.get(ops + "/metrics", timeout=30)
    assert figures.headers["Content-Type"].startswith("text/plain")
    assert "\ncalsync_deliveries_due 2.0\n" in figures.text
    assert "maya" not in figures.text.lower()
    for path in ("/live", "/health", "/metrics"):
        assert platform.call("GET", path).status_code == 404, "not on the public one"
        strange = requests.get(ops + path, headers={"Host": "evil.example"}, timeout=30)
        assert strange.status_code == 421


def test_health_tells_that_the_database_does_not_answer_and_live_does_not_ask(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise DatabaseError("cannot connect to postgresql://calsync:PLANTED@db/calsync")

    monkeypatch.setattr(verdict.instance, "heartbeat", broken)
    ops = f"http://127.0.0.1:{site.ops_port}"
    health = requests.get(ops + "/health", timeout=30)

    assert health.status_code == 503
    (problem,) = health.json()["problems"]
    assert problem.startswith("the database cannot be used: cannot connect")
    assert "PLANTED" not in problem
    assert requests.get(ops + "/live", timeout=30).status_code == 200


def test_the_description_of_the_api_is_served_without_a_token(site: Site) -> None:
    found = requests.get(site.url + "/api/openapi.json", timeout=30).json()

    assert found["openapi"].startswith("3.1")
    assert {"put", "delete"} <= set(found["paths"]["/api/sessions/{session_id}"])
    for path, methods in found["paths"].items():
        for method, one in methods.items():
            assert one["summary"], (path, method)
            assert one["description"], (path, method)
            assert one["security"] == [{"token": []}], (path, method)
