"""`calsync doctor`: whether everything that calsync depends on is as it should be."""

from __future__ import annotations

import typer

from calsync.cli.doctor import everything, live, mail

app = typer.Typer(help=everything.ABOUT, invoke_without_command=True)
app.callback()(everything.doctor)
app.command()(mail.mail)
app.command()(live.google)
app.command()(live.outlook)
