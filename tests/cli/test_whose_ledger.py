"""A ledger that was not restored whole, or into the database of another installation, is refused:
calsync would make every entry once more."""

from __future__ import annotations

import pytest

from tests.cli.rig import LENA, MAYA, SAM, Rig

COMMANDS = (["status"], ["sync"], ["recover"], ["verify", "--repair"], ["db", "upgrade"])


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one[0])
def test_a_ledger_without_its_installation_is_refused_and_gets_no_new_one(
    synced: Rig, command: list[str]
) -> None:
    with synced.opened() as db:
        db.execute("DELETE FROM instance")
    refused = synced.run(*command, code=2)
    assert "lacks the row that says which installation it is" in refused.err
    assert "put the whole backup into an empty database" in refused.err
    assert synced.ask("SELECT * FROM instance") == []


@pytest.mark.parametrize("command", COMMANDS[:4], ids=lambda one: one[0])
def test_a_ledger_in_the_database_of_another_installation_is_refused_and_sends_nothing(
    synced: Rig, command: list[str]
) -> None:
    with synced.opened() as db:
        db.execute("UPDATE instance SET namespace = '00000000-0000-4000-8000-000000000001'")
    synced.book("ses-9", MAYA, SAM)
    before = len(synced.sandbox.mails(SAM))
    refused = synced.run(*command, code=2)
    assert "made by another installation" in refused.err
    assert len(synced.sandbox.mails(SAM)) == before


def test_what_another_system_invited_says_nothing_of_whose_ledger_it_is(rig: Rig) -> None:
    rig.book("ses-1", MAYA, SAM)
    rig.run("baseline")
    assert rig.json("status")["deliveries"]["wanted"] == 2


def test_a_ledger_whose_people_are_all_forgotten_is_still_its_own(synced: Rig) -> None:
    for person in (MAYA, SAM, LENA):
        synced.run("forget", person, "--yes")
    assert synced.json("status")["deliveries"]["wanted"] == 0


def test_who_is_forgotten_hides_no_other_installation(synced: Rig) -> None:
    synced.run("forget", MAYA, "--yes")
    with synced.opened() as db:
        db.execute("UPDATE instance SET namespace = '00000000-0000-4000-8000-000000000001'")
    assert "made by another installation" in synced.run("status", code=2).err
