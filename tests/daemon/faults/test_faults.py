"""One thing breaks beside a daemon that works: the verdict names it, and its command ends it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.cli.rig import a_rig
from tests.daemon.faults.bench import Bench, a_bench, at_work
from tests.daemon.faults.faults import BESIDE, FAULTS, WITHOUT, Ends, Fault
from tests.harness.small_calsync import until

ROOT = Path(__file__).parents[3]
NO_COMMAND = "none: the sentence tells"  # what ends it is not a command of calsync


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Every fault is over before the next one begins, so they share a daemon."""
    with a_rig(tmp_path_factory.mktemp("bench")) as rig, a_bench(rig) as made, at_work(made):
        yield made


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """No daemon runs; each fault begins with that."""
    with a_rig(tmp_path_factory.mktemp("idle")) as rig, a_bench(rig) as made:
        yield made


@pytest.mark.parametrize("fault", BESIDE, ids=lambda one: one.name)
def test_the_verdict_names_it_and_its_command_ends_it(bench: Bench, fault: Fault) -> None:
    broken_and_ended(bench, fault)


@pytest.mark.parametrize("fault", WITHOUT, ids=lambda one: one.name)
def test_a_daemon_that_cannot_work_is_named_with_what_ends_that(idle: Bench, fault: Fault) -> None:
    idle.stop()
    broken_and_ended(idle, fault)


def broken_and_ended(bench: Bench, fault: Fault) -> None:
    """It is found and what was printed ends it, once whoever can has mended what it comes from."""
    with bench.held_still() if fault.unseen else nullcontext():
        fault.breaks(bench)
        found = bench.waits_for(fault.kind, fault.says)
    assert re.fullmatch(as_pattern(fault.command), found["command"])
    if fault.ends is Ends.ITSELF:
        if found["command"]:
            assert bench.type(found["command"]).out
        fault.mends(bench)
        until(lambda: bench.finding(fault.kind, fault.says) is None)
        return
    with bench.held_still() if fault.races else nullcontext():
        fault.mends(bench)
        assert bench.finding(fault.kind, fault.says), "the command does not end it, as it is over"
        bench.type(found["command"])
        until(lambda: has_ended(bench, fault))


def has_ended(bench: Bench, fault: Fault) -> bool:
    """Types what is printed by now, where that is a second step."""
    found = bench.finding(fault.kind, fault.says)
    if found is not None and fault.ends is Ends.TWO:
        bench.type(found["command"])
    return found is None


def as_pattern(command: str) -> str:
    """A word in capitals stands for what differs."""
    return " ".join(r"\S+" if one.isupper() else re.escape(one) for one in command.split())


def test_the_manual_has_a_row_for_every_fault() -> None:
    text = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    table = text.partition("| what is broken |")[2].partition("\n\n")[0]
    rows = [
        tuple(cell.strip(" `") for cell in line.split("|")[1:5]) for line in table.split("\n")[2:]
    ]
    assert rows == [
        (one.name, one.kind, one.command or NO_COMMAND, one.ends.value) for one in FAULTS
    ]
