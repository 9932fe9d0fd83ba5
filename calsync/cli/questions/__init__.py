"""Commands that answer questions. They send nothing."""

from __future__ import annotations

import typer

from calsync.cli.questions import health, people, status, story


def register(app: typer.Typer) -> None:
    app.command()(status.status)
    app.command()(health.health)
    app.command()(people.person)
    app.command()(people.sessions)
    app.command()(people.sources)
    app.command()(story.explain)
    app.command()(story.preview)
