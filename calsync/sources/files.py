"""Files of records: found, told apart by their content, and listed without being held in memory.

A JSON document (an array, an object with `sessions`, or one record) is read whole. Of JSON lines a
part is in memory at a time, and a line that is wanted later is loaded again.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import BinaryIO, NamedTuple, NoReturn

from calsync.errors import RecordError, SourceError
from calsync.sources.raw import Hashing, likely_id
from calsync.sources.records.record import NO_ID, identify, stamp_of
from calsync.untrusted.json_text import JsonError, parse_json

LINES = (".jsonl", ".ndjson")  # names that say JSON lines, whatever the first line looks like
IN_FOLDER = (".json", *LINES)
AT_ONCE = 500_000  # bytes of lines that are in memory, or one line
SETTLED_NS = 2_000_000_000
BEGINNINGS = (b"[", b"{")  # of what may be a document that somebody is still writing
BOM = b"\xef\xbb\xbf"
RENAME = "write the new file beside it and rename it over the old one"


class Spot(NamedTuple):
    """Where a record is: in the nth of the files, the record or line of this number, and for a line
    its bytes. `length` 0: a record of a document; `is_json` False: a line that is none."""

    file: int
    number: int
    offset: int
    length: int = 0
    is_json: bool = True

    @property
    def behind(self) -> Spot:
        """Where the next record of the file is."""
        return Spot(self.file, self.number + 1, self.offset + self.length)


START = Spot(0, 1, 0)


@dataclass(frozen=True, slots=True)
class Entry:
    """One record of a file. `load` gives it, or raises RecordError when its line is not JSON.

    where  file and line or number, for people
    id     NO_ID when it has none that can be used
    stamp  updated_at in UTC, None when it cannot be read
    whole  False for a last line that is still being written
    place  from which `Files.entry` makes it again
    hash   of what is written there; "" where that was not asked for
    """

    where: str
    load: Callable[[], object]
    id: str = NO_ID
    stamp: datetime | None = None
    whole: bool = True
    place: Spot = Spot(0, 0, 0)  # noqa: RUF009 - a tuple, which nobody changes
    hash: str = ""


Found = tuple[Spot, str, datetime | None, bool, str]  # what `Files.entry` is made from


@dataclass(frozen=True, slots=True)
class Values:
    """The records of a document, the nth of the files."""

    nth: int
    records: Sequence[object]

    def __len__(self) -> int:
        return len(self.records)

    @property
    def place(self) -> Spot:
        return Spot(self.nth, 1, 0)

    def hashes(self, hashing: Hashing) -> Iterator[str]:
        return (hashing.of_value(one) for one in self.records)

    def ids(self) -> list[str]:
        return [identify(one) for one in self.records]

    def found(self, hashes: Iterable[str], known: Collection[str]) -> Iterator[Found]:
        """The records, whose hashes are given, but for those that are among the known ones."""
        for number, (record, mine) in enumerate(zip(self.records, hashes, strict=True), start=1):
            if mine not in known:
                yield Spot(self.nth, number, 0), identify(record), stamp_of(record), True, mine


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines that follow one another, as they are in the file; `place`: of the first."""

    place: Spot
    lines: Sequence[bytes]

    def __len__(self) -> int:
        return len(self.lines)

    def hashes(self, hashing: Hashing) -> Iterator[str]:
        return (hashing.of_bytes(line.rstrip()) for line in self.lines)

    def ids(self) -> list[str]:
        """Those that the lines seem to have: none is read for that."""
        return [likely_id(line) for line in self.lines]

    def found(self, hashes: Iterable[str], known: Collection[str]) -> Iterator[Found]:
        """The records, whose hashes are given, but for those that are among the known ones: no
        other line is read."""
        behind, number = self.place.offset, self.place.number - 1
        for line, mine in zip(self.lines, hashes, strict=True):
            here, behind, number = behind, behind + len(line), number + 1
            if mine in known or not line.removeprefix(BOM).strip():
                continue
            place = Spot(self.place.file, number, here, len(line))
            try:
                record = _parse(line)
            except ValueError:
                yield place._replace(is_json=False), NO_ID, None, line.endswith(b"\n"), ""
            else:
                yield place, identify(record), stamp_of(record), True, mine


Part = Values | Lines


class Files:
    """The files at `path`: one, or those of a folder. Raises SourceError when there is none.

    Close it (`with`) only when the entries' `load` is no longer needed. `hashing`: how the records
    are hashed when they are listed.
    """

    def __init__(self, path: Path, hashing: Hashing | None = None) -> None:
        self.path, self._hashing = path, hashing
        self._open = ExitStack()
        self._lines: dict[int, BinaryIO] = {}
        self._documents: dict[int, list[object]] = {}
        try:
            self.paths = _of_folder(path) if path.is_dir() else [path]
            stats = [(one.name, one.stat()) for one in self.paths]
        except OSError as error:
            raise _unreadable(path, error) from error
        listing = [(name, s.st_size, s.st_mtime_ns, s.st_ino) for name, s in stats]
        self._listing = hashlib.sha256(repr(listing).encode()).hexdigest()[:32]
        self._newest_ns = max((s.st_mtime_ns for _, s in stats), default=0)
        self._seen_ns = time.time_ns()

    def __enter__(self) -> Files:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @property
    def mark(self) -> str:
        """Equal marks: nothing was written in between. "" while a file is so fresh that another
        write could leave its date as it is (git-scm.com/docs/racy-git)."""
        settled = self._newest_ns < self._seen_ns - SETTLED_NS
        return self._listing if settled else ""

    def changed(self) -> bool:
        """Somebody wrote since this value was made."""
        return Files(self.path)._listing != self._listing

    def parts(self, start: Spot = START) -> Iterator[Part]:
        """Every record, in the order of the files, some at a time; no line before `start`. Raises
        SourceError."""
        for nth, path in enumerate(self.paths[start.file :], start.file):
            begin = start if nth == start.file else Spot(nth, 1, 0)
            try:
                file = self._open.enter_context(path.open("rb"))
                if _holds_lines(path, file):
                    self._lines[nth] = file
                    yield from _parts_of(file, begin, path.name)
                else:
                    data = file.read()
                    file.close()  # a folder may hold more files than a process may open
                    self._documents[nth] = _document(path, data)
                    yield Values(nth, self._documents[nth])
            except OSError as error:
                raise _unreadable(path, error) from error

    def part(self, place: Spot) -> Part:
        """The part that begins there, again. Raises SourceError."""
        if place.file in self._documents:
            return Values(place.file, self._documents[place.file])
        try:
            return _part_at(self._lines[place.file], place)
        except OSError as error:
            raise _unreadable(self.paths[place.file], error) from error

    def entries(self, start: Spot = START) -> Iterator[Entry]:
        """Every record from `start` on, in the order of the files. Raises SourceError."""
        for part in self.parts(start):
            for one in self.entries_of(part, self.hashes(part)):
                if one.place >= start:
                    yield one

    def hashes(self, part: Part) -> Iterator[str]:
        """Of its records; "" for each where nobody asked for that."""
        if self._hashing is None:
            return repeat("", len(part))
        return part.hashes(self._hashing)

    def entries_of(
        self, part: Part, hashes: Iterable[str], known: Collection[str] = ()
    ) -> Iterator[Entry]:
        """The records of this part, whose hashes are given, but for the known ones."""
        for place, ident, stamp, whole, mine in part.found(hashes, known):
            yield self.entry(place, ident, stamp, whole=whole, known_as=mine)

    def entry(
        self,
        place: Spot,
        ident: str,
        stamp: datetime | None,
        *,
        whole: bool,
        known_as: str,
    ) -> Entry:
        """The record there, as `entries` listed it: it is loaded when it is asked for."""
        name = self.paths[place.file].name
        if not place.length:
            where = f"{name} record {place.number}"
            record = self._documents[place.file][place.number - 1]
            return Entry(where, partial(_same, record), ident, stamp, whole, place, known_as)
        where = f"{name} line {place.number}"
        if not place.is_json:
            refuse = partial(_refuse, self._lines[place.file], place, where)
            return Entry(where, refuse, ident, stamp, whole, place)
        load = partial(_load, self._lines[place.file], place, where, ident)
        return Entry(where, load, ident, stamp, whole, place, known_as)


def _of_folder(folder: Path) -> list[Path]:
    """Raises SourceError for a folder without files of records, which no platform means by it."""
    found = sorted(one for one in folder.iterdir() if one.suffix.lower() in IN_FOLDER)
    if not found:
        raise SourceError(
            f"{folder}: contains no .json, .jsonl or .ndjson file; check the source's path"
        )
    return found


def _unreadable(path: Path, error: OSError) -> SourceError:
    reason = error.strerror or type(error).__name__
    return SourceError(
        f"{path}: {reason}; check the source's path and that calsync may read the file"
    )


def _holds_lines(path: Path, file: BinaryIO) -> bool:
    """JSON lines begin with one whole record; so does nothing else that is read here."""
    if path.suffix in LINES:
        return True
    start = file.read(1024).removeprefix(BOM).lstrip()[:1]
    file.seek(0)
    if start != b"{":
        return False
    first = next((line for line in file if line.removeprefix(BOM).strip()), b"")
    file.seek(0)
    try:
        record = _parse(first)
    except ValueError:
        return False
    return isinstance(record, dict) and "sessions" not in record


def _parse(data: bytes) -> object:
    """Raises ValueError."""
    value: object = parse_json(data.removeprefix(BOM))
    return value


def _document(path: Path, data: bytes) -> list[object]:
    try:
        value = _parse(data)
    except JsonError as error:
        if not error.encoded:
            raise SourceError(f"{path}: is {error}; save it as UTF-8") from None
        if not data.strip():
            raise SourceError(f"{path}: is empty; write [] when there are no sessions") from None
        if error.line is None or not data.removeprefix(BOM).lstrip().startswith(BEGINNINGS):
            raise SourceError(f"{path}: is {error}; write a JSON array of records") from None
        raise SourceError(f"{path}: is not complete JSON (line {error.line}); {RENAME}") from None
    if isinstance(value, dict):
        value = value.get("sessions", [value])
    if not isinstance(value, list):
        raise SourceError(
            f"{path}: contains no list of sessions; write a JSON array, "
            'or an object such as {"sessions": [...]}'
        )
    return value


def _same(record: object) -> object:
    return record


def _parts_of(file: BinaryIO, place: Spot, name: str) -> Iterator[Lines]:
    while (part := _part_at(file, place)).lines:
        yield part
        length = sum(map(len, part.lines))
        place = Spot(place.file, place.number + len(part.lines), place.offset + length)
        last = part.lines[-1]
        file.seek(place.offset - len(last))
        if file.read(len(last)) != last:  # where more was appended, it is what it was
            raise _rewritten(f"{name} line {place.number - 1}")


def _part_at(file: BinaryIO, place: Spot) -> Lines:
    file.seek(place.offset)
    return Lines(place, file.readlines(AT_ONCE))


def _refuse(file: BinaryIO, place: Spot, where: str) -> NoReturn:
    what = "is not JSON; write one whole record on each line"
    try:
        file.seek(place.offset)
        _parse(file.read(place.length))
    except OSError:
        raise _rewritten(where) from None
    except JsonError as error:
        what = what if error.encoded else f"is {error}; save the file as UTF-8"
    raise RecordError(where, "line", what)


def _load(file: BinaryIO, place: Spot, where: str, ident: str) -> object:
    """The record of a line that was listed. Raises SourceError when it is no longer there."""
    try:
        file.seek(place.offset)
        record = _parse(file.read(place.length))
    except (OSError, ValueError):
        raise _rewritten(where) from None
    if identify(record) != ident:
        raise _rewritten(where)
    return record


def _rewritten(where: str) -> SourceError:
    return SourceError(f"{where}: was rewritten while it was read; {RENAME}")
