"""A tenant's own sentences in mails: which may be written, and what each must hold."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from calsync.config.checks import Problem

OPEN = ("mail.", "notice.")  # messages that are of mails alone


def read_texts(name: str) -> dict[str, dict[str, str]]:
    """The sentences of a file by language and key; none of "". `text_problems` found none."""
    return _tables(name) if name else {}


def text_problems(key: str, name: str) -> Iterator[Problem]:
    """What cannot be used of such a file, and what to write instead. Quotes no sentence."""
    if not name:
        return
    from calsync.messages.catalogue import languages  # noqa: PLC0415 - Babel is slow to import

    try:
        tables = _tables(name)
    except (OSError, ValueError) as error:
        yield key, f"the file cannot be read as TOML ({type(error).__name__})"
        return
    for code, texts in tables.items():
        if code not in languages() or not isinstance(texts, dict):
            known = ", ".join(languages())
            yield key, f"[{code}] in this file is not a language of calsync; write one of {known}"
            continue
        for one, said in texts.items():
            for problem in _problems(one, said):
                yield key, f"[{code}] {one}: {problem}"


def _tables(name: str) -> dict[str, Any]:
    return tomllib.loads(Path(name).read_text(encoding="utf-8"))


def _problems(key: str, said: object) -> Iterator[str]:
    from calsync.messages.catalogue import placeholders, source_texts  # noqa: PLC0415 - as above

    if key not in source_texts() or not key.startswith(OPEN):
        yield "there is no such message of mails; docs/messages.md shows them"
        return
    wanted = _placeholders(source_texts(), key)
    if not isinstance(said, str) or not said.strip() or not said.isprintable():
        yield "write a sentence on one line"
        return
    try:
        found = placeholders(said)
    except ValueError:
        yield "write names in braces only, and {{ for a brace"
        return
    if lost := sorted(wanted - found):
        yield f"it must hold {', '.join(f'{{{one}}}' for one in lost)}"
    if unknown := sorted(found - wanted):
        yield f"it cannot hold {', '.join(f'{{{one}}}' for one in unknown)}"


def _placeholders(texts: Mapping[str, tuple[str, ...]], key: str) -> frozenset[str]:
    from calsync.messages.catalogue import placeholders  # noqa: PLC0415 - as above

    return frozenset(one for form in texts[key] for one in placeholders(form))
