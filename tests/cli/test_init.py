"""`calsync init`: the first command of a new installation, and no other makes a ledger."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from calsync.config import load
from calsync.store import schema
from calsync.store.database import Store, open_engine
from calsync.store.engine import private_files
from tests.commands import Done, run
from tests.harness.surprises import raising


def calsync(folder: Path, *arguments: str) -> Done:
    return run(arguments, folder=folder)


def test_it_writes_a_configuration_that_loads_and_the_ledger_beside_it(tmp_path: Path) -> None:
    done = calsync(tmp_path, "init")
    assert (done.code, done.err) == (0, "")
    file = tmp_path / "calsync.toml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    config = load(file, {})
    assert config.database.url.get_secret_value() == f"sqlite:///{tmp_path / 'calsync.db'}"
    assert config.mail.upcoming_to == "all"
    assert not config.mail.answers_read
    assert calsync(tmp_path, "status", "--json").code == 0


def test_each_installation_gets_a_key_of_its_own(tmp_path: Path) -> None:
    texts = set()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        calsync(tmp_path / name, "init")
        texts |= {load(tmp_path / name / "calsync.toml", {}).security.keys[0].get_secret_value()}
    assert len(texts) == 2


def test_a_configuration_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    calsync(tmp_path, "init")
    file, database = tmp_path / "calsync.toml", tmp_path / "calsync.db"
    text = file.read_text("utf-8")
    database.unlink()
    done = calsync(tmp_path, "init")
    assert (done.code, file.read_text("utf-8")) == (0, text)
    assert "stays as it is" in done.out
    assert done.out.endswith("next: run `calsync plan`\n")
    assert database.exists()


@pytest.mark.parametrize("command", ["status", "sync", "plan", "health", "baseline", "run"])
def test_no_other_command_makes_a_ledger_where_one_is_missing(tmp_path: Path, command: str) -> None:
    calsync(tmp_path, "init")
    database = tmp_path / "calsync.db"
    database.unlink()
    done = calsync(tmp_path, command)
    assert done.code == 2
    assert f"{database} does not exist" in done.err
    assert "`calsync init`" in done.err
    assert not database.exists()


def test_an_upgrade_takes_a_ledger_and_its_copies_from_everybody_but_their_owner(
    tmp_path: Path,
) -> None:
    calsync(tmp_path, "init")
    ledger = tmp_path / "calsync.db"
    with closing(sqlite3.connect(ledger)) as held:  # keeps the log and the index there
        held.execute("SELECT count(*) FROM delivery").fetchall()
        copies = [tmp_path / name for name in ("calsync.db.bak", "calsync.db-2026-11-27")]
        for copy in copies:
            shutil.copyfile(ledger, copy)
        others = [tmp_path / name for name in ("calsync.db.md", "backup.db")]
        for other in others:
            other.write_text("no ledger of ours", encoding="utf-8")
        logs = [tmp_path / f"calsync.db{end}" for end in ("-wal", "-shm")]
        for file in (ledger, *logs, *copies, *others):
            file.chmod(0o644)
        findings = calsync(tmp_path, "status").out
        assert "every user of this machine can read the ledger in" in " ".join(findings.split())

        done = calsync(tmp_path, "db", "upgrade")
        assert done.code == 0
        modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in (ledger, *logs, *copies)}
        assert modes == dict.fromkeys(modes, 0o600)
        assert {stat.S_IMODE(one.stat().st_mode) for one in others} == {0o644}
        assert f"only its owner may read {ledger} from now on" in done.out
    assert "can read the ledger" not in calsync(tmp_path, "status").out


def test_files_that_another_user_owns_are_named_with_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(open_engine(f"sqlite:///{tmp_path / 'calsync.db'}"))
    schema.upgrade(store)
    (tmp_path / "calsync.db").chmod(0o644)
    monkeypatch.setattr(Path, "chmod", raising(PermissionError()))
    assert private_files.make_private(store).refused == (tmp_path / "calsync.db",)
    store.close()


def test_a_file_of_something_else_gets_no_tables_of_ours_by_accident(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "calsync.db") as other:
        other.execute("CREATE TABLE bookings (id INTEGER)")
    other.close()
    refused = calsync(tmp_path, "init")
    assert (refused.code, "bookings" in refused.err) == (2, True)
    assert calsync(tmp_path, "init", "--beside-others").code == 0


def test_a_folder_that_cannot_be_written_is_told_with_what_to_do(tmp_path: Path) -> None:
    done = calsync(tmp_path, "init", "--config", str(tmp_path / "missing" / "calsync.toml"))
    assert done.code == 2
    assert "cannot be written" in done.err
    assert "name another one" in done.err
