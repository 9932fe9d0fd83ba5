"""The composition root: configuration in, a whole service out. The only importer of providers.

Everything is built by plain calls; nothing is registered, discovered or kept in a module.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

from pydantic import BaseModel, SecretStr

from calsync.accounts.connect import Connectors
from calsync.accounts.tokens import StoredAuthorizer
from calsync.config import Config, TenantConfig
from calsync.config.sections import SourceSection
from calsync.consenting import consents
from calsync.core.guard import Limits
from calsync.core.ledger import Policy, Rate
from calsync.errors import ConfigError
from calsync.ingest.poll import Ground, Poller
from calsync.ingest.push import Pusher
from calsync.opening import (
    GoogleRefresher,
    GoogleRevoker,
    OutlookRefresher,
    connect_caldav,
    connect_google,
    connect_outlook,
    google_settings,
    offered,
    outlook_settings,
)
from calsync.platform_api.platform import Platform, WebSettings
from calsync.platform_api.webhook import Post, Receiver, Webhook
from calsync.ports import Channel, Refresher, Revoker, SessionSource
from calsync.runtime.context import Context, Tenant
from calsync.runtime.leases import Leases
from calsync.selfservice.actions import SelfService
from calsync.selfservice.entry import Arrivals
from calsync.selfservice.signed_links import Rules
from calsync.service import Service
from calsync.sources.file import FileSource
from calsync.sources.http import HttpSource
from calsync.sources.push import PushSource
from calsync.sources.records.addresses import read_address
from calsync.sources.sql.source import SqlSource
from calsync.store import schema
from calsync.store.database import Store, open_engine
from calsync.store.vault import Vault, read_keys
from providers.caldav.channel import CaldavChannel
from providers.caldav.settings import CaldavSettings
from providers.google.auth import GoogleAuth
from providers.google.channel import GoogleChannel
from providers.google.client import GoogleClient
from providers.http.transport import Transport, retry_after
from providers.http.watchdog import Watchdog
from providers.mail.channel import MailChannel
from providers.mail.settings import MailSettings
from providers.outlook.auth import OutlookAuth
from providers.outlook.channel import OutlookChannel
from providers.outlook.client import GraphClient
from providers.outlook.signin import Discovery

DEFAULT = "default"
FEED_PAGE_BYTES = 16_000_000


def build(
    config: Config,
    *,
    schema_ready: bool = True,
    at: Callable[[str], None] = lambda _: None,
    shift: Callable[[], timedelta] = timedelta,
    log: Callable[..., None] | None = None,
) -> Service:
    """The service for this configuration. `at` and `shift` are for tests: a call at every named
    point, and time moved without waiting.

    Raises ConfigError for settings that do not work together, InputError for a database that is
    not ready.
    """
    store = Store(
        open_engine(config.database.url.get_secret_value(), size=config.deliver.workers + 16), shift
    )
    try:
        if schema_ready:
            schema.make_ready(store)
        return _assemble(config, store, schema_ready=schema_ready, at=at, log=log)
    except BaseException:
        store.close()
        raise


def _assemble(
    config: Config,
    store: Store,
    *,
    schema_ready: bool,
    at: Callable[[str], None],
    log: Callable[..., None] | None,
) -> Service:
    vault = Vault([key.get_secret_value() for key in config.security.keys])
    watchdog, leases, discovery = Watchdog(), Leases(store), Discovery()
    names = sorted({DEFAULT, *config.tenants, *(one.tenant for one in config.source)})
    tenants = {name: _tenant(config, name) for name in names}
    makers = {
        name: _Makers(config, config.for_tenant(name), watchdog, leases, discovery)
        for name in names
    }
    channels: dict[tuple[str, str], Channel] = {}
    refreshers: dict[tuple[str, str], Refresher] = {}
    revokers: dict[tuple[str, str], Revoker] = {}
    for name, maker in makers.items():
        channels |= {(name, channel.kind): channel for channel in maker.channels()}
        refreshers |= {(name, kind): one for kind, one in maker.refreshers().items()}
        revokers |= {(name, kind): one for kind, one in maker.revokers().items()}
    namespace = schema.SAMPLE_NAMESPACE
    if schema_ready:
        with store.read() as db:
            namespace = schema.namespace(db)
    context = Context(
        store=store,
        vault=vault,
        namespace=namespace,
        leases=leases,
        authorizer=StoredAuthorizer(store, vault, refreshers, at),
        revokers=revokers,
        channels=channels,
        tenant=lambda name: tenants.get(name) or tenants[DEFAULT],
        lease=timedelta(seconds=config.deliver.lease_seconds),
        at=at,
        log=log or (lambda *_args, **_fields: None),
    )
    connectors = _connectors(makers)
    return Service(
        context=context,
        pollers=[_poller(context, one, watchdog) for one in config.source if one.kind != "push"],
        senders={
            name: one
            for (name, kind), one in channels.items()
            if kind == "mail" and isinstance(one, MailChannel)
        },
        connectors=connectors,
        platform=_platform(config, context, names, watchdog, connectors),
        tenants=names,
        workers=config.deliver.workers,
        look_share=config.deliver.look_share,
        content_days=config.retention.content_days,
        journal_days=config.retention.journal_days,
        dry_run=config.deliver.dry_run,
        configuration=_configuration_hash(config, vault),
    )


def _platform(
    config: Config, context: Context, names: list[str], watchdog: Watchdog, connectors: Connectors
) -> Platform:
    web = config.web
    return Platform(
        context,
        names,
        WebSettings(
            host=web.host,
            port=web.port,
            ops_port=web.ops_port,
            public_url=web.public_url,
            calls_per_minute=web.calls_per_minute,
        ),
        {one.tenant: _pusher(context, one) for one in config.source if one.kind == "push"},
        Webhook(context, _receivers(config, names), _post(watchdog)),
        Arrivals(
            context, {name: _rules(config, name) for name in names}, web.public_url, read_address
        ),
        SelfService(
            context, connectors, {name: offered(config.for_tenant(name)) for name in names}
        ),
        consents(config, context, names, watchdog),
    )


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


def _post(watchdog: Watchdog) -> Post:
    transport = Transport(watchdog)

    def post(url: str, headers: Mapping[str, str], body: bytes, until: float) -> int:
        return transport.call("POST", url, headers=headers, body=body, until=until).status

    return post


def _pusher(context: Context, config: SourceSection) -> Pusher:
    reads = PushSource(config.name, config.tenant, strict=config.strict)
    return Pusher(_polling(context, config, reads), reads)


def _poller(context: Context, config: SourceSection, watchdog: Watchdog) -> tuple[Poller, float]:
    return _polling(context, config, source(config, watchdog)), float(config.poll_seconds)


def _polling(context: Context, config: SourceSection, reads: SessionSource) -> Poller:
    def ground(tenant: str) -> Ground:
        known = context.tenant(tenant)
        return Ground(known.guard, known.domains, known.mail_lanes)

    return Poller(
        context.store,
        context.vault,
        reads,
        ground,
        sweep_gap=timedelta(seconds=config.sweep_gap),
        at=context.at,
    )


def source(config: SourceSection, watchdog: Watchdog) -> SessionSource:
    """The source one `[[source]]` table describes."""
    overlap = config.overlap_seconds
    if config.kind == "file" and config.path:
        return FileSource(
            config.name,
            config.tenant,
            config.path,
            overlap_seconds=overlap,
            strict=config.strict,
        )
    if config.kind == "sql" and config.url and config.query:
        return SqlSource(
            config.name,
            config.tenant,
            config.url.get_secret_value(),
            config.query,
            participants_query=config.participants_query or None,
            overlap_seconds=overlap,
            strict=config.strict,
        )
    if config.kind == "http" and config.url:
        return HttpSource(
            config.name,
            config.tenant,
            config.url.get_secret_value(),
            config.token.get_secret_value(),
            Transport(watchdog, ca_file=config.ca_file or None, max_bytes=FEED_PAGE_BYTES),
            retry_after,
            strict=config.strict,
        )
    raise ConfigError(
        [
            f"source {config.name}: kind {config.kind!r} is not available; use file with path, "
            "sql with url and query, or http with url"
        ]
    )


def _tenant(config: Config, name: str) -> Tenant:
    merged = config.for_tenant(name)
    mail, guard, policy = merged.mail, merged.guard, merged.policy
    organizer = ""
    if mail.host:
        organizer = _mail_settings(merged).organizer_text
    return Tenant(
        name=name,
        policy=Policy(
            handover_cancel=policy.handover_cancel,
            drift=policy.drift,
            unreachable_mail=timedelta(minutes=policy.unreachable_mail_minutes),
        ),
        guard=Limits(**guard.model_dump()),
        organizer=organizer,
        only_to=tuple(merged.deliver.only_to),
        domains=dict.fromkeys(merged.google.domains, "google")
        | dict.fromkeys(merged.outlook.domains, "outlook"),
        mail_lanes=max(1, merged.deliver.workers // 4),
        rates={
            kind: Rate(limit.per_minute or None, limit.per_account or None)
            for kind, limit in (
                ("google", merged.deliver.limits.google),
                ("outlook", merged.deliver.limits.outlook),
                ("caldav", merged.deliver.limits.caldav),
                ("mail", merged.deliver.limits.mail),
            )
        },
        in_flight=_in_flight(merged),
        reconnect_url=config.web.reconnect_url,
        owner=merged.connect.owner,
    )


def _in_flight(config: TenantConfig) -> dict[str, int]:
    most = config.deliver.limits.outlook.in_flight
    return {"outlook": most} if config.outlook.client_id and most else {}


def _mail_settings(config: TenantConfig) -> MailSettings:
    mail = config.mail
    return MailSettings(
        host=mail.host,
        port=mail.port,
        security=mail.security,
        ca_file=mail.ca_file,
        timeout_seconds=mail.timeout_seconds,
        username=mail.username,
        password=mail.password.get_secret_value(),
        sender=mail.sender,
        sender_name=mail.sender_name,
        organizer=mail.organizer,
    )


class _Makers:
    """Makes one tenant's channels from its settings."""

    def __init__(
        self,
        config: Config,
        tenant: TenantConfig,
        watchdog: Watchdog,
        leases: Leases,
        discovery: Discovery,
    ) -> None:
        self.config, self.tenant, self.watchdog = config, tenant, watchdog
        self.leases = leases
        ca_file = config.caldav.ca_file or None
        self.transport = Transport(watchdog)
        self.caldav = CaldavSettings(allow_private=config.caldav.allow_private, ca_file=ca_file)
        self.caldav_transport = Transport(watchdog, ca_file=ca_file)
        self.google = GoogleAuth(google_settings(tenant), self.transport)
        self.outlook = OutlookAuth(outlook_settings(tenant), self.transport, discovery)

    def channels(self) -> list[Channel]:
        made: list[Channel] = [CaldavChannel(self.caldav, self.caldav_transport)]
        if self.tenant.mail.host:
            settings = _mail_settings(self.tenant)
            made.append(MailChannel(settings, self.watchdog, still_ours=self.leases.still_ours))
        if self._google_is_set():
            made.append(GoogleChannel(GoogleClient(self.transport, self.tenant.google.api_base)))
        if self.tenant.outlook.client_id:
            made.append(OutlookChannel(GraphClient(self.transport, self.tenant.outlook.graph_base)))
        return made

    def refreshers(self) -> dict[str, Refresher]:
        made: dict[str, Refresher] = {}
        if self._google_is_set():
            made["google"] = GoogleRefresher(self.google)
        if self.tenant.outlook.client_id:
            made["outlook"] = OutlookRefresher(self.outlook)
        return made

    def revokers(self) -> dict[str, Revoker]:
        client = self.tenant.google.client_id
        return {"google": GoogleRevoker(self.google, client)} if client else {}

    def _google_is_set(self) -> bool:
        return bool(self.tenant.google.client_id or self.tenant.google.service_account_file)


def _connectors(makers: Mapping[str, _Makers]) -> Connectors:
    return {
        "google": lambda tenant, *given: connect_google(makers[tenant].google, *given),
        "outlook": lambda tenant, *given: connect_outlook(makers[tenant].outlook, *given),
        "caldav": lambda tenant, *given: connect_caldav(
            makers[tenant].caldav, makers[tenant].caldav_transport, *given
        ),
    }


def _configuration_hash(config: Config, vault: Vault) -> str:
    """Names what decides about sending; another value unparks what was refused before. Secrets
    take part through a keyed hash, so that a corrected password counts and tells nothing."""
    parts = [repr(one) for one in _deciding(config)]
    parts += [secret.get_secret_value() for one in _deciding(config) for secret in _secrets(one)]
    return vault.keyed_hash("configuration", json.dumps(parts))[:16]


def _deciding(config: Config) -> list[BaseModel]:
    found: list[BaseModel] = [config.caldav]
    for one in (config.for_tenant(name) for name in ("", *sorted(config.tenants))):
        found += [one.google, one.outlook, one.mail, one.deliver]
    return found


def _secrets(section: BaseModel) -> list[SecretStr]:
    return [value for _, value in section if isinstance(value, SecretStr)]
