"""A calsync that is served in this process, over real HTTP, and a platform that calls it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import requests

from calsync.bootstrap import assembly
from calsync.bootstrap.components import Components
from calsync.config import load
from calsync.platform_api import tokens
from calsync.store.vault import new_key
from calsync.web.serve import Server
from tests.harness import ledgers, records
from tests.harness.records import Record, now
from tests.ports import free_port

ALL_SCOPES = ("sessions:write", "sessions:read", "changes:read", "connect:write")
PEOPLE = (
    {"id": "u-1", "name": "Maya Chen", "email": "maya@example.org"},
    {"id": "u-2", "name": "Sam Okafor", "email": "sam@example.org"},
)
PLANTED = {
    "title": "PLANTED-TITLE",
    "agenda": {"text": "PLANTED-AGENDA", "format": "text"},
    "url": "https://app.example.org/s/1",
}
LOOSE = "max_changes = 1000\nmax_inferred = 1000\nmax_first_mails = 1000\nmax_withdrawn = 1000"


@dataclass
class Caller:
    """A platform with its token. Paths are taken as they are: what is odd must be quoted."""

    url: str
    token: str = ""

    def call(self, method: str, path: str, **given: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= given.pop("headers", {})
        return requests.request(method, self.url + path, headers=headers, timeout=30, **given)

    def put(self, ident: str, record: object, **given: Any) -> requests.Response:
        return self.call("PUT", f"/api/sessions/{ident}", json=record, **given)

    def delete(self, ident: str, **given: Any) -> requests.Response:
        return self.call("DELETE", f"/api/sessions/{ident}", **given)


@dataclass
class Site:
    """`shift` is how far the ledger's clock is ahead; `woken` counts the calls of wake."""

    folder: Path
    database: str
    guard: str = LOOSE
    more: str = ""
    webhook: str = ""
    web: str = ""
    connect: str = ""
    mail: str = 'host = "127.0.0.1"\nport = 1'
    public: str = ""
    shift: timedelta = timedelta()
    port: int = field(default_factory=free_port)
    ops_port: int = field(default_factory=free_port)
    key: str = field(default_factory=new_key)
    woken: int = 0
    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    components: Components | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def open(self) -> Components:
        assert self.components is not None
        return self.components

    @contextmanager
    def served(self) -> Iterator[Site]:
        config = self.folder / "site.toml"
        config.write_text(self._settings(), encoding="utf-8")
        ledgers.ready(self.database)
        self.components = assembly.build(
            load(config, {}), shift=lambda: self.shift, log=lambda event, **f: self._log(event, f)
        )
        try:
            with Server(self.components.web, wake=self._wake, log=self.components.context.log):
                yield self
        finally:
            self.components.close()

    def _wake(self) -> None:
        self.woken += 1

    def _log(self, event: str, fields: dict[str, Any]) -> None:
        self.told.append((event, fields))

    def caller(self, tenant: str = "default", *scopes: str) -> Caller:
        made = tokens.create(self.open.context, tenant, "test", scopes or ALL_SCOPES)
        return Caller(self.url, made.token)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        import sqlalchemy as sa

        with self.open.context.store.read() as db:
            return [tuple(row) for row in db.run(sa.text(query))]

    def _settings(self) -> str:
        return f"""
[database]
url = {json.dumps(self.database)}
[mail]
{self.mail}
security = "none"
sender = "sessions@platform.example"
[deliver]
workers = 2
[guard]
{self.guard}
[security]
keys = ["{self.key}"]
[web]
public_url = "{self.public or self.url}"
port = {self.port}
ops_port = {self.ops_port}
{self.web}
[webhook]
{self.webhook}
[connect]
{self.connect}
[[source]]
name = "pushed"
kind = "push"
[[source]]
name = "pushed_acme"
kind = "push"
tenant = "acme"
[[source]]
name = "other"
kind = "file"
tenant = "unpushed"
path = "nothing.json"
{self.more}
"""


MakeSite = Callable[..., Site]


def a_record(*, days: float = 9, **changes: Any) -> Record:
    """A session of Maya and Sam, without its id."""
    updated = {"updated_at": now().isoformat()}
    record = records.a_record("", PEOPLE, days=days, **(updated | PLANTED | changes))
    return record if "id" in changes else {k: v for k, v in record.items() if k != "id"}
