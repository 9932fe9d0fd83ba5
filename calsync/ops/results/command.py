"""The commands that texts tell a person to type."""

from __future__ import annotations

from shlex import quote


def to_type(command: str, *values: str, **options: str | bool | None) -> str:
    """`calsync explain ses-1 --person ADDRESS`, as a shell takes it. Ids are chosen by platforms:
    one may hold blanks and `;`, or begin with "-". Options that are None or False are left out."""
    chosen = [_option(name, value) for name, value in options.items() if value]
    given = [quote(one) for one in values]
    if any(one.startswith("-") for one in values):
        given, chosen = [*chosen, "--", *given], []
    return " ".join(["calsync", command, *given, *chosen])


def _option(name: str, value: str | bool | None) -> str:
    if not isinstance(value, str):
        return f"--{name}"
    return f"--{name}{'=' if value.startswith('-') else ' '}{quote(value)}"
