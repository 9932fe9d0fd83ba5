"""The real process is killed with SIGKILL at every named point; nothing is lost or doubled."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from calsync import wiring
from calsync.config import load
from calsync.sandbox import Sandbox
from calsync.store import schema
from calsync.store.database import Store, open_engine
from calsync.store.vault import new_key
from tests.crash.process import run

# Every point that `at` is called with between a poll and the end of a pass, and on which passing
# the process is killed: 1 is the calendar's or the first one, 2 the mail's or the next one.
POINTS = (
    "poll.page",
    "poll.pages",
    "poll.closed",
    "claim.before",
    "claim.after",
    "call.before",
    "refresh.before",
    "refresh.after",
    "send.before",
    "send.after",
    "call.after",
    "finish.before",
    "finish.after",
)
ON_POSTGRES = ("claim.after", "send.after", "finish.before")
AFTER_LEASES = 300.0  # seconds: every lease of the killed process has ended


@dataclass
class Stage:
    folder: Path
    sandbox: Sandbox
    config: Path
    record: dict[str, Any]
    clock: float = 0.0

    @property
    def log(self) -> Path:
        return self.folder / "points.log"

    def publish(self) -> None:
        self.record["updated_at"] = datetime.now(UTC).isoformat()
        file = self.folder / "sessions.json"
        fresh = file.with_suffix(".new")
        fresh.write_text(json.dumps([self.record]), encoding="utf-8")
        fresh.replace(file)

    def killed_then_restarted(self, point: str, nth: int) -> None:
        code = run(self.config, self.log, point=point, nth=nth, ahead=self.clock)
        assert code in (-signal.SIGKILL, 0)
        self.clock += AFTER_LEASES
        assert run(self.config, self.log, ahead=self.clock) == 0

    def seen(self) -> tuple[list[Any], list[Any]]:
        return self.sandbox.shown("maya@gmail.example"), self.sandbox.shown("sam@mail.example")


@contextmanager
def a_stage(folder: Path, database: str) -> Iterator[Stage]:
    with ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox())
        sandbox.add_person("maya@gmail.example", google=True)
        sandbox.add_person("sam@mail.example")
        config = folder / "calsync.toml"
        config.write_text(settings(folder, sandbox, database), encoding="utf-8")
        store = Store(open_engine(database))
        schema.upgrade(store)
        store.close()
        service = wiring.build(load(config, {}))
        token = {"refresh_token": sandbox.grant("maya@gmail.example")}
        service.import_account("default", "google", "maya@gmail.example", token)
        service.close()
        yield Stage(folder, sandbox, config, a_record())
        assert sandbox.violations() == []
        assert sandbox.outbox() == []


def a_record() -> dict[str, Any]:
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(days=5)
    people = (("u-1", "Maya", "maya@gmail.example"), ("u-2", "Sam", "sam@mail.example"))
    return {
        "id": "ses-1",
        "status": "booked",
        "title": "Session 1",
        "program": {"id": "p", "name": "Program", "kind": "individual"},
        "starts_at": start.strftime("%Y-%m-%dT%H:%M:%S"),
        "ends_at": (start + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S"),
        "time_zone": "UTC",
        "place": {"kind": "online", "url": "https://zoom.us/j/1", "label": "Zoom"},
        "url": "https://app.example.org/s/1",
        "participants": [{"id": i, "name": n, "email": e} for i, n, e in people],
    }


def settings(folder: Path, sandbox: Sandbox, database: str) -> str:
    return f"""
[database]
url = {json.dumps(database)}
[google]
client_id = "{sandbox.client_id}"
client_secret = "{sandbox.client_secret}"
api_base = "{sandbox.url}"
token_uri = "{sandbox.token_uri}"
[mail]
host = "{sandbox.smtp_host}"
port = {sandbox.smtp_port}
security = "none"
sender = "sessions@platform.example"
[deliver]
workers = 1
[security]
keys = ["{new_key()}"]
[[source]]
name = "platform"
kind = "file"
path = {json.dumps(str(folder / "sessions.json"))}
"""


def story(stage: Stage, point: str, nth: int) -> None:
    """Booked, moved and cancelled, killed once in each."""
    stage.publish()
    stage.killed_then_restarted(point, nth)
    maya, sam = stage.seen()
    assert (len(maya), len(sam)) == (1, 1), f"after booking: {maya} {sam}"
    moved = datetime.fromisoformat(stage.record["starts_at"]) + timedelta(hours=3)
    stage.record["starts_at"] = moved.strftime("%Y-%m-%dT%H:%M:%S")
    ends = moved + timedelta(hours=1)
    stage.record["ends_at"] = ends.strftime("%Y-%m-%dT%H:%M:%S")
    stage.publish()
    stage.killed_then_restarted(point, nth)
    maya, sam = stage.seen()
    assert [one.starts_at for one in (*maya, *sam)] == [moved.replace(tzinfo=UTC)] * 2
    stage.record["status"] = "cancelled"
    stage.publish()
    stage.killed_then_restarted(point, nth)
    assert stage.seen() == ([], [])
    bodies = [mail.raw for mail in stage.sandbox.mails("sam@mail.example")]
    assert len(set(bodies)) == 3, "a repeated mail must be the same bytes"


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("point", POINTS)
def test_killed_at_any_point_everybody_sees_the_session_once(
    tmp_path: Path, point: str, nth: int
) -> None:
    with a_stage(tmp_path, f"sqlite:///{tmp_path / 'calsync.db'}") as stage:
        story(stage, point, nth)


@pytest.mark.parametrize(
    "point",
    [pytest.param(p, marks=() if p in ON_POSTGRES else pytest.mark.full) for p in POINTS],
)
def test_killed_on_postgres_everybody_sees_the_session_once(
    tmp_path: Path, postgres_url: str, point: str
) -> None:
    with a_stage(tmp_path, postgres_url) as stage:
        story(stage, point, 1)


def test_the_list_of_points_is_complete(tmp_path: Path) -> None:
    with a_stage(tmp_path, f"sqlite:///{tmp_path / 'calsync.db'}") as stage:
        story(stage, "nowhere", 1)
        passed = set(stage.log.read_text(encoding="utf-8").split())
    assert passed == set(POINTS)
