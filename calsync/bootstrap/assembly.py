"""A whole installation, built from a configuration."""

from __future__ import annotations

import gc
from collections.abc import Callable
from datetime import timedelta

from calsync.bootstrap.components import Components
from calsync.bootstrap.opening import OpenedInstallation, open_installation
from calsync.bootstrap.platform import make_web, make_webhook
from calsync.bootstrap.sources import make_pollers
from calsync.config import Config
from calsync.daemon.daemon import Job
from calsync.messages import language
from calsync.runtime import failpoints
from providers.mail.texts import body


def build(
    config: Config,
    *,
    schema_ready: bool = True,
    keys_fit: bool = True,
    at: failpoints.At = failpoints.nowhere,
    shift: Callable[[], timedelta] = timedelta,
    log: Callable[..., None] | None = None,
    stays: bool = False,
) -> Components:
    """The installation of this configuration. Takes and raises what `open_installation` does, and
    ConfigError for sources and a webhook that cannot be made."""
    opened = open_installation(
        config,
        schema_ready=schema_ready,
        keys_fit=keys_fit,
        at=at,
        shift=shift,
        log=log,
        stays=stays,
    )
    try:
        made = _assemble(config, opened)
    except BaseException:
        opened.close()
        raise
    if stays:
        _make_ready()
    return made


def _make_ready() -> None:
    """What is loaded once in a process is loaded before there is a transaction that others would
    wait for, and what is there by then is left alone by the garbage collector: to look at all of it
    takes 60 ms, whoever is at work when it does."""
    language.load()
    body.template()
    gc.collect()
    gc.freeze()


def _assemble(config: Config, opened: OpenedInstallation) -> Components:
    context, watchdog = opened.context, opened.watchdog
    webhook = make_webhook(config, context, watchdog)
    pollers = make_pollers(config, context, watchdog)
    return Components(
        opened=opened,
        pollers=pollers,
        webhook=webhook,
        trials={key: one.trial for key, one in opened.flat.items() if one.trial},
        jobs=[Job("webhooks", 1, webhook.run, begin=webhook.begin)] if webhook.receivers else [],
        web=make_web(config, context, opened.offered, pollers, watchdog),
    )
