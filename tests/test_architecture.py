"""The tree keeps its shape: who imports whom, how long files are, and what no file names."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture import violations

ROOT = Path(__file__).parent.parent
LONGEST = 400  # lines of one file; split by idea before it gets there
MOST_MODULES = {  # of a folder; 12 where nothing is said
    "calsync/cli": 16,
    "calsync/store/migrations/versions": 1000,  # one more with each change, and none goes
}
# Written in pieces, so that this file names none of them either.
REGISTRIES = [
    "\\.".join(parts)
    for parts in (
        ("py" + "pi", "org"),
        ("python" + "hosted", "org"),
        ("registry", "npm" + "js", "org"),
        ("registry", "yarn" + "pkg", "com"),
        ("repo", "ana" + "conda", "com"),
        ("conda", "ana" + "conda", "org"),
        ("doc" + "ker", "io"),
        ("doc" + "ker", "com"),
        ("gh" + "cr", "io"),
        ("qu" + "ay", "io"),
        ("proxy", "go" + "lang", "org"),
        ("cra" + "tes", "io"),
        ("ruby" + "gems", "org"),
        ("repo1?", "ma" + "ven", "(apache\\.)?org"),
    )
]
A_REGISTRY = re.compile(r"(?i)\b(" + "|".join(REGISTRIES) + r")\b|(?<!emit-)index-" + "url")


def committed() -> list[Path]:
    """Every file that is or would be committed; without git, what lies in the known places."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
        names = listed.stdout.decode().split("\0")
    except (OSError, subprocess.CalledProcessError):
        folders = ("calsync", "providers", "tests", "docs", ".ci")
        inside = [one for folder in folders for one in (ROOT / folder).rglob("*")]
        names = [str(one.relative_to(ROOT)) for one in [*ROOT.glob("*"), *inside]]
    files = [ROOT / name for name in names if name and "__pycache__" not in name]
    return [file for file in files if file.is_file() and file.suffix not in (".db", ".pyc")]


def modules() -> list[str]:
    found = [*(ROOT / "calsync").rglob("*.py"), *(ROOT / "providers").rglob("*.py")]
    return sorted(str(one.relative_to(ROOT)) for one in found)


def test_everyone_imports_only_what_they_may() -> None:
    assert len(modules()) > 20
    found = [
        problem
        for name in modules()
        for problem in violations(name, (ROOT / name).read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("calsync/core/reconcile/decide.py", "import sqlalchemy"),
        ("calsync/core/reconcile/decide.py", "from calsync.store.ledger.rows import Sealer"),
        ("calsync/core/reconcile/decide.py", "from calsync import ports"),
        ("calsync/core/reconcile/decide.py", "import time"),
        ("calsync/core/reconcile/decide.py", "import os.path"),
        ("calsync/core/reconcile/decide.py", "from urllib.request import urlopen"),
        ("calsync/core/reconcile/decide.py", "from urllib import request"),
        ("calsync/core/reconcile/decide.py", "def f():\n    return datetime.now(UTC)"),
        ("calsync/core/guard.py", "from datetime import date\nx = date.today()"),
        ("calsync/core/guard.py", "x = open('a')"),
        ("calsync/core/guard.py", "import nh3"),
        ("calsync/text/agenda.py", "from calsync.core.content.event import DesiredEvent"),
        ("calsync/text/agenda.py", "import requests"),
        ("calsync/core/new/deep.py", "from .. import ledger"),
        ("calsync/delivery/deliver.py", "from providers.google.channel import GoogleChannel"),
        ("calsync/delivery/deliver.py", "def f():\n    import providers.mail"),
        ("calsync/delivery/deliver.py", "import importlib\nimportlib.import_module('providers')"),
        (
            "calsync/delivery/deliver.py",
            "from importlib import import_module\nimport_module(name)",
        ),
        ("calsync/delivery/deliver.py", "from calsync import bootstrap"),
        ("calsync/delivery/deliver.py", "from calsync.config import load"),
        ("calsync/delivery/deliver.py", "from calsync.ingest.poll import Poller"),
        ("calsync/ingest/poll.py", "from calsync.selfservice.entry import Arrivals"),
        ("calsync/accounts/reroute.py", "from calsync.delivery import finish"),
        ("calsync/notices/digest.py", "from calsync.accounts import reroute"),
        ("calsync/ops/queries.py", "from calsync.daemon.drain import Drain"),
        ("calsync/platform_api/feed.py", "from calsync.daemon.daemon import Daemon"),
        ("calsync/runtime/context.py", "from calsync.notices import requests"),
        ("calsync/store/ledger/rows.py", "from calsync.runtime.context import Context"),
        ("calsync/store/ledger/rows.py", "from calsync import ports"),
        ("calsync/ports.py", "from calsync.store.vault import Vault"),
        ("calsync/sources/file.py", "from calsync.store.database import Store"),
        ("calsync/output.py", "from providers.http.transport import Transport"),
        ("calsync/output.py", "from calsync.core import ledger"),
        (
            "calsync/cli/run.py",
            "if TYPE_CHECKING:\n    from providers.http.transport import Transport",
        ),
        ("calsync/cli/run.py", "from calsync.demo import story"),
        ("calsync/cli/run.py", "from calsync.sandbox.world import World"),
        ("calsync/demo/command.py", "import providers"),
        ("calsync/web/app.py", "from providers.google.auth import GoogleAuth"),
        ("calsync/web/app.py", "from calsync import output"),
        ("calsync/web/app.py", "from calsync.cli import options"),
        ("calsync/platform_api/feed.py", "from calsync.web.app import make_app"),
        ("calsync/platform_api/feed.py", "from calsync.sources.push import PushSource"),
        ("calsync/demo/story.py", "from providers.mail.channel import MailChannel"),
        ("calsync/bootstrap/assembly.py", "from calsync.demo.story import play"),
        ("calsync/bootstrap/assembly.py", "from calsync.cli import main"),
        ("calsync/sandbox/world.py", "from calsync.core.ledger import Copy"),
        ("calsync/sandbox/world.py", "from calsync import errors"),
        ("calsync/sandbox/world.py", "import calsync"),
        ("calsync/sandbox/world.py", "from providers.google import mapping"),
        ("providers/google/channel.py", "from calsync.store.vault import Vault"),
        ("providers/google/channel.py", "from calsync.text import agenda"),
        ("providers/google/channel.py", "from calsync.config import Config"),
        ("providers/google/channel.py", "from providers.mail.mapping import uid"),
        ("providers/google/channel.py", "import msal"),
        ("providers/mail/client.py", "import sqlalchemy"),
        ("providers/http/transport.py", "from providers.google import client"),
        ("providers/oauth.py", "from providers.outlook import signin"),
        ("providers/fields.py", "from providers.caldav.mapping import merged"),
        ("calsync/errors.py", "import requests"),
        ("calsync/errors.py", "from calsync.text import lines"),
        ("calsync/elsewhere/new.py", "from calsync.core import ledger"),
        ("calsync/config/build.py", "from calsync.store.database import Store"),
        ("calsync/accounts/tokens.py", "from typing import Any, Protocol"),
        ("calsync/accounts/tokens.py", "from typing import Protocol as Port"),
        ("calsync/sources/http.py", "import typing\nclass Web(typing.Protocol): ..."),
        ("calsync/daemon/daemon.py", "from typing_extensions import Protocol"),
        ("providers/http/transport.py", "from typing import Protocol"),
        ("calsync/delivery/deliver.py", "import sqlalchemy as sa"),
        ("calsync/delivery/finish.py", "from sqlalchemy.exc import IntegrityError"),
        ("calsync/notices/sender.py", "from calsync.store.ledger.rows import table"),
        ("calsync/notices/digest.py", "from calsync.store.ledger import rows"),
        ("calsync/accounts/reroute.py", "def f():\n    import sqlalchemy.sql"),
        ("calsync/selfservice/overview.py", "from calsync.store.tables.ledger import AccountRow"),
        ("calsync/runtime/leases.py", "from calsync.store.prepared import built_once"),
        ("calsync/daemon/maintenance.py", "from sqlmodel import Session"),
        ("calsync/sources/http.py", "import sqlalchemy"),
        ("calsync/web/app.py", "import alembic"),
    ],
)
def test_a_planted_violation_is_caught(path: str, source: str) -> None:
    assert len(violations(path, source)) == 1


@pytest.mark.parametrize(
    ("path", "source"),
    [
        (
            "calsync/core/content/icalendar.py",
            "import icalendar\nfrom calsync.text import shorten",
        ),
        ("calsync/core/routing.py", "from datetime import datetime\nimport urllib.parse"),
        ("calsync/text/agenda.py", "import nh3\nfrom markdown_it import MarkdownIt"),
        ("calsync/bootstrap/providers.py", "from providers.google.channel import GoogleChannel"),
        ("calsync/demo/command.py", "from calsync.demo import story"),
        (
            "calsync/web/app.py",
            "import fastapi\nfrom calsync.platform_api import feed",
        ),
        ("calsync/demo/story.py", "from calsync import bootstrap, output, sandbox"),
        ("calsync/sandbox/world.py", "from calsync.sandbox.faults import Fault\nimport time"),
        ("providers/google/client.py", "import httplib2, requests\nimport providers.google.errors"),
        (
            "providers/mail/client.py",
            "import smtplib\nfrom providers.http.watchdog import Watchdog",
        ),
        ("calsync/daemon/daemon.py", "import apscheduler\nfrom calsync.ports import Channel"),
        ("calsync/ports.py", "from typing import Protocol\nclass Channel(Protocol): ..."),
        ("calsync/sandbox/world.py", "from typing import Protocol"),
        (
            "calsync/store/queue/slots.py",
            "import sqlalchemy\nfrom calsync.store.ledger.rows import table",
        ),
        ("calsync/sources/sql/source.py", "from sqlalchemy.engine import Connection"),
        ("calsync/accounts/connect.py", "from calsync.store.ledger.rows import account_of"),
    ],
)
def test_what_is_allowed_is_no_violation(path: str, source: str) -> None:
    assert violations(path, source) == []


def test_no_file_is_longer_than_400_lines() -> None:
    files = [file for file in committed() if file.suffix == ".py"]
    assert len(files) > 20
    long = {
        str(file.relative_to(ROOT)): lines
        for file in files
        if (lines := len(file.read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert long == {}


def test_no_folder_holds_more_modules_than_can_be_taken_in_at_once() -> None:
    folders: dict[str, int] = {}
    for name in modules():
        folder = name.rpartition("/")[0]
        grows = folder.startswith("calsync/sandbox") or folder.endswith("/migrations/versions")
        if not name.endswith("__init__.py") and not grows:
            folders[folder] = folders.get(folder, 0) + 1
    most = {folder: MOST_MODULES.get(folder, 12) for folder in folders}
    assert {folder: n for folder, n in folders.items() if n > most[folder]} == {}


def test_no_two_classes_share_a_name() -> None:
    """One word for one thing. Parallel classes of the provider folders may be named alike."""
    places: dict[str, set[str]] = {}
    for name in modules():
        if name.startswith("calsync/sandbox/"):
            continue
        room = "providers" if name.startswith("providers/") else name
        for one in ast.walk(ast.parse((ROOT / name).read_text(encoding="utf-8"))):
            if isinstance(one, ast.ClassDef):
                places.setdefault(one.name, set()).add(room)
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_what_is_asked_before_int_is_what_int_reads() -> None:
    """ "²".isdigit() is true, and int("²") fails: isdecimal() is the question."""
    asks = [name for name in modules() if ".isdigit()" in (ROOT / name).read_text("utf-8")]
    assert asks == []


def test_no_file_names_a_package_registry() -> None:
    named = [
        str(file.relative_to(ROOT))
        for file in committed()
        if A_REGISTRY.search(file.read_text(encoding="utf-8", errors="replace"))
    ]
    assert named == []


@pytest.mark.parametrize("host", ["files." + "python" + "hosted.org", "PY" + "PI.org"])
def test_a_named_registry_is_caught(host: str) -> None:
    assert A_REGISTRY.search(f"see https://{host}/simple")
    assert A_REGISTRY.search("pip install --" + "index-" + "url https://mirror.example")
    assert not A_REGISTRY.search("LOCK := --no-emit-index-url")


def test_what_a_transaction_tells_is_told_once_it_is_committed() -> None:
    """What is rolled back or done again has not happened: whoever has a `db` logs through it."""
    found = []
    for name in modules():
        for one in ast.walk(ast.parse((ROOT / name).read_text(encoding="utf-8"))):
            if isinstance(one, ast.FunctionDef) and "db" in [arg.arg for arg in one.args.args]:
                found += [
                    f"{name}:{call.lineno}"
                    for call in ast.walk(one)
                    if isinstance(call, ast.Call) and ast.unparse(call.func).endswith(".log")
                ]
    assert found == []
