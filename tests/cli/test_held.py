"""Held batches: what they would do is shown, and they go only as they were shown."""

from __future__ import annotations

import io

import pytest

from calsync.cli import controls
from calsync.errors import InputError
from tests import commands
from tests.cli.rig import LENA, MAYA, SAM, Rig
from tests.cli.test_questions import assert_fits
from tests.commands import Done

TIGHT = "max_changes = 0\nmax_share = 0.01\nfree_sessions = 0"


def test_a_held_batch_is_no_failure_and_goes_when_it_is_approved(synced: Rig) -> None:
    synced.configure(guard=TIGHT)
    for ident in ("ses-1", "ses-2"):
        synced.move(ident, hours=2)
    done = synced.run("sync", "--now")
    assert "is held" in done.out
    assert "calsync approve" in done.out
    planned = synced.json("plan")
    assert {one["held"] for one in planned} == {True}
    (held,) = synced.json("status")["held"]
    assert sum(held["changes"].values()) == 4
    before = synced.rows()["delivery"]
    stale = synced.run("approve", str(held["batch"]), "--digest", "0" * 16, code=2)
    assert "calsync status" in stale.err
    assert synced.rows()["delivery"] == before
    approved = synced.json("approve", str(held["batch"]), "--digest", held["digest"])
    assert (approved["batch"], approved["rejected"]) == (held["batch"], False)
    synced.run("sync", "--now")
    assert synced.times(SAM)[0] in synced.times(MAYA)
    first, second = (mail.sequence for mail in synced.sandbox.mails(SAM))
    assert first < second


def test_a_batch_that_changed_since_it_was_shown_is_not_approved(synced: Rig) -> None:
    synced.configure(guard=TIGHT)
    synced.move("ses-1", hours=2)
    synced.run("sync")
    (shown,) = synced.json("status")["held"]
    synced.move("ses-1", hours=1)
    synced.run("sync")
    refused = synced.run("approve", str(shown["batch"]), "--digest", shown["digest"], code=2)
    assert "changed since it was shown" in refused.err


def test_a_rejected_batch_is_parked_until_its_record_changes(synced: Rig) -> None:
    synced.configure(guard=TIGHT)
    before = synced.times(SAM)
    synced.move("ses-1", hours=2)
    synced.run("sync")
    (held,) = synced.json("status")["held"]
    digest = ("--digest", held["digest"])
    assert "rejected" in synced.run("approve", str(held["batch"]), "--reject", *digest).out
    synced.run("sync", "--now")
    assert synced.times(SAM) == before
    assert {one["parked"] for one in synced.json("status")["parked"]} == {"rejected"}


class Terminal(io.StringIO):
    """Where somebody could answer."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def waiting(synced: Rig) -> Rig:
    """Moves of both sessions are held, two deliveries each."""
    synced.configure(guard=TIGHT)
    for ident in ("ses-1", "ses-2"):
        synced.move(ident, hours=2)
    synced.run("sync", "--now")
    return synced


def at_a_terminal(rig: Rig, *arguments: str, typed: str) -> Done:
    given = (*arguments, "--config", str(rig.config))
    return commands.at_a_terminal(given, folder=rig.folder, typed=typed)


def number(rig: Rig) -> str:
    (held,) = rig.json("status")["held"]
    return str(held["batch"])


def test_status_lists_what_a_held_batch_would_do(waiting: Rig) -> None:
    (held,) = waiting.json("status")["held"]
    assert (held["session_count"], held["changes"]) == (2, {"move": 4})
    assert sorted((one["session"], one["person"], one["kind"]) for one in held["listed"]) == [
        ("ses-1", MAYA, "move"),
        ("ses-1", SAM, "move"),
        ("ses-2", LENA, "move"),
        ("ses-2", MAYA, "move"),
    ]
    told = waiting.run("status").out
    assert f"what batch {held['batch']} would do" in told
    assert "in all 4 changes of 2 sessions: move 4" in told
    assert told.count(LENA) == 1
    assert_fits(told)


def test_at_a_terminal_the_list_is_shown_and_a_yes_releases_it(waiting: Rig) -> None:
    done = at_a_terminal(waiting, "approve", number(waiting), typed="y\n")
    assert done.code == 0, done.err
    shown, released = done.out.split("in all 4 changes of 2 sessions: move 4")
    assert LENA in shown
    assert "Release 4 changes? [y/N]" in done.err
    assert "released: move 4" in released
    assert waiting.json("status")["held"] == []


@pytest.mark.parametrize("typed", ["n\n", "\n", "\x04"], ids=["no", "nothing", "end of input"])
def test_anything_but_a_yes_leaves_it_held(waiting: Rig, typed: str) -> None:
    before = waiting.rows()["delivery"]
    done = at_a_terminal(waiting, "approve", number(waiting), "--reject", typed=typed)
    assert (done.code, "Reject 4 changes?" in done.err) == (2, True)
    assert "nothing was changed" in done.err
    assert waiting.rows()["delivery"] == before


def test_where_nobody_can_be_asked_the_digest_is_needed(waiting: Rig) -> None:
    batch = number(waiting)
    piped = waiting.run("approve", batch, stdin="y\n", code=2)
    asked_for_json = at_a_terminal(waiting, "approve", batch, "--json", typed="y\n")
    for done in (piped, asked_for_json):
        assert (done.code, done.out) == (2, "")
        assert "`calsync status`, then add the --digest that it shows" in done.err
    (held,) = waiting.json("status")["held"]
    waiting.run("approve", batch, "--digest", held["digest"])


def test_a_yes_counts_only_for_what_was_shown(
    waiting: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the person reads, a poll adds to the batch."""

    def reads_slowly(_: str) -> bool:
        monkeypatch.undo()
        waiting.move("ses-1", hours=1)
        waiting.run("sync")
        return True

    batch = number(waiting)
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr(controls, "confirmed", reads_slowly)
    with pytest.raises(InputError, match="changed since it was shown"):
        controls.approve(int(batch), None, config=waiting.config)
    assert len(waiting.json("status")["held"]) == 1


def test_a_long_list_shows_the_nearest_twenty_and_counts_the_rest(rig: Rig) -> None:
    rig.configure(guard="max_first_mails = 1\nfree_sessions = 0")
    for n in range(12):
        rig.book(f"ses-{n}", SAM, LENA)
    rig.run("sync")
    (held,) = rig.json("status")["held"]
    assert (len(held["listed"]), held["session_count"]) == (20, 12)
    told = rig.run("status").out
    assert "and 4 more; in all 24 changes of 12 sessions: first_mail 24" in told
