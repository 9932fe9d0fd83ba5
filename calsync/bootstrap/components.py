"""What the composition root hands out: ready parts, and nothing that decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from calsync.bootstrap.opening import OpenedInstallation
from calsync.daemon.daemon import Job
from calsync.ingest.poll import Poller
from calsync.ingest.push import Pusher
from calsync.ops.page.signing_in import SigningIn
from calsync.platform_api.inbound import Inbound
from calsync.platform_api.webhook import Webhook
from calsync.ports import LiveTrial, NoticeSender
from calsync.runtime.context import Context
from calsync.selfservice.actions import SelfService
from calsync.selfservice.entry import Arrivals
from calsync.selfservice.event_files import EventFiles
from calsync.selfservice.oauth import Consents
from calsync.selfservice.unsubscribing import Unsubscribing


@dataclass(frozen=True, slots=True)
class WebSettings:
    """How calsync is reached; nothing is served without a public_url."""

    host: str = "127.0.0.1"
    port: int = 8080
    ops_port: int = 0
    metrics_host: str = "127.0.0.1"
    metrics_port: int = 0
    public_url: str = ""
    calls_per_minute: int = 1200

    @property
    def listens(self) -> list[str]:
        """Where a process with these settings answers."""
        places = (
            (self.host, self.port if self.public_url else 0),
            ("127.0.0.1", self.ops_port),
            (self.metrics_host, self.metrics_port),
        )
        return [f"{host}:{port}" for host, port in places if port]


@dataclass(frozen=True, slots=True)
class WebParts:
    """What the API and the pages are made of.

    pushers  by tenant, for those with a source of kind push
    inbound  by source, for those that are told of changes by a webhook
    signing_in  how operators come to the public ops page; None: there is none
    """

    context: Context
    settings: WebSettings
    pushers: Mapping[str, Pusher]
    inbound: Mapping[str, Inbound]
    arrivals: Arrivals
    self_service: SelfService
    consents: Consents
    unsubscribing: Unsubscribing
    event_files: EventFiles
    signing_in: SigningIn | None = None


@dataclass(frozen=True, slots=True)
class Components:
    """An installation, put together. `close` it at the end.

    opened   the ledger and the providers
    pollers  for every source that is polled
    jobs     what a daemon does beside its own
    trials   by (tenant, provider), what finds out what a provider does
    """

    opened: OpenedInstallation
    pollers: Sequence[Poller]
    webhook: Webhook
    jobs: Sequence[Job]
    trials: Mapping[tuple[str, str], LiveTrial]
    web: WebParts

    @property
    def context(self) -> Context:
        return self.opened.context

    @property
    def senders(self) -> Mapping[str, NoticeSender]:
        """Of notices, by tenant."""
        return self.opened.senders

    def close(self) -> None:
        """End every connection that is kept: mail servers are told, the database is let go."""
        self.opened.close()
