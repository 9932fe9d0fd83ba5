"""What `calsync doctor` looks at in one installation, which may be broken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial

from calsync.bootstrap.assembly import build
from calsync.bootstrap.components import Components
from calsync.bootstrap.providers import Providers
from calsync.bootstrap.sources import named_source
from calsync.bootstrap.tenants import DEFAULT, tenant_names
from calsync.config import Config
from calsync.errors import CalsyncError, ConfigError, InputError
from calsync.log import scrub
from calsync.ops.doctor import outside
from calsync.ops.doctor.ledger import ledger_checks
from calsync.ops.doctor.live import account_named, live
from calsync.ops.doctor.outside import SourceSample
from calsync.ops.doctor.registry import Check
from calsync.selfservice.oauth import callback
from calsync.sources.trial import try_source
from providers.http.certificates import server_certificate_end
from providers.http.transport import Transport
from providers.http.watchdog import Watchdog

TRIED = 20  # records of each source
NEEDS_LEDGER = "the database cannot be used"


@contextmanager
def examination(config: Config) -> Iterator[list[Check]]:
    """Every check of this installation, in the order in which they are told."""
    made, problem = _opened(config)
    try:
        watchdog = Watchdog()
        yield [
            _configuration(config),
            *(ledger_checks(made.context) if made else _no_ledger(problem)),
            *_probes(config, watchdog),
            *_sources(config),
            outside.redirects_check(_redirects(config)),
            outside.public_url_check(
                config.web.public_url,
                Transport(watchdog),
                lambda host, port, until: server_certificate_end(host, port, until, watchdog),
            ),
        ]
    finally:
        if made is not None:
            made.close()


def live_check(made: Components, provider: str, named: str) -> Check:
    """One event in the account of this id or address. Raises InputError for one that cannot be
    used."""
    account = account_named(made.context, provider, named)
    trial = made.trials.get((account.tenant, provider))
    if trial is None:
        raise InputError(f"{provider} is not set up for tenant {account.tenant}")
    return Check(provider, f"account {account.id}", partial(live, made.context, account, trial))


def refused(problem: ConfigError) -> list[Check]:
    """What is left to check of a configuration that cannot be used."""
    why = "the configuration cannot be used"
    areas = ("database", "keys", "mail", "sources", "web")
    return [
        *(outside.failed_check("configuration", "settings", one) for one in problem.problems),
        *(outside.left_out(area, area, why) for area in areas),
    ]


def _opened(config: Config) -> tuple[Components | None, str]:
    try:
        return build(config, keys_fit=False), ""
    except CalsyncError as problem:
        return None, scrub(str(problem))


def _configuration(config: Config) -> Check:
    names = tenant_names(config)
    one = config.for_tenant(DEFAULT)
    writes = {
        "google": one.google.client_id or one.google.service_account_file,
        "outlook": one.outlook.client_id,
        "mail": one.mail.host,
    }
    return outside.configuration_check(
        sources=len(config.source),
        writes=[name for name, setting in writes.items() if setting],
        dry_run=config.deliver.dry_run,
        only_to=[name for name in names if config.for_tenant(name).deliver.only_to],
        exposed=config.exposed_file,
    )


def _no_ledger(problem: str) -> list[Check]:
    areas = ("keys", "clock", "accounts")
    return [
        outside.failed_check("database", "database.url", problem),
        *(outside.left_out(area, area, NEEDS_LEDGER) for area in areas),
    ]


def _probes(config: Config, watchdog: Watchdog) -> Iterator[Check]:
    """Of each provider once, and once more for a tenant that has settings of its own."""
    made = Providers(config, watchdog, lambda _: True)
    for tenant in (DEFAULT, *(name for name in tenant_names(config) if name != DEFAULT)):
        own = config.for_tenant(tenant)
        for provider in made.of(tenant):
            section = getattr(own, provider.name, None)
            shared = section is None or section is getattr(config, provider.name, None)
            if provider.prober is not None and (tenant == DEFAULT or not shared):
                ends = _secret_ends(config, tenant, provider.name)
                yield outside.probe_check(tenant, provider.name, provider.prober, ends)


def _secret_ends(config: Config, tenant: str, provider: str) -> date | None:
    return config.for_tenant(tenant).outlook.client_valid_until if provider == "outlook" else None


def _sources(config: Config) -> Iterator[Check]:
    for one in config.source:
        if one.kind == "push":
            yield outside.pushed_source(one.name)
        else:
            yield outside.source_check(one.name, partial(_sample, config, one.name))


def _sample(config: Config, name: str) -> SourceSample:
    trial = try_source(named_source(config, name), TRIED)
    refused = [one.refused[0] for one in trial.records if one.refused]
    return SourceSample(
        records=len(trial.records),
        refused=[f"{one.record}: {one.field} {one.reason}" for one in refused],
        warnings=[warning for one in trial.records for warning in one.warnings],
        error=scrub(trial.error) if trial.error else None,
    )


def _redirects(config: Config) -> list[str]:
    """Of every provider that asks people, where there are pages at all."""
    tenants = [config.for_tenant(name) for name in tenant_names(config)]
    asking = {
        "google": any(one.google.client_id for one in tenants),
        "outlook": any(one.outlook.client_id for one in tenants),
    }
    url = config.web.public_url
    return [callback(url, name) for name, asks in asking.items() if asks and url]
