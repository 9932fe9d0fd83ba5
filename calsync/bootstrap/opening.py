"""What every command needs of an installation: its ledger and its providers, and no source, page or
daemon, which take as long to load."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from pydantic import BaseModel, SecretStr

from calsync.accounts.tokens import StoredAuthorizer
from calsync.bootstrap.providers import NOTHING_PROVEN, Providers
from calsync.bootstrap.store import open_store
from calsync.bootstrap.tenants import Tenants, tenant_names
from calsync.config import Config
from calsync.ops import startup
from calsync.ports import NoticeSender, Provider
from calsync.runtime import failpoints
from calsync.runtime.context import Context, Settings
from calsync.runtime.leases import Leases
from calsync.runtime.meter import Meter
from calsync.store import instance, schema
from calsync.store.database import Store
from calsync.store.findings import proofs
from calsync.store.vault import Vault
from providers.http.watchdog import Watchdog


@dataclass(frozen=True, slots=True)
class OpenedInstallation:
    """An installation that was opened. `close` it at the end.

    offered   by tenant, the providers that it has
    watchdog  ends the calls of all of them at their deadline
    """

    context: Context
    offered: Mapping[str, Sequence[Provider]]
    watchdog: Watchdog

    @property
    def flat(self) -> dict[tuple[str, str], Provider]:
        """The providers, by tenant and name."""
        return _flat(self.offered)

    @property
    def senders(self) -> dict[str, NoticeSender]:
        """Of notices, by tenant."""
        return {tenant: one.sender for (tenant, _), one in self.flat.items() if one.sender}

    def close(self) -> None:
        """End every connection that is kept: mail servers are told, the database is let go."""
        for sender in self.senders.values():
            sender.close()
        self.context.store.close()


def open_installation(
    config: Config,
    *,
    schema_ready: bool = True,
    keys_fit: bool = True,
    at: failpoints.At = failpoints.nowhere,
    shift: Callable[[], timedelta] = timedelta,
    log: Callable[..., None] | None = None,
    stays: bool = False,
) -> OpenedInstallation:
    """The installation of this configuration. `at` and `shift` are for tests: a call at every named
    point, and time moved without waiting.

    keys_fit   the keys must be those of the ledger: see `startup.check_keys`
    stays      the process runs until it is stopped
    Raises ConfigError for settings that do not work together, InputError for a database that is
    not ready.
    """
    store = open_store(config, shift, make=not schema_ready, stays=stays)
    try:
        if schema_ready:
            schema.make_ready(store)
        opened = _open(config, store, schema_ready=schema_ready, at=at, log=log or _silent)
        if schema_ready and keys_fit:
            startup.check_keys(opened.context)
        return opened
    except BaseException:
        store.close()
        raise


def _open(
    config: Config,
    store: Store,
    *,
    schema_ready: bool,
    at: failpoints.At,
    log: Callable[..., None],
) -> OpenedInstallation:
    names = tenant_names(config)
    watchdog, leases, meter = Watchdog(), Leases(store), Meter()
    namespace, proven = schema.SAMPLE_NAMESPACE, NOTHING_PROVEN
    if schema_ready:
        with store.read() as db:
            namespace, proven = instance.namespace(db), proofs.proven(db)
    providers = Providers(config, watchdog, leases.still_ours, proven)
    offered = {name: providers.of(name) for name in names}
    vault = Vault([key.get_secret_value() for key in config.security.keys])
    flat = _flat(offered)
    refreshers = {key: one.refresher for key, one in flat.items() if one.refresher}
    context = Context(
        store=store,
        vault=vault,
        namespace=namespace,
        leases=leases,
        authorizer=StoredAuthorizer(store, vault, refreshers, at, meter),
        meter=meter,
        channels={key: one.channel for key, one in flat.items() if one.channel},
        connectors={key: one.connector for key, one in flat.items() if one.connector},
        revokers={key: one.revoker for key, one in flat.items() if one.revoker},
        tenant=Tenants(config, offered).get,
        settings=_settings(config, names, vault, flat),
        lease=timedelta(seconds=config.deliver.lease_seconds),
        at=at,
        log=log,
    )
    return OpenedInstallation(context, offered, watchdog)


def _settings(
    config: Config,
    names: Sequence[str],
    vault: Vault,
    flat: Mapping[tuple[str, str], Provider],
) -> Settings:
    return Settings(
        tenants=names,
        workers=config.deliver.workers,
        look_share=config.deliver.look_share,
        content_days=config.retention.content_days,
        journal_days=config.retention.journal_days,
        dry_run=config.deliver.dry_run,
        configuration=_configuration_hash(config, vault),
        public_url=config.web.public_url.rstrip("/"),
        exposed_file=config.exposed_file,
        sources={one.name: one.tenant for one in config.source},
        pushed=[one.name for one in config.source if one.kind == "push"],
        lives={one.name: one.life for one in flat.values() if one.life},
    )


def _flat(offered: Mapping[str, Sequence[Provider]]) -> dict[tuple[str, str], Provider]:
    return {(tenant, one.name): one for tenant, several in offered.items() for one in several}


def _silent(*_args: object, **_fields: object) -> None:
    """A log that nobody reads."""


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
