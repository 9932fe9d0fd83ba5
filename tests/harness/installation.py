"""A whole calsync in this process: real configuration, channels, sign-in and ledger, the sandbox
around it. People of it may have Google, Outlook and a mailbox at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from calsync.accounts import connect
from calsync.bootstrap.components import Components
from calsync.daemon import single_pass
from calsync.delivery.inspect import Inspector
from calsync.ops.questions.explain import explain
from calsync.ops.results.passes import PassResult
from calsync.store.vault import new_key
from tests.account_mails import of_sessions
from tests.harness.records import a_record
from tests.harness.sandboxes import clean_sandbox
from tests.harness.small_calsync import SmallCalsync
from tests.settings import outlook_settings

MAYA = "maya@contoso.example"
HERE = "http://127.0.0.1:9"  # where browsers would find it


@dataclass
class Installation(SmallCalsync):
    """Maya's sessions and calendars. `shift` is how far the ledger's clock is ahead; `began`, in
    UTC, is what the sessions' days are counted from, so that booking again moves nothing."""

    key: str = field(default_factory=new_key)
    shift: timedelta = timedelta()
    outlook: dict[str, Any] = field(default_factory=dict)
    workers: int = 2
    deliver: str = ""
    policy: str = ""
    owner: str = ""
    components: Components | None = None
    began: datetime = field(
        default_factory=lambda: datetime.now(UTC).replace(microsecond=0, tzinfo=None)
    )

    def open(self) -> Components:
        if self.components is None:
            self.write_config(**self._settings())
            self.make_ledger()
            self.components = self.build(lambda: self.shift)
        return self.components

    def close(self) -> None:
        if self.components is not None:
            self.components.close()
            self.components = None

    def book(self, ident: str = "ses-1", *, days: int = 9, **changes: Any) -> None:
        record = a_record(
            ident,
            [{"id": "u-1", "name": "Maya Chen", "email": MAYA}],
            start=self.began + timedelta(days=days),
            agenda={"text": "Agenda", "format": "text"},
        )
        self.put({**record, **changes})

    def sync(self) -> PassResult:
        """Poll, then deliver until nothing is due."""
        made = self.open()
        single_pass.poll_all(made.context, made.pollers)
        return single_pass.deliver_all(made.context, made.senders, now=True)

    def connect(self, provider: str, scopes: list[str] | None = None) -> str:
        grant = self.sandbox.grant if provider == "google" else self.sandbox.grant_outlook
        given = {"refresh_token": grant(MAYA, scopes)}
        return connect.add(self.open().context, "default", provider, MAYA, given).id

    def connect_caldav(self, url: str, username: str, password: str) -> str:
        given = {"url": url, "username": username, "password": password}
        return connect.add(self.open().context, "default", "caldav", MAYA, given).id

    def inspect(self) -> None:
        """Inspect what is due to be, and deliver what follows from it."""
        made = self.open()
        inspector = Inspector(made.context, share=1.0)
        while inspector.run_once():
            single_pass.deliver_all(made.context, made.senders, now=True)

    def shown(self) -> list[tuple[str, str]]:
        """Where Maya sees what: (calendar or mail client, title)."""
        return sorted((one.where, one.title) for one in self.sandbox.shown(MAYA))

    def mails(self) -> list[str]:
        """The methods of what was mailed about sessions, "" for plain mails."""
        return [mail.method or "" for mail in of_sessions(self.sandbox.mails(MAYA))]

    def state(self, account: str) -> str:
        known = connect.listed(self.open().context, "default")
        return next(one.state for one in known if one.id == account)

    def copies(self, ident: str = "ses-1") -> list[tuple[str, str]]:
        """Channel and state of every copy, in their order."""
        told = explain(self.open().context, ident, MAYA, "default")
        return [(one.channel, one.state) for one in told.people[0].copies]

    def _settings(self) -> dict[str, Any]:
        return {
            "keys": [self.key],
            "outlook": outlook_settings(self.sandbox, **self.outlook),
            "web": f'public_url = "{HERE}"',
            "deliver": f"workers = {self.workers}\nlease_seconds = 30\n{self.deliver}",
            "caldav": "allow_private = true",  # a server on this machine
            "policy": self.policy,
            "connect": f"owner = {json.dumps(self.owner)}",
        }


@contextmanager
def installed(folder: Path) -> Iterator[Installation]:
    """Maya has Google and Outlook; nothing is connected or booked. In the end no provider's rule
    was broken and no provider mailed anybody."""
    with clean_sandbox() as sandbox:
        sandbox.add_person(MAYA, google=True, outlook=True)
        made = Installation(folder, sandbox)
        try:
            yield made
        finally:
            made.close()
