"""Participants of sessions from a query of their own, joined as the database would join them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from calsync.core.booked import RecordWarning
from calsync.sources.records.record import stamp_of
from calsync.sources.sql.ids import IdColumn, bare_in_sql, id_text
from calsync.sources.sql.people_changes import PeopleChanges
from calsync.sources.sql.query import PARAMETER, QueryError, as_text, for_all, takes_ids, types_of
from calsync.sources.sql.rows import PERSON_COLUMNS, is_zero, person_of, stamp_text

MOST_ALIKE = 500  # spellings that are looked at for one page of sessions
# Searches of one read for other spellings; each reads all participants. A session is searched for
# when it changes as well, in the read that finds it.
SEARCHES = 10
NO_DATE = (
    "is not a date, so a change of this participant alone is missed; write when the row last "
    "changed, such as 2026-11-20T09:30:00Z, or NULL"
)
NEEDED = ("session_id", "id", "name", "email")

Person = dict[str, object]


@dataclass(slots=True)
class People:
    """Who takes part in some sessions, by the sessions' ids.

    changed    when their rows last changed, where the query says so
    undated    ids of participants whose updated_at holds something that is no date
    strangers  values of session_id in rows that belong to none of them
    alike      values that look like the id of one that has nobody, and are another one's for the
               database
    """

    found: dict[str, list[Person]] = field(default_factory=dict)
    changed: dict[str, datetime] = field(default_factory=dict)
    undated: dict[str, list[str]] = field(default_factory=dict)
    strangers: list[str] = field(default_factory=list)
    alike: list[str] = field(default_factory=list)

    def note(self, ident: str, person: Person, stamp: object) -> None:
        """This person's row of the session changed then; none says nothing."""
        read = stamp_of({"updated_at": stamp_text(stamp)})
        if read is not None:
            self.changed[ident] = max(read, self.changed.get(ident, read))
        elif stamp is not None and not is_zero(stamp):
            self.undated.setdefault(ident, []).append(str(person["id"]))

    def about_dates(self, ident: str) -> list[RecordWarning]:
        """What to tell of this session's participants whose dates cannot be read."""
        people = self.undated.get(ident, ())
        return [RecordWarning(ident, "participants.updated_at", NO_DATE, one) for one in people]

    def about_strangers(self) -> str:
        """What to tell of them."""
        more = f" and {len(self.strangers) - 1} more" if len(self.strangers) > 1 else ""
        return (
            f"participants_query gives people of session_id {self.strangers[0]!r}{more}, which "
            "belong to no session that was asked for, and are left out"
        )

    def doubt(self, ident: str) -> str | None:
        """Why it is not certain that `found` has everybody of this session; None when it is."""
        known = (*self.strangers, *(self.alike if ident not in self.found else ()))
        alike = next((one for one in known if _bare(one) == _bare(ident)), None)
        if alike is not None:
            return f"{_other_spelling(alike, ident)}; write both alike"
        if self.strangers and ident not in self.found:
            return (
                f"participants_query has nobody for the id {ident!r}, but people of session_id "
                f"{self.strangers[0]!r}, which is not an id that was asked for; write both alike"
            )
        return None


class PeopleQuery:
    """A source's participants_query during one read. Raises QueryError when it lacks a column.

    With `:session_ids` it asks for the sessions itself, else it is asked for them from outside.

    ids  a SELECT of the ids of all sessions; a query with `updated_at` that asks for its sessions
         itself is asked for all of them, to find whose people changed
    present  which of some ids are those of sessions
    zone  an updated_at without a zone is wall time there; None: it is UTC
    """

    def __init__(
        self,
        conn: Connection,
        query: str,
        ids: str,
        present: Callable[[Connection, Sequence[str]], set[str]],
        zone: ZoneInfo | None = None,
    ) -> None:
        backend = conn.dialect.name
        text = as_text(query, backend)
        own = takes_ids(query, backend)
        types = types_of(conn, text, asks=own)
        named = {name.lower(): name for name in types}
        for name in NEEDED:
            if name not in named:
                raise QueryError(f"participants_query has no column {name}; add it")
        table = text.columns(*(sa.column(name) for name in types)).subquery("participants")
        key = named["session_id"]
        self._ids = IdColumn(backend, table.c[key], types[key])
        known = [table.c[named[name]].label(name) for name in PERSON_COLUMNS if name in named]
        asked = sa.select(*known)
        if not own:
            parameter = sa.bindparam(PARAMETER, expanding=True, type_=sa.types.NULLTYPE)
            asked = asked.where(self._ids.column.in_(parameter))
        self._asked, self._rows = asked, text if own else asked
        self._own, self._every, self._present = own, sa.select(table.c[key]), present
        self._changes: PeopleChanges | None = None
        if "updated_at" in named:
            every = as_text(for_all(query, backend, ids), backend) if own else text
            told = types_of(conn, every) if own else types
            self._changes = PeopleChanges(backend, every, told, zone)
        self.newest: datetime | None = None  # of all rows that were given so far
        self._searches = 0
        self._unmatched: str | None = None
        self._matched = False

    @property
    def changes(self) -> PeopleChanges | None:
        """Whose people changed; None when the query does not say when its rows changed."""
        return self._changes

    def of(self, conn: Connection, ids: Sequence[str]) -> People:
        """Who takes part in these sessions."""
        people, values = People(), self._ids.values(ids)
        if not values:
            return people
        given = {PARAMETER: values}
        found = conn.execute(self._rows, given).mappings()
        rows = [{name.lower(): value for name, value in row.items()} for row in found]
        spelt = [_spelling(row["session_id"]) for row in rows]
        belongs = {one: one for one in set(spelt).intersection(ids)}
        if others := set(spelt).difference(ids):
            belongs |= self._equal(conn, given, ids, others)
        people.strangers = sorted(set(spelt).difference(belongs))
        for row, one in zip(rows, spelt, strict=True):
            ident = belongs.get(one)
            if ident is not None:
                person = person_of(row)
                people.found.setdefault(ident, []).append(person)
                if self._changes is not None:
                    people.note(ident, person, self._changes.stamp.instant(row["updated_at"]))
        for persons in people.found.values():
            persons.sort(key=lambda person: str(person["id"]))  # the database promises no order
        if not self._own:  # the database left out what is spelt otherwise
            people.alike = self._alike(conn, [one for one in ids if one not in people.found])
        self._remember(people, ids)
        return people

    def _alike(self, conn: Connection, ids: Sequence[str]) -> list[str]:
        """Values that differ from an id of somebody's by case, blanks or zeros before it alone."""
        bare = bare_in_sql(self._ids.column, conn.dialect.name)
        if not ids or bare is None or self._searches == SEARCHES:
            return []
        self._searches += 1
        looks = sorted({one.strip().lower().lstrip("0") for one in ids} - {""})
        near = self._every.where(bare.in_(looks)).distinct().limit(MOST_ALIKE)
        found = sorted({_spelling(one) for one in conn.scalars(near)}.difference(ids))
        sessions = self._present(conn, found) if found else set()
        return [one for one in found if one not in sessions]

    def _equal(
        self, conn: Connection, given: dict[str, Any], ids: Sequence[str], others: Iterable[str]
    ) -> dict[str, str]:
        """Which of the ids each other spelling is for the database. One that equals two of them
        belongs to nobody: it cannot be told whose people these are."""
        first, last = self._ids.which(ids)
        query = self._asked.with_only_columns(self._ids.column, first, last)
        rows = conn.execute(query, given).all()
        equal = {_spelling(one): ids[n] for one, n, same in rows if n is not None and n == same}
        return {one: equal[one] for one in others if one in equal}

    def _remember(self, people: People, ids: Sequence[str]) -> None:
        self._matched = self._matched or bool(people.found)
        stamps = [*people.changed.values(), *([self.newest] if self.newest else [])]
        self.newest = max(stamps, default=None)
        others = [*people.strangers, *people.alike]
        if others and self._unmatched is None:
            pairs = [(ident, one) for ident in ids for one in others]
            alike = [pair for pair in pairs if _bare(pair[0]) == _bare(pair[1])]
            ident, stranger = (alike or pairs)[0]
            self._unmatched = f"{_other_spelling(stranger, ident)}; write both alike"

    @property
    def problem(self) -> str | None:
        """Why nothing that it gave so far can be used; None when something can, or it gave none."""
        return None if self._matched else self._unmatched


def _spelling(value: object) -> str:
    return "NULL" if value is None else id_text(value)


def _other_spelling(stranger: str, ident: str) -> str:
    return f"participants_query has the session_id {stranger!r}, and the query the id {ident!r}"


def _bare(ident: str) -> str:
    """What stays equal however an id is spelt: letters and digits, without case and padding."""
    folded = unicodedata.normalize("NFKC", ident).casefold().strip()
    if re.fullmatch(r"\d+\.0+", folded):
        folded = folded.partition(".")[0]
    return re.sub(r"[\W_]+", "", folded).lstrip("0") or ident
