"""The configuration of an installation around the sandbox."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from calsync.sandbox import RemoteSandbox, Sandbox
from calsync.store.vault import new_key


def settings(
    folder: Path,
    sandbox: Sandbox | RemoteSandbox,
    *,
    database: str = "",
    pooled: bool = False,
    listen_url: str = "",
    keys: Sequence[str] = (),
    platform: str = "",
    **more: str,
) -> str:
    """The text of a calsync.toml: Google and mail of the sandbox, and one source that is the file
    `sessions.jsonl` of the folder. Unless they are given, the database is a file in the folder,
    and the key is made once and kept there.

    platform   what the source is instead: its kind and address
    more   further lines by section, one of them `source`
    """
    database = database or f"sqlite:///{folder / 'calsync.db'}"
    sections = {
        "database": f"url = {json.dumps(database)}\n{_pool(listen_url) if pooled else ''}",
        "google": google_settings(sandbox),
        "mail": f"""
host = "{sandbox.smtp_host}"
port = {sandbox.smtp_port}
security = "none"
sender = "sessions@platform.example"
""",
        "security": f"keys = {json.dumps(list(keys))}" if keys else _key_file(folder),
        "source": f'name = "platform"\n{platform or _file(folder)}',
    }
    names = [*sections, *(name for name in more if name not in sections)]
    return "\n".join(
        f"{_header(name)}\n{sections.get(name, '').strip()}\n{more.get(name, '').strip()}"
        for name in names
    )


def google_settings(sandbox: Sandbox | RemoteSandbox) -> str:
    """The lines of [google] for the sandbox's calendars and tokens."""
    return f"""
client_id = "{sandbox.client_id}"
client_secret = "{sandbox.client_secret}"
api_base = "{sandbox.url}"
auth_uri = "{sandbox.auth_uri}"
token_uri = "{sandbox.token_uri}"
revoke_uri = "{sandbox.revoke_uri}"
"""


def outlook_settings(sandbox: Sandbox | RemoteSandbox, **changes: object) -> str:
    """The lines of [outlook] for the sandbox's Graph and sign-in."""
    lines = {
        "client_id": sandbox.outlook_client_id,
        "client_secret": sandbox.outlook_client_secret,
        "authority": sandbox.url,
        "graph_base": sandbox.url,
        **changes,
    }
    return "\n".join(f"{name} = {json.dumps(value)}" for name, value in lines.items())


def _header(section: str) -> str:
    return "[[source]]" if section == "source" else f"[{section}]"


def _file(folder: Path) -> str:
    return f'kind = "file"\npath = {json.dumps(str(folder / "sessions.jsonl"))}'


def _pool(listen_url: str) -> str:
    return f"pooled = true\nlisten_url = {json.dumps(listen_url)}"


def _key_file(folder: Path) -> str:
    file = folder / "keys"
    if not file.exists():
        file.write_text(new_key(), encoding="utf-8")
    return f"keys_file = {json.dumps(str(file))}"
