"""Everything real around calsync: sandbox, Radicale, a configuration, the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from calsync.accounts import connect
from calsync.demo.servers import ending, make_calendar
from calsync.sandbox import Sandbox
from calsync.store.vault import new_key
from tests.acceptance.world import World
from tests.harness.small_calsync import SmallCalsync
from tests.ports import free_port

PASSWORD = "app-password"


@dataclass
class Rig(SmallCalsync):
    caldav: dict[str, str]  # address -> calendar URL

    def calsync(self, *arguments: str, stdin: str = "", code: int = 0) -> str:
        """Standard output of the command line; its exit code must be `code`."""
        return self.run(*arguments, stdin=stdin, code=code).out

    def connect_everybody(self, world: World) -> None:
        """Accounts are imported without a command line each, but for the first of each kind."""
        with self.opened() as made:
            done: set[str] = set()
            for person in world.people:
                if person.kind not in ("google", "outlook", "caldav"):
                    continue
                secret = self.secret(person.email, person.kind)
                if person.kind in done:
                    connect.add(made.context, "default", person.kind, person.email, secret)
                else:
                    self.calsync(
                        "accounts",
                        "import",
                        "--provider",
                        person.kind,
                        "--email",
                        person.email,
                        stdin=json.dumps(secret),
                    )
                done.add(person.kind)

    def secret(self, email: str, kind: str) -> dict[str, str]:
        if kind == "google":
            return {"refresh_token": self.sandbox.grant(email)}
        if kind == "outlook":
            return {"refresh_token": self.sandbox.grant_outlook(email)}
        user = email.partition("@")[0]
        return {"url": self.caldav[email], "username": user, "password": PASSWORD}


@contextmanager
def a_rig(
    folder: Path, world: World, source: dict[str, Any], *, database: str = "", guard: str = ""
) -> Iterator[Rig]:
    """A whole installation around this world, in `folder`."""
    caldav_people = [p for p in world.people if p.kind == "caldav"]
    with Sandbox() as sandbox, many_calendars(folder, [p.email for p in caldav_people]) as urls:
        for person in world.people:
            sandbox.add_person(
                person.email,
                name=person.name,
                time_zone=person.zone,
                google=person.kind in ("google", "domain"),
                outlook=person.kind in ("outlook", "firm"),
            )
            if person.kind == "caldav":
                user = person.email.partition("@")[0]
                sandbox.register_view(
                    person.email, urls[person.email], username=user, password=PASSWORD
                )
        config = folder / "calsync.toml"
        config.write_text(_settings(folder, sandbox, source, database, guard), encoding="utf-8")
        yield Rig(folder, sandbox, urls)


@contextmanager
def many_calendars(folder: Path, addresses: list[str]) -> Iterator[dict[str, str]]:
    """One Radicale with a user and a calendar for each address."""
    port = free_port()
    users = {address: address.partition("@")[0] for address in addresses}
    lines = [f"{user}:{PASSWORD}\n" for user in users.values()]
    (folder / "users").write_text("".join(lines), encoding="utf-8")
    command = [
        *(sys.executable, "-m", "radicale", "--config", ""),
        *("--server-hosts", f"127.0.0.1:{port}", "--auth-type", "htpasswd"),
        *("--auth-htpasswd-filename", str(folder / "users")),
        *("--auth-htpasswd-encryption", "plain", "--auth-delay", "0"),
        *("--rights-type", "owner_only", "--logging-level", "error"),
        *("--storage-filesystem-folder", str(folder / "radicale")),
    ]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with ending(subprocess.Popen(command, **quiet)):
        urls = {a: f"http://127.0.0.1:{port}/{user}/mentoring/" for a, user in users.items()}
        for address, user in users.items():
            make_calendar(urls[address], user, PASSWORD)
        yield urls


def _settings(
    folder: Path, sandbox: Sandbox, source: dict[str, Any], database: str, guard: str
) -> str:
    key_file = folder / "service-account.json"
    key_file.write_text(json.dumps(sandbox.make_service_account()), encoding="utf-8")
    numbers = ("max_changes", "max_inferred", "max_first_mails", "max_withdrawn")
    loose = "\n".join(f"{name} = 100000" for name in numbers)
    rows = "\n".join(f"{name} = {json.dumps(value)}" for name, value in source.items())
    return f"""
[database]
url = {json.dumps(database or f"sqlite:///{folder / 'calsync.db'}")}
[google]
client_id = "{sandbox.client_id}"
client_secret = "{sandbox.client_secret}"
service_account_file = "{key_file}"
domains = ["corp.example"]
api_base = "{sandbox.url}"
token_uri = "{sandbox.token_uri}"
revoke_uri = "{sandbox.revoke_uri}"
[outlook]
client_id = "{sandbox.outlook_client_id}"
client_secret = "{sandbox.outlook_client_secret}"
tenant = "{sandbox.outlook_tenant}"
domains = ["firm.example"]
authority = "{sandbox.url}"
graph_base = "{sandbox.url}"
[mail]
host = "{sandbox.smtp_host}"
port = {sandbox.smtp_port}
security = "none"
sender = "sessions@platform.example"
sender_name = "Mentoring Platform"
[caldav]
allow_private = true
[deliver.limits.mail]
per_minute = 0
[guard]
{guard or loose}
[security]
keys = ["{new_key()}"]
[[source]]
{rows}
"""


def is_up(url: str) -> bool:
    """Something answers there."""
    try:
        requests.get(url, timeout=2)
    except requests.RequestException:
        return False
    return True
