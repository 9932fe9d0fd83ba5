"""Compose file, systemd unit and Kubernetes manifest are what their own checkers take, and start
calsync as it wants to be started. None of them is started here."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from typer.main import get_command

from calsync.cli.app import make_app
from calsync.config import load
from calsync.store.vault import new_key
from tests.commands import environment
from tests.harness.servers import acceptance_program

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNIT = DEPLOY / "systemd" / "calsync.service"
MANIFEST = DEPLOY / "kubernetes" / "calsync.yaml"
COMPOSE = DEPLOY / "compose.yaml"
IMAGE = f"calsync:{version('calsync')}"


def resources() -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(MANIFEST.read_text(encoding="utf-8")))


def pods() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """(name, pod, its one container) of everything that runs calsync."""
    for one in resources():
        if one["kind"] in ("Job", "Deployment"):
            pod = one["spec"]["template"]["spec"]
            (container,) = pod["containers"]
            yield one["metadata"]["name"], pod, container


def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    return found


def configured(environ: dict[str, str], folder: Path) -> Any:
    """What calsync makes of these variables, with files as the places give them."""
    contents = {
        "database_url": "postgresql+psycopg://calsync@db/calsync",
        "keys": new_key(),
        "calsync_keys": new_key(),
        "calsync.toml": "",
    }
    given = {}
    for name, value in environ.items():
        given[name] = value
        if value.startswith("/"):
            file = folder / Path(value).name
            file.write_text(contents[file.name], encoding="utf-8")
            given[name] = str(file)
    return load(Path(given.pop("CALSYNC_CONFIG")), given)


def page(name: str) -> str:
    return (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")


def assert_a_command(words: list[str]) -> None:
    command: Any = get_command(make_app())
    for word in words:
        command = command.get_command(None, word)
        assert command is not None, words


def test_kubernetes_takes_the_manifest() -> None:
    for one in resources():
        kubernetes_validate.validate(one, "1.37", strict=True)
    kinds = [one["kind"] for one in resources()]
    assert kinds == ["Job", "Deployment", "Deployment", "Service"]


def test_a_misspelt_key_of_the_manifest_would_be_noticed() -> None:
    daemon = resources()[1]
    daemon["spec"]["template"]["spec"]["containers"][0]["livenesProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(daemon, "1.37", strict=True)


def test_every_pod_runs_a_command_of_this_version_without_rights(tmp_path: Path) -> None:
    for name, pod, container in pods():
        assert container["image"] == IMAGE, name
        assert_a_command(container["args"])
        assert pod["securityContext"]["runAsNonRoot"], name
        assert container["securityContext"]["readOnlyRootFilesystem"], name
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}, name
        environ = {one["name"]: one["value"] for one in container["env"]}
        config = configured(environ, tmp_path)
        assert (config.web.host, config.web.metrics_port) == ("0.0.0.0", 8082), name


def test_what_runs_for_long_is_asked_at_its_own_port() -> None:
    running = [(name, one) for name, _, one in pods() if name != "calsync-migrate"]
    for name, container in running:
        ports = {one["name"]: one["containerPort"] for one in container["ports"]}
        assert ports["metrics"] == 8082, name
        paths = {
            probe: container[probe]["httpGet"]["path"]
            for probe in ("livenessProbe", "startupProbe", "readinessProbe")
        }
        assert paths == {
            "livenessProbe": "/live",
            "startupProbe": "/live",
            "readinessProbe": "/health",
        }, name
    assert len(running) == 2


def test_the_compose_file_starts_calsync_after_its_database_and_tables(tmp_path: Path) -> None:
    found = services()
    assert set(found) == {"db", "migrate", "calsync", "proxy"}
    for name in ("migrate", "calsync"):
        assert found[name]["image"] == IMAGE
        assert_a_command(found[name]["command"])
        assert found[name]["read_only"]
        config = configured(found[name]["environment"], tmp_path)
        assert config.database.url.get_secret_value().startswith("postgresql")
    waits = {one: how["condition"] for one, how in found["calsync"]["depends_on"].items()}
    assert waits == {"db": "service_healthy", "migrate": "service_completed_successfully"}
    mounted = found["proxy"]["volumes"][0].split(":")[0]
    assert (DEPLOY / mounted).is_file()


def test_the_unit_starts_a_command() -> None:
    text = UNIT.read_text(encoding="utf-8")
    (command,) = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    program, *words = shlex.split(command)
    assert program == "/opt/calsync/bin/calsync"
    assert_a_command(words)


def test_the_ledger_of_the_service_is_made_as_its_own_user_by_the_line_of_the_page(
    tmp_path: Path,
) -> None:
    line = re.search(r"^systemd-run .*?\n(?!  )", page("install"), re.MULTILINE | re.DOTALL)
    assert line
    words = shlex.split(line.group())
    unit = UNIT.read_text(encoding="utf-8").splitlines()
    given = {after for before, after in pairwise(words) if before == "-p"}
    assert given - set(unit) == {"User=calsync"}, "the user that systemd names after the unit"
    shell, option, command = words[-3:]
    assert (shell, option) == ("sh", "-c")

    config = tmp_path / "calsync.toml"
    config.write_text(f'database.url = "sqlite:///{tmp_path}/calsync.db"\n', encoding="utf-8")
    with config.open("a", encoding="utf-8") as file:
        file.write(f'[security]\nkeys = ["{new_key()}"]\n')
        file.write('[[source]]\nname = "platform"\nkind = "push"\n')
    program = f"{sys.executable} -m calsync"
    done = subprocess.run(
        [shell, option, command.replace("/opt/calsync/bin/calsync", program)],
        env={**environment(), "CREDENTIALS_DIRECTORY": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "calsync.db").exists()


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("docs/install.md", "**The unit itself was never started.**"),
        ("docs/install.md", "`systemd-run` was never run."),
        ("docs/install.md", "and the image never built by an image engine**"),
        ("docs/install.md", "**It was never applied.**"),
        ("docs/google.md", "**Nobody has walked through these\nsteps"),
        ("docs/metrics.md", "**The dashboard itself has never been opened"),
        ("deploy/compose.yaml", "Checked by `docker-compose config`, never started."),
        ("deploy/kubernetes/calsync.yaml", "kubernetes-validate, never applied."),
    ],
)
def test_what_was_never_tried_is_said_to_be(where: str, said: str) -> None:
    assert said in (ROOT / where).read_text(encoding="utf-8")


# --- by programs that the gate does not install ---------------------------------------------------


@pytest.mark.full
def test_docker_compose_takes_the_file() -> None:
    program = acceptance_program("docker-compose", "docker-compose")
    command = [program, "-f", str(COMPOSE), "config", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.full
def test_systemd_takes_the_unit_and_finds_it_hardened(tmp_path: Path) -> None:
    program = acceptance_program("systemd", "systemd-analyze")
    unit = tmp_path / UNIT.name
    text = UNIT.read_text(encoding="utf-8").replace("/opt/calsync/bin/calsync", "/bin/true")
    unit.write_text(text, encoding="utf-8")
    for words in (["verify"], ["security", "--offline=true", "--threshold=15"]):
        command = [program, *words, str(unit)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    (exposure,) = re.findall(r"exposure level for calsync\.service: ([\d.]+)", done.stdout)
    assert f"exposure {exposure}" in page("install")
