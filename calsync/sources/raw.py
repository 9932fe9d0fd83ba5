"""Raw records, told apart by a hash: one that was read before by the same rules need not be read
again.

The hash is of all that a record's reading depends on, but for the source's clock: that matters for
an `updated_at` in the future alone, which is warned of, and what is warned of has no hash.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from calsync.ports import KnownRecords

HASH_BYTES = 12  # of a hash that tells a record from its own former versions alone
READERS = ("core", "sources", "text", "untrusted")  # our packages that read records
READ_WITH = ("idna", "jmespath", "markdown-it-py", "nh3", "pydantic", "pydantic-core")
_ID = re.compile(rb'"id"\s*:\s*(?:"([^"\\\x00-\x1f\x7f]+)"|([0-9]+))')
_AS_JSON = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class RawRecord:
    """A record that was not read yet.

    load   gives it, or raises RecordError
    where  names it when it has no id of its own
    id     that it is likely to have; NO_ID when there is none that can be used
    hash   "" for one that has to be read each time
    """

    load: Callable[[], object]
    where: str
    id: str
    hash: str = ""


class Hashing:
    """How the records of one read are hashed, and which are known by that. `settings`: those of the
    source that decide how a record is read."""

    def __init__(self, known: KnownRecords, *settings: object) -> None:
        self.known = known
        told = repr((reading_code(), known.rules, settings)).encode()
        self._begun = hashlib.blake2b(told, digest_size=HASH_BYTES)

    def of_bytes(self, raw: bytes) -> str:
        """The hash of a record as it was written."""
        found = self._begun.copy()
        found.update(raw)
        return found.hexdigest()

    def of_row(self, *values: object) -> str:
        """The hash of what a driver gave for a record."""
        return self.of_bytes(repr(values).encode(errors="surrogatepass"))

    def of_value(self, record: object) -> str:
        """The hash of a record of JSON values; "" for one that holds anything else, which a
        driver may give: reading it finds out."""
        try:
            return self.of_bytes(_AS_JSON(record).encode())
        except (TypeError, ValueError, RecursionError):
            return ""


def likely_id(raw: bytes) -> str:
    """The first id in a record as it was written: nearly always the record's own, and found without
    reading it. Whoever uses it has to find out whether it is; "" where none was found."""
    found = _ID.search(raw)
    if found is None:
        return ""
    try:
        return (found[1] or found[2]).decode()
    except UnicodeDecodeError:
        return ""


@cache
def reading_code() -> str:
    """One word for the code that reads records, ours and that of others: nobody has to remember
    that a change of it makes every record unknown. Asked for when a process begins, it is of the
    code that runs: later the files may be those of another version."""
    found = hashlib.sha256(sys.version.encode())
    for name in READ_WITH:
        found.update(f"{name} {_version(name)}\n".encode())
    root = Path(__file__).parents[1]
    for package in READERS:
        for path in sorted((root / package).rglob("*.py")):
            found.update(path.read_bytes())
    return found.hexdigest()


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""
