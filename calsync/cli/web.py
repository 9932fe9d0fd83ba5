"""`calsync web`: the platform API alone, beside daemons that run elsewhere."""

from __future__ import annotations

import signal
import threading

import typer

from calsync.cli.options import ConfigFile, open_service
from calsync.errors import InputError


def register(app: typer.Typer) -> None:
    app.command()(web)


def web(config: ConfigFile = None) -> None:
    """Serve the platform API until SIGTERM or Ctrl-C; `calsync run` serves it as well."""
    from calsync.web.serve import Server  # noqa: PLC0415

    with open_service(config, logged=True) as service:
        if not service.platform.web.public_url:
            raise InputError("web.public_url is not set; write the address callers use")
        ended = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: ended.set())
        with Server(service, wake=lambda: None, log=service.context.log):
            service.context.log("serving", port=service.platform.web.port)
            ended.wait()
        service.context.log("stopped")
