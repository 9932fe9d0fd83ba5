"""The webhook of the real `calsync run`: killed between a fact and its telling, and by command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from calsync.store.vault import new_key
from tests.cli.rig import MAYA, SAM, Rig, a_rig
from tests.harness.small_calsync import until
from tests.web.receiver import Receiver, receiving

KEY = new_key().partition(":")[2]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving({"w1": KEY}) as made:
        yield made


@pytest.fixture
def rig(tmp_path: Path, receiver: Receiver) -> Iterator[Rig]:
    """Maya is connected, nothing is booked."""
    hook = f"url = {json.dumps(receiver.url)}\nkeys = {json.dumps([f'w1:{KEY}'])}"
    with a_rig(tmp_path, webhook=hook) as made:
        made.log.touch()
        made.connect()
        yield made


def told(receiver: Receiver) -> set[tuple[str, str]]:
    """Kind and session of what was taken."""
    return {
        (one["kind"], one["session"])
        for facts, status in receiver.calls
        if status == 204
        for one in facts
    }


def test_a_delivery_is_told_as_it_happens(rig: Rig, receiver: Receiver) -> None:
    with rig.daemon() as process:
        rig.book("ses-1", MAYA, SAM)
        until(lambda: ("delivered", "ses-1") in told(receiver))
        until(lambda: len(receiver.sessions()) == 2)
        process.terminate()
        assert process.wait(timeout=60) == 0
    assert receiver.forged == []
    assert KEY not in rig.log.read_text(encoding="utf-8")


def test_killed_between_the_fact_and_its_telling_it_is_told_after_the_restart(
    rig: Rig, receiver: Receiver
) -> None:
    receiver.usual = 503
    with rig.daemon() as process:
        rig.book("ses-1", MAYA)
        until(lambda: receiver.calls and rig.times(MAYA))
        process.kill()
        process.wait()
    (asked,) = {one["id"] for facts, _ in receiver.calls for one in facts}
    receiver.usual = 204
    with rig.opened() as db:  # as if the time of the lease and of the wait had passed
        db.execute("UPDATE webhook SET lease_until = NULL, due_at = '2000-01-01 00:00:00.000000'")
    with rig.daemon():
        until(lambda: ("delivered", "ses-1") in told(receiver))
    taken = [one["id"] for facts, status in receiver.calls if status == 204 for one in facts]
    assert taken == [asked], "the same fact, by the same id"


def test_dead_letters_are_listed_and_replayed_by_command(rig: Rig, receiver: Receiver) -> None:
    receiver.usual = 500
    with rig.daemon():
        rig.book("ses-1", MAYA)
        until(lambda: receiver.calls)
        until(lambda: rig.ask("SELECT 1 FROM webhook WHERE attempts = 1 AND lease_token IS NULL"))
        with rig.opened() as db:
            past = "2000-01-01 00:00:00.000000"
            db.execute("UPDATE webhook SET failing_since = ?, due_at = ?", [past, past])
        until(lambda: rig.ask("SELECT 1 FROM dead_letter"))
    found = rig.json("webhooks", "list")
    (letter,) = found["dead"]
    assert (letter["facts"], letter["reason"]) == (1, "status 500")
    assert "status 500" in rig.run("webhooks", "list").out
    assert rig.json("webhooks", "replay", code=1)[0]["outcome"] == "status 500"
    receiver.usual = 204
    assert "taken" in rig.run("webhooks", "replay", str(letter["id"])).out
    assert told(receiver) == {("delivered", "ses-1")}
    assert rig.json("webhooks", "list")["dead"] == []
    assert "webhooks list" in rig.run("webhooks", "replay", "7", code=2).err
