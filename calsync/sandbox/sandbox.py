"""The sandbox itself, served on loopback."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Self

from calsync.sandbox.acting import Acting
from calsync.sandbox.breaking import Breaking
from calsync.sandbox.control import ACTING, LOOKING, answer_control
from calsync.sandbox.google.google_consent import PATH as GOOGLE_CONSENT
from calsync.sandbox.server import WebServer
from calsync.sandbox.smtp import MailServer, Postman
from calsync.sandbox.watching import Watching


class Sandbox(Watching, Breaking, Acting):
    """Google, Microsoft, mailboxes and people. Use it as a context manager, or start and close."""

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        smtp_port: int = 0,
        latency: float = 0.0,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        super().__init__(now, latency)
        self.closing = threading.Event()
        methods = {name: getattr(self, name) for name in LOOKING | ACTING}
        control = partial(answer_control, methods)
        self._web = WebServer(self, control, self.closing, host, port)
        postman = Postman(self.mailboxes, self.smtp_faults, self.lock, self.clock)
        self._smtp = MailServer(postman, host, smtp_port)
        self.url = f"http://{host}:{self._web.port}"
        self.smtp_host, self.smtp_port = host, self._smtp.port
        self.token_uri = self.tokens.uri = f"{self.url}/token"
        self.revoke_uri, self.auth_uri = f"{self.url}/revoke", f"{self.url}{GOOGLE_CONSENT}"
        self.sign_in.url = self.staff.url = self.url
        self.graph.serve_at(self.url)
        self.outlook_tenant = self.sign_in.tenant_id
        self.outlook_client_id = self.sign_in.client_id
        self.outlook_client_secret = self.sign_in.client_secret
        self.client_id, self.client_secret = self.tokens.client_id, self.tokens.client_secret

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def start(self) -> None:
        """Serve from now on."""
        self._smtp.start()
        self._web.start()

    def close(self) -> None:
        """End every connection, thread and listener."""
        self.closing.set()
        self.graph.messenger.close()
        self._web.close()
        self._smtp.close()

    def info(self) -> dict[str, str | int]:
        """Where everything is."""
        return {
            "url": self.url,
            "smtp_host": self.smtp_host,
            "smtp_port": self.smtp_port,
            "token_uri": self.token_uri,
            "auth_uri": self.auth_uri,
            "revoke_uri": self.revoke_uri,
            "control": f"{self.url}/control/",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "outlook_tenant": self.outlook_tenant,
            "outlook_client_id": self.outlook_client_id,
            "outlook_client_secret": self.outlook_client_secret,
        }
