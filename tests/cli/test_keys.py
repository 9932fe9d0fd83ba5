"""Keys that are changed, lost, or mistaken, as an operator sees it."""

from __future__ import annotations

import re

from calsync.store.vault import new_key
from tests.cli.rig import Rig
from tests.cli.test_questions import assert_fits


def test_after_reseal_the_new_key_alone_is_enough(synced: Rig) -> None:
    keys = synced.folder / "keys"
    old, new = keys.read_text("utf-8").strip(), new_key()
    keys.write_text(f"{new}\n{old}\n", encoding="utf-8")
    said = synced.run("db", "reseal").out
    assert "everything is sealed with the first key" in said
    assert_fits(said)
    keys.write_text(f"{new}\n", encoding="utf-8")
    assert all(one["resealed"] == one["left"] == 0 for one in synced.json("db", "reseal"))
    synced.move("ses-1", hours=2)
    assert synced.json("sync", "--now")["undecided"] == []
    assert synced.run("accounts", "test", synced.json("accounts", "list")[0]["id"]).code == 0


def test_reseal_says_what_no_listed_key_opens(synced: Rig) -> None:
    (synced.folder / "keys").write_text(new_key(), encoding="utf-8")
    assert "sealed with another key" in synced.run("db", "reseal", code=1).out
    said = synced.run("status", code=2).err
    assert "which is not listed; add it" in said
    lost = re.search(r"--lost (\w+)", said)
    assert lost is not None
    synced.run("db", "reseal", "--lost", lost[1], code=1)
    synced.run("status")


def test_another_key_under_the_same_id_is_refused_by_every_command(synced: Rig) -> None:
    keys = synced.folder / "keys"
    kid, before = keys.read_text("utf-8").partition(":")[0], synced.rows()
    keys.write_text(f"{kid}:{new_key().partition(':')[2]}\n", encoding="utf-8")
    for command in (("sync",), ("status",), ("db", "reseal"), ("db", "upgrade")):
        said = synced.run(*command, code=2).err
        assert f"security.keys: the key '{kid}' is not the one" in said
    assert synced.rows() == before
