"""The sections of `[[source]]` and of `[source.map]`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from calsync.config.checks import Problem, feed_problems, file_problems, is_zone, plain
from calsync.config.expressions import RECORD, expression_problem
from calsync.config.queries import query_problems
from calsync.config.section import NO_SECRET, Section

# What each kind of source takes.
TAKES = {
    "file": ("path",),
    "sql": ("url", "query", "participants_query", "updated_at_zone"),
    "http": ("url", "token", "ca_file"),
    "push": (),
}
EXPRESSIONS = ("list", "keep", "next", "more", "detail", "inbound")  # of a mapping
HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # RFC 9110, 5.6.2
SHORTEST_SECRET = 16
OURS = ("authorization", "host", "content-length", "cookie")


class MapSection(Section):
    """How the answers of any JSON API become records, by JMESPath expressions."""

    method: Literal["GET", "POST"] = "GET"
    body: str = ""
    headers: dict[str, str] = {}  # noqa: RUF012 - pydantic copies it
    params: dict[str, str] = {}  # noqa: RUF012
    token_header: str = ""
    username: str = ""
    password: SecretStr = NO_SECRET
    list: str = ""
    keep: str = ""
    next: str = ""
    more: str = ""
    detail: str = ""
    inbound: str = ""
    first_page: Annotated[int, Field(ge=0, le=1)] = 1
    record: dict[str, str] = {}  # noqa: RUF012
    lookup: dict[str, dict[str, str]] = {}  # noqa: RUF012

    @property
    def used(self) -> bool:
        """Whether any of it is set."""
        return self != MapSection()

    def problems(self, token: str) -> Iterator[Problem]:
        """What is wrong with it, in a source with this token."""
        if not self.used:
            return
        if not self.list:
            yield "map.list", 'is needed: where the list of records is, such as "data"'
        for name in ("id", "updated_at", "status"):
            if name not in self.record:
                yield f"map.record.{name}", "is needed; write where it is in a record"
        for name in sorted(set(self.record).difference(RECORD)):
            yield f"map.record.{name}", f"is not a field of a record; it takes {', '.join(RECORD)}"
        for key, text in self._expressions():
            if problem := expression_problem(text, self.lookup):
                yield key, problem
        yield from self._request_problems(token)

    def _expressions(self) -> Iterator[tuple[str, str]]:
        named = {name: getattr(self, name) for name in EXPRESSIONS}
        yield from ((f"map.{key}", text) for key, text in named.items() if text)
        yield from ((f"map.record.{key}", text) for key, text in self.record.items())

    def _request_problems(self, token: str) -> Iterator[Problem]:
        if bool(self.username) != bool(plain(self.password)):
            yield "map.username", "is needed together with map.password; set both or none"
        if self.username and token:
            yield "map.username", "is set together with token; remove one of them"
        if self.body and self.method != "POST":
            yield "map.body", 'is sent by POST only; write method = "POST", or remove it'
        if self.body and not _is_json(self.body):
            yield "map.body", "is not JSON; write an object as text, its signs ($page) in it"
        for name, text in _headers(self.headers, self.token_header):
            if not HEADER.fullmatch(name) or not re.fullmatch(r"[\x20-\x7e]*", text):
                yield "map.headers", f"{name!r} cannot be a header; write its name and value"
            elif name.lower() in OURS:
                yield "map.headers", f"{name} is written by calsync; remove it"


class SourceSection(Section):
    """Where booked sessions come from. Seconds everywhere; `kind` says which keys it takes."""

    name: str = ""
    tenant: str = Field("default", min_length=1)
    kind: str = ""
    path: str = ""
    url: SecretStr = NO_SECRET
    query: str = ""
    participants_query: str = ""
    token: SecretStr = NO_SECRET
    map: MapSection = MapSection()
    ca_file: str = ""
    inbound_secret: SecretStr = NO_SECRET
    inbound_scheme: Literal["hmac-sha256", "hmac-sha256-timestamp", "header"] = "hmac-sha256"
    inbound_header: str = ""
    times: Literal["local", "utc"] = "local"
    updated_at_zone: str = ""
    strict: bool = False
    max_participants: int = Field(1000, ge=1, le=100_000)
    poll_seconds: int = Field(30, ge=1, le=86400)
    sweep_gap: int = Field(21600, ge=60, le=30 * 86400)
    gone_after: int = Field(600, ge=60, le=86400)
    overlap_seconds: int = Field(120, ge=0, le=86400)

    def check(self) -> Iterator[Problem]:
        if self.kind not in TAKES:
            yield "kind", 'write "file", "sql", "http" or "push"'
            return
        keys = dict.fromkeys(key for some in TAKES.values() for key in some)
        given = {key for key in keys if plain(getattr(self, key))}
        for key in TAKES[self.kind]:
            if key not in given and key in ("path", "url", "query"):
                yield key, f"is needed for kind {self.kind}; set it"
        for key in sorted(given.difference(TAKES[self.kind])):
            yield key, f"does not apply to kind {self.kind}; remove it or change the kind"
        if self.map.used and self.kind != "http":
            yield "map", f"does not apply to kind {self.kind}; remove it or change the kind"
        yield from self._inbound_problems()
        url = self.url.get_secret_value()
        if self.kind == "http" and url:
            yield from feed_problems(url, self.token.get_secret_value())
            yield from file_problems(self, "ca_file")
            yield from self.map.problems(plain(self.token))
        if self.kind == "sql":
            yield from self._sql_problems(url)

    def _inbound_problems(self) -> Iterator[Problem]:
        secret = plain(self.inbound_secret)
        if secret and self.kind == "push":
            yield "inbound_secret", "does not apply to kind push: nothing is polled; remove it"
        if secret and len(secret) < SHORTEST_SECRET:
            yield "inbound_secret", f"is too short; write at least {SHORTEST_SECRET} characters"
        if self.map.inbound and not secret:
            yield "map.inbound", "is used with inbound_secret only; set both or remove it"
        if self.inbound_header and not HEADER.fullmatch(self.inbound_header):
            yield "inbound_header", "cannot be a header; write its name, such as X-Signature"

    def _sql_problems(self, url: str) -> Iterator[Problem]:
        if url and "://" not in url:
            yield "url", "write an SQLAlchemy URL, like postgresql+psycopg://user@host/name"
        if self.query:
            yield from query_problems(url, self.query, self.participants_query)
        if self.updated_at_zone and not is_zone(self.updated_at_zone):
            yield "updated_at_zone", "write an IANA zone, such as Europe/Berlin"


def _headers(headers: Mapping[str, str], token_header: str) -> Iterator[tuple[str, str]]:
    yield from headers.items()
    if token_header:
        yield token_header, ""


def _is_json(text: str) -> bool:
    """Whether the body is JSON once numbers stand for its signs."""
    try:
        json.loads(re.sub(r"\$[a-z_]+", "0", text))
    except ValueError:
        return False
    return True
