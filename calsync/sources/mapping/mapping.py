"""How an API's answers become records: what `[source.map]` says."""

from __future__ import annotations

from collections.abc import Mapping as Pairs
from dataclasses import dataclass, field

from calsync.errors import RecordError
from calsync.sources.mapping.expressions import Expression, ExpressionError
from calsync.sources.records.record import NO_ID, identify
from calsync.sources.sql.rows import plain, record_of

DETAIL = "detail"  # where a record has the answer to the request for its details


@dataclass(frozen=True, slots=True)
class MapSettings:
    """The table as it is written; docs/http-mapping.md explains each key."""

    list: str
    record: Pairs[str, str]
    method: str = "GET"
    body: str = field(default="", repr=False)
    headers: Pairs[str, str] = field(default_factory=dict, repr=False)
    params: Pairs[str, str] = field(default_factory=dict, repr=False)
    token_header: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    keep: str = ""
    next: str = ""
    more: str = ""
    detail: str = ""
    inbound: str = ""
    first_page: int = 1
    lookup: Pairs[str, Pairs[str, str]] = field(default_factory=dict)


class Mapping:
    """The settings with their expressions compiled."""

    def __init__(self, settings: MapSettings) -> None:
        tables = settings.lookup
        self.settings = settings
        self.list = Expression(settings.list, tables)
        self._keep = Expression(settings.keep, tables) if settings.keep else None
        self.next = Expression(settings.next, tables) if settings.next else None
        self.more = Expression(settings.more, tables) if settings.more else None
        self.detail = Expression(settings.detail, tables) if settings.detail else None
        self.inbound = Expression(settings.inbound, tables) if settings.inbound else None
        self._record = {name: Expression(one, tables) for name, one in settings.record.items()}

    def keeps(self, item: object) -> bool:
        """Whether this is a record to read; one of which that cannot be told is, and says why."""
        try:
            return self._keep is None or bool(self._keep.of(item))
        except ExpressionError:
            return True

    def record(self, item: object) -> object:
        """The record that the format describes. Raises RecordError for an expression that gives
        nothing for this one."""
        row: dict[str, object] = {"id": self.ident(item), "updated_at": None}
        for name, expression in self._record.items():
            try:
                row[name] = expression.of(item)
            except ExpressionError as error:
                ident = identify({"id": plain(row["id"])})
                raise RecordError(ident, name, f"{error}") from None
        return record_of(row, None)

    def readable(self, item: object) -> tuple[object, list[RecordError]]:
        """As much of the record as its expressions give, and the refusal of each that gives
        nothing."""
        row: dict[str, object] = {"id": self.ident(item), "updated_at": None}
        ident, refused = identify({"id": plain(row["id"])}), list[RecordError]()
        for name, expression in self._record.items():
            try:
                row[name] = expression.of(item)
            except ExpressionError as error:
                refused.append(RecordError(ident, name, f"{error}"))
        try:
            return record_of(row, None), refused
        except RecordError as error:
            return record_of(row | {error.field: None}, None), [*refused, error]

    def ident(self, item: object) -> object:
        """The session's id as the API has it; None when it cannot be found."""
        try:
            return self._record["id"].of(item)
        except ExpressionError:
            return None

    def explained(self, error: RecordError) -> RecordError:
        """The refusal, with the expression by which its field is read."""
        expression = self._record.get(error.field)
        if expression is None:
            return error
        named = error.record if error.record != NO_ID else NO_ID
        return RecordError(named, error.field, f"{error.reason} (read by {expression.text!r})")
