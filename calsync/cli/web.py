"""`calsync web`: the platform API alone, beside daemons that run elsewhere."""

from __future__ import annotations

import signal
import threading

import typer

from calsync.cli.options import ConfigFile, opened
from calsync.errors import InputError


def register(app: typer.Typer) -> None:
    app.command()(web)


def web(config: ConfigFile = None) -> None:
    """Serve the platform API until SIGTERM or Ctrl-C; `calsync run` serves it as well."""
    from calsync.daemon.log_lines import about  # noqa: PLC0415
    from calsync.web.serve import Server  # noqa: PLC0415

    with opened(config, stays=True) as made:
        log, settings = made.context.log, made.web.settings
        if not settings.public_url:
            raise InputError("web.public_url is not set; set it to the address that callers use")
        ended = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: ended.set())
        with Server(made.web, wake=lambda: None, log=log):
            log("serving", port=settings.port, **about(made.context, settings.listens))
            ended.wait()
        log("stopped")
