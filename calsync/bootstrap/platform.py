"""The platform's and the participants' side: the API, the webhook and the pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import partial

from calsync.bootstrap.components import WebParts, WebSettings
from calsync.bootstrap.sources import make_body_reader, make_pushers
from calsync.config import Config
from calsync.config.ops_section import OpsSection
from calsync.ingest.poll import Poller
from calsync.ops.page.allowed import Allowed
from calsync.ops.page.signing_in import SigningIn
from calsync.platform_api.at_once import PollAtOnce
from calsync.platform_api.inbound import USUAL_HEADERS, Inbound
from calsync.platform_api.webhook import Receiver, Webhook
from calsync.ports import HttpClient, Provider
from calsync.runtime.context import Context
from calsync.selfservice.actions import SelfService
from calsync.selfservice.entry import Arrivals
from calsync.selfservice.event_files import EventFiles
from calsync.selfservice.oauth import Consents
from calsync.selfservice.signed_links import Rules
from calsync.selfservice.unsubscribing import Unsubscribing
from calsync.store.connect.operators import EVERY
from calsync.store.vault import read_keys
from providers.http.transport import Transport
from providers.http.watchdog import Watchdog


def make_web(
    config: Config,
    context: Context,
    offered: Mapping[str, Sequence[Provider]],
    pollers: Sequence[Poller],
    watchdog: Watchdog,
) -> WebParts:
    """`offered`: what each provider offers, by tenant."""
    web, names = config.web, context.settings.tenants
    return WebParts(
        context=context,
        settings=WebSettings(
            host=web.host,
            port=web.port,
            ops_port=web.ops_listens,
            metrics_host=web.metrics_host,
            metrics_port=web.metrics_port,
            public_url=web.public_url,
            calls_per_minute=web.calls_per_minute,
        ),
        pushers=make_pushers(config, context),
        inbound=_inbound(config, context, {one.source.name: one for one in pollers}),
        arrivals=Arrivals(context, {name: _rules(config, name) for name in names}, web.public_url),
        self_service=SelfService(
            context, {name: _self_service(several) for name, several in offered.items()}
        ),
        unsubscribing=Unsubscribing(context),
        event_files=EventFiles(context),
        consents=Consents(
            context,
            {
                (tenant, one.name): one.consenter
                for tenant, several in offered.items()
                for one in several
                if one.consenter
            },
            web.public_url,
        ),
        signing_in=_signing_in(config, context, watchdog),
    )


def make_webhook(config: Config, context: Context, watchdog: Watchdog) -> Webhook:
    """What tells the platform of every tenant that has a webhook."""
    receivers = _receivers(config, context.settings.tenants)
    return Webhook(context, receivers, partial(_post, Transport(watchdog)))


def _inbound(config: Config, context: Context, pollers: Mapping[str, Poller]) -> dict[str, Inbound]:
    """How each source with a secret for it is told of changes."""
    found = {}
    for one in config.source:
        secret = one.inbound_secret.get_secret_value()
        if secret and one.name in pollers:
            scheme = one.inbound_scheme
            header = one.inbound_header or USUAL_HEADERS[scheme]
            poll = PollAtOnce(context, pollers[one.name])
            reader = make_body_reader(one)
            found[one.name] = Inbound(scheme, header, secret, context, poll, reader)
    return found


def _signing_in(config: Config, context: Context, watchdog: Watchdog) -> SigningIn | None:
    ops = config.ops
    if not ops.issuer:
        return None
    from providers.oidc import OidcSettings, OidcSignIn  # noqa: PLC0415 - slow to import

    settings = OidcSettings(
        issuer=ops.issuer,
        client_id=ops.client_id,
        client_secret=ops.client_secret.get_secret_value(),
        scopes=ops.scopes,
        address_claim=ops.address_claim,
        groups_claim=ops.groups_claim,
    )
    rules = [*_allowed(EVERY, ops)]
    for name, own in config.tenants.items():
        rules += _allowed(name, own.ops)
    service = OidcSignIn(settings, Transport(watchdog))
    return SigningIn(context, service, rules, config.web.public_url)


def _allowed(tenant: str, ops: OpsSection) -> list[Allowed]:
    return [
        Allowed(tenant, ops.allowed, acts=True),
        Allowed(tenant, ops.allowed_read_only, acts=False),
    ]


def _self_service(offered: Sequence[Provider]) -> tuple[str, ...]:
    return tuple(one.name for one in offered if one.self_service)


def _rules(config: Config, name: str) -> Rules:
    connect = config.for_tenant(name).connect
    keys, _ = read_keys([one.get_secret_value() for one in connect.keys], longer=True)
    return Rules(connect.issuer, keys, connect.return_urls)


def _receivers(config: Config, names: Iterable[str]) -> dict[str, Receiver]:
    found = {}
    for name in names:
        webhook = config.for_tenant(name).webhook
        if webhook.url:
            keys, _ = read_keys([one.get_secret_value() for one in webhook.keys])
            found[name] = Receiver(webhook.url, keys, timedelta(hours=webhook.retry_hours))
    return found


def _post(http: HttpClient, url: str, headers: Mapping[str, str], body: bytes, until: float) -> int:
    return http.call("POST", url, headers=headers, body=body, until=until).status
