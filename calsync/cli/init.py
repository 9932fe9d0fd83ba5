"""`calsync init`: a configuration with a fresh key, and an empty ledger."""

from __future__ import annotations

import json
import os
from pathlib import Path

import typer

from calsync import output
from calsync.cli.database import BesideOthers
from calsync.cli.options import AsJson, NewConfig, opened
from calsync.errors import InputError

NAMED = Path("calsync.toml")
WRITTEN = "was written, with a key of its own; only you can read it"
TEXT = """# Written by `calsync init`. Every key is explained in config.example.toml.

[database]
url = {url}

[security]
# Seals tokens and content in the database. Without it a sealed value is lost: keep a copy in a
# second place, apart from database backups.
keys = [{key}]

{source}
# How people are invited who connected no calendar, and who is sent an Upcoming Session mail a day
# before each session: "all", "mailed" (who is invited by mail), or "off".
[mail]
#host = "smtp.example.org"
#sender = "sessions@example.org"
upcoming_to = "all"
# Invitations ask for no answer, and say where to change or cancel instead. true: somebody reads the
# organizer's mailbox.
answers_read = false
"""
# Where booked sessions come from, as long as nobody said.
NO_SOURCE = """# Where booked sessions come from. `calsync validate FILE` checks a file of yours;
# `calsync recipe list` names booking systems that need a few words only.
#[[source]]
#name = "platform"
#kind = "file"                      # or "sql", "http", "push"
#path = "/data/sessions.jsonl"
"""


def register(app: typer.Typer) -> None:
    app.command()(init)


def init(
    beside_others: BesideOthers = False,
    config: NewConfig = None,
    json: AsJson = False,
) -> None:
    """Write a configuration with a fresh key, and create the ledger that it names."""
    from calsync.ops import commands  # noqa: PLC0415

    file = named_file(config)
    is_new = not file.exists()
    if is_new:
        write_config(file)
    if not json:
        output.line(f"{file} {WRITTEN if is_new else 'already exists and stays as it is'}")
    with opened(file, ready=False) as made:
        answer = commands.upgrade(made.context, beside_others=beside_others)
    if json:
        output.as_json({"config": str(file), "written": is_new, "outcome": answer})
        return
    output.line(answer)
    name = f"name a source and a mail server in {file}, then " if is_new else ""
    output.line(f"next: {name}run `calsync plan`")


def named_file(config: Path | None) -> Path:
    """The configuration to write: that of --config, else of CALSYNC_CONFIG, else calsync.toml."""
    return config or Path(os.environ.get("CALSYNC_CONFIG", NAMED))


def write_config(file: Path, source: str = NO_SOURCE) -> None:
    """The file with a fresh key and this source, and a database beside it by its whole path, so
    that it is the same one wherever calsync is run. Never over an existing file; raises
    InputError."""
    from calsync.store.vault import new_key  # noqa: PLC0415  (loaded when it is needed)

    url = f"sqlite:///{file.absolute().parent / 'calsync.db'}"
    # TOML quotes like JSON.
    text = TEXT.format(url=json.dumps(url), key=json.dumps(new_key()), source=source)
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(text)
    except OSError as error:
        raise InputError(
            f"{file} cannot be written ({error.strerror}); name another one"
        ) from error
