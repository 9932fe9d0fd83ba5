"""A booking system's webhook makes its source be polled at once, and does nothing else."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from calsync.ingest.polled import Polled
from calsync.platform_api import at_once
from calsync.platform_api.at_once import PollAtOnce
from calsync.platform_api.inbound import Scheme, proves
from tests.web.site import MakeSite, Site, a_record

SECRET = "a secret of sixteen characters"
BODY = b'{"triggerEvent": "BOOKING_CREATED"}'
WANTED = "SELECT session FROM delivery WHERE want = 'present' ORDER BY 1"


def signed(text: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def stamped(at: int, secret: str = SECRET) -> str:
    return f"t={at},v1={signed(str(at).encode() + b'.' + BODY, secret)}"


def settled() -> None:
    """Every poll that was asked for is over."""
    for thread in threading.enumerate():
        if thread.name == at_once.NAME:
            thread.join(30)


@pytest.fixture
def crm(make_site: MakeSite, tmp_path: Path) -> Site:
    """With a source that is told of changes, and nothing in it yet."""
    (tmp_path / "crm.jsonl").write_text("", "utf-8")
    more = (
        f'[[source]]\nname = "crm"\nkind = "file"\npath = "{tmp_path / "crm.jsonl"}"\n'
        f'inbound_secret = "{SECRET}"\n'
    )
    return make_site(more=more)


def publish(site: Site, ident: str) -> None:
    record = a_record(days=9) | {"id": ident}
    with (site.folder / "crm.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(record) + "\n")


def test_a_proven_call_makes_the_source_be_polled(crm: Site) -> None:
    publish(crm, "ses-1")
    told = crm.caller()
    told.token = ""
    answer = told.call("POST", "/in/crm", data=BODY, headers={"X-Signature": signed(BODY)})
    assert (answer.status_code, answer.content) == (202, b"")
    settled()
    assert crm.rows(WANTED) == [("ses-1",), ("ses-1",)]
    assert crm.woken == 1
    before = crm.rows("SELECT version, due_at FROM delivery")
    for _ in range(3):
        told.call("POST", "/in/crm", data=BODY, headers={"X-Signature": f"sha256={signed(BODY)}"})
    settled()
    assert crm.rows("SELECT version, due_at FROM delivery") == before, "a repetition is harmless"


def test_a_call_that_proves_nothing_does_nothing_and_learns_nothing(crm: Site) -> None:
    publish(crm, "ses-1")
    told = crm.caller()
    for name in ("crm", "other", "pushed", "nothing", "a%00b"):
        for shown in (None, "", signed(b"another body"), signed(BODY, "other"), SECRET):
            headers = {"X-Signature": shown} if shown is not None else {}
            answer = told.call("POST", f"/in/{name}", data=BODY, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (401, "not_proven")
    settled()
    assert crm.rows(WANTED) == []
    assert SECRET not in json.dumps(crm.told, default=str)


NOW = 1_796_328_000


@pytest.mark.parametrize(
    ("scheme", "shown", "good"),
    [
        ("header", SECRET, True),
        ("header", SECRET + "x", False),
        ("header", "\ud800", False),
        ("header", f" {SECRET} ", True),
        ("hmac-sha256", signed(BODY).encode("utf-16").decode("latin-1"), False),
        ("hmac-sha256", "\udcff" * 64, False),
        ("hmac-sha256-timestamp", stamped(NOW - 3600), False),  # a clock that is an hour off
        ("hmac-sha256-timestamp", stamped(NOW + 3600), False),
        ("hmac-sha256-timestamp", "t=" + "9" * 400 + ",v1=" + signed(BODY), False),
        ("hmac-sha256-timestamp", f"t={NOW},v1=\xff", False),
        ("hmac-sha256-timestamp", f"t=-{NOW},v1=x", False),
        ("hmac-sha256", signed(BODY).upper(), True),
        ("hmac-sha256", "sha256=" + signed(BODY), True),
        ("hmac-sha256", "sha1=" + signed(BODY), False),
        ("hmac-sha256-timestamp", stamped(NOW), True),
        ("hmac-sha256-timestamp", stamped(NOW - 299), True),
        ("hmac-sha256-timestamp", stamped(NOW - 301), False),
        ("hmac-sha256-timestamp", stamped(NOW + 301), False),
        ("hmac-sha256-timestamp", stamped(NOW).replace(f"t={NOW}", f"t={NOW + 1}"), False),
        ("hmac-sha256-timestamp", f"v1={signed(b'old')},{stamped(NOW)}", True),
        ("hmac-sha256-timestamp", stamped(NOW, "other"), False),
        ("hmac-sha256-timestamp", f"v1={signed(BODY)}", False),
        ("hmac-sha256-timestamp", "t=\u00b2,v1=x", False),
    ],
)
def test_each_scheme_takes_who_knows_the_secret_and_nobody_else(
    scheme: Scheme, shown: str, *, good: bool
) -> None:
    assert proves(scheme, SECRET, shown, BODY, NOW) is good


def test_a_secret_that_is_no_ascii_is_known_again() -> None:
    """As a server hands it on: header bytes as Latin-1."""
    secret = "Grüße aus der Küche 你好"
    assert proves("header", secret, secret.encode().decode("latin-1"), BODY, NOW)
    assert not proves("header", secret, secret.encode().decode("latin-1")[:-1], BODY, NOW)


class Slow:
    """A poller that is busy until it is let go."""

    source = SimpleNamespace(name="crm")

    def __init__(self) -> None:
        self.begun, self.go, self.polls = threading.Semaphore(0), threading.Semaphore(0), 0

    def run_once(self) -> Polled:
        self.begun.release()
        assert self.go.acquire(timeout=30)
        self.polls += 1
        return Polled(source="crm")


def test_who_asks_while_a_poll_runs_is_served_by_one_more(light_site: Site) -> None:
    slow, done = Slow(), list[float]()
    poll = PollAtOnce(light_site.open.context, slow)  # type: ignore[arg-type]
    poll.ask(lambda: done.append(time.monotonic()))
    assert slow.begun.acquire(timeout=30)
    for _ in range(5):
        poll.ask(lambda: done.append(time.monotonic()))
    slow.go.release(2)
    settled()
    assert (slow.polls, len(done)) == (2, 2)
    poll.ask(lambda: None)
    slow.go.release()
    settled()
    assert slow.polls == 3


def test_a_poll_that_breaks_is_told_and_the_next_one_is_made(light_site: Site) -> None:
    class Broken:
        source = SimpleNamespace(name="crm")
        polls = 0

        def run_once(self) -> None:
            self.polls += 1
            raise RuntimeError("PLANTED")

    broken, done = Broken(), list[int]()
    poll = PollAtOnce(light_site.open.context, broken)  # type: ignore[arg-type]
    for _ in range(2):
        poll.ask(lambda: done.append(1))
        settled()
    assert (broken.polls, done) == (2, [])
    assert light_site.rows("SELECT count(*) FROM unexpected_failure") == [(1,)]
