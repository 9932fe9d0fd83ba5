"""Each tenant's settings as the workers need them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from calsync.bootstrap.providers import mail_settings
from calsync.config import Config, TenantConfig
from calsync.core.guard import Limits
from calsync.core.ledger import Policy, Rate
from calsync.core.upcoming.rules import UpcomingRules, UpcomingTo
from calsync.ports import Provider
from calsync.runtime.context import Tenant

DEFAULT = "default"


def tenant_names(config: Config) -> list[str]:
    """Everybody the configuration knows, whether by a section or by a source."""
    return sorted({DEFAULT, *config.tenants, *(one.tenant for one in config.source)})


class Tenants:
    """`offered`: what each provider offers, by tenant."""

    def __init__(self, config: Config, offered: Mapping[str, Sequence[Provider]]) -> None:
        self._known = {name: _tenant(config, name, several) for name, several in offered.items()}

    def get(self, name: str) -> Tenant:
        """A tenant's settings; those of the default one for a name that is unknown."""
        return self._known.get(name) or self._known[DEFAULT]


def _tenant(config: Config, name: str, offered: Sequence[Provider]) -> Tenant:
    merged = config.for_tenant(name)
    guard, policy, mail = merged.guard, merged.policy, mail_settings(merged.mail, config.web)
    return Tenant(
        name=name,
        policy=Policy(
            handover_cancel=policy.handover_cancel,
            drift=policy.drift,
            unreachable_mail=timedelta(minutes=policy.unreachable_mail_minutes),
        ),
        guard=Limits(**guard.model_dump()),
        organizer=mail.organizer_text if mail else "",
        only_to=tuple(merged.deliver.only_to),
        domains={domain: one.name for one in offered for domain in one.domains},
        mail_lanes=max(1, merged.deliver.workers // 4),
        rates=_rates(merged),
        in_flight=_in_flight(merged, offered),
        account_lanes=_account_lanes(merged),
        reconnect_url=config.web.reconnect_url,
        owner=merged.connect.owner,
        upcoming=UpcomingRules(UpcomingTo(merged.mail.upcoming_to), merged.mail.upcoming_hours),
    )


def _rates(config: TenantConfig) -> dict[str, Rate]:
    """A provider counts the calls of a client, whichever tenant makes them."""
    google = config.google.client_id or config.google.service_account_file
    clients = {"google": google, "outlook": config.outlook.client_id}
    return {
        channel: Rate(limit.per_minute or None, limit.per_account or None, clients.get(channel, ""))
        for channel, limit in config.deliver.limits.by_channel().items()
    }


def _account_lanes(config: TenantConfig) -> dict[str, int]:
    """A slow server keeps a quarter of the workers at most, like a mail server."""
    most = max(1, config.deliver.workers // 4)
    limits = config.deliver.limits.by_channel()
    return {name: min(one.of_account, most) for name, one in limits.items() if one.of_account}


def _in_flight(config: TenantConfig, offered: Sequence[Provider]) -> dict[str, int]:
    set_up = {one.name for one in offered if one.channel is not None}
    limits = config.deliver.limits.by_channel()
    return {name: one.at_once for name, one in limits.items() if one.at_once and name in set_up}
