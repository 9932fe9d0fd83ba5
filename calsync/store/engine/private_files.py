"""Who may read the files of a ledger on SQLite: they hold addresses, and what people talk about."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from calsync.store.database import Store

OTHERS = stat.S_IRWXG | stat.S_IRWXO
LOGS = ("-wal", "-shm", "-journal")
SQLITE = b"SQLite format 3\0"  # how such a file begins (sqlite.org/fileformat.html, section 1.3)


@dataclass(frozen=True, slots=True)
class MadePrivate:
    """Files that are their owner's alone from now on, and those that this user may not change."""

    changed: tuple[Path, ...] = ()
    refused: tuple[Path, ...] = ()


def exposed_file(store: Store) -> Path | None:
    """A file of the ledger that every user of this machine may read."""
    return next((one for one in _own(store) if one.stat().st_mode & stat.S_IROTH), None)


def make_private(store: Store) -> MadePrivate:
    """Take the ledger's files from everybody but their owner, and so the copies of it whose names
    begin with its own."""
    changed, refused = list[Path](), list[Path]()
    for file in (*_own(store), *_copies(store)):
        mode = stat.S_IMODE(file.stat().st_mode)
        if not mode & OTHERS:
            continue
        try:
            file.chmod(mode & ~OTHERS)
        except PermissionError:
            refused.append(file)
        else:
            changed.append(file)
    return MadePrivate(tuple(changed), tuple(refused))


def _own(store: Store) -> list[Path]:
    if not store.sqlite:
        return []
    ledger = Path(str(store.engine.url.database))
    files = (ledger.with_name(f"{ledger.name}{end}") for end in ("", *LOGS))
    return [one for one in files if one.is_file()]


def _copies(store: Store) -> Iterator[Path]:
    own = _own(store)
    for file in sorted(own[0].parent.iterdir()) if own else ():
        beside = file.name.startswith(own[0].name) and file not in own
        if beside and file.is_file() and not file.is_symlink() and _is_sqlite(file):
            yield file


def _is_sqlite(file: Path) -> bool:
    """Never asked of the ledger itself: closing it would drop SQLite's own locks
    (sqlite.org/howtocorrupt.html, section 2.2)."""
    try:
        with file.open("rb") as opened:
            return opened.read(len(SQLITE)) == SQLITE
    except PermissionError:
        return False
