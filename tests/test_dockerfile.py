"""The Dockerfile installs exactly what the Makefile installs, and runs without root.

Checked always: the text against the locks, the Makefile and the tree, and the two lines that need
no network are run. With `--full` every RUN line of the build stage is run, in a temporary folder
with this Python. Not checked: that an image engine builds it, the base image and what is in it,
the lines of the last stage (the user, the volume), and the health check inside a container.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.metadata import requires
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Step:
    stage: int
    word: str
    rest: str


def steps() -> list[Step]:
    """Every instruction with its continuation lines joined, comments left out."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^\s*#.*\n", "", text).replace("\\\n", " ")
    found, stage = [], -1
    for line in filter(None, text.splitlines()):
        word, _, rest = line.partition(" ")
        stage += word == "FROM"
        found.append(Step(stage, word, " ".join(rest.split())))
    return found


def rest_of(word: str, stage: int | None = None) -> list[str]:
    return [one.rest for one in steps() if one.word == word and stage in (None, one.stage)]


def commands() -> list[str]:
    """Every single command of the build stage."""
    return [part.strip() for run in rest_of("RUN", 0) for part in run.split("&&")]


def locked(name: str, lock: str = "requirements-dev.lock") -> bool:
    text = (ROOT / lock).read_text(encoding="utf-8")
    return re.search(rf"(?m)^{re.escape(name)}==\S+ .*\\\n +--hash=sha256:", text) is not None


def test_both_stages_stand_on_the_same_python_that_the_project_takes() -> None:
    bases = {rest.split()[0] for rest in rest_of("FROM")}
    assert len(bases) == 1, "a virtual environment only moves to the same Python"
    (version,) = re.findall(r"python:3\.(\d+)-slim", bases.pop())
    assert int(version) >= 11
    assert 'requires-python = ">=3.11"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_every_package_is_installed_from_a_lock_with_hashes_or_without_dependencies() -> None:
    installs = [one for one in commands() if re.search(r"pip (install|wheel|download)", one)]
    assert len(installs) == 4
    for one in installs:
        hashed = re.search(r"--require-hashes -r (requirements|build)\.lock$", one)
        own = "--no-deps" in one and re.search(r"( \.| dist/\*\.whl)$", one)
        assert hashed or own, one
        assert "--no-build-isolation" in one or " ." not in one, one


def test_the_install_lines_have_the_makefiles_flags() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    pip = r"-m pip install (.*?) -r requirements-dev\.lock"
    (hashed,) = [one for one in re.findall(pip, makefile) if "--disable" in one]
    assert all(
        set(hashed.split()) <= set(one.split()) for one in commands() if "--require-hashes" in one
    )
    (own,) = re.findall(r"-m pip install (.*?) -e \.", makefile)
    (wheel,) = [one for one in commands() if "pip wheel" in one]
    assert set(own.split()) <= set(wheel.split())


def test_packages_come_before_the_source_so_that_a_change_of_it_installs_nothing() -> None:
    order = [f"{one.word} {one.rest}" for one in steps() if one.stage == 0]

    def first(text: str) -> int:
        return next(at for at, one in enumerate(order) if text in one)

    assert (
        first("COPY requirements.lock")
        < first("-r requirements.lock")
        < first("-r build.lock")
        < first("COPY calsync")
        < first("pip wheel")
    )


def test_the_build_backend_and_all_it_needs_come_from_the_lock(tmp_path: Path) -> None:
    (tmp_path / "requirements-dev.lock").write_bytes((ROOT / "requirements-dev.lock").read_bytes())
    (awk,) = [one for one in commands() if one.startswith("awk")]
    subprocess.run(["/bin/sh", "-ec", awk], cwd=tmp_path, check=True)
    text = (tmp_path / "build.lock").read_text(encoding="utf-8")
    needs = [re.split(r"[^\w.-]", one)[0] for one in requires("hatchling") or [] if "<" not in one]
    names = re.findall(r"(?m)^([\w.-]+)==", text)
    assert sorted(names) == sorted({"hatchling", *needs} - {"tomli"})
    assert text.count("--hash=sha256:") >= len(names)
    assert all(locked(name) for name in names)


def test_of_googles_api_descriptions_only_the_calendars_stays(tmp_path: Path) -> None:
    documents = tmp_path / "lib/googleapiclient/discovery_cache/documents"
    documents.mkdir(parents=True)
    for name in ("calendar.v3.json", "drive.v3.json", "index.json"):
        (documents / name).touch()
    (documents.parent / "base.py").touch()
    (find,) = [one for one in commands() if one.startswith("find")]
    subprocess.run(["/bin/sh", "-ec", find.replace("/opt/calsync", str(tmp_path))], check=True)
    assert [one.name for one in documents.iterdir()] == ["calendar.v3.json"]
    assert (documents.parent / "base.py").exists()


def test_it_runs_without_root_as_one_command_with_a_health_check() -> None:
    last = [one for one in steps() if one.stage == 1]
    (user,) = rest_of("USER", 1)
    (made,) = rest_of("RUN", 1)
    uid, gid = user.split(":")
    assert int(uid) > 0
    assert uid == gid
    assert f"--uid {uid}" in made
    at = [one.word for one in last].index("USER")
    assert all(one.word not in ("RUN", "COPY", "ADD") for one in last[at:])
    assert rest_of("ENTRYPOINT", 1) == ['["calsync"]']
    assert rest_of("CMD", 1) == ['["run"]']
    (health,) = rest_of("HEALTHCHECK", 1)
    assert health.endswith('CMD ["calsync", "health"]')


@pytest.mark.parametrize("driver", ["psycopg", "pymysql"])
def test_the_drivers_of_databases_come_with_it(driver: str) -> None:
    assert locked(driver, "requirements.lock")
    assert locked(driver)


def test_the_commands_it_starts_exist() -> None:
    for command in ("run", "health"):
        shown = subprocess.run(
            [sys.executable, "-m", "calsync", command, "--help"],
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": os.environ["PATH"]},
        )
        assert shown.returncode == 0, shown.stderr


def test_time_zones_come_from_the_locked_package() -> None:
    (variables,) = rest_of("ENV", 1)
    assert 'PYTHONTZPATH=""' in variables
    assert locked("tzdata", "requirements.lock")


def test_no_secret_is_built_in() -> None:
    text = "\n".join([*rest_of("ENV"), *rest_of("ARG")])
    assert not re.search(r"(?i)secret|password|token|key", text)


def test_what_it_copies_is_there_and_nothing_else_is_sent_to_the_engine() -> None:
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert ignore[0] == "*"
    kept = {one[1:] for one in ignore if one.startswith("!")}
    copied = {name for rest in rest_of("COPY", 0) for name in rest.split()[:-1]}
    assert copied == kept
    assert all((ROOT / name).exists() for name in copied)
    assert not any(
        fnmatchcase(name, pattern)
        for name in (".git", "calsync.toml", "calsync.db")
        for pattern in kept
    )


@pytest.mark.full
@pytest.mark.timeout(900)
def test_the_build_stage_runs(tmp_path: Path) -> None:
    source = tmp_path / "src"
    source.mkdir()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(Path(sys.base_prefix) / "bin" / "python3")
    environ = {**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    for one in steps():
        if one.stage == 0 and one.word == "COPY":
            names = one.rest.split()[:-1]
            subprocess.run(["cp", "-r", *names, str(source)], cwd=ROOT, check=True)
        elif one.stage == 0 and one.word == "RUN":
            line = one.rest.replace("/opt/", f"{tmp_path}/opt/")
            subprocess.run(["/bin/sh", "-ec", line], cwd=source, check=True, env=environ)
    python = tmp_path / "opt/calsync/bin/python"
    built = (
        "from googleapiclient.discovery import build; from google.oauth2.credentials import "
        "Credentials; build('calendar', 'v3', credentials=Credentials('x'), static_discovery=True,"
        " cache_discovery=False); import calsync.bootstrap, zoneinfo; "
        "zoneinfo.ZoneInfo('Asia/Tokyo')"
    )
    clean = {"PATH": "/usr/bin:/bin", "PYTHONTZPATH": ""}
    subprocess.run([str(python), "-c", built], cwd=tmp_path, check=True, env=clean)
    subprocess.run(
        [str(python.with_name("calsync")), "run", "--help"], cwd=tmp_path, check=True, env=clean
    )
