"""What `calsync baseline FILE` is told about invitations that another system mailed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from calsync.errors import InputError

Place = tuple[str, str, str]  # tenant, session, participant


def read(file: Path) -> dict[Place, Mapping[str, Any]]:
    """Lines of {"session", "participant", "uid"?, "sequence"?, "organizer"?, "tenant"?}.

    Raises InputError, naming the line, for a file that holds anything else.
    """
    known: dict[Place, Mapping[str, Any]] = {}
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise InputError(
            f"{file}: cannot be read ({error.strerror}); name a file of JSON lines"
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(f"{file}: is not UTF-8 text; save it as UTF-8") from error
    for number, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        try:
            row = json.loads(text)
            key = (row.get("tenant", "default"), str(row["session"]), str(row["participant"]))
            int(row.get("sequence", 0))
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise InputError(
                f'{file}:{number}: write {{"session": "...", "participant": "...", "uid": "..."}} '
                f"({type(error).__name__})"
            ) from error
        known[key] = row
    return known
