"""What `/metrics` shows: what a process counted, what the ledger says, under documented names, and
nobody's name among them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families

from calsync.core.ledger import Do, Outcome
from calsync.errors import DatabaseError
from calsync.ingest.lease import BusyError
from calsync.ingest.poll import measured
from calsync.ingest.polled import Polled
from calsync.ops import commands, metrics, verdict
from calsync.runtime.meter import POLL_TIME, POLLS, REQUESTS, SHOWN, Meter
from calsync.store import instance
from tests.harness.installation import MAYA, Installation, installed

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"
ROW = re.compile(r"^\| `((?:calsync|process)_\w+)` \| (.*?) \|", re.MULTILINE)
PEOPLE = re.compile(r"maya|chen|contoso|ses-1|u-1|@", re.IGNORECASE)


def exposed(installation: Installation) -> dict[str, Metric]:
    text = metrics.exposition(installation.open().context).decode()
    return {one.name: one for one in text_string_to_metric_families(text)}


def value(families: dict[str, Metric], sample: str, **labels: str) -> float:
    (found,) = [
        one.value
        for family in families.values()
        for one in family.samples
        if (one.name, one.labels) == (sample, labels)
    ]
    return found


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Maya's session is in her Google calendar and was booked anew; a daemon has run."""
    with installed(tmp_path_factory.mktemp("delivered")) as made:
        _deliver(made)
        yield made


def _deliver(installation: Installation) -> None:
    installation.connect("google")
    installation.book()
    installation.sync()
    installation.book(days=12)
    installation.shift = timedelta(seconds=90)
    installation.sync()
    installation.open().context.transact("beat", instance.beat)


def test_what_was_done_is_counted_by_channel_and_answer(delivered: Installation) -> None:
    found = exposed(delivered)

    def calls(do: Do, outcome: Outcome = Outcome.YES) -> float:
        labels = {"channel": "google", "do": do.value, "outcome": outcome.value}
        return value(found, "calsync_deliveries_total", **labels)

    assert (calls(Do.CREATE), calls(Do.CHANGE)) == (1, 1)
    asked = {"channel": "google", "call": "delivery"}
    assert value(found, "calsync_provider_requests_total", **asked, answer="ok") == 2
    assert value(found, "calsync_provider_request_seconds_count", **asked) == 2
    assert value(found, "calsync_mails_total", mail="notice", answer="ok") == 1, "of the connect"
    refreshed = {"channel": "google", "call": "refresh", "answer": "ok"}
    assert value(found, "calsync_provider_requests_total", **refreshed) >= 1


def test_a_booking_and_a_change_are_measured_until_they_are_shown(delivered: Installation) -> None:
    found = exposed(delivered)

    assert value(found, "calsync_booking_to_event_seconds_count", channel="google") == 2
    assert value(found, "calsync_booking_to_event_seconds_sum", channel="google") >= 0
    assert not [one for one in found if one.endswith("_created")]


def test_the_state_of_the_installation_is_shown(delivered: Installation) -> None:
    found = exposed(delivered)

    assert value(found, "calsync_database_up") == 1
    assert value(found, "calsync_accounts", provider="google", state="active") == 1
    assert value(found, "calsync_accounts", provider="google", state="reconnect") == 0
    assert value(found, "calsync_deliveries_ahead") == 1
    assert value(found, "calsync_queue_age_seconds") == 0
    assert value(found, "calsync_source_failing", source="platform") == 0
    assert value(found, "calsync_source_read_age_seconds", source="platform") >= 0
    assert value(found, "calsync_findings", kind="source", severity="error") == 0
    kinds = {one.labels["kind"] for one in found["calsync_findings"].samples}
    assert set(verdict.RULES) <= kinds


def test_a_mail_a_pause_and_a_finding_are_shown(tmp_path: Path) -> None:
    with installed(tmp_path) as made:
        made.book()
        made.sync()
        commands.pause(made.open().context, "default", "google", "an exercise")
        found = exposed(made)

    assert value(found, "calsync_mails_total", mail="invitation", answer="ok") == 1
    assert value(found, "calsync_pauses", by="ops", channel="google") == 1
    assert value(found, "calsync_findings", kind="pause", severity="notice") == 1
    assert value(found, "calsync_findings", kind="no_daemon", severity="error") == 1


def test_every_name_and_label_is_documented_and_no_other(delivered: Installation) -> None:
    documented = {
        name: tuple(re.findall(r"`(\w+)`", labels))
        for name, labels in ROW.findall(PAGE.read_text(encoding="utf-8"))
    }
    delivered.open().context.meter.count(POLLS, "platform", "ok")
    found = exposed(delivered)

    names = {f"{one}_total" if family.type == "counter" else one for one, family in found.items()}
    assert names == set(documented)
    for one in found.values():
        for sample in one.samples:
            name = f"{one.name}_total" if one.type == "counter" else one.name
            labels = tuple(label for label in sample.labels if label != "le")
            assert set(labels) == set(documented[name]), sample


def test_no_label_holds_a_person(delivered: Installation) -> None:
    assert MAYA.startswith("maya")
    values = {
        text
        for family in exposed(delivered).values()
        for one in family.samples
        for text in one.labels.values()
    }
    assert len(values) > 20
    assert [one for one in values if PEOPLE.search(one)] == []


def test_without_its_database_a_process_shows_what_it_counted(
    delivered: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise DatabaseError("cannot connect")

    monkeypatch.setattr(metrics.metrics, "figures", broken)
    found = exposed(delivered)

    assert value(found, "calsync_database_up") == 0
    done = {"channel": "google", "do": "create", "outcome": "yes"}
    assert value(found, "calsync_deliveries_total", **done) == 1
    assert "calsync_findings" not in found


def test_a_poll_is_counted_by_what_came_of_it() -> None:
    meter = Meter()

    def another() -> Polled:
        raise BusyError("another process reads it")

    def breaks() -> Polled:
        raise KeyError("x")

    measured(meter, "platform", lambda: Polled(source="platform"))
    measured(meter, "platform", lambda: Polled(source="platform", error="no such file"))
    for poll in (another, breaks):
        with pytest.raises((BusyError, KeyError)):
            measured(meter, "platform", poll)

    assert meter.counted(POLLS) == {
        ("platform", "ok"): 1,
        ("platform", "failed"): 2,
        ("platform", "busy"): 1,
    }
    (took,) = meter.measured(POLL_TIME).values()
    assert sum(took.counts) == 2, "what was read, or could not be"


def test_a_value_is_in_every_bucket_that_holds_it() -> None:
    meter = Meter()
    for seconds in (0.5, 1.0, 1.5, 1e9):
        meter.observe(SHOWN, seconds, "mail")

    (measured,) = meter.measured(SHOWN).values()
    assert measured.counts[:2] == [2, 1], "a bound belongs to its bucket"
    assert measured.counts[-1] == 1, "nothing else holds it"
    assert measured.total == 1e9 + 3


def test_numbers_of_one_instrument_are_not_those_of_another() -> None:
    meter = Meter()
    meter.count(REQUESTS, "google", "delivery", "ok")
    meter.count(REQUESTS, "google", "delivery", "ok")
    meter.count(POLLS, "platform", "ok")

    assert meter.counted(REQUESTS) == {("google", "delivery", "ok"): 2}
    assert meter.counted(POLLS) == {("platform", "ok"): 1}
