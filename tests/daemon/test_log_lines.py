"""What a daemon's log says of its own doings: whatever fails by name and with a reason, and the
same thing once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from calsync.daemon.log_lines import (
    AGAIN_SECONDS,
    DaemonLog,
    Repeats,
    database_of,
    reason_of,
)
from calsync.errors import DatabaseError, ValueRefusedError
from calsync.ingest.polled import Polled
from calsync.store.database import Store, open_engine


@dataclass
class Said:
    """The lines of a daemon whose clock is `now`."""

    now: float = 0.0
    lines: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        def log(event: str, **fields: Any) -> None:
            self.lines.append((event, fields))

        self.log = DaemonLog(log, Repeats(lambda: self.now))

    @property
    def events(self) -> list[str]:
        return [event for event, _ in self.lines]


@pytest.fixture
def said() -> Said:
    return Said()


def test_a_source_that_stays_unreadable_is_told_once_an_hour_and_when_it_works_again(
    said: Said,
) -> None:
    for _ in range(3):
        said.log.polled(Polled(source="platform", error="no such file"))
    assert said.lines == [("source_failed", {"source": "platform", "reason": "no such file"})]

    said.log.polled(Polled(source="platform", error="permission denied"))
    said.now += AGAIN_SECONDS
    said.log.polled(Polled(source="platform", error="permission denied"))
    said.log.polled(Polled(source="platform", seen=3))
    said.log.polled(Polled(source="platform", seen=3))
    assert said.events == ["source_failed"] * 3 + ["source_works_again"]


def test_records_that_stay_refused_are_told_when_their_number_changes(said: Said) -> None:
    for refused in (2, 2, 3, 3):
        said.log.polled(Polled(source="platform", seen=9, refused=refused))
    assert [fields["refused"] for _, fields in said.lines] == [2, 3]

    said.log.polled(Polled(source="platform", seen=9, refused=3, changed=1))
    assert said.lines[-1] == (
        "polled",
        {"source": "platform", "seen": 9, "changed": 1, "refused": 3, "held": 0, "warnings": 0},
    )


def test_a_poll_that_shows_nothing_new_is_no_line(said: Said) -> None:
    said.log.polled(Polled(source="platform", seen=9))
    assert said.lines == []


def test_a_source_that_another_process_reads_is_told_once(said: Said) -> None:
    for until in ("12:00:10", "12:00:20"):
        said.log.busy("platform", f"another process reads it until {until}")
    assert said.events == ["source_busy"]


def test_a_job_that_fails_is_told_by_name_with_its_reason_until_it_works_again(
    said: Said,
) -> None:
    for _ in range(2):
        said.log.job_failed("purge", DatabaseError("cannot connect", advice="start it"))
        said.log.job_failed("beat", KeyError("PLANTED"))
    said.log.job_done("purge")
    said.log.job_done("purge")

    (first, second, third) = said.lines
    assert first == (
        "job_failed",
        {"job": "purge", "error": "DatabaseError", "reason": "cannot connect; start it"},
    )
    assert (second[1]["job"], second[1]["error"]) == ("beat", "KeyError")
    assert second[1]["reason"].startswith("unexpected KeyError in ")
    assert third == ("job_works_again", {"job": "purge"})
    assert "PLANTED" not in repr(said.lines)


def test_a_worker_that_fails_again_after_it_worked_is_news(said: Said) -> None:
    said.log.worker_failed(DatabaseError("cannot connect"))
    said.log.worker_failed(DatabaseError("cannot connect"))
    said.log.worker_done()
    said.log.worker_failed(DatabaseError("cannot connect"))
    assert said.events == ["worker_failed"] * 2
    assert said.lines[0][1]["worker"] == "MainThread"


def test_a_value_that_the_database_refused_is_never_quoted() -> None:
    told = reason_of(ValueRefusedError("invalid byte sequence PLANTED"))
    assert told["error"] == "ValueRefusedError"
    assert "PLANTED" not in repr(told)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("sqlite:////var/lib/calsync/calsync.db", "sqlite /var/lib/calsync/calsync.db"),
        ("postgresql+psycopg://me:PLANTED@db:5433/calsync", "postgresql db:5433/calsync"),
        (
            "postgresql+psycopg://me:PLANTED@/calsync?host=db1:5432&host=db2:5432",
            "postgresql db1:5432,db2:5432/calsync",
        ),
        ("postgresql+psycopg:///calsync?password=PLANTED", "postgresql (local)/calsync"),
    ],
)
def test_a_database_is_named_without_its_password(url: str, told: str) -> None:
    store = Store(open_engine(url))
    assert database_of(store) == told
    store.close()
