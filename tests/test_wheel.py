"""The wheel holds everything that runs from it, and runs without this folder.

With `--full` it is installed into an empty virtual environment, with its locked packages, and runs
the demo there.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.commands import environment

ROOT = Path(__file__).parent.parent
PACKAGES = ("calsync", "providers")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], ROOT)
    (found,) = folder.glob("calsync-*.whl")
    return found


def run(command: list[str], folder: Path, environ: Mapping[str, str] = os.environ) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=folder, env=dict(environ), check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def committed() -> set[str]:
    return set(run(["git", "ls-files", "--", *PACKAGES], ROOT).splitlines())


def test_the_wheel_holds_every_file_of_the_packages(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        assert committed() <= set(opened.namelist())


def test_an_installation_is_made_and_asked_by_what_the_wheel_holds_alone(
    wheel: Path, tmp_path: Path
) -> None:
    """Migrations, texts and templates are read from it as well."""
    unpacked, place = tmp_path / "unpacked", tmp_path / "place"
    place.mkdir()
    with zipfile.ZipFile(wheel) as opened:
        opened.extractall(unpacked)
    environ = environment() | {"PYTHONPATH": str(unpacked)}

    def calsync(*words: str) -> str:
        return run([sys.executable, "-m", "calsync", *words], place, environ)

    where = [sys.executable, "-c", "import calsync, providers; print(providers.__file__)"]
    assert run(where, place, environ).startswith(str(unpacked))
    assert "schema is at" in calsync("init")
    assert "0 accounts" in calsync("accounts", "list")
    assert "moodle" in calsync("recipe", "list")


@pytest.mark.full
@pytest.mark.timeout(900)
def test_the_demo_runs_in_an_empty_virtual_environment(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "empty", with_pip=True)
    programs, place = tmp_path / "empty" / "bin", tmp_path / "place"
    place.mkdir()
    (place / "versions.txt").write_text("\n".join(locked()), encoding="utf-8")
    wanted = f"calsync[demo] @ {wheel.as_uri()}"
    pip = [str(programs / "python"), "-m", "pip", "--disable-pip-version-check", "install"]
    run([*pip, "--quiet", wanted, "-c", "versions.txt"], place)
    clean = {name: value for name, value in environment().items() if name != "PYTHONPATH"}
    program = str(programs / "calsync")
    assert run([program, "--version"], place, clean).startswith("calsync ")
    assert " steps in " in run([program, "demo", "--once"], place, clean)


def locked() -> list[str]:
    """The versions that the lock names, without their hashes."""
    lines = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8").splitlines()
    return [line.removesuffix("\\").strip() for line in lines if line[:1].isalnum()]
